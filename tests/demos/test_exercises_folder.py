"""A learner's folder: what is given out into it, what is noted there, how long its code may run, how it is watched."""

import errno
import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from learner_folder import said_by, solve

from demos.exercises import __main__ as command
from demos.exercises import record, watch
from demos.exercises.asked import ORIGINALS, SOLUTIONS
from demos.exercises.folder import Folder
from demos.exercises.manifest import EXERCISES
from demos.exercises.record import RECORD

NAMES = [exercise.name for exercise in EXERCISES]
ROOT = SOLUTIONS.parents[2]


def pasted(line, status=0):
    """Run a command line that was printed."""
    said = subprocess.run(line.strip(), shell=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert said.returncode == status, said.stderr


# The folder: what is given out, and what is not ----------------------------------------------------------------------


def test_an_update_says_what_it_left_old_and_the_way_to_the_new(folder, capsys, monkeypatch):
    record = json.loads((folder.path / RECORD).read_text(encoding="utf-8"))
    record["given"][NAMES[3]] = record["given"]["00_gone"] = "of an older version"
    (folder.path / RECORD).write_text(json.dumps(record), encoding="utf-8")
    folder.file(EXERCISES[3]).write_text("mine, of an older version\n", encoding="utf-8")
    (folder.path / "00_gone.py").write_text("mine\n", encoding="utf-8")
    for _ in range(2):  # as long as it is so
        said = said_by(capsys, "start", "mine")
        assert f"though there is a newer version (you had begun): {NAMES[3]}." in said
        assert "No longer among the exercises, and left as they are: 00_gone." in said
    pasted(said.split("kept beside it: ")[1])
    assert folder.file(EXERCISES[3]).read_bytes() == (ORIGINALS / f"{NAMES[3]}.py").read_bytes()
    assert "newer version" not in said_by(capsys, "start", "mine")


def test_start_takes_a_folder_with_other_things_in_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("mine\n", encoding="utf-8")
    (tmp_path / "02_chain_rule.py").write_bytes((ORIGINALS / "02_chain_rule.py").read_bytes())  # begun, and broken off
    assert "Welcome" in said_by(capsys, "start", ".")
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine\n"
    assert len([*tmp_path.glob("*.py")]) == len(EXERCISES)
    assert f"0 of {len(NAMES)}" in said_by(capsys, status=1)


@pytest.mark.parametrize("what", ["file", "folder", "link", "record"])
def test_start_refuses_what_collides_and_says_what(tmp_path, monkeypatch, capsys, what):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "mine" / (RECORD if what == "record" else "07_order.py")
    path.parent.mkdir()
    if what == "file":
        path.write_text("def order(): 'of last year'\n", encoding="utf-8")
    elif what == "link":
        path.symlink_to(tmp_path / "elsewhere.py")
    else:
        path.mkdir()
    said = said_by(capsys, "start", "mine", status=2)
    assert f"mine has {path.name} already" in said
    assert [*path.parent.iterdir()] == [path]
    assert not (tmp_path / "elsewhere.py").exists()
    pasted(said.split("Choose a new folder: ")[1])
    assert (tmp_path / "exercises" / "07_order.py").exists()


def test_start_refuses_the_place_the_exercises_come_from(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(ORIGINALS)
    (tmp_path / "file").write_text("", encoding="utf-8")
    for place in (str(ORIGINALS), str(ORIGINALS.parent), "link", str(ORIGINALS.parent / "new")):
        assert "where the exercises come from. Choose a new folder: " in said_by(capsys, "start", place, status=2)
    assert "is no folder" in said_by(capsys, "start", "file", status=2)
    assert not (ORIGINALS / RECORD).exists()


def test_reset_keeps_whatever_was_in_the_place(folder, capsys):
    for number, what in enumerate((lambda path: path.mkdir(), lambda path: path.symlink_to("nowhere")), 1):
        folder.file(EXERCISES[0]).unlink()
        what(folder.file(EXERCISES[0]))
        assert f"01_slope.py.{number}" in said_by(capsys, "reset", "1")
        assert folder.file(EXERCISES[0]).read_bytes() == (ORIGINALS / "01_slope.py").read_bytes()


# The record -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def full_disk(monkeypatch):
    """Call it, and nothing can be written to a record any more."""

    def write(path, text):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    return lambda: monkeypatch.setattr(record, "_write", write)


def test_start_needs_a_record(tmp_path, capsys, full_disk):
    full_disk()
    assert f"No space left on device: {tmp_path / 'mine' / RECORD}" in said_by(
        capsys, "start", str(tmp_path / "mine"), status=2
    )


def test_a_note_that_cannot_be_taken_costs_no_result(folder, capsys, full_disk):
    solve(folder, *NAMES[:2])
    full_disk()
    assert command.main([]) == 1
    said = capsys.readouterr()
    assert "Right: 1." in said.out
    assert f"2 of {len(NAMES)}" in said.out
    assert said.err == (
        f"Your progress could not be noted in {Path('mine', RECORD)} (No space left on device). What was said stands.\n"
    )
    assert command.main(["hint", "1"]) == 0
    said = capsys.readouterr()
    assert all(hint[:40] in said.out for hint in EXERCISES[0].hints), "the same again would not bring the next"
    assert "No space left" in said.err


def test_what_cannot_be_written_is_left_as_it_was(folder, monkeypatch):
    before = (folder.path / RECORD).read_bytes()

    def replace(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(OSError, match="No space"):
        record.update(folder.path, lambda content: content["solved"].append("01_slope"))
    assert (folder.path / RECORD).read_bytes() == before
    assert sorted(path.name for path in folder.path.iterdir()) == [RECORD, *(f"{name}.py" for name in NAMES)]


def test_two_who_write_at_once_lose_nothing(folder):
    """As in two terminals: each has read the record before the others wrote."""
    folders = [Folder(folder.path) for _ in EXERCISES]

    def work(mine, exercise):
        mine.note(exercise, True)
        mine.next_hint(exercise)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(folders, EXERCISES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    now = Folder(folder.path)
    assert now.solved == NAMES
    assert now.hints == dict.fromkeys(NAMES, 1)
    assert len(now.given) == len(EXERCISES)


def test_processes_too(folder):
    code = (
        "import sys\nfrom pathlib import Path\nfrom demos.exercises import record\n"
        "def another(content):\n    content['hints'][f'{sys.argv[2]}{k}'] = k\n"
        "for k in range(20):\n    record.update(Path(sys.argv[1]), another)\n"
    )
    command_line = [sys.executable, "-c", code, str(folder.path)]
    processes = [subprocess.Popen([*command_line, name], cwd=ORIGINALS.parents[2]) for name in "ab"]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    assert len(Folder(folder.path).hints) == 40


def test_what_is_there_now_is_counted(folder, capsys):
    solve(folder, *NAMES[:3])
    said_by(capsys, status=1)
    content = json.loads((folder.path / RECORD).read_text(encoding="utf-8"))
    content["solved"] += ["00_of_another_version", NAMES[0], 7, {}]
    content["hints"][NAMES[1]] = "many"
    content["more"] = "of another version"
    (folder.path / RECORD).write_text(json.dumps(content), encoding="utf-8")
    assert f"3 of {len(NAMES)}" in said_by(capsys, "list")
    folder.file(EXERCISES[2]).unlink()
    said = said_by(capsys, "list")
    assert f"2 of {len(NAMES)}" in said
    assert said.splitlines()[2].startswith(">")
    said_by(capsys, "hint", "2")
    kept = json.loads((folder.path / RECORD).read_text(encoding="utf-8"))
    assert (kept["more"], kept["hints"][NAMES[1]]) == ("of another version", 1)
    assert "00_of_another_version" in kept["solved"]
    said = said_by(capsys, status=1)
    assert "There is no 03_partial_derivatives.py." in said
    pasted(said.split("A fresh one: ")[1].splitlines()[0])
    assert folder.file(EXERCISES[2]).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="its links and pipes are others")
def test_a_record_that_is_a_link_or_a_pipe_stays_one(folder, tmp_path):
    path = folder.path / RECORD
    path.rename(tmp_path / "elsewhere.json")
    path.symlink_to(tmp_path / "elsewhere.json")
    (tmp_path / "elsewhere.json").chmod(0o640)
    assert Folder(folder.path).note(EXERCISES[0], True)
    assert path.is_symlink()
    assert NAMES[0] in (tmp_path / "elsewhere.json").read_text(encoding="utf-8")
    assert (tmp_path / "elsewhere.json").stat().st_mode & 0o777 == 0o640
    path.unlink()
    os.mkfifo(path)
    mine = Folder(folder.path)
    assert mine.note(EXERCISES[0], True)
    assert "Not a regular file" in str(mine.trouble)
    assert path.is_fifo()


# Watching -------------------------------------------------------------------------------------------------------------


def test_a_save_during_a_check_is_noticed_after_it(folder, capsys, monkeypatch):
    checked = []

    def check(*_):
        checked.append(folder.file(EXERCISES[0]).read_text(encoding="utf-8"))
        if len(checked) < 3:  # the learner saves again, while the file of before is being checked
            folder.file(EXERCISES[0]).write_text(f"# {len(checked)}\n", encoding="utf-8")
        else:
            lines.put("q")
        return 1

    lines = queue.Queue()
    monkeypatch.setattr(command, "check", check)
    monkeypatch.setattr(command, "typed_lines", lambda: lines)
    said_by(capsys, "watch")
    assert checked[1:] == ["# 1\n", "# 2\n"]


def test_a_save_that_keeps_length_and_time_is_noticed(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("1", encoding="utf-8")
    before = watch.stamps(tmp_path)
    status = path.stat()
    (tmp_path / "draft").write_text("2", encoding="utf-8")
    (tmp_path / "draft").replace(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert watch.stamps(tmp_path) != before


# The time limit -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", [True, False])
def test_the_time_limit_can_be_changed(folder, capsys, monkeypatch, option):
    folder.file(EXERCISES[0]).write_text("def slope(f, x, h):\n    while True: pass\n", encoding="utf-8")
    monkeypatch.setenv("EXERCISES_SECONDS", "60" if option else "0.2")
    said = said_by(capsys, *(["--seconds", "0.2"] if option else []), status=1)
    assert "still running after 0.2 seconds" in said
    solve(folder, NAMES[0])
    pasted(said.split("give it more time: ")[1].splitlines()[0], status=1)
    assert NAMES[0] in Folder(folder.path).solved


@pytest.mark.parametrize("word", ["0", "-1", "nan", "inf", "soon"])
def test_a_time_limit_that_is_none_is_refused(folder, capsys, monkeypatch, word):
    monkeypatch.setenv("EXERCISES_SECONDS", word)
    assert f"EXERCISES_SECONDS is the time for one call, in seconds: a number above 0, not {word}." in said_by(
        capsys, status=2
    )
