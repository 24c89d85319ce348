"""python -m demos.exercises: each one fails as given out, passes with its solution, and knows typical mistakes."""

import ast
import hashlib
import json
import queue
import re
import runpy
import shutil
import sys
import time
from pathlib import Path

import pytest

from demos.exercises import __main__ as command
from demos.exercises import watch
from demos.exercises.answers import Answer, NotYet
from demos.exercises.child import CHECKS, judge
from demos.exercises.compare import compare
from demos.exercises.folder import ORIGINALS, RECORD, SOLUTIONS, Folder, solution_of
from demos.exercises.manifest import EXERCISES
from demos.exercises.verdict import verdict

NAMES = [exercise.name for exercise in EXERCISES]


@pytest.fixture
def judged(tmp_path):
    """Judge a file with this content as an answer to an exercise."""

    def judge(name, content):
        path = tmp_path / f"{name}.py"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return verdict(name, path)

    return judge


@pytest.fixture(autouse=True)
def no_answer_stays_behind():
    """`judge` in this process, which is quicker than a process each, leaves the learner's module where it loaded it."""
    yield
    sys.modules.pop("answer", None)


@pytest.fixture
def folder(tmp_path, monkeypatch, capsys):
    """A learner's folder in the current one, just given out."""
    monkeypatch.chdir(tmp_path)
    assert command.main(["start", "mine"]) == 0
    capsys.readouterr()
    return Folder(tmp_path / "mine")


def functions(path):
    """The signatures of a file's functions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: ast.unparse(node.args) for node in tree.body if isinstance(node, ast.FunctionDef)}


# The exercises ------------------------------------------------------------------------------------------------------


def test_every_exercise_is_there_in_order_with_its_solution_and_its_check():
    for place in (ORIGINALS, SOLUTIONS, CHECKS):
        assert sorted(path.stem for path in place.glob("*.py")) == NAMES
    for number, exercise in enumerate(EXERCISES, 1):
        assert exercise.name.startswith(f"{number:02}_")
        assert exercise.hints
        for place in (ORIGINALS, SOLUTIONS):
            text = (place / f"{exercise.name}.py").read_text(encoding="utf-8")
            assert ast.get_docstring(ast.parse(text)).startswith(f"{number}. ")
        assert "Your task:" in (ORIGINALS / f"{exercise.name}.py").read_text(encoding="utf-8")
        assert functions(ORIGINALS / f"{exercise.name}.py") == functions(SOLUTIONS / f"{exercise.name}.py")


@pytest.mark.parametrize("name", NAMES)
def test_as_given_out_it_is_not_right_and_says_where_the_hole_is(name):
    right, message = judge(name, ORIGINALS / f"{name}.py")
    assert not right
    line = int(re.search(r"has a hole in line (\d+)", message)[1])
    assert "..." in (ORIGINALS / f"{name}.py").read_text(encoding="utf-8").splitlines()[line - 1]


@pytest.mark.parametrize("name", NAMES)
def test_its_solution_is_right(name):
    right, message = judge(name, SOLUTIONS / f"{name}.py")
    assert right, message


MISTAKES = [  # exercise, what to replace in its solution and by what, a part of the message
    ("01", "(f(x + h) - f(x - h)) / (2 * h)", "(f(x + h) - f(x)) / h", "to one side only"),
    ("01", "(f(x + h) - f(x - h)) / (2 * h)", "(f(x) - f(x - h)) / h", "left of x only"),
    ("01", "(2 * h)", "h", "Twice too large"),
    ("01", "(2 * h)", "2 * h", "Mind the brackets"),
    ("01", " / (2 * h)", "", "Divide by how far x moves"),
    ("01", "f(x + h) - f(x - h)", "f(x - h) - f(x + h)", "sign is turned"),
    ("01", "(f(x + h) - f(x - h)) / (2 * h)", "2 * x", "the central difference says"),
    ("02", " * g_prime(x)", "", "A factor of the chain is missing"),
    ("02", "f_prime(g(x))", "f_prime(x)", "f' is taken at x"),
    ("02", "f_prime(g(x)) * ", "f_prime(g(x)) + ", "multiplied, not added"),
    ("02", "f_prime(g(x))", "f_prime(g_prime(x))", "a finite difference says"),
    ("03", "b, a, 1.0", "a, b, 1.0", "exchanged"),
    ("03", "b, a, 1.0", "b, a, c", "however large c is"),
    ("03", "b, a, 1.0", "b, a, 0", "contains c itself"),
    ("03", "b, a, 1.0", "b, a", "expected 3 results"),
    ("04", "g * b, g * a", "b, a", "The adjoint g is missing"),
    ("04", "g * b, g * a", "g * a, g * b", "exchanged"),
    ("04", "g * b, g * a", "g * b", "expected 2 results (a, b)"),
    ("04", "g * b, g * a", "g * b, a", "missing for b"),
    ("04", "return a * b, pullback", "return a * b", "two things, the value and its pullback"),
    ("04", "return a * b, pullback", "return a + b, pullback", "multiplying says"),
    ("05", "g * (1 - y * y)", "1 - y * y", "The adjoint g is missing"),
    ("05", "g * (1 - y * y)", "g * (1 - y)", "its square is subtracted"),
    ("05", "g * (1 - y * y)", "g * (1 + y * y)", "A wrong sign"),
    ("05", "g * (1 - y * y)", "g * (1 - __import__('math').tanh(y) ** 2)", "y is tanh(x) already"),
    ("06", "grad.get(parent, 0.0) + ", "", "overwrites the one before"),
    ("06", "grad[node] * local_derivative", "local_derivative", "multiplied by the adjoint of the node"),
    ("06", "grad[node] * local_derivative", "grad[node]", "multiplied by the local derivative on the edge"),
    ("06", "grad.get(parent, 0.0)", "grad[parent]", "no grad['a'] when the first contribution to a comes in"),
    ("06", "grad.get(parent, 0.0)", "{}['other']", "raised KeyError: 'other'\n\n    line"),
    ("06", "return grad", "return list(grad)", "no longer returns the dictionary"),
    ("06", "grad[parent] = grad", "grad[node] = grad", "nothing in grad for a"),
    ("07", "visited.add(node)", "pass", "it passes on its adjoint each time"),
    ("07", "            nodes.append(node)\n\n", "            nodes.insert(0, node)\n\n", "from back to front"),
    ("07", "    visit(y)\n    return nodes", "    visit(y)\n    return nodes[:-1]", "is missing"),
    ("07", "    return nodes", "    return [n.data for n in nodes]", "expected a list of nodes"),
    ("07", "    visit(y)\n", "    nodes = list(dict.fromkeys([y, *y.parents]))[::-1]\n", "is missing"),
    ("08", "dz = 1 - a * a", "dz = 1.0", "A factor of the chain is missing"),
    ("08", "return dw, dx, db", "return dx, dw, db", "exchanged"),
    ("08", "db = dz", "db = 1.0", "belongs to the bias as well"),
    ("08", "dz = 1 - a * a", "dz = 1 - a", "with the square"),
    ("09", "[*x, 1.0]", "[*x, 0.0]", "The biases have no effect"),
    ("09", "[*x, 1.0]", "[1.0, *x]", "not in the same place"),
    ("09", "[[*row, b_j] for row, b_j in zip(W, b)]", "[*W, b]", "a new row would be a new neuron"),
    ("09", "[*x, 1.0]", "x.append(1.0)", "list.append changes a list"),
    ("09", "[*x, 1.0]", "x", "there should be one more input"),
    ("10", " * a_j * (1 - a_j)", "", "A factor of the chain is missing"),
    ("10", "(a_j - y_j)", "(y_j - a_j)", "A wrong sign"),
    ("10", "2 * (a_j - y_j)", "(a_j - y_j)", "The factor 2 is missing"),
    ("10", "a_j * (1 - a_j)", "f(a_j) * (1 - f(a_j))", "The slope f' is taken at a"),
    ("11", "(1 - math.tanh(z_k) ** 2) * ", "", "A factor of the chain is missing"),
    ("11", "W[j][k]", "W[k][j]", "The matrix is transposed"),
    ("11", "sum(W[j][k] * delta[j] for j in range(len(delta)))", "W[-1][k] * delta[-1]", "overwrites the others"),
    ("12", "a_k in a[l - 1]] for delta_j in delta[l]", "delta_j in delta[l]] for a_k in a[l - 1]", "transposed"),
    ("12", "a[l - 1]", "a[l]", "One layer off"),
    ("12", "delta[l]", "delta[l + 1]", "The errors are one layer off"),
    ("12", "delta_j * a_k", "delta_j", "A factor of the chain is missing"),
    ("13", "times(transpose(W2), Delta2)", "times(W2, Delta2)", "needs its transpose"),
    ("13", "d * (1 - a * a)", "d", "A factor of the chain is missing"),
    ("13", "times(Delta1, transpose(X))", "times(X, transpose(Delta1))", "The gradients are transposed"),
    ("13", "times(Delta2, transpose(A1))", "times(Delta2, A1)", "The inputs are not transposed"),
    ("13", "return dW1, dW2", "return dW2, dW1", "a finite difference says"),
    ("14", "p_k - y_k", "y_k - p_k", "A wrong sign"),
    ("14", "p_k - y_k", "-y_k / p_k", "it stops at the probabilities"),
    ("14", "p_k - y_k", "-y_k * (1 - p_k)", "also lowers all other"),
    ("14", "p_k - y_k", "(p_k - y_k) * p_k * (1 - p_k)", "have cancelled already"),
    ("15", "1 / (1 + t) if x >= 0 else t / (1 + t)", "1 / (1 + math.exp(-x))", "too large: OverflowError"),
    ("15", "1 / (1 + t) if x >= 0 else t / (1 + t)", "0.5 * (1 + math.tanh(x / 2))", "leaves little but rounding"),
    ("15", "1 / (1 + t) if x >= 0 else t / (1 + t)", "1 / (1 + math.exp(min(500, -x)))", "cut off at 500"),
    ("15", "math.log1p(math.exp(-abs(x)))", "math.log(1 + math.exp(-abs(x)))", "math.log1p(t)"),
    ("15", "max(x, 0.0) + math.log1p(math.exp(-abs(x)))", "x if x > 40 else math.log(1 + math.exp(x))", "log1p"),
    ("16", "s + x * s * (1 - s)", "s", "the product rule has a second term"),
    ("16", "(g * (s + x * s * (1 - s)),)", "(s + x * s * (1 - s),)", "the adjoint g is missing"),
    ("16", "(g * (s + x * s * (1 - s)),)", "g * (s + x * s * (1 - s))", "not a tuple"),
    ("16", "(1 - t * t) * sigmoid(x)", "(1 - t * t)", "a factor of the chain is missing"),
    ("16", "sigmoid(x)),)", "__import__('math').exp(x) / (1 + __import__('math').exp(x))),)", "take Values too"),
    ("17", "range(2, len(sizes))", "range(1, len(sizes))", "One product too many"),
    ("17", " * sizes[0] for", " for", "for a single column"),
    ("17", "sizes[-1] * sizes[l]", "sizes[l]", "for a single row"),
    ("17", "range(1, len(sizes) - 1)", "range(1, len(sizes))", "One product too many"),
    ("18", "grad(first, x).data", "first.data", "That is the first derivative"),
    ("18", "grad(first, x).data", "first.data ** 2", "the first derivative squared"),
    ("18", "    return grad(first, x).data", "    f(x).backward(), f(x).backward()\n    return x.grad", "called twice"),
    ("19", "        model.zero_grad()\n", "", "Empty it before each step"),
    ("19", "p.data -= ", "p.data += ", "Uphill"),
    ("19", "p.data -= lr * p.grad", "p = p - lr * p.grad", "The parameters have not moved"),
    ("19", "p.data -= lr * p.grad", "p.data -= p.grad", "lr is missing"),
    ("19", "range(steps)", "range(steps + 1)", "One step too many"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "right", "wrong", "message"), MISTAKES)
def test_a_typical_mistake_has_a_message_of_its_own(tmp_path, number, right, wrong, message):
    name = next(name for name in NAMES if name.startswith(number))
    solution = (SOLUTIONS / f"{name}.py").read_text(encoding="utf-8")
    code = solution[solution.index('"""\n', 3) :]
    assert right in code
    path = tmp_path / f"{name}.py"
    path.write_text('"""' + code.replace(right, wrong), encoding="utf-8")
    found, said = judge(name, path)
    assert not found
    assert message in said


@pytest.mark.parametrize("name", NAMES)
def test_every_mistake_that_is_known_is_told_from_the_truth_and_from_the_others(name):
    """Each is put in the place of the answer, and must get its own message."""

    def compared(answer, what, yours, true, points, *, mistakes=(), **options):
        compare(answer, what, yours, true, points, mistakes=mistakes, **options)
        for mistake in mistakes:
            with pytest.raises(NotYet) as told:
                compare(answer, what, mistake.answer, true, points, mistakes=mistakes, **options)
            assert str(told.value).endswith(mistake.message)

    check = runpy.run_path(str(CHECKS / f"{name}.py"))["check"]
    if "compare" in check.__globals__:
        check.__globals__["compare"] = compared
    else:
        assert name == "07_order", "a graph, not numbers"
    check(Answer(SOLUTIONS / f"{name}.py"))


def test_yours_stands_beside_what_is_true(judged):
    found = judged("04_pullback_of_a_product", "def times(a, b):\n    return a * b, lambda g: (b, g * a)\n")
    said = re.search(r"At a = (\S+), b = (\S+), g = (\S+):", found.message)
    a, b, g = (float(number) for number in said.groups())
    assert f"Your pullback of a*b gave {b:.4g} for a; a finite difference says {g * b:.4g}." in found.message
    rows = [line.split() for line in found.message.splitlines()]
    assert ["a", f"{b:.4g}", f"{g * b:.4g}", "<"] in rows
    assert ["b", f"{g * a:.4g}", f"{g * a:.4g}"] in rows


def test_an_answer_that_fits_one_point_only_is_not_right(judged):
    said = judged("02_chain_rule", "def chain(f_prime, g, g_prime, x):\n    return 0.0\n").message
    true = re.search(r"a finite difference says (\S+)\.$", said, flags=re.MULTILINE)[1]
    found = judged("02_chain_rule", f"def chain(f_prime, g, g_prime, x):\n    return {true}\n")
    assert not found.right


def test_numpy_answers_too(judged):
    code = "import numpy as np\ndef gradient(a, b, c):\n    return np.array([b, a, 1])\n"
    assert judged("03_partial_derivatives", code).right
    code = "import numpy as np\ndef weight_gradient(delta, a, l):\n    return np.outer(delta[l], a[l - 1])\n"
    assert judged("12_weight_gradients", code).right


def test_the_biases_may_go_first_if_the_fixed_input_does(judged):
    code = (
        "def with_bias(W, b):\n    return [[c, *row] for row, c in zip(W, b)]\n"
        "def with_fixed_input(x):\n    return [1, *x]\n"
    )
    assert judged("09_bias", code).right


# What a learner's file may do -----------------------------------------------------------------------------------------


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
    assert "`reset` gives you a fresh one" in found.message


def test_what_the_code_prints_is_shown_to_the_learner_up_to_a_length(judged):
    solution = (SOLUTIONS / "01_slope.py").read_text(encoding="utf-8")
    found = judged("01_slope", solution + "\nprint('{\"right\": false}')\nimport sys\nprint('ünd', file=sys.stderr)\n")
    assert found.right
    assert found.printed == '{"right": false}\nünd\n'
    assert len(judged("01_slope", "for _ in range(1000):\n    print('x' * 99)\n").printed) == 2000


# The commands -------------------------------------------------------------------------------------------------------


def solve(folder, *names):
    for name in names or NAMES:
        shutil.copy(SOLUTIONS / f"{name}.py", folder.path)


def said_by(capsys, *arguments, status=0):
    assert command.main([*arguments]) == status
    said = capsys.readouterr()
    return said.out if status < 2 else said.err


def test_the_first_message_says_how_to_begin(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert "-m demos.exercises start" in said_by(capsys, status=2)
    welcome = said_by(capsys, "start")
    assert "exercises/01_slope.py" in welcome
    assert sorted(path.name for path in (tmp_path / "exercises").iterdir()) == [RECORD, *(f"{n}.py" for n in NAMES)]


def test_a_check_stops_at_the_first_that_is_not_right(folder, capsys):
    said = said_by(capsys, status=1)
    assert "0 of 19" in said
    assert "mine/01_slope.py" in said
    solve(folder, *NAMES[:2])
    said = said_by(capsys, status=1)
    assert "Right: 1." in said
    assert "Right: 2." in said
    assert "2 of 19" in said
    assert "3. One input moves" in said
    assert "4." not in said
    assert "Right:" not in said_by(capsys, status=1), "old news"


def test_the_last_message(folder, capsys):
    solve(folder)
    began = time.perf_counter()
    said = said_by(capsys)
    assert time.perf_counter() - began < 15, "all checks take about two seconds"
    assert "19 of 19" in said
    assert "You have built backpropagation" in said
    assert "taught XOR" in said
    assert "You have built backpropagation" in said_by(capsys)


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
    assert "solution 1" in said_by(capsys, "hint", "01_slope.py")
    assert EXERCISES[5].hints[0][:40] in said_by(capsys, "hint", "6")


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
    assert "0 of 19" in said_by(capsys, status=1)
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
        (["hint", "20"], "numbered 1 to 19"),
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
    assert said.index("0 of 19") < said.index("Right: 1.") < said.index("1 of 19")
    assert EXERCISES[1].hints[0][:40] in said
    assert said.endswith("See you.\n")
