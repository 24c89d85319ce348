"""python -m demos.exercises: the commands."""

import hashlib
import json
import queue
import time
from datetime import date
from pathlib import Path

import pytest
from learner_folder import said_by, solve

from demos.exercises import __main__ as command
from demos.exercises import watch
from demos.exercises.asked import ORIGINALS, SOLUTIONS
from demos.exercises.folder import Folder, solution_of
from demos.exercises.manifest import EXERCISES
from demos.exercises.record import RECORD

NAMES = [exercise.name for exercise in EXERCISES]


def test_the_first_message_says_how_to_begin(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert "-m demos.exercises start" in said_by(capsys, status=2)
    welcome = said_by(capsys, "start")
    assert "exercises/01_slope.py" in welcome
    assert sorted(path.name for path in (tmp_path / "exercises").iterdir()) == [RECORD, *(f"{n}.py" for n in NAMES)]


def test_a_check_stops_at_the_first_that_is_not_right(folder, capsys):
    said = said_by(capsys, status=1)
    assert f"0 of {len(NAMES)}" in said
    assert "mine/01_slope.py" in said
    solve(folder, *NAMES[:2])
    said = said_by(capsys, status=1)
    assert "Right: 1." in said
    assert "Right: 2." in said
    assert f"2 of {len(NAMES)}" in said
    assert "3. One input moves" in said
    assert "4." not in said
    assert "Right:" not in said_by(capsys, status=1), "old news"


def test_the_last_message(folder, capsys):
    solve(folder)
    began = time.perf_counter()
    said = said_by(capsys)
    assert time.perf_counter() - began < 15, "all checks take about two seconds"
    assert f"{len(NAMES)} of {len(NAMES)}" in said
    assert "You have built backpropagation" in said
    assert "taught XOR" in said


def test_what_was_right_and_is_not_any_more_is_noticed(folder, capsys):
    solve(folder, NAMES[0])
    said_by(capsys, status=1)
    assert Folder(folder.path).solved == [NAMES[0]]
    folder.file(EXERCISES[0]).write_text("def slope(f, x, h):\n    return 1.0\n", encoding="utf-8")
    said_by(capsys, status=1)
    assert Folder(folder.path).solved == []


def test_hints_come_one_at_a_time(folder, capsys):
    first, second = EXERCISES[0].hints
    said = said_by(capsys, "hint")
    assert first[:40] in said
    assert second[:40] not in said
    assert second[:40] in said_by(capsys, "hint", "1")
    solve(folder, NAMES[0])
    last = said_by(capsys, "hint", "01_slope.py")
    assert "solution 1" in last
    assert "slope = /" in last, "the learner's own lines"
    assert (folder.path / f"{NAMES[0]}.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert EXERCISES[5].hints[0][:40] in said_by(capsys, "hint", "6")


def test_a_picture_is_drawn_of_an_answer_or_of_the_graph_of_an_exercise(folder, capsys):
    assert "has a hole" in said_by(capsys, "picture", "6", status=1)
    assert said_by(capsys, "picture", "20").startswith("20. Read a graph")
    assert "<title>" in (folder.path / "20_graph_numbers.svg").read_text(encoding="utf-8")
    folder.file(EXERCISES[2]).write_text("print('x' * 9)\ndef gradient(a, b, c):\n    return b * a, 1 / 0, 1\n")
    assert "ZeroDivisionError" in said_by(capsys, "picture", "3", status=1)


def test_the_finish_sheet_says_what_was_solved_when_and_with_how_many_hints(folder, capsys):
    solve(folder, *NAMES[:2])
    said_by(capsys, "hint", "2")
    said_by(capsys, status=1)
    assert "mine/finish_sheet.html" in said_by(capsys, "sheet").replace("\\", "/")
    page = (folder.path / "finish_sheet.html").read_text(encoding="utf-8")
    today = date.today().isoformat()
    assert f"2 of {len(NAMES)} exercises are solved. Printed on {today}." in page
    assert f"<td>Fill the hole</td><td>{today}</td><td>1 of 3</td>" in page
    assert page.count(today) == 3
    folder.file(EXERCISES[0]).write_text("def slope(f, x, h):\n    return 1.0\n", encoding="utf-8")
    said_by(capsys, status=1)
    assert list(Folder(folder.path).when) == [NAMES[1]]


def test_a_solution_is_shown(folder, capsys):
    assert said_by(capsys, "solution", "6") == solution_of(EXERCISES[5])
    assert said_by(capsys, "solution") == solution_of(EXERCISES[0])


def test_the_list_marks_what_is_solved_and_where_one_is(folder, capsys):
    solve(folder, NAMES[0])
    said_by(capsys, status=1)
    lines = said_by(capsys, "list").splitlines()
    assert [line[0] for line in lines[:3]] == ["x", ">", " "]
    assert [exercise.title in line for exercise, line in zip(EXERCISES, lines)] == [True] * len(EXERCISES)


def test_reset_gives_a_fresh_file_and_keeps_the_old_one(folder, capsys):
    file = folder.file(EXERCISES[3])
    for number, text in enumerate(("mine\n", "mine again\n"), 1):
        file.write_text(text, encoding="utf-8")
        assert f"04_pullback_of_a_product.py.{number}" in said_by(capsys, "reset", "4")
        assert file.read_bytes() == (ORIGINALS / file.name).read_bytes()
        assert Path(f"{file}.{number}").read_text(encoding="utf-8") == text
    said_by(capsys, "reset", "4")
    assert len([*folder.path.glob("04*")]) == 3, "nothing was theirs, so nothing is kept"
    assert "Which one?" in said_by(capsys, "reset", status=2)


def test_an_update_adds_and_renews_but_never_overwrites(folder, capsys):
    mine, untouched, lost = (folder.file(exercise) for exercise in EXERCISES[:3])
    mine.write_text("mine\n", encoding="utf-8")
    lost.unlink()
    record = json.loads((folder.path / RECORD).read_text(encoding="utf-8"))
    untouched.write_text("of an older version\n", encoding="utf-8")
    record["given"][NAMES[1]] = "a27c68b1d5a8ba4c7e6b0b8bd9e0b4e5"
    (folder.path / RECORD).write_text(json.dumps(record), encoding="utf-8")
    said = said_by(capsys, "start", "mine")
    assert f"Added: {NAMES[2]}." in said
    assert untouched.read_text(encoding="utf-8") == "of an older version\n", "not what was given out: it is theirs"

    record["given"][NAMES[1]] = hashlib.sha256(untouched.read_bytes()).hexdigest()
    (folder.path / RECORD).write_text(json.dumps(record), encoding="utf-8")
    assert NAMES[1] in said_by(capsys, "start", "mine")
    assert untouched.read_bytes() == (ORIGINALS / untouched.name).read_bytes()
    assert mine.read_text(encoding="utf-8") == "mine\n"


def test_start_refuses_a_folder_with_other_things_in_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "01_slope.py").write_text("mine\n", encoding="utf-8")
    assert "Choose a new folder" in said_by(capsys, "start", "thesis", status=2)
    assert "Choose a new folder" in said_by(capsys, "start", str(ORIGINALS), status=2)
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["01_slope.py"]


def test_the_folder_is_found_or_named(folder, capsys, monkeypatch):
    monkeypatch.chdir(folder.path)
    assert f"0 of {len(NAMES)}" in said_by(capsys, status=1)
    monkeypatch.chdir(folder.path.parent)
    said_by(capsys, "start", "yours")
    assert "mine, yours" in said_by(capsys, status=2)
    said = said_by(capsys, "--dir", "yours", status=1)
    assert "yours/01_slope.py" in said
    assert "--dir yours hint" in said
    assert "start nowhere" in said_by(capsys, "list", "--dir", "nowhere", status=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["hint", "99"], f"numbered 1 to {len(NAMES)}"),
        (["slove"], "no command 'slove'"),
        (["list", "3"], "takes nothing after it"),
        (["hint", "3", "4"], "Too many words"),
        (["--report", "json", "nowhere"], "no folder nowhere"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused_in_one_line(folder, capsys, arguments, message):
    said = said_by(capsys, *arguments, status=2)
    assert message in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("damaged", ["{", "[]", '{"solved": 3, "given": null}'])
def test_a_damaged_record_costs_nothing_but_the_record(folder, capsys, damaged):
    solve(folder, NAMES[0])
    (folder.path / RECORD).write_text(damaged, encoding="utf-8")
    assert "Right: 1." in said_by(capsys, status=1)
    (folder.path / RECORD).write_text(damaged, encoding="utf-8")
    assert "are as they were" in said_by(capsys, "start", "mine")
    assert folder.file(EXERCISES[0]).read_bytes() == (SOLUTIONS / f"{NAMES[0]}.py").read_bytes()


def test_watching_sees_a_save_and_what_is_typed(tmp_path):
    (tmp_path / "a.py").write_text("1", encoding="utf-8")
    lines = queue.Queue()
    lines.put("h\n")
    events = watch.events(tmp_path, lines, interval=0.01)
    assert next(events) == "h"
    (tmp_path / "a.py").write_text("12", encoding="utf-8")
    assert next(events) == "saved"
    (tmp_path / "b.py").write_text("1", encoding="utf-8")
    assert next(events) == "saved"


def test_watch_checks_on_every_save_until_it_is_told_to_stop(folder, capsys, monkeypatch):
    def events(*_):
        solve(folder, NAMES[0])
        yield "saved"
        yield "h"
        yield "no such thing"
        yield "q"
        pytest.fail("it was told to stop")

    monkeypatch.setattr(command, "events", events)
    said = said_by(capsys, "watch")
    assert said.index(f"0 of {len(NAMES)}") < said.index("Right: 1.") < said.index(f"1 of {len(NAMES)}")
    assert EXERCISES[1].hints[0][:40] in said
    assert said.endswith("See you.\n")
