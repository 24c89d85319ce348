"""What a learner's file may do under a check: it is told, and has no say in the verdict."""

import re

import pytest

from demos.exercises.folder import SOLUTIONS
from demos.exercises.verdict import verdict


@pytest.fixture
def judged(tmp_path):
    """Judge a file with this content as an answer to an exercise."""

    def judge(name, content):
        path = tmp_path / f"{name}.py"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return verdict(name, path)

    return judge


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def slope(f, x, h)\n    return 1\n", "Python cannot read this file: expected ':', line 1."),
        ("def slope(f, x, h):\nreturn 1\n", "Python cannot read this file: expected an indented block"),
        (b"def slope(f, x, h):\n    return '\xff'\n", "Python cannot read this file"),
        (b"\x00", "Python cannot read this file"),
        ("import no_such_module\n", "No module named 'no_such_module'\n\n    line 1:  import no_such_module"),
        ("def slope(f, x, h):\n    return 1 / 0\n", "ZeroDivisionError: division by zero\n\n    line 2, in slope:"),
        ("def slope(f, x, h):\n    return slope(f, x, h)\n", "calls itself without end"),
        ("def slope(f, x, h):\n    pass\n", "Is a `return` missing?"),
        ("def slope(f, x, h):\n    return 'much'\n", "expected a number, got 'much'"),
        ("def slope(f, x, h):\n    return [1.0]\n", "expected a number, got [1.0]"),
        ("def slope(f, x, h):\n    return float('nan')\n", "slope gave nan; the central difference says"),
        ("def slope(f, x):\n    return 1\n", "takes 2 positional arguments but 3 were given"),
        ("def slop(f, x, h):\n    return 1\n", "no longer defines `slope`"),
        ("import sys\nsys.exit()\n", "take the exit() out"),
        ("def slope(f, x, h):\n    exit()\n", "take the exit() out"),
        ("def slope(f, x, h):\n    return float(input())\n", "nobody answers"),
        ("import os\nos._exit(3)\n", "ended Python itself (exit status 3)"),
        ("def slope(f, x, h):\n    raise KeyboardInterrupt\n", "KeyboardInterrupt"),
    ],
)
def test_whatever_goes_wrong_is_told_without_a_traceback(judged, code, message):
    found = judged("01_slope", code)
    assert not found.right
    assert message in found.message
    assert "Traceback" not in found.message + found.printed
    assert "demos/exercises" not in found.message


def test_a_loop_without_end_is_stopped_and_shown(tmp_path):
    (tmp_path / "01_slope.py").write_text("def slope(f, x, h):\n    while True:\n        x += h\n", encoding="utf-8")
    found = verdict("01_slope", tmp_path / "01_slope.py", seconds=1)
    assert "still running after 1 seconds" in found.message
    assert re.search(r"    line [23], in slope:  (while True:|x \+= h)", found.message)


def test_one_that_holds_up_all_threads_is_stopped_too(tmp_path):
    (tmp_path / "01_slope.py").write_text("n = sum(range(10**12))\n", encoding="utf-8")
    assert "is a number in it far too large?" in verdict("01_slope", tmp_path / "01_slope.py", seconds=0.5).message


def test_a_missing_file_is_told(tmp_path):
    found = verdict("01_slope", tmp_path / "01_slope.py")
    assert (found.message, found.status) == ("There is no 01_slope.py.", "missing")


def test_what_the_code_prints_is_shown_to_the_learner_up_to_a_length(judged):
    solution = (SOLUTIONS / "01_slope.py").read_text(encoding="utf-8")
    found = judged("01_slope", solution + "\nprint('{\"right\": false}')\nimport sys\nprint('ünd', file=sys.stderr)\n")
    assert found.right
    assert found.printed == '{"right": false}\nünd\n'
    assert len(judged("01_slope", "for _ in range(1000):\n    print('x' * 99)\n").printed) == 2000
