"""The exercises: each one fails as given out, passes with its solution, and knows typical mistakes."""

import ast
import re
import sys

import pytest

from demos.exercises.answers import Answer, NotYet
from demos.exercises.asked import CHECKS, ORIGINALS, SOLUTIONS, check_of
from demos.exercises.compare import compare
from demos.exercises.manifest import EXERCISES
from demos.exercises.verdict import judge, verdict

NAMES = [exercise.name for exercise in EXERCISES]


def judged_here(name, path):
    """Whether a file is right, and what is said: in this process, which is quicker than one each."""
    try:
        found = judge(name, Answer(path))
    except NotYet as reason:
        return False, str(reason)
    finally:
        sys.modules.pop(path.stem, None)
    return found.right, found.message


@pytest.fixture
def judged(tmp_path):
    """Judge a file with this content as an answer to an exercise."""

    def judge(name, content):
        path = tmp_path / f"{name}.py"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return verdict(name, path)

    return judge


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
    right, message = judged_here(name, ORIGINALS / f"{name}.py")
    assert not right
    line = int(re.search(r"has a hole in line (\d+)", message)[1])
    assert "..." in (ORIGINALS / f"{name}.py").read_text(encoding="utf-8").splitlines()[line - 1]


@pytest.mark.parametrize("name", NAMES)
def test_its_solution_is_right(name):
    right, message = judged_here(name, SOLUTIONS / f"{name}.py")
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
    found, said = judged_here(name, path)
    assert not found
    assert message in said


@pytest.mark.parametrize("name", NAMES)
def test_every_mistake_that_is_known_is_told_from_the_truth_and_from_the_others(monkeypatch, name):
    """Each is put in the place of the answer, and must get its own message."""

    def compared(answer, what, yours, true, points, *, mistakes=(), **options):
        compare(answer, what, yours, true, points, mistakes=mistakes, **options)
        for mistake in mistakes:
            with pytest.raises(NotYet) as told:
                compare(answer, what, mistake.answer, true, points, mistakes=mistakes, **options)
            assert str(told.value).endswith(mistake.message)

    check = check_of(name)
    if "compare" in check.__globals__:
        monkeypatch.setitem(check.__globals__, "compare", compared)
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
