"""gradcheck: what it finds, how precisely, and how it says so."""

import math

import pytest

import engine
from engine import Value, gradcheck


def test_gradcheck_shows_yours_beside_the_numeric_value_where_they_differ():
    @engine.primitive
    def wrong(x):
        return x * x, lambda g: (g * x,)

    report = gradcheck(lambda x, y: wrong(x) + y, [Value(3.0, label="width"), 1.0])
    assert not report
    assert not report.ok
    bad, good = report.rows
    assert (bad.input, bad.at, bad.yours, bad.ok) == ("width", 3.0, 3.0, False)
    assert bad.numeric == pytest.approx(6.0)
    assert bad.difference == pytest.approx(-3.0)
    assert (good.input, good.ok) == ("x_2", True)
    lines = repr(report).splitlines()
    assert lines[0] == "gradcheck: 1 of 2 derivatives differ, first width at 3: yours 3, numeric 6"
    assert lines[2].split() == [">", "width", "3", "3", "6", "-3"]
    assert len({len(line) for line in lines[1:4]}) == 1  # aligned


def test_gradcheck_finds_a_gradient_that_is_dropped_or_not_finite():
    assert not gradcheck(lambda x: x * x.detach(), [2.0])
    assert not gradcheck(engine.sqrt, [0.0])
    assert not gradcheck(engine.log, [-1.0])
    assert not gradcheck(lambda x: x * math.nan, [1.0])


def test_gradcheck_is_precise_where_plain_differences_are_not():
    for f, x in (
        (engine.exp, 20.0),
        (engine.log, 1e-3),
        (engine.sqrt, 1e-4),
        (engine.tan, 1.5),
        (engine.relu, 1e-3),
        (lambda x: x * 1e9, 1.0),
        (engine.sin, 1e3),
    ):
        assert gradcheck(f, [x], rtol=1e-9, atol=1e-9)


def test_gradcheck_leaves_grad_alone_and_takes_a_function_of_nothing():
    x = Value(2.0)
    x.grad = 7.0
    assert gradcheck(lambda x: x * x, [x])
    assert x.grad == 7.0
    assert gradcheck(lambda: 3.0, [])
    with pytest.raises(TypeError, match="expected a real number, got \\["):
        gradcheck(lambda x: [x], [1.0])


def test_gradcheck_of_many_inputs_shows_those_that_differ_first():
    report = gradcheck(lambda *xs: engine.sum(xs[:-1]) + xs[-1].detach(), [1.0] * 30)
    lines = repr(report).splitlines()
    assert lines[2].startswith("> x_30 ")
    assert lines[-2] == "(10 more)"


def test_a_notebook_shows_a_table():
    table = gradcheck(lambda x: x * x, [Value(3.0, "<x>")])._repr_html_()
    assert table.startswith("<table")
    assert "&lt;x&gt;" in table
    assert "agree" in table
