"""Text for a terminal: without control characters, at any encoding; and commands that run when they are pasted."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from demos.exercises import __main__ as command
from demos.exercises.asked import SOLUTIONS
from demos.exercises.folder import Folder
from demos.exercises.manifest import EXERCISES
from demos.exercises.messages import python
from demos.exercises.text import harmless, quoted

ROOT = SOLUTIONS.parents[2]
AT_HAND = {**os.environ, "PYTHONPATH": str(ROOT)}
STRANGE = ["two words", "it's", "-x", "$HOME", "a;b", "ünï", "new\nline", "bell\x07", "back\\slash\x01", "--dir"]


def run(words, cwd, **more):
    return subprocess.run(
        [sys.executable, "-m", "demos.exercises", *words], cwd=cwd, env={**AT_HAND, **more}, capture_output=True
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\tc", "a\nb    c"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"),
        ("progress\rdone\r\n", "progress\\x0ddone\n"),
        ("می\u200cخواهم क्\u200dष 👩\u200d🔬", "می\u200cخواهم क्\u200dष 👩\u200d🔬"),
        ("\u202eevil\u2066\ufeff\u2028", "\\u202eevil\\u2066\\ufeff\\u2028"),
        ("a\u00a0b\u3000c", "a\u00a0b\u3000c"),
        ("\udcff\U000e0001", "\\udcff\\U000e0001"),
    ],
)
def test_text_is_shown_without_control_characters_and_with_its_joiners(text, shown):
    assert harmless(text) == shown


def test_text_is_shown_at_a_length_a_person_reads():
    assert harmless("x" * 1_000_000, 20) == "x" * 20 + "... (1,000,000 characters)"
    assert harmless("x" * 20, 20) == "x" * 20


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
@pytest.mark.parametrize("word", [*STRANGE, os.fsdecode(b"\xff'\\")])
def test_a_word_means_itself_when_it_is_pasted(word):
    said = subprocess.run(["bash", "-c", f"printf %s {quoted(word)}"], capture_output=True, check=True).stdout
    assert said == os.fsencode(word)
    assert harmless(quoted(word)) == quoted(word)
    assert "\n" not in quoted(word)


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
@pytest.mark.parametrize("name", STRANGE)
def test_commands_run_when_they_are_pasted_whatever_the_folder_is_called(tmp_path, monkeypatch, capsys, name):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    Folder(tmp_path / name).fill()
    Folder(tmp_path / "another").fill()
    helps = EXERCISES[0].helps
    assert [command.main([f"--dir={name}", "hint", "1"]) for _ in range(helps)] == [0] * helps
    solution = re.search(r"explained: (.*)", capsys.readouterr().out)[1]
    said = subprocess.run(["bash", "-c", solution], capture_output=True, check=True).stdout.decode()
    assert "return (f(x + h) - f(x - h))" in said


def test_a_command_says_where_the_exercises_are_found_if_the_environment_did(tmp_path):
    said = run([], tmp_path)
    [line] = [line for line in said.stderr.decode().splitlines() if line.startswith("    ")]
    assert line.strip().startswith(f"PYTHONPATH={ROOT}")
    bare = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    subprocess.run(line, shell=True, cwd=tmp_path, env=bare, check=True, capture_output=True)
    assert (tmp_path / "exercises" / "01_slope.py").exists()


def test_the_python_that_is_named_is_this_one(tmp_path, monkeypatch):
    """A virtual environment's is a link to another, which has other packages."""
    (tmp_path / "env").mkdir()
    (tmp_path / "system").mkdir()
    real = tmp_path / "system" / "python"
    real.write_text("#!/bin/sh\n", encoding="utf-8")
    real.chmod(0o755)
    mine = tmp_path / "env" / "python"
    mine.symlink_to(real)
    monkeypatch.setattr(sys, "executable", str(mine))
    monkeypatch.setenv("PATH", str(tmp_path / "system"))
    assert python() == str(mine)
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "env"), str(tmp_path / "system")]))
    assert python() == "python"
    monkeypatch.setenv("PATH", "")
    monkeypatch.chdir(tmp_path / "env")
    assert python() == f".{os.sep}python"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_stream_can_be_written_to(tmp_path, encoding):
    Folder(tmp_path / "ünï می\u200cخواهم").fill()
    said = run(["hint", "8"], tmp_path, PYTHONIOENCODING=encoding).stdout.decode(encoding)
    assert ("∂a/∂z" if encoding == "utf-8" else "da/dz") in said
    said = run([], tmp_path, PYTHONIOENCODING=encoding)
    assert b"01_slope.py" in said.stdout
    assert b"Traceback" not in said.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_a_pipe_may_be_closed(tmp_path):
    Folder(tmp_path / "mine").fill()
    solution = f"{sys.executable} -m demos.exercises"
    for words in ("list", "--help", "--report csv mine/01_slope.py"):
        code = f"set -o pipefail; {solution} {words} 2>err | true; cat err >&2"
        said = subprocess.run(["bash", "-c", code], cwd=tmp_path, env=AT_HAND, capture_output=True)
        assert b"Traceback" not in said.stderr
        assert b"roken" not in said.stderr


def test_titles_and_hints_do_not_give_the_answer_away():
    """What fills the holes, in Python or in words, is in no title and no hint."""

    def bare(text):
        return re.sub(r"[\s_·*]", "", text.lower())

    words = {
        "01": "f(x+h)-f(x-h)", "02": "f'(g(x))", "03": "(b,a,1)", "04": "b for a", "05": "1-y", "06": "add up",
        "07": "append", "08": "dz*x", "09": "[*x,", "10": "2(a", "11": "wjkδj", "12": "delta[l][j]", "13": "transposed",
        "14": "p-y", "15": "x+log(1", "16": "s(1-s)", "17": "sizes[l]", "18": "grad(grad", "19": "p.data-=",
        "20": "9+1*6", "21": "6,5,4,3", "22": "12", "23": "3.0, 3.0", "24": "division", "25": "reversed",
        "26": "reversed(",
    }  # fmt: skip
    for exercise in EXERCISES:
        given = (SOLUTIONS.parent / "exercises" / f"{exercise.name}.py").read_text(encoding="utf-8")
        solved = (SOLUTIONS / f"{exercise.name}.py").read_text(encoding="utf-8")
        code = solved[solved.index('"""', 3) + 3 :].splitlines()
        answers = {bare(re.sub(r"^\s*(return |\w+ = )", "", line)) for line in code if line not in given.splitlines()}
        answers = {answer for answer in answers if len(answer) > 3} | {bare(words[exercise.name[:2]])}
        for text in (exercise.title, *exercise.hints):
            assert not [answer for answer in answers if answer in bare(text)], (exercise.name, text)
