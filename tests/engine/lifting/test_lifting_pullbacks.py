"""Gradients where the array form is easily mistaken: one array for several nodes, one number for several adjoints."""

from collections.abc import Callable

import numpy as np
import pytest

import engine
from engine import Value, compile, primitive


@primitive
def half_exp(x):
    """The numbers of exp, half of its derivative."""
    y = engine.exp(x)
    return y, lambda g: (0.5 * g * y,)


@primitive
def reversal(x):
    """The numbers of its operand, the opposite derivative."""
    return x, lambda g: (-g,)


@primitive
def straight_through(x):
    """A constant with a derivative."""
    return 1, lambda g: (g,)


@primitive
def second_of(*xs):
    return xs[1], lambda g: (0.0, g, *[0.0] * (len(xs) - 2))


@primitive
def reduced(x, y):
    """Every reduction inside a rule: of one number, of several, and of a number that is the same for all."""
    largest, smallest = engine.max(x, y, 0.1), engine.min(x, y)
    length, soft = engine.norm2([x, y]), engine.logsumexp([x, y, 1.0])
    total = (
        engine.weighted_sum([x, 2.0], [y, x], y) + engine.dot([x, x], [y, 1.0]) + engine.mean([x, y]) + engine.sum([x])
    )
    alone = engine.norm2([x]) + engine.logsumexp([y]) + engine.max([x])
    return largest * smallest + length + soft + total + alone, lambda g: (
        g * engine.exp(x - soft),
        g * engine.max(x, y) / length,
    )


def check(f: Callable, leaves: list[Value], rows: list[float], backend: str = "numpy") -> None:
    """Compiled, f gives the values and the gradient of the mean that it gives eagerly."""
    for leaf in leaves:
        leaf.grad = None
    eager = [f(x) for x in rows]
    engine.mean(eager).backward()
    expected = [leaf.grad for leaf in leaves]
    for leaf in leaves:
        leaf.grad = None
    compiled = compile(f, backend)
    np.testing.assert_allclose(compiled(rows), [y.data for y in eager], rtol=1e-12)
    compiled.backward(rows)
    np.testing.assert_allclose([leaf.grad for leaf in leaves], expected, rtol=1e-12)


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.detach() * t,
        lambda t: t.detach() + t,
        lambda t: half_exp(t) + engine.exp(t),
        lambda t: engine.exp(t) * half_exp(t) * engine.exp(t),
        lambda t: reversal(t) * t + reversal(reversal(t)),
        lambda t: straight_through(t) * t,
        lambda t: second_of(t, 2.0 * t, t * t) + second_of(t, 3.0) + 2.0 * t,
        lambda t: reduced(t, t * t) + reduced(2.0, t),
        lambda t: engine.where(1.0, t, 0.0) * t,
        lambda t: (t**1.0) * t,
    ],
)
@pytest.mark.parametrize("backend", ["numpy", "native"])
def test_a_primitive_keeps_its_own_pullback(f: Callable, backend: str) -> None:
    ws = [Value(0.5), Value(-1.5), Value(0.8)]
    check(lambda x: engine.sum([f(w * x) for w in ws]), ws, [0.7, -1.2], backend)
    check(lambda x: f(ws[0] * x) + ws[1] * ws[2], ws, [0.7], backend)
    check(lambda x: engine.sum([f(w) * x for w in ws]), ws, [0.7, -1.2], backend)


def test_equal_numbers_with_different_derivatives_at_a_kink() -> None:
    ws = [Value(0.0), Value(1.0), Value(-1.0)]
    check(lambda x: x * engine.sum([engine.relu(w) + engine.maximum(w, 0.0) for w in ws]), ws, [1.0, 3.0])


def test_what_is_broadcast_gets_the_adjoints_of_all() -> None:
    """A sum gives all its terms one adjoint; the number that several of those terms share gets it several times."""
    ws = [Value(0.5), Value(-1.5), Value(0.8)]

    def f(x: Value) -> Value:
        shared = engine.tanh(ws[0] * x)
        return engine.sum([engine.where(1.0, w * x - shared, 0.0) for w in ws])

    check(f, ws, [0.7, -1.2])
    check(lambda x: engine.sum([second_of(w, w * x - engine.exp(ws[0])) for w in ws]), ws, [0.7])


def test_a_pullback_with_too_few_contributions_is_named() -> None:
    @primitive
    def forgetful(x, y):
        return x * y, lambda g: (g * y,)

    w = Value(2.0)
    with pytest.raises(TypeError, match="pullback of forgetful returned 1 contributions for 2 operands"):
        compile(lambda x: forgetful(w, x))(1.0)


def test_what_a_chain_takes_of_a_long_argument_is_not_copied_whole() -> None:
    def numbers_per_row(steps: int) -> int:
        def f(x: list) -> Value:
            h = 0.0
            for each in x:
                h = engine.logsumexp([each, h])
            return h

        compiled = compile(f)
        compiled([0.1] * steps)
        return compiled.program.numbers_per_row

    assert numbers_per_row(80) < 3 * numbers_per_row(40)
