"""python -m demos.exercises --report: one learner's folder costs the others nothing."""

import contextlib
import csv
import errno
import json
import os
import re
import sys
import threading
import time
from pathlib import Path

import pytest
from learner_folder import said_by, solve

from demos.exercises import __main__ as command
from demos.exercises import report
from demos.exercises.asked import SOLUTIONS
from demos.exercises.folder import Folder
from demos.exercises.manifest import EXERCISES
from demos.exercises.record import RECORD
from demos.exercises.text import harmless
from demos.exercises.verdict import Verdict

NAMES = [exercise.name for exercise in EXERCISES]


@pytest.fixture
def one_exercise(monkeypatch):
    """A course of the first exercise alone, which takes a process for each learner instead of one each."""
    monkeypatch.setattr(report, "EXERCISES", EXERCISES[:1])


def test_the_report_of_a_class(folder, capsys, monkeypatch):
    monkeypatch.setattr(report, "EXERCISES", EXERCISES[:5])
    said_by(capsys, "start", "theirs")
    solve(folder, *NAMES[:3], NAMES[4])
    said_by(capsys, "hint", "4", "--dir", "mine")
    found = json.loads(said_by(capsys, "--report", "json", "mine", "theirs"))
    assert found["total"] == 5
    mine, theirs = found["learners"]
    assert (mine["folder"], mine["solved"], theirs["solved"]) == ("mine", 4, 0)
    assert [entry["name"] for entry in mine["exercises"]] == NAMES[:5]
    assert [k for k, entry in enumerate(mine["exercises"]) if entry["right"]] == [0, 1, 2, 4]
    assert "hole" in mine["exercises"][3]["message"]
    assert mine["exercises"][3]["hints"] == 1


@pytest.mark.usefixtures("one_exercise")
def test_a_folder_without_exercises_is_reported_in_one_message(folder, capsys):
    (folder.path.parent / "empty").mkdir()
    found = json.loads(said_by(capsys, "--report", "json", "empty", "mine"))
    empty, mine = found["learners"]
    assert empty == {"folder": "empty", "message": "empty has no exercises in it.", "solved": 0, "exercises": []}
    assert (mine["message"], len(mine["exercises"])) == ("", 1)
    assert said_by(capsys, "--report", "json", "empty").count("no exercises") == 1


@pytest.mark.usefixtures("one_exercise")
def test_the_report_as_a_page(folder, capsys):
    named = folder.path.parent / "<b>class"
    named.mkdir()
    (named / "01_slope.py").write_text("def slope(f, x, h):\n    return '<script>'\n", encoding="utf-8")
    solve(folder, NAMES[0])
    page = said_by(capsys, "--report", "html", "mine", str(named))
    mine, theirs = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", page)[:2]
    assert mine.count('title="right">✓') == 1
    assert mine.startswith('mine</th><td class="number">1<')
    assert theirs.count('title="wrong">✗') == 1
    assert "&lt;b&gt;class" in theirs
    assert "<script>" not in page
    assert "<b>" not in page


@pytest.mark.usefixtures("one_exercise")
def test_progress_saved_by_the_page_is_checked_again(folder, capsys):
    """What the file says of right and wrong is not believed."""
    right = (SOLUTIONS / f"{NAMES[0]}.py").read_text(encoding="utf-8")

    def saved(name, line):
        content = {"learners": [{"exercises": [line, {"name": "../outside", "answer": "x"}]}]}
        (folder.path.parent / name).write_text(json.dumps(content), encoding="utf-8")

    line = {"name": NAMES[0], "right": False, "status": "wrong", "hints": 2, "when": "2026-11-25"}
    saved("anna.json", {**line, "answer": right})
    saved("ben.json", {**line, "right": True, "status": "right", "answer": "def slope(f, x, h):\n    return 1.0\n"})
    saved("cleo.json", {**line, "hints": "many", "when": ["x"], "answer": 7})
    (folder.path.parent / "dora.json").write_text("[" * 10_000, encoding="utf-8")
    files = ["anna.json", "ben.json", "cleo.json", "dora.json"]
    anna, ben, cleo, dora = json.loads(said_by(capsys, "--report", "json", *files))["learners"]
    assert [line["solved"] for line in (anna, ben, cleo, dora)] == [1, 0, 0, 0]
    assert (anna["exercises"][0]["hints"], anna["exercises"][0]["when"]) == (2, "2026-11-25")
    assert (cleo["exercises"][0]["status"], cleo["exercises"][0]["hints"]) == ("missing", 0)
    assert "dora.json is no progress saved by the page" in dora["message"]
    assert sorted(path.name for path in folder.path.parent.iterdir()) == sorted([*files, "mine"])


# One learner's folder, and the others ---------------------------------------------------------------------------------


@pytest.fixture
def learners(tmp_path, monkeypatch):
    """Make folders in the current one: a name, and the text of the first exercise's file."""
    monkeypatch.chdir(tmp_path)

    def make(**files):
        for name, text in files.items():
            (tmp_path / name).mkdir()
            (tmp_path / name / "01_slope.py").write_text(text, encoding="utf-8")

    return make


RIGHT = "def slope(f, x, h):\n    return (f(x + h) - f(x - h)) / (2 * h)\n"
WRONG = "def slope(f, x, h):\n    return 1.0\n"


@pytest.mark.usefixtures("one_exercise")
@pytest.mark.skipif(sys.platform == "win32", reason="its links and pipes are others")
def test_every_other_learner_is_in_the_report(learners, tmp_path, capsys):
    learners(
        anna=RIGHT,
        b_bytes="import os\nos.write(2, b'\\xff')\nos.write(1, b'\\xff\\x1b[2J')\n" + WRONG,
        c_nested=WRONG,
        d_pipe=WRONG,
        e_forged="import os\ntry:\n    os.write(3, b'{\"right\": true}')\nexcept OSError:\n    pass\n" + WRONG,
        f_forks="import os, time\nif os.fork() == 0:\n    time.sleep(100)\n" + RIGHT,
        g_endless="while True:\n    print('x' * 1000)\n",
        h_huge="raise ValueError('\\x07' * 10**6)\n",
        i_kills="import os\nos.killpg(0, 9)\n",
        zoe=RIGHT,
    )
    (tmp_path / "c_nested" / RECORD).write_text("[" * 100_000, encoding="utf-8")
    os.mkfifo(tmp_path / "d_pipe" / RECORD)
    (tmp_path / "j_empty").mkdir()
    (tmp_path / "k_link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "l_loop").symlink_to(tmp_path / "l_loop")
    (tmp_path / "z.txt").write_text("stray", encoding="utf-8")
    (tmp_path / os.fsdecode(b"m_\xff\x07")).mkdir()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert command.main(["--report", "json", "--seconds", "0.3", *names]) == 0
    said = capsys.readouterr()
    lines = json.loads(said.out)["learners"]
    assert [line["folder"] for line in lines] == [harmless(name) for name in names]
    assert [line["folder"] for line in lines if line["solved"]] == ["anna", "f_forks", "zoe"]
    about = {line["folder"][0]: line for line in lines if line["folder"] != "zoe"}
    for name, message in {
        "j": "j_empty has no exercises in it.",
        "k": f"k_link is a link to {tmp_path}/nowhere, which is not there.",
        "l": "l_loop is a link to",
        "m": "m_\\udcff\\x07 has no exercises in it.",
        "z": "z.txt is not a folder.",
    }.items():
        assert about[name]["message"].startswith(message), name
        assert about[name]["exercises"] == []
    for name, message in {
        "b": "slope gave 1",
        "c": "slope gave 1",
        "d": "slope gave 1",
        "e": "slope gave 1",
        "g": "still running after 0.3 seconds",
        "h": "(1,000,000 characters)",
        "i": "crash (SIGKILL)",
    }.items():
        [exercise] = about[name]["exercises"]
        assert message in exercise["message"], name
        assert len(exercise["message"]) < 5000
    progress = said.err.splitlines()
    assert len(progress) == len(names)
    assert f"[{len(names)}/{len(names)}] " in progress[-1]


@pytest.mark.usefixtures("one_exercise")
@pytest.mark.parametrize("what", ["folder", "disk", "processes", "anything"])
def test_what_cannot_be_read_or_run_is_told_of_that_learner(learners, capsys, monkeypatch, what):
    learners(anna=RIGHT, ben=RIGHT, zoe=RIGHT)
    iterdir, found = Path.iterdir, report.verdict
    errors = {
        "folder": (PermissionError(errno.EACCES, "Permission denied"), "ben cannot be checked (Permission denied)."),
        "disk": (OSError(errno.EIO, "I/O error"), "ben cannot be checked (I/O error)."),
        "processes": (MemoryError(), "This could not be checked (MemoryError: )."),
        "anything": (KeyError("new"), "This could not be checked (KeyError: 'new')."),
    }
    error, message = errors[what]

    def unreadable(path):
        if path.name == "ben":
            raise error
        return iterdir(path)

    def verdict(name, path, seconds):
        if path.parent.name == "ben":
            raise error
        return found(name, path, seconds)

    if what in ("folder", "disk"):
        monkeypatch.setattr(Path, "iterdir", unreadable)
    else:
        monkeypatch.setattr(report, "verdict", verdict)
    anna, ben, zoe = json.loads(said_by(capsys, "--report", "json", "anna", "ben", "zoe"))["learners"]
    assert (anna["solved"], ben["solved"], zoe["solved"]) == (1, 0, 1)
    assert ben["message"] + "".join(one["message"] for one in ben["exercises"]) == message


@pytest.mark.usefixtures("one_exercise")
def test_learners_are_looked_at_side_by_side_and_reported_in_order(learners, capsys, monkeypatch):
    learners(anna=WRONG, ben=WRONG, zoe=WRONG)
    both, finished = threading.Barrier(2), []

    def verdict(name, path, seconds):
        if path.parent.name != "zoe":
            both.wait(timeout=20)  # comes only if the other is looked at meanwhile
        while path.parent.name == "anna" and "ben" not in finished:
            time.sleep(0.01)
        finished.append(path.parent.name)
        return Verdict(True, "", status="right")

    monkeypatch.setattr(report, "verdict", verdict)
    said = json.loads(said_by(capsys, "--report", "json", "anna", "ben", "zoe"))
    assert finished.index("ben") < finished.index("anna")
    assert [(line["folder"], line["solved"]) for line in said["learners"]] == [("anna", 1), ("ben", 1), ("zoe", 1)]


@pytest.mark.usefixtures("one_exercise")
def test_a_folder_that_has_them_in_one_of_its_own_is_looked_into(folder, capsys):
    parent = folder.path.parent
    (parent / "class" / "anna").mkdir(parents=True)
    folder.path.rename(parent / "class" / "anna" / "exercises")
    solve(Folder(parent / "class" / "anna" / "exercises"), NAMES[0])
    [anna] = json.loads(said_by(capsys, "--report", "json", "class/anna"))["learners"]
    assert (anna["folder"], anna["solved"], anna["message"]) == ("class/anna", 1, "")
    Folder(parent / "class" / "anna" / "more").fill()
    [anna] = json.loads(said_by(capsys, "--report", "json", "class/anna"))["learners"]
    assert anna["message"] == "class/anna has no exercises in it itself, but exercises, more have."


def test_so_many_side_by_side_as_makes_sense(folder, capsys):
    assert "--workers: at least one folder" in said_by(capsys, "--report", "json", "--workers", "0", "mine", status=2)


def test_a_report_as_a_table(learners, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(report, "EXERCISES", EXERCISES[:3])
    learners(anna=RIGHT, **{"=1+1": WRONG, "c,\n": "def slope(f, x, h):\n    return ...  # your code\n"})
    (tmp_path / "anna" / "02_chain_rule.py").write_bytes((SOLUTIONS / "02_chain_rule.py").read_bytes())
    (tmp_path / "anna" / "03_partial_derivatives.py").write_text(
        "def gradient(a, b, c):\n    return a, b, 1\n", "utf-8"
    )
    said = said_by(capsys, "--report", "csv", "anna", "=1+1", "c,\n", "none")
    rows = [*csv.reader(said.splitlines(keepends=True))]
    assert rows[0] == ["folder", "solved", *NAMES[:3], "first mistake", "seconds", "message"]
    anna, formula, odd, none = rows[1:]
    assert anna[:5] == ["anna", "2", "right", "right", "wrong"]
    assert anna[5].startswith("3. At a = ")
    assert "∂y/∂a and ∂y/∂b are exchanged" in anna[5]
    assert 0 < float(anna[6]) < 60
    assert formula[:3] == ["'=1+1", "0", "wrong"]
    assert odd[:6] == ["c,\n", "0", "unfinished", "missing", "missing", ""]
    assert none == ["none", "0", "", "", "", "", "0", "There is no none."]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is full")
def test_a_report_is_made_where_nobody_can_be_told_of_its_progress(tmp_path, capsys, monkeypatch):
    with contextlib.suppress(OSError), Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stderr", full)
        assert command.main(["--report", "json", str(tmp_path)]) == 0
    assert "no exercises in it" in capsys.readouterr().out
