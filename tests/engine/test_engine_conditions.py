"""Nothing is passed on through a condition or a step function, in every kind of adjoint pass.

In each case the derivative of log, which is infinite at 0, lies behind the condition: a derivative of 0 that is passed
on as a number would come out as 0 times infinity, nan.
"""

import math

import pytest

import engine
from engine import Value, compile, derivative, detect_anomaly, explain, grad, jvp, log, primitives, relu, where
from engine.graph import topological_order
from engine.render.elements import elements

DECIDED = {  # functions of x and of log(x), each with its derivative by x at 0
    "where": (lambda x: where(primitives.less(log(x), 1.0), 2.0 * x, 3.0), 2.0),
    "where, by the number itself": (lambda x: where(log(x), 2.0 * x, 3.0), 2.0),
    "less_equal": (lambda x: 2.0 * x + primitives.less_equal(log(x), 1.0), 2.0),
    "greater": (lambda x: 2.0 * x + primitives.greater(1.0, log(x)), 2.0),
    "equal": (lambda x: 2.0 * x + primitives.equal(log(x), log(x)), 2.0),
    "not_equal": (lambda x: 2.0 * x + primitives.not_equal(log(x), x), 2.0),
    "logical_and": (lambda x: 2.0 * x + primitives.logical_and(log(x), x), 2.0),
    "logical_or": (lambda x: 2.0 * x + primitives.logical_or(log(x), x), 2.0),
    "logical_not": (lambda x: 2.0 * x + primitives.logical_not(log(x)), 2.0),
    "sign": (lambda x: 2.0 * x + primitives.sign(log(x)), 2.0),
    "floor": (lambda x: 2.0 * x + engine.floor(where(primitives.less(log(x), 1.0), x, 1.0)), 2.0),
    "floor_divide": (lambda x: 2.0 * x + 1.0 // log(x), 2.0),
    "x**0": (lambda x: 2.0 * x + log(x) ** 0, 2.0),
    "far behind": (lambda x: 2.0 * x + primitives.less(log(x) * 2.0 + 1.0, engine.exp(log(x))), 2.0),
    "nothing else": (lambda x: 3.0 * primitives.less(log(x), 1.0), 0.0),
}


def at_zero(f):
    x = Value(0.0, "x")
    return x, f(x)


@pytest.mark.parametrize(("f", "slope"), DECIDED.values(), ids=DECIDED)
def test_backward(f, slope):
    x, y = at_zero(f)
    y.backward()
    assert x.grad == slope
    assert math.copysign(1.0, x.grad) == 1.0
    assert all(math.isfinite(node.grad) for node in topological_order(y))
    y.backward()  # and once more: the inner nodes begin again, the leaf adds up
    assert x.grad == 2.0 * slope


@pytest.mark.parametrize(("f", "slope"), DECIDED.values(), ids=DECIDED)
def test_derivatives_as_graphs(f, slope):
    x, y = at_zero(f)
    assert grad(y, x).data == jvp(f, [0.0], [1.0])[1].data == slope


@pytest.mark.parametrize("backend", ["numpy", "jax", "native"])
@pytest.mark.parametrize(("f", "slope"), DECIDED.values(), ids=DECIDED)
def test_compiled(f, slope, backend):
    assert compile(lambda x: derivative(f)(x), backend=backend)(0.0) == slope


@pytest.mark.parametrize(("f", "slope"), DECIDED.values(), ids=DECIDED)
def test_explained_path_by_path(f, slope):
    x, y = at_zero(f)
    told = explain(y, x)
    assert told.derivative == told.total == slope
    assert all(math.isfinite(path.product) for path in told.paths)


@pytest.mark.parametrize(("f", "slope"), DECIDED.values(), ids=DECIDED)
def test_drawn(f, slope):
    _, y = at_zero(f)
    drawn = elements([y], {*topological_order(y)}, params={}, adjoints=True)
    assert [element.adjoint for element in drawn if element.label == "x"] == [slope]
    assert all(math.isfinite(contribution) for element in drawn for contribution in element.passed_on)


def test_detect_anomaly_does_not_raise_for_what_is_not_passed_on():
    with detect_anomaly():
        x = Value(1e-310)  # log is finite, its derivative is not
        y = where(primitives.less(log(x), 1.0), 2.0 * x, 3.0)
        y.backward()
        assert x.grad == 2.0
        with pytest.raises(FloatingPointError, match="the pullback of log"):
            (log(x) * 2.0).backward()


def test_a_computed_0_still_meets_an_infinity():
    """As in PyTorch: relu's slope of 0 times log's of infinity is nan, unlike no derivative at all."""
    for f in (lambda x: relu(log(x)), lambda x: where(primitives.less(x, 1.0), x, log(x))):
        x, y = at_zero(f)
        y.backward()
        assert math.isnan(x.grad)
        assert math.isnan(grad(y, x).data)


def test_the_gradient_that_a_leaf_had_stays():
    x = Value(0.0)
    x.grad = -5.0
    primitives.less(log(x), 1.0).backward()
    assert x.grad == -5.0
