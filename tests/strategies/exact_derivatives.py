"""Values and derivatives of the printed formulas to 50 digits and more, and how far a float may be from them.

The derivatives are SymPy's, of the formula that a primitive prints, so no rule has a part in them. They are evaluated
with mpmath to as many digits as it takes for two precisions to agree.

A float f is right if it is within 4 units in the last place of the exact number, or within what the rounding of the
operands alone does to it: for f at x, the derivative of f times x times 2**-52.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import mpmath
import sympy as sp

from docs.proofs.proving import Operands, evaluated, parsed
from docs.proofs.symbolic import Point, lambdified, regions, shown
from engine.primitives import Primitive

Orders = tuple[int, ...]  # how many times differentiated with respect to each operand

PRECISIONS = [50, 60, 420, 430, 1600, 1610]  # what cancels differs from one to the next
ULPS = 4.0
SUBNORMAL = 1e-318  # numbers below 2.2e-308 have fewer digits, and so has what is computed from them


class Exact(NamedTuple):
    """A number, and how far from it is still right."""

    number: Any
    allowed: Any

    def rejects(self, found: float, listed: float = 0.0) -> bool:
        """Whether a float is not this number. `listed`: what more it may be off by."""
        if self.number is None:  # mathematics has none
            return not math.isnan(found)
        nearest = float(self.number)
        if math.isinf(nearest) or math.isnan(found):
            return found != nearest
        if math.isinf(found):
            return abs(self.number) + self.allowed < 1.7976931348623157e308
        return abs(mpmath.mpf(found) - self.number) > self.allowed + listed + ULPS * math.ulp(nearest) + SUBNORMAL

    def ulps(self, found: float) -> float:
        """How far off a float is, in units in the last place."""
        if self.number is None or not math.isfinite(found):
            return math.inf
        return float(abs(mpmath.mpf(found) - self.number) / math.ulp(float(self.number)))


def exact_numbers(
    primitive: Primitive, points: list[list[float]], orders: list[Orders], n: int = 2
) -> Iterator[tuple[list[float], dict[Orders, Exact]]]:
    """For each point, but for poles, the numbers of these orders; of any number of operands, for x_1 to x_n."""
    operands = Operands(primitive, n, real=True)
    symbols = operands.flat
    for region in regions([dict(zip(symbols, point)) for point in points]):
        formula = evaluated(parsed(primitive.formula, n), region, operands.names)
        wanted = [_differentiated(formula, symbols, each) for each in orders]
        sensitive = [[sp.diff(expression, x) for x in symbols] for expression in wanted]
        evaluate = lambdified(symbols, [wanted, sensitive])
        for point in region.points:
            try:
                yield [*point.values()], dict(zip(orders, _evaluated(evaluate, point), strict=True))
            except ZeroDivisionError:
                continue


def _differentiated(formula: sp.Expr, symbols: list[sp.Symbol], orders: Orders) -> sp.Expr:
    pairs = [(x, order) for x, order in zip(symbols, orders) if order]
    return functools.reduce(lambda e, pair: sp.diff(e, *pair), pairs, formula)


def _evaluated(evaluate: Any, point: Point) -> list[Exact]:
    xs = [*map(mpmath.mpf, point.values())]
    before: list[Any] = []
    for digits in PRECISIONS:
        with mpmath.workdps(digits):
            numbers, sensitive = evaluate(*xs)
            real = [None if mpmath.im(number) or mpmath.isnan(number) else mpmath.re(number) for number in numbers]
            allowed = [mpmath.fsum(abs(x * s) for x, s in zip(xs, ss)) * 2.0**-52 for ss in sensitive]
        found = [Exact(number, bound) for number, bound in zip(real, allowed)]
        if before and all(_agree(x, y, digits) for x, y in zip(before, real)):
            return found
        before = real
    raise ArithmeticError(f"{PRECISIONS[-1]} digits do not tell the numbers at {shown(point)}")


def _agree(x: Any, y: Any, digits: int) -> bool:
    if x is None or y is None:
        return x is y
    if digits > 400 and abs(x - y) < mpmath.mpf(10) ** -340:  # both are 0 to a float
        return True
    return bool(y != 0 and abs(x - y) <= abs(y) * mpmath.mpf(10) ** -25)
