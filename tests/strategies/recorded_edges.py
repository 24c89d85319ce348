"""What PyTorch computed at the edges of every primitive, and where we differ from it on purpose."""

import json
import math
from functools import reduce
from operator import mul
from pathlib import Path

import mpmath

from engine.primitives import OPERATIONS, power

RECORDED = json.loads((Path(__file__).parents[1] / "data" / "torch_edges.json").read_text())
TORCH = RECORDED.pop("torch")
POWERS = {operation.formula: operation for operation in map(power, (0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.5))}
OURS = OPERATIONS | POWERS
INF, NAN, TINY = math.inf, math.nan, 2.2250738585072014e-308

# Where we differ from PyTorch on purpose: (primitive, operands) -> our value and gradient. More below, by formulas.
ON_PURPOSE = {
    # nan is not a number to have a sign: it propagates, where PyTorch's sign makes it a 0 that hides it
    ("sign", (NAN,)): (NAN, [0.0]),
    ("abs", (NAN,)): (NAN, [NAN]),
    # far below 0 it is a 0 plus a -0, where PyTorch's is 0 times a negative number
    ("silu", (-1e308,)): (-0.0, [0.0]),
    ("silu", (-1000.0,)): (-0.0, [0.0]),
    # scaled, so that nothing overflows on the way to a length that is a float; PyTorch's squares overflow, or vanish
    ("norm2", (1e200, -1e200, 1.0)): (2**0.5 * 1e200, [0.5**0.5, -(0.5**0.5), 0.5**0.5 * 1e-200]),
    ("norm2", (1e308, 1e308, -1e308)): (3**0.5 * 1e308, [3**-0.5, 3**-0.5, -(3**-0.5)]),
    ("norm2", (-1e308, 1.0, -1e308)): (2**0.5 * 1e308, [-(0.5**0.5), 0.5**0.5 * 1e-308, -(0.5**0.5)]),
    ("norm2", (TINY, -TINY, -0.0)): (2**0.5 * TINY, [0.5**0.5, -(0.5**0.5), -0.0]),
    # PyTorch's x**2 overflows on the way to a derivative that is a float
    ("arcsinh", (1e308,)): (math.asinh(1e308), [1e-308]),
    ("arcsinh", (-1e308,)): (-math.asinh(1e308), [1e-308]),
    ("arccosh", (1e308,)): (math.acosh(1e308), [1e-308]),
    # PyTorch's formula cancels: near 0, where it has 0, and far out
    **{("sinc", (x,)): (1.0, [-math.pi**2 / 3.0 * x]) for x in (-1e-9, -TINY, 0.0, TINY, 1e-9)},
    ("softsign", (-1e19,)): (-1.0, [1e-38]),
    ("softsign", (INF,)): (NAN, [0.0]),
    ("softsign", (-INF,)): (NAN, [0.0]),
    # no derivative where there is no value: PyTorch's is that of the formula for x > 1
    **{
        ("arccosh", (x,)): (NAN, [NAN])
        for x in (-INF, -1e308, -1e19, -1000.0, -740.0, -27.0, -3.5, -2.5, -2.0, -1.5, -1.0)
    },
}  # fmt: skip


def key(name, operands):
    return name, tuple(map(repr, operands))


EXPECTED = {
    key(name, operands): (value, derivatives)
    for name, rows in RECORDED.items()
    for operands, [value], derivatives in ([[float(text) for text in texts] for texts in row] for row in rows)
}


def same(ours, theirs):
    """The same number up to the last bits; nan is nan."""
    return math.isnan(ours) if math.isnan(theirs) else math.isclose(ours, theirs, rel_tol=1e-12)


def same_sign_of_zero(ours, theirs):
    return ours != 0.0 or theirs != 0.0 or math.copysign(1.0, ours) == math.copysign(1.0, theirs)


def agrees(value, derivatives, expected):
    """Whether a value and derivatives are those expected, each with the sign of its zero."""
    theirs = [expected[0], *expected[1]]
    return all(same(x, y) and same_sign_of_zero(x, y) for x, y in zip([value, *derivatives], theirs))


def product(*xs):
    """The product, and that of the others as the derivatives: PyTorch divides by x what may be infinite, 0 or nan."""
    return reduce(mul, xs, 1.0), [reduce(mul, [*xs[:k], *xs[k + 1 :]], 1.0) for k in range(len(xs))]


def angle(x, y):
    """The angle, and its derivatives for finite numbers of any size: PyTorch's x**2 + y**2 overflows, or vanishes."""
    if not (math.isfinite(x) and math.isfinite(y)):
        return None
    square = mpmath.mpf(x) ** 2 + mpmath.mpf(y) ** 2
    return math.atan2(x, y), [math.copysign(mpmath.mpf(z) / square if square else 0.0, z) for z in (y, -x)]


def bounded(x, low, high):
    """Moving two equal bounds moves the value: for an x below them one gets the adjoint, where PyTorch's neither does.

    (Above them PyTorch's upper bound gets it.)
    """
    return (low, [0.0, 1.0, 0.0]) if x < low == high else None


DIFFERENT = {key(*case): expected for case, expected in ON_PURPOSE.items()}
for case, expected in EXPECTED.items():
    rule = {"prod": product, "arctan2": angle, "clip": bounded}.get(case[0])
    ours = rule and rule(*map(float, case[1]))
    if ours and not agrees(*ours, expected):
        DIFFERENT[case] = ours


def cases_of(name):
    """(operands, expected value and derivatives) of a primitive: PyTorch's, or ours where we differ on purpose."""
    return [
        ([float(text) for text in case[1]], DIFFERENT.get(case, expected))
        for case, expected in EXPECTED.items()
        if case[0] == name
    ]
