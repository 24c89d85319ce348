"""Derivatives as graphs: of any order, and in forward mode."""

import math

import mpmath
import pytest

import engine
from engine import Value, derivative, grad, gradcheck, hessian, jvp, primitives
from engine.primitives import OPERATIONS, power

POWERS = {f"x**{n}": power(n) for n in (0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.5)}
UNARY = {name: ours for name, ours in OPERATIONS.items() if ours.operand_names == ("x",)} | POWERS


def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def wavy(x, y, z):
    return engine.tanh(x * y) / (1 + z**2) + engine.logsumexp([x, y, z]) * engine.sin(z) + engine.norm2([x, y])


def test_grad_is_what_backward_computes_and_touches_no_grad():
    xs = [Value(0.5), Value(-1.5), Value(2.5)]
    y = wavy(*xs)
    slopes = grad(y, xs)
    assert [x._grad for x in xs] == [None, None, None]
    y.backward()
    assert [slope.data for slope in slopes] == pytest.approx([x.grad for x in xs], rel=1e-14)


def test_grad_of_an_inner_node_and_of_one_that_y_does_not_depend_on():
    x, other = Value(3.0), Value(1.0)
    square = x * x
    y = square * square + x
    assert grad(y, square).data == 18.0
    assert grad(y, other).data == 0.0
    assert grad(y, y).data == 1.0
    assert [slope.data for slope in grad(y, [x, square])] == [109.0, 18.0]


def test_backward_through_a_gradient():
    """A loss that contains a gradient, as a gradient penalty does."""
    x = Value(2.0)
    y = x**3
    penalty = grad(y, x) ** 2  # (3 x^2)^2 = 9 x^4
    penalty.backward()
    assert penalty.data == 144.0
    assert x.grad == 36 * 2.0**3


@pytest.mark.parametrize("name", UNARY)
def test_gradients_of_gradients_agree_with_differences(name):
    """Each rule called on Values gives a graph with the right derivative, up to the third order."""
    f = UNARY[name]
    for x in (1.3, 1.7) if name == "arccosh" else (0.3, 0.7):
        assert gradcheck(lambda x: f(x) * x, [x])
        assert gradcheck(lambda x: grad(f(x), x), [x])
        assert gradcheck(lambda x: derivative(derivative(f))(x), [x])


@pytest.mark.parametrize(
    "name",
    [
        "pow",
        "div",
        "mul",
        "maximum",
        "elu",
        "arctan2",
        "hypot",
        "logaddexp",
        "remainder",
        "floor_divide",
        "logical_and",
    ],
)
def test_gradients_of_gradients_of_two_operands(name):
    f = OPERATIONS[name]
    assert gradcheck(lambda x, y: grad(f(x, y), x), [0.8, 1.7])
    assert gradcheck(lambda x, y: grad(f(x, y), y), [0.8, 1.7])


@pytest.mark.parametrize("k", range(3))
def test_gradients_of_gradients_of_a_product(k):
    """At a 0 too, where a division by it would be lost."""
    for xs in ([0.8, -1.7, 0.4], [0.8, 0.0, 0.4], [0.0, 0.0, 2.0]):
        assert gradcheck(lambda *xs: grad(primitives.prod(*xs), xs[k]), xs)


def test_powers_by_a_plain_number_are_right_at_0_to_any_order():
    for n in range(6):
        f = power(n)
        for order in range(8):
            assert f(0.0) == (math.factorial(n) if order == n else 0.0), (n, order)
            f = derivative(f)


@pytest.mark.parametrize("x", [0.0, 1e-9, -0.3, 0.59, 0.61, 1.0, -2.5])
def test_derivatives_of_sinc_keep_their_digits_near_0(x):
    with mpmath.workdps(60):
        for f, order in ((derivative(engine.sinc), 1), (derivative(derivative(engine.sinc)), 2)):
            # sinc(x) is the mean of cos(pi x t) over t from 0 to 1
            exact = mpmath.quad(lambda t, n=order: mpmath.diff(lambda x: mpmath.cos(mpmath.pi * x * t), x, n), [0, 1])
            assert math.isclose(f(x), exact, rel_tol=1e-12, abs_tol=1e-14)


def test_nth_derivatives_agree_with_mpmath():
    def f(x):
        return engine.exp(engine.sin(x)) / (1 + x * x)

    g, x = f, 0.7
    for n in range(5):
        exact = mpmath.diff(lambda x: mpmath.exp(mpmath.sin(x)) / (1 + x * x), x, n)
        assert math.isclose(g(x), exact, rel_tol=1e-10)
        g = derivative(g)


def test_hessian_is_symmetric_and_right():
    x, y = Value(-1.2), Value(1.0)
    (xx, xy), (yx, yy) = hessian(rosenbrock(x, y), [x, y])
    assert math.isclose(xx.data, 2 - 400 * (1.0 - 3 * 1.44))
    assert math.isclose(xy.data, 400 * 1.2)
    assert xy.data == yx.data
    assert yy.data == 200.0
    xs = [Value(0.5), Value(-1.5), Value(2.5)]
    rows = hessian(wavy(*xs), xs)
    for j in range(3):
        for k in range(3):
            assert math.isclose(rows[j][k].data, rows[k][j].data, rel_tol=1e-12, abs_tol=1e-15)


@pytest.mark.parametrize("f", [rosenbrock, wavy])
def test_forward_mode_agrees_with_backward(f):
    at, v = [0.4, -0.9, 1.3], [1.0, -2.0, 0.5]
    n = 2 if f is rosenbrock else 3
    y, tangent = jvp(f, at[:n], v[:n])
    xs = [Value(x) for x in at[:n]]
    f(*xs).backward()
    assert y.data == f(*at[:n])
    assert math.isclose(tangent.data, sum(x.grad * d for x, d in zip(xs, v)), rel_tol=1e-12)


def test_jvp_says_what_is_wrong_and_is_zero_for_a_constant():
    with pytest.raises(ValueError, match="jvp at 2 numbers in a direction of 1"):
        jvp(rosenbrock, [1.0, 2.0], [1.0])
    assert jvp(lambda x: 5.0, [1.0], [1.0])[1].data == 0.0


def test_derivative_of_a_float_is_a_float_and_of_a_value_a_value():
    assert type(derivative(engine.tanh)(0)) is float
    assert type(derivative(engine.tanh)(Value(0.0))) is Value
    assert derivative(lambda x: 7.0)(1.0) == 0.0
    assert derivative(engine.relu)(0.0) == 0.0
    assert derivative(abs)(0.0) == 0.0


def test_a_function_is_differentiated_inside_no_grad_too():
    with engine.no_grad():
        assert derivative(engine.exp)(0.0) == 1.0
        assert jvp(engine.exp, [0.0], [3.0])[1].data == 3.0
        assert gradcheck(engine.exp, [0.0])
        assert not (Value(1.0) * 2).parents


def test_conditions_inside_rules_decide_afresh_on_both_sides():
    assert [derivative(derivative(lambda x: engine.relu(x) * x))(x) for x in (-1.0, 2.0)] == [0.0, 2.0]


def test_higher_derivatives_of_deep_graphs_do_not_recurse():
    x = Value(1.0)
    y = x
    for _ in range(5000):
        y = y * 1.0001
    slope = grad(y, x)
    assert math.isclose(slope.data, 1.0001**5000)
    assert grad(slope, x).data == 0.0


def test_jvp_tells_two_inputs_apart_even_if_they_are_one_value() -> None:
    x = Value(3.0)
    y, tangent = jvp(lambda a, b: a * a * b, [x, x], [0.0, 1.0])
    assert (y.data, tangent.data) == (27.0, 9.0)
    assert jvp(lambda a, b: a * a * b, [x, x], [1.0, 2.0])[1].data == 36.0


def test_a_wrong_pullback_is_named_in_derivatives_too():
    @engine.primitive
    def short(x, y):
        return x * y, lambda g: (g,)

    x, y = Value(1.0), Value(2.0)
    with pytest.raises(TypeError, match="the pullback of short returned 1 contributions for 2 operands"):
        engine.grad(short(x, y), [x, y])
