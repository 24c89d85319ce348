"""formula_of(): the simplified formula of a Value has its number, and of a derivative the textbook's shape."""

import ast
import math
import random

import pytest
from random_graphs import OPERATIONS, tame

import engine
from engine import (
    Value,
    cos,
    exp,
    formula_of,
    functions,
    grad,
    log,
    logsumexp,
    maximum,
    relu,
    sigmoid,
    sin,
    sqrt,
    tanh,
    where,
)  # fmt: skip

NAMES = {**vars(engine), **vars(functions)}
W, X, B = Value(-0.5, "w"), Value(2.0, "x"), Value(1.5, "b")


def read_back(formula):
    names = {**NAMES, "w": W, "x": X, "b": B}
    text = str(formula)
    last = ast.parse(text).body[-1]
    if not isinstance(last, ast.Assign):
        result = eval(text, names)
    else:
        exec(text, names)
        result = names[last.targets[0].id]
    return result.data if isinstance(result, Value) else float(result)


@pytest.mark.parametrize(
    ("y", "derivative"),
    [
        (tanh(W * X + B), "w * (1 - tanh(w * x + b)**2)"),
        (sigmoid(X), "(1 - sigmoid(x)) * sigmoid(x)"),
        (X**3 + 2 * X, "3 * x**2 + 2"),
        (X * X * X, "3 * x**2"),
        (X**W, "w * x**(w - 1)"),
        (sin(X) * cos(X), "cos(x)**2 - sin(x)**2"),
        (log(X), "1 / x"),
        (exp(-(X**2)), "-2 * x * exp(-x**2)"),
        (sqrt(X), "0.5 / sqrt(x)"),
        (X / W, "1 / w"),
        (W / X, "-w / x**2"),
        (relu(X) * 3, "where(x <= 0, 0, 3)"),
        (maximum(X, W), "where(x < w, 0, 1)"),
        (abs(X), "sign(x)"),
        (logsumexp([X, W]), "exp(x - log(exp(x) + exp(w)))"),
        (where(B, X * 2, X), "where(b, 0, 1) + 2 * where(b, 1, 0)"),
        (W + B, "0"),
    ],
)
def test_a_derivative_as_one_would_write_it(y, derivative):
    slope = grad(y, X)
    formula = formula_of(slope)
    assert str(formula) == derivative
    assert read_back(formula) == pytest.approx(slope.data, rel=1e-12)
    assert repr(formula) == f"{derivative} = {slope.data:.6g}"
    assert (formula.number, formula.value) == (slope.data, slope)


def test_random_graphs_and_their_derivatives_keep_their_number():
    draw = random.Random(0)
    compared = 0
    for _ in range(100):
        steps = [
            (draw.choice(OPERATIONS), [draw.randrange(10**6) for _ in range(9)]) for _ in range(draw.randrange(1, 7))
        ]
        leaves = [W, X, B, Value(draw.uniform(-2.0, 2.0))]
        v = tame(steps, leaves)
        for each in (v, *grad(v, [W, X])):
            number = read_back(formula_of(each))
            assert math.isclose(number, each.data, rel_tol=1e-6, abs_tol=1e-9), formula_of(each)
            compared += 1
    assert compared == 300


def test_an_equality_that_holds_keeps_the_rules_choice():
    x, n = Value(2.0, "x"), Value(0.0, "n")
    slope = grad(x**n, x)
    assert "where" in str(formula_of(slope))
    assert formula_of(slope).number == 0.0


def test_shared_parts_have_lines_and_the_unneeded_none():
    v = tanh(W * X + B) * sin(X)
    formula = formula_of(v * v + exp(v))
    assert str(formula) == "v1 = tanh(w * x + b) * sin(x)\nresult = v1**2 + exp(v1)"
    assert str(formula_of((v * v + exp(v)) * 0.0 + X)) == "x"


def test_a_label_within_is_kept():
    z = (W * X + B).named("z")
    assert str(formula_of(grad(tanh(z) * z, W))) == "z = w * x + b\nresult = x * (tanh(z) + z * (1 - tanh(z)**2))"


def test_old_numbers_are_refused():
    x = Value(2.0, "x")
    y = x * x
    x.data = 3.0
    with pytest.raises(RuntimeError, match="formula_of of a graph with old numbers"):
        formula_of(y)
    assert formula_of(y.forward()).number == 9.0


def test_no_value():
    with pytest.raises(TypeError, match=r"one at a time, as in formula_of\(grads\[0\]\)"):
        formula_of([X])
    with pytest.raises(TypeError, match=r"formula_of a Value: got 3.0 of type float: compute it from Values"):
        formula_of(3.0)
    with pytest.raises(TypeError, match=r"formula_of\(f\(x\)\)"):
        formula_of(tanh)
