"""Value, first, second and third derivative of every primitive against 50-digit arithmetic, from 1e-300 to 700.

What is right, `exact_derivatives` says: 4 units in the last place, or what the rounding of the operands does to it.
Kinks, ties and infinities are not here: tests/engine/test_engine_edges.py has them, as PyTorch has them.
"""

import builtins
import itertools
import math
import random

import pytest
from exact_derivatives import exact_numbers

import engine
from docs.proofs.proving import Operands
from engine import Value, compile, grad, hessian
from engine.primitives import OPERATIONS

pytestmark = pytest.mark.usefixtures("untraced")

ONE = [name for name, op in OPERATIONS.items() if len(op.operand_names) == 1 and not op.takes_any_number]
SEVERAL = [name for name in OPERATIONS if name not in ONE]

TINY = [1e-300, 3e-250, 1e-200, 7e-150, 1e-100, 2e-50, 1e-20, 1e-12, 1e-8, 3e-6]
GROWING = [10 ** (-5 + k * 7.84 / 79) for k in range(80)]  # to 692
ROUND = [0.25, 0.5, 2.0, 8.0, 12.0, 20.0, 37.0, 38.0, 40.0, 600.0, 700.0]
POINTS = [side * x for side in (1.0, -1.0) for x in sorted({*TINY, *GROWING, *ROUND})]

EPSILON = 2.0**-52
LEAST = dict.fromkeys(
    ("pow", "norm2", "hypot", "arctan2"), 1e-90
)  # of smaller ones a power on the way to the third derivative overflows


def listed(name, xs, orders, exact):
    """What more a number may be off by: the limits of single rules, each with its reason."""
    order = builtins.sum(orders)
    if name == "mish" and order:  # near the zeros of its derivatives, a sum of larger terms of opposite sign
        return (2.0, 1.0, 2.0)[order - 1] * EPSILON * math.exp(-builtins.abs(xs[0]))
    if name == "softsign" and order == 3:  # 1 + x is rounded, and counts four times
        return EPSILON * builtins.abs(exact[orders].number)
    if name == "pow":  # the exponent y - 1 is rounded, and counts by the logarithm of x
        return order * EPSILON * builtins.abs(exact[orders].number or 0.0) * builtins.abs(math.log(builtins.abs(xs[0])))
    if name == "logsumexp" and not order:  # the logarithm of a sum from 1 on
        return EPSILON
    if name == "logsumexp":  # the probability p has the rounding of the value, and p - p^2 that of p
        size = 4.0 * order**2 + 2.0 * builtins.max(map(builtins.abs, xs))
        return size * EPSILON * builtins.max(exact[first].number for first in firsts(orders))
    if name in ("norm2", "hypot") and order > 1:  # (1 - x^2 / length^2) / length where x is nearly the whole length
        return 16.0 * EPSILON / math.hypot(*xs) ** (order - 1)
    return 0.0


def firsts(orders):
    """The first derivatives with respect to each operand that these orders differentiate by."""
    return [tuple(int(j == k) for j in range(len(orders))) for k, order in enumerate(orders) if order]


def rejected(name, xs, orders, found, exact):
    """A line of the report on a number that is not right; None for one that is."""
    truth = exact[orders]
    if not truth.rejects(found, listed(name, xs, orders, exact)):
        return None
    number = "none" if truth.number is None else f"{float(truth.number)!r}, {truth.ulps(found):.3g} units off"
    return f"{name}({', '.join(map(repr, xs))}), derivative {orders}: {found!r} for {number}"


@pytest.mark.slow
@pytest.mark.parametrize("name", ONE)
def test_value_and_three_derivatives_of_one_operand(name):
    wrong, none = [], 0
    for (x,), exact in exact_numbers(OPERATIONS[name], [[x] for x in POINTS], [(0,), (1,), (2,), (3,)]):
        leaf = Value(x)
        y = OPERATIONS[name](leaf)
        if exact[0,].number is None:  # outside the domain the value is nan, and derivatives are whatever PyTorch has
            none += 1
            wrong.append(rejected(name, (x,), (0,), y.data, exact))
            continue
        y.backward()
        wrong.append(rejected(name, (x,), (1,), leaf.grad, exact))
        for order in range(4):
            wrong.append(rejected(name, (x,), (order,), y.data, exact))
            y = grad(y, leaf)
    wrong = [line for line in wrong if line]
    assert not wrong, "\n".join(wrong)
    assert none < 0.9 * len(POINTS)


def points(name, count, size):
    """Operands from 1e-300 to 700 on both sides; half of the points are of moderate ones. None is a tie."""
    draw = random.Random(name)
    least = math.log10(LEAST.get(name, 1e-300))
    for k in range(size):
        yield [
            draw.choice((1.0, -1.0)) * 10 ** (draw.uniform(-2.0, 1.5) if k % 2 else draw.uniform(least, 2.84))
            for _ in range(count)
        ]


def several_orders(count):
    """The value, each operand's first, second and third derivative, and each pair's mixed second one."""
    for k in range(count):
        yield from (tuple(order if j == k else 0 for j in range(count)) for order in range(4))
    for pair in itertools.combinations(range(count), 2):
        yield tuple(int(j in pair) for j in range(count))


def number(y, leaves, orders):
    """A derivative of y: first with respect to the last operand, so that mixed ones are taken in both orders."""
    for leaf, order in zip(leaves, orders):
        for _ in range(order):
            y = grad(y, leaf)
    return y.data


@pytest.mark.slow
@pytest.mark.parametrize("name", SEVERAL)
def test_value_and_derivatives_of_several_operands(name):
    count = len(Operands(OPERATIONS[name], 2).flat)
    orders = [*dict.fromkeys(several_orders(count))]
    wrong = []
    for xs, exact in exact_numbers(OPERATIONS[name], [*points(name, count, 150)], orders):
        leaves = [Value(x) for x in xs]
        y = OPERATIONS[name](*leaves)
        if exact[(0,) * count].number is None:
            assert math.isnan(y.data)
            continue
        for orders in exact:
            wrong.append(rejected(name, (*xs,), orders, number(y, leaves, orders), exact))
            if builtins.sum(orders) > 1:
                wrong.append(rejected(name, (*xs,), orders, number(y, leaves[::-1], orders[::-1]), exact))
        y.backward()
        for k, leaf in enumerate(leaves):
            first = tuple(int(j == k) for j in range(count))
            wrong.append(rejected(name, (*xs,), first, leaf.grad, exact))
    wrong = [line for line in wrong if line]
    assert not wrong, "\n".join(wrong)


# Where digits were lost before: each with its number to 50 digits, rounded --------------------------------------------


@pytest.mark.parametrize(
    ("f", "order", "x", "exact"),
    [
        (lambda x: 3.0 * x**0, 2, 0.0, 0.0),
        (lambda x: x**2, 4, 0.0, 0.0),
        (lambda x: x**3, 3, 0.0, 6.0),
        (lambda x: x**3, 5, -0.0, 0.0),
        (engine.elu, 1, -37.0, 8.533047625744066e-17),
        (engine.elu, 1, -38.0, 3.1391327920480296e-17),
        (engine.elu, 2, 1000.0, 0.0),
        (engine.gelu, 0, -8.0, -4.976768459417427e-15),
        (engine.gelu, 0, -12.0, -2.1317785344932147e-32),
        (engine.expm1, 1, -40.0, 4.248354255291589e-18),
        (engine.tanh, 1, 20.0, 1.6993417021166355e-17),
        (engine.tanh, 1, -300.0, 1.0601586212017243e-260),
        (engine.sigmoid, 1, 40.0, 4.248354255291589e-18),
        (engine.softplus, 2, 40.0, 4.248354255291589e-18),
        (engine.silu, 2, 40.0, -1.6143746170108038e-16),
        (engine.erfc, 0, 10.0, 2.088487583762545e-45),
    ],
)
def test_digits_that_were_lost(f, order, x, exact):
    leaf = Value(x)
    y = f(leaf)
    for _ in range(order):
        y = grad(y, leaf)
    assert y.data == pytest.approx(exact, rel=2e-14, abs=0.0)
    textbook = f in (engine.tanh, engine.sigmoid, engine.softplus, engine.silu) and order
    assert compile(y)() == pytest.approx(exact, rel=2e-14, abs=1e-14 if textbook else 0.0)


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (2.0, 0.0, [[0.0, 0.5], [0.5, math.log(2.0) ** 2]]),  # d2/dxdy x^y at y = 0 is 1/x
        (0.5, 0.0, [[0.0, 2.0], [2.0, math.log(2.0) ** 2]]),
        (0.0, 0.0, [[0.0, 0.0], [0.0, 0.0]]),
        (0.0, 2.0, [[2.0, 0.0], [0.0, 0.0]]),
        (0.0, 3.0, [[0.0, 0.0], [0.0, 0.0]]),
        (-2.0, 2.0, [[2.0, math.nan], [math.nan, math.nan]]),
    ],
)
def test_hessian_of_a_power_at_its_edges(x, y, expected):
    x, y = Value(x), Value(y)
    for found, true in zip(hessian(x**y, [x, y]), expected):
        assert [number.data for number in found] == pytest.approx(true, rel=1e-15, nan_ok=True)
