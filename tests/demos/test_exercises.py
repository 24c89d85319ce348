"""The exercises: each one fails as given out, passes with its solution, and knows typical mistakes."""

import ast
import re
import sys

import pytest
from typical_mistakes import TYPICAL_MISTAKES, mistaken

from demos.exercises import compare as comparing
from demos.exercises import small_engine
from demos.exercises.answers import Answer, NotYet
from demos.exercises.asked import CHECKS, ORIGINALS, SOLUTIONS, check_of
from demos.exercises.compare import compare
from demos.exercises.manifest import EXERCISES, KINDS
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


@pytest.mark.parametrize("name", [exercise.name for exercise in EXERCISES if exercise.kind != "bug"])
def test_as_given_out_it_is_not_right_and_says_where_the_hole_is(name):
    right, message = judged_here(name, ORIGINALS / f"{name}.py")
    assert not right
    line = int(re.search(r"has a hole in line (\d+)", message)[1])
    assert "..." in (ORIGINALS / f"{name}.py").read_text(encoding="utf-8").splitlines()[line - 1]


@pytest.mark.parametrize("name", [exercise.name for exercise in EXERCISES if exercise.kind == "bug"])
def test_as_given_out_what_is_broken_shows_where_it_fails_and_no_more(judged, name):
    given = (ORIGINALS / f"{name}.py").read_text(encoding="utf-8")
    for text in (given, f"{given}\n# a remark\n"):
        found = judged(name, text)
        assert found.status == "unfinished"
        assert found.message.startswith("Right for\n\n    y = ")
        assert found.message.endswith("  <")


def test_every_kind_of_exercise_is_there():
    kinds = [exercise.kind for exercise in EXERCISES]
    assert {*kinds} == {*KINDS}
    assert all(kinds.count(kind) >= 2 for kind in ("graph", "predict", "bug"))


def test_a_prediction_and_a_reading_are_not_told_the_answer(judged):
    for name, wrong in (("22_predict_grad", "0.5, 0.5, 0.5"), ("20_graph_numbers", "0.5")):
        code = (ORIGINALS / f"{name}.py").read_text(encoding="utf-8")
        said = judged(name, code.replace("return ...", f"return {wrong}")).message
        assert "something else" in said
        assert not re.search(r"\b(6|12|27|3|15|36)\b", said.split("\n\n", 1)[1]), said


@pytest.mark.parametrize("name", NAMES)
def test_its_solution_is_right(name):
    right, message = judged_here(name, SOLUTIONS / f"{name}.py")
    assert right, message


@pytest.mark.parametrize(("number", "right", "wrong", "message"), TYPICAL_MISTAKES)
def test_a_typical_mistake_has_a_message_of_its_own(tmp_path, number, right, wrong, message):
    name, code = mistaken(number, right, wrong)
    path = tmp_path / f"{name}.py"
    path.write_text(code, encoding="utf-8")
    found, said = judged_here(name, path)
    assert not found
    assert message in said


def test_every_exercise_has_typical_mistakes():
    assert {number for number, *_ in TYPICAL_MISTAKES} == {name[:2] for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_every_mistake_that_is_known_is_told_from_the_truth_and_from_the_others(monkeypatch, name):
    """Each is put in the place of the answer, and must get its own message."""

    called = []

    def compared(answer, what, yours, true, points, *, mistakes=(), **options):
        called.append(what)
        compare(answer, what, yours, true, points, mistakes=mistakes, **options)
        for mistake in mistakes:
            with pytest.raises(NotYet) as told:
                compare(answer, what, mistake.answer, true, points, mistakes=mistakes, **options)
            assert str(told.value).endswith(mistake.message)

    check = check_of(name)
    for caller in (check.__globals__, vars(comparing), vars(small_engine)):  # a check, or what it asks to compare
        if "compare" in caller:
            monkeypatch.setitem(caller, "compare", compared)
    check(Answer(SOLUTIONS / f"{name}.py"))
    assert called or name == "07_order", "a graph, not numbers"


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
