"""expression(): what is written reads back to the same number, to the last bit, and no line is wider than a page."""

import ast
import math
import random

import pytest
from random_graphs import OPERATIONS, tame, wild

import engine
from engine import Value, functions, primitive, relu, tanh
from nn import MLP

NAMES = {**vars(engine), **vars(functions)}


def read_back(text, leaves):
    """The number that Python makes of a text."""
    names = {**NAMES, **{leaf.label: leaf for leaf in leaves if leaf.label}}
    last = ast.parse(text).body[-1]
    if isinstance(last, ast.Assign):
        exec(text, names)
        result = names[last.targets[0].id]
    else:
        result = eval(text, names)
    return result.data if isinstance(result, Value) else float(result)


def random_graph(draw, compute):
    steps = [(draw.choice(OPERATIONS), [draw.randrange(10**6) for _ in range(9)]) for _ in range(draw.randrange(1, 25))]
    leaves = [Value(draw.uniform(-2.0, 2.0), label) for label in ("a", "b", "x", None)]
    return compute(steps, leaves), leaves


@pytest.mark.parametrize("compute", [wild, tame])
def test_random_graphs_read_back_to_the_same_number(compute):
    draw = random.Random(0)
    for _ in range(500):
        v, leaves = random_graph(draw, compute)
        text = v.expression()
        number = read_back(text, leaves)
        assert number == v.data or (math.isnan(number) and math.isnan(v.data)), text
        assert number != number or math.copysign(1.0, number) == math.copysign(1.0, v.data), text
        assert max(map(len, text.splitlines())) <= 100


def test_a_formula_is_one_line_with_the_labels():
    w, x = Value(2.0, "w"), Value(3.0, "x")
    assert tanh(w * x + 1).expression() == "tanh(w * x + 1)"
    assert (-(x**2) / (w - 0.5)).expression() == "-x**2 / (w - 0.5)"
    assert ((-x) ** 2).expression() == "(-x)**2"
    assert (x - (w - x)).expression() == "x - (w - x)"


def test_what_is_shared_or_labelled_is_stated_once():
    w, x = Value(2.0, "w"), Value(3.0, "x")
    z = (w * x + 1).named("z")
    assert tanh(z).expression() == "z = w * x + 1\ny = tanh(z)"
    shared = w * x + 1
    assert (shared * shared).expression() == "v1 = w * x + 1\ny = v1 * v1"
    v = x
    for _ in range(60):
        v = v + v * w
    text = v.expression()
    assert len(text.splitlines()) == 60  # not 2**60 terms
    assert read_back(text, [w, x]) == v.data


def test_leaves_without_a_label_are_values():
    assert (Value(2.0) * 3.0).expression() == "Value(2) * 3"
    x = Value(2.0)
    assert (x * x).expression() == "x1 = Value(2)\ny = x1 * x1"
    assert Value(2.0).expression() == "Value(2)"
    assert Value(2.0, "x").expression() == "x"


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan, -0.0, 1e300, 5e-324])
def test_numbers_that_python_writes_otherwise(number):
    v = Value(1.0, "x") * number
    assert str(read_back(v.expression(), [v.parents[0]])) == str(v.data)


def test_division_of_plain_numbers_raises_nothing():
    v = Value(1.0) / 0.0
    assert read_back(v.expression(), []) == math.inf


def test_labels_that_are_no_names():
    x, y, z, again = Value(2.0, "W[0, 1]"), Value(3.0, "lambda"), Value(4.0, "sum"), Value(5.0, "sum")
    assert (x * y + z * again).expression() == "W_0_1 * lambda_ + sum_ * sum__2"


def test_a_deep_graph_and_a_wide_one():
    x = Value(0.5, "x")
    v = x
    for _ in range(3000):
        v = relu(v) * 1.0
    assert read_back(v.expression(), [x]) == 0.5
    xs = [Value(float(k), f"x{k}") for k in range(300)]
    text = engine.functions.sum(xs).expression()
    assert max(map(len, text.splitlines())) <= 100
    assert read_back(text, xs) == sum(range(300))


def test_a_network():
    model = MLP(2, [3, 1], seed=0)
    y = model([1.0, 2.0])
    text = y.expression()
    assert "weighted_sum([w1_0_0, w1_0_1], [1, 2], b1_0)" in text


def test_an_operation_of_a_users_own():
    @primitive
    def cube(x):
        return x * x * x, lambda g: (g * 3 * x * x,)

    assert cube(Value(2.0, "x")).expression() == "cube(x)"


def test_the_prompt_shows_the_lines():
    x = Value(2.0, "x")
    assert repr((x + 1).named("u").tanh().expression()) == "u = x + 1\ny = tanh(u)"
