"""python -m demos.exercises --report: one learner's folder costs the others nothing."""

import json
import shutil

import pytest

from demos.exercises import __main__ as command
from demos.exercises.folder import SOLUTIONS, Folder
from demos.exercises.manifest import EXERCISES

NAMES = [exercise.name for exercise in EXERCISES]


@pytest.fixture
def folder(tmp_path, monkeypatch, capsys):
    """A learner's folder in the current one, just given out."""
    monkeypatch.chdir(tmp_path)
    assert command.main(["start", "mine"]) == 0
    capsys.readouterr()
    return Folder(tmp_path / "mine")


def solve(folder, *names):
    for name in names or NAMES:
        shutil.copy(SOLUTIONS / f"{name}.py", folder.path)


def said_by(capsys, *arguments, status=0):
    assert command.main([*arguments]) == status
    said = capsys.readouterr()
    return said.out if status < 2 else said.err


def test_the_report_of_a_class(folder, capsys):
    said_by(capsys, "start", "theirs")
    solve(folder, *NAMES[:3], NAMES[10])
    said_by(capsys, "hint", "5", "--dir", "mine")
    report = json.loads(said_by(capsys, "--report", "json", "mine", "theirs"))
    assert report["total"] == 19
    mine, theirs = report["learners"]
    assert (mine["folder"], mine["solved"], theirs["solved"]) == ("mine", 4, 0)
    assert [entry["name"] for entry in mine["exercises"]] == NAMES
    assert [k for k, entry in enumerate(mine["exercises"]) if entry["right"]] == [0, 1, 2, 10]
    assert "hole" in mine["exercises"][4]["message"]
    assert mine["exercises"][4]["hints"] == 1


def test_a_folder_without_exercises_is_reported_in_one_message(folder, capsys):
    (folder.path.parent / "empty").mkdir()
    report = json.loads(said_by(capsys, "--report", "json", "empty", "mine"))
    empty, mine = report["learners"]
    assert empty == {"folder": "empty", "message": "empty has no exercises in it.", "solved": 0, "exercises": []}
    assert (mine["message"], len(mine["exercises"])) == ("", 19)
    assert said_by(capsys, "--report", "json", "empty").count("no exercises") == 1
