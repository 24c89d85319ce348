"""Expressions typed as text: what they mean, how deep they may be, and what is not arithmetic."""

import ast
import math
import random

import pytest
from hypothesis import given, strategies

import engine
from engine import Value, primitives
from engine.command_line.expression import CONSTANTS, DEEPEST, FUNCTIONS, Expression, ExpressionError, parsed_number


@pytest.mark.parametrize("text", ["(" * 150, "(" * 5000, "-" * 9000, "x" + "+x" * 4500, "x**" * 3000, "sin(" * 250])
def test_too_deep_is_an_error_not_a_crash(text):
    with pytest.raises(ExpressionError, match=r"operations deep|never closed|missing behind"):
        Expression(text + "x" * text.endswith("-") + ("x" + ")" * 250) * text.startswith("sin"))


def test_as_deep_as_is_allowed():
    x = Value(1.0)
    assert Expression("x" + "+x" * DEEPEST).evaluate({"x": x}).data == DEEPEST + 1
    with pytest.raises(ExpressionError, match=f"more than {DEEPEST} operations deep"):
        Expression("x" + "+x" * (DEEPEST + 1))
    with pytest.raises(ExpressionError, match="more than 10,000"):
        Expression("x" * 10_001)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('echo')",
        "().__class__",
        "[y for y in (1, 2)]",
        "{1: 2}",
        "(lambda: 1)()",
        "f'{x}'",
        "x[0]",
        "(x := 2)",
        "print(x)",
        "eval('1')",
        "x.data",
        "max(*x)",
        "await x",
        "'text'",
        "...",
        "b'x'",
        "x; y",
        "import os",
        "x\n+ y",
        "x\0",
        "~x",
        "not x",
        "x and y",
        "x @ y",
        "x is y",
        "x in y",
    ],
)
def test_what_is_not_arithmetic_is_refused(text):
    with pytest.raises(ExpressionError):
        Expression(text)


@given(strategies.text(alphabet="xyz0123456789.+-*/^()[], =<>!esin\\'\"#@~%&|{}:", max_size=30))
def test_any_text_is_evaluated_or_refused_with_a_place(text):
    refused = None
    try:
        expression = Expression(text)
        expression.evaluate(dict.fromkeys(expression.names, 0.5))
    except ExpressionError as error:
        refused = error
    if refused is not None:
        assert 0 <= refused.column <= len(refused.text)
        assert len(str(refused).splitlines()) == 3


def python_value(text, numbers):
    """The value by Python itself, an independent truth for arithmetic without edges."""
    names = {name: getattr(math, name) for name in ("sin", "cos", "exp", "tanh", "sqrt")}
    return eval(compile(ast.parse(text, mode="eval"), "", "eval"), {**names, **CONSTANTS, **numbers})


def random_text(rng, depth=4):
    if depth == 0 or rng.random() < 0.2:
        return rng.choice(["x", "y", "2", "0.5", "pi", "e"])
    a, b = random_text(rng, depth - 1), random_text(rng, depth - 1)
    return rng.choice(
        [f"({a} + {b})", f"{a} * ({b})", f"-{a}", f"{a} - {b}", f"sin({a})", f"tanh({a}) / 2", f"({a})**2"]
    )


@pytest.mark.parametrize("seed", range(40))
def test_it_means_what_python_means(seed):
    text = random_text(random.Random(seed))
    numbers = {"x": 0.7, "y": -1.3}
    expression = Expression(text)
    truth = python_value(text, numbers)
    assert expression.evaluate(numbers) == pytest.approx(truth, rel=1e-12)
    x, h = Value(0.7), 1e-6
    value = expression.evaluate({"x": x, "y": -1.3})
    if isinstance(value, Value):
        value.backward()
        slope = (python_value(text, {**numbers, "x": 0.7 + h}) - python_value(text, {**numbers, "x": 0.7 - h})) / (
            2 * h
        )
        assert x.grad == pytest.approx(slope, rel=1e-5, abs=1e-6 * (1 + abs(truth)))


def test_every_function_can_be_called():
    numbers = {"x": Value(0.5), "y": Value(0.25)}
    for name, function in FUNCTIONS.items():
        text = function.usage
        for written, instead in [("x1, x2", "x, y"), ("y1, y2", "y, x"), ("w1, w2", "x, y"), (", ...", "")]:
            text = text.replace(written, instead)
        names = {**numbers, "slope": 0.1, "alpha": 1.0, "b": 1.0, "condition": 1.0, "low": 0.0, "high": 1.0}
        assert isinstance(Expression(text).evaluate(names), Value), name
    of_lists = {"cumsum", "softmax", "log_softmax", "take"}  # which give one, or take one beside an index
    assert {*FUNCTIONS} == {*engine.functions.__all__} - of_lists


def test_lists_and_comparisons():
    def value(text):
        return Expression(text).evaluate({"x": Value(2.0), "y": 3.0}).data

    assert value("sum(x, y)") == value("sum([x, y])") == 5.0
    assert value("max((x, y, 1))") == 3.0
    assert value("dot([x, y], [y, x])") == 12.0
    assert value("weighted_sum([x], [y], 1)") == 7.0
    assert value("weighted_sum([x], [y])") == 6.0
    assert [value(f"(x {sign} y) + 0*x") for sign in ("<", "<=", ">", ">=", "==", "!=")] == [1, 1, 0, 0, 0, 1]
    assert value("where(x > y, x, -x)") == -2.0
    assert value("where(logical_and(x < y, not_equal(x, 0)), x, -x)") == 2.0
    assert value("prod(x, y, 4) + var([x, y]) + std(x, y)") == 24.75


def test_remainder_and_floor_divide():
    x, y = Value(7.5), Value(-2.0)
    for text, value, slopes in (
        ("x % y", -0.5, (1.0, 4.0)),
        ("x // y", -4.0, (0.0, 0.0)),
        ("-x % 2 * x", 3.75, (-7.0, 0.0)),
    ):
        result = Expression(text).evaluate({"x": x, "y": y})
        assert result.data == value
        assert tuple(slope.data for slope in engine.grad(result, [x, y])) == slopes
    assert Expression("7 // 2 + 7 % 2 + (7 != 2)").evaluate({}) == 5.0


def test_a_power_is_the_operation_that_python_makes_of_it():
    x = Value(0.0)
    for text in ("x**2", "x**(1 + 1)"):
        y = Expression(text).evaluate({"x": x})
        assert y.op is (x**2).op
        second = engine.derivative(engine.derivative(lambda x, t=text: Expression(t).evaluate({"x": x})))
        assert second(0.0) == 2.0
    assert Expression("2**x").evaluate({"x": Value(3.0)}).data == Expression("2**3").evaluate({}) == 8.0
    assert Expression("0**(-1)").evaluate({}) == float("inf")


def test_division_by_zero_is_ieee():
    assert Expression("1/0").evaluate({}) == math.inf
    assert math.isnan(Expression("0/0 + x").evaluate({"x": Value(1.0)}).data)


def test_a_given_number_goes_before_a_constant():
    assert Expression("e").evaluate({"e": 3.0}) == 3.0
    assert Expression("e").evaluate({}) == math.e


@pytest.mark.parametrize(
    ("text", "is_"),
    [("0.5", 0.5), ("-1e-3", -1e-3), ("inf", math.inf), (" 2 ", 2.0), ("pi/4", math.pi / 4), ("sqrt(2)", math.sqrt(2))],
)
def test_numbers(text, is_):
    assert parsed_number(text) == is_


def test_a_symbol_of_one_operation_is_its_primitive():
    value = Expression("x*x").evaluate({"x": Value(2.0)})
    assert value.op is primitives.mul
