"""What a learner's file may be and return, and what is said to that."""

import os
import sys

import pytest

from demos.exercises.asked import ORIGINALS, SOLUTIONS
from demos.exercises.verdict import verdict

RIGHT = "\ndef slope(f, x, h):\n    return (f(x + h) - f(x - h)) / (2 * h)\n"


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


def test_a_missing_file_is_told(tmp_path):
    found = verdict("01_slope", tmp_path / "01_slope.py")
    assert (found.message, found.status) == ("There is no 01_slope.py.", "missing")


def test_what_the_code_prints_is_shown_to_the_learner_up_to_a_length(judged):
    solution = (SOLUTIONS / "01_slope.py").read_text(encoding="utf-8")
    found = judged("01_slope", solution + "\nprint('{\"right\": false}')\nimport sys\nprint('ünd', file=sys.stderr)\n")
    assert found.right
    assert found.printed == '{"right": false}\nünd\n'
    assert len(judged("01_slope", "for _ in range(1000):\n    print('x' * 99)\n").printed) == 2000


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ("10**400", "expected a number, got 1000"),
        ("[10**5000]", "expected a number, got"),
        ("endless", "expected a number, got [["),
        ("[0] * 10**7", "expected a number, got [0, 0"),
        ("Rude()", "expected a number, got"),
        ("1j", "expected a number, got 1j"),
        ("...", "`slope` has a hole in line"),
    ],
)
def test_a_result_of_any_kind_is_told(judged, result, message):
    code = "endless = []\nendless.append(endless)\nclass Rude:\n    def __repr__(self):\n        raise ValueError\n"
    found = judged("01_slope", f"{code}def slope(f, x, h):\n    return {result}\n")
    assert not found.right
    assert message in found.message
    assert len(found.message) < 300


# The file means what it means when it is run --------------------------------------------------------------------------


def test_the_file_finds_its_folder_its_neighbours_and_its_data(tmp_path):
    (tmp_path / "half.py").write_text("def half(x):\n    return x / 2\n", encoding="utf-8")
    (tmp_path / "random.py").write_text("mine = True\n", encoding="utf-8")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "one.py").write_text("ONE = 1\n", encoding="utf-8")
    (tmp_path / "data.txt").write_text("2", encoding="utf-8")
    path = tmp_path / "01_slope.py"
    path.write_text(
        "import os, pickle, random, sys\nfrom dataclasses import dataclass\nfrom pathlib import Path\n"
        "from half import half\nfrom parts.one import ONE\n"
        "assert random.mine and ONE == 1\n"
        "assert open('data.txt').read() == (Path(__file__).parent / 'data.txt').read_text() == '2'\n"
        f"assert __file__ == {str(path)!r} and sys.argv == [__file__] and __name__ == '01_slope'\n"
        f"assert sys.path[0] == {str(tmp_path.resolve())!r}\n"
        "@dataclass\nclass Point:\n    x: 'float'\n"
        "assert pickle.loads(pickle.dumps(Point(2.0))) == Point(2.0)\n"
        "def slope(f, x, h):\n    return half(f(x + h) - f(x - h)) / h\n"
        "if __name__ == '__main__':\n    input('not here')\n",
        encoding="utf-8",
    )
    found = verdict("01_slope", path)
    assert found.right, found
    assert not [*tmp_path.rglob("*.pyc")], "a check leaves nothing behind in the folder"


@pytest.mark.parametrize("what", ["the package itself", "a folder of data"])
def test_a_neighbour_called_engine_may_be_the_engine_or_no_module(tmp_path, what):
    """As in a checkout in which the exercises were given out."""
    for name in ("engine", "nn", "demos"):
        if what == "the package itself":
            (tmp_path / name).symlink_to(ORIGINALS.parents[2] / name)
        else:
            (tmp_path / name).mkdir()
    for name in ("07_order", "16_own_operation"):
        (tmp_path / f"{name}.py").write_bytes((SOLUTIONS / f"{name}.py").read_bytes())
        assert verdict(name, tmp_path / f"{name}.py").right


def test_a_mistake_in_a_neighbour_is_shown_there(tmp_path):
    (tmp_path / "half.py").write_text("def half(x):\n    return x / 0\n", encoding="utf-8")
    (tmp_path / "01_slope.py").write_text("from half import half\ndef slope(f, x, h):\n    return half(1)\n", "utf-8")
    assert "    line 2 of half.py, in half:  return x / 0" in verdict("01_slope", tmp_path / "01_slope.py").message


def test_a_link_to_a_file_finds_the_neighbours_of_that(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "given.py").write_text("two = 2\n", encoding="utf-8")
    (tmp_path / "real" / "mine.py").write_text(
        "from given import two\n" + RIGHT.replace("2 * h", "two * h"), encoding="utf-8"
    )
    (tmp_path / "01_slope.py").symlink_to(tmp_path / "real" / "mine.py")
    assert verdict("01_slope", tmp_path / "01_slope.py").right


@pytest.mark.parametrize("encoding", ["ascii", "utf-16"])
def test_it_prints_whatever_the_terminal_takes(judged, monkeypatch, encoding):
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    found = judged("01_slope", "print('∂ \u06cc\u200c\u0627 \\x07')\n" + RIGHT)
    assert (found.right, found.printed) == (True, "∂ \u06cc\u200c\u0627 \\x07\n")


def place(tmp_path, kind):
    """Something that is no file, called like one."""
    path = tmp_path / "01_slope.py"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "loop":
        path.symlink_to(path)
    else:
        path.write_bytes(b"#" * 2_000_000)
    return path


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("folder", "but a folder"),
        ("pipe", "but a pipe"),
        ("device", "but a device"),
        ("link", "There is no 01_slope.py: it is a link to"),
        ("loop", "cannot be read (Too many levels"),
        ("large", "has 2,000,000 bytes"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="its links and pipes are others")
def test_what_is_no_file_is_told(tmp_path, kind, message):
    found = verdict("01_slope", place(tmp_path, kind))
    assert not found.right
    assert message in found.message


# Holes, and second calls ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "# TODO: your code ...\n" + RIGHT,
        'NOTE = "... your code: has a hole"\n' + RIGHT,
        "class Stop(Exception): ...\ndef nothing() -> tuple[int, ...]: ...\n" + RIGHT,
        RIGHT.replace("return", "...  # your code\n    t: tuple[int, ...] = ()\n    return")
        + "    return ...  # your code\n",
        "slope = lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h)\n",
    ],
)
def test_dots_in_finished_work_are_no_hole(judged, code):
    assert judged("01_slope", code).right


def test_numpy_s_dots_are_no_hole(judged):
    code = (
        "import numpy as np\ndef weight_gradient(delta, a, l):\n"
        "    return np.array(delta[l])[..., None] * np.array(a[l - 1])[None, ...]\n"
    )
    assert judged("12_weight_gradients", code).right


def test_a_wrong_answer_above_the_dots_is_told_and_the_dots_as_well(judged):
    found = judged("01_slope", "def slope(f, x, h):\n    return (f(x + h) - f(x)) / h\n    return ...  # your code\n")
    assert "to one side only" in found.message
    assert found.message.endswith("(The three dots in line 3 are still there.)")


def test_of_several_holes_the_one_that_is_left_is_told(judged):
    given = (ORIGINALS / "08_neuron.py").read_text(encoding="utf-8")
    half = given.replace("dw = ...", "dw = [(1 - a * a) * x_k for x_k in x]").replace("dx = ...", "dx = w")
    found = judged("08_neuron", half)
    line = next(k for k, text in enumerate(given.splitlines(), 1) if "db = ..." in text)
    assert (found.status, found.message) == (
        "unfinished",
        f"`neuron_gradient` has a hole in line {line}: put your answer in place of the three dots.",
    )
    broken = half.replace("dx = w", "dx = w / 2")
    assert "TypeError" in judged("08_neuron", broken).message, "what stops the code comes first"


SOLVED_ORDER = """
{outside}
def order(y{seen}):
    def visit(node):
        if node not in visited:
            visited.add(node)
            for parent in node.parents:
                visit(parent)
            nodes.append(node)
    visit(y)
    return nodes
"""


REMEMBERING = {
    "a name outside": ("07_order", SOLVED_ORDER.format(outside="visited, nodes = set(), []", seen="")),
    "a default": ("07_order", SOLVED_ORDER.format(outside="", seen=", visited=set(), nodes=[]")),
    "a sum": (
        "01_slope",
        "sums = [0.0]\n" + RIGHT.replace("return", "sums.append(sums[-1] + 1)\n    return sums[-2] +"),
    ),
    "an error": ("01_slope", "calls = [1]\n" + RIGHT.replace("return", "calls.pop()\n    return")),
    "a dictionary": (
        "06_fan_out",
        "grad = {'y': 1.0}\n"
        + (SOLUTIONS / "06_fan_out.py").read_text("utf-8").replace("    grad = {last: 1.0}\n", ""),
    ),
}


@pytest.mark.parametrize(("name", "code"), REMEMBERING.values(), ids=REMEMBERING)
def test_a_mistake_that_shows_only_in_a_later_call_is_told_as_that(judged, name, code):
    found = judged(name, code)
    assert not found.right
    assert "Called first thing, it gives what is true here; after other calls it does not." in found.message


def test_a_mistake_in_every_call_is_not_told_as_one_of_later_calls(judged):
    assert "Called first" not in judged("07_order", "def order(y):\n    return [y, *y.parents]\n").message
    code = "def slope(f, x, h):\n    return 3.0 if f.__name__ == 'square' else (f(x + h) - f(x - h)) / (2 * h)\n"
    assert "Called first" not in judged("01_slope", code).message
