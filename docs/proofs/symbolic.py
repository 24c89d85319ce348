"""Rules and printed formulas read with SymPy: one more thing that a rule may be read with.

A `Symbolic` stands in for a number. It takes part in the engine's arithmetic as a Value or an array does, so that a
primitive's own rule, called with Symbolics, gives its value and its pullback as SymPy expressions; and the formulas
that primitives print are Python expressions, which Symbolics evaluate as well.

Choices (where, maximum, sign, floor and so on) are made case by case. A *region* is a set of sample points on which
every comparison met so far comes out alike. A comparison that comes out differently splits the region: the larger part
goes on, the other one waits for a proof of its own. So every case that has a sample point is looked at, none that
cannot occur, and SymPy never sees a Piecewise.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import mpmath
import sympy as sp

from engine.operand import Operators
from engine.primitives import Elementary, Primitive

Point = dict[sp.Symbol, float]

DIGITS = 40  # with which a difference is evaluated at a sample point


class Refused(Exception):  # noqa: N818  what it says is no error of this program
    """A statement that is wrong, or that could not be proved."""


class Region:
    """The sample points of one case. Comparisons of expressions are answered for all of them alike.

    Attributes:
        points: the sample points.
        signs: the expressions that were compared with 0 so far, and the sign of each in this case.
    """

    def __init__(self, points: list[Point], waiting: list[list[Point]]) -> None:
        self.points = points
        self._waiting = waiting
        self.signs: dict[sp.Expr, int] = {}

    def sign(self, expression: sp.Expr) -> int:
        """-1, 0 or 1: the expression's sign in this region, which is made smaller if there are several."""
        if expression.is_number:
            return int(sp.sign(expression))
        if expression not in self.signs:
            parts: dict[int, list[Point]] = {}
            evaluate = lambdified([*self.points[0]], expression)
            for point in self.points:
                with mpmath.workdps(DIGITS):
                    value = evaluate(*map(mpmath.mpf, point.values()))
                if value.imag:
                    raise Refused(f"{expression} is not real at {shown(point)}")
                parts.setdefault((value > 0) - (value < 0), []).append(point)
            sign, self.points = max(parts.items(), key=lambda part: len(part[1]))
            self._waiting += [points for other, points in parts.items() if other != sign]
            self.signs[expression] = sign
        return self.signs[expression]


def shown(point: Point) -> str:
    """A point as text: x = 0.11."""
    return ", ".join(f"{symbol} = {number:.4g}" for symbol, number in point.items())


def regions(points: list[Point]) -> Iterator[Region]:
    """A region at a time, until every point has been in one. Each is to be computed with from the beginning."""
    waiting = [points]
    while waiting:
        yield Region(waiting.pop(), waiting)


def _comparison(name: str) -> Callable[..., Symbolic]:
    return lambda self, other: meant(name, self.region, (self, other))


class Symbolic(Operators):
    """A SymPy expression that stands in for a number, within a region."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, expression: sp.Expr, region: Region) -> None:
        self.expression = expression
        self.region = region

    def __repr__(self) -> str:
        return f"<symbolic {self.expression}>"

    def __primitive__(self, primitive: Primitive, operands: tuple[Any, ...]) -> Symbolic:
        if not isinstance(primitive, Elementary):
            result: Symbolic = primitive.rule(*operands)[0]
            return result
        if primitive.name not in MEANINGS:
            raise LookupError(f"no meaning is given for {primitive.name}: give it one in {__file__}")
        return meant(primitive.name, self.region, operands)

    __lt__, __le__, __gt__, __ge__, __eq__, __ne__ = map(  # type: ignore[assignment]
        _comparison, ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")
    )


def meant(name: str, region: Region, operands: tuple[Any, ...]) -> Symbolic:
    """What a name means, of Symbolics and numbers."""
    return Symbolic(MEANINGS[name](region, *[exact(operand) for operand in operands]), region)


# Numbers in rules are floats. They are the nearest to an exact number, which is what is meant.

_FACTORS = [sp.Integer(1), sp.sqrt(2), sp.sqrt(sp.pi), sp.sqrt(2 * sp.pi), sp.sqrt(3), sp.pi, sp.log(2), sp.log(10)]
_MEANT = [*_FACTORS, *[1 / factor for factor in _FACTORS[1:]], sp.sqrt(2 / sp.pi), sp.log(2) / sp.log(10)]


@functools.cache
def _nearest(number: float) -> sp.Expr:
    """The simplest of a small fraction times a well-known constant that rounds to a float; else its decimal digits."""
    if not math.isfinite(number):
        return {math.inf: sp.oo, -math.inf: -sp.oo}.get(number, sp.nan)
    for factor in _MEANT:
        ratio = Fraction(number / float(factor)).limit_denominator(256)
        if ratio.numerator < 4096 and math.isclose(float(ratio * Fraction(float(factor))), number, rel_tol=4e-16):
            return sp.Rational(ratio.numerator, ratio.denominator) * factor
    return sp.Rational(repr(number))


def exact(number: Any) -> Any:
    """The expression of a Symbolic or of a number; of a list, that of each."""
    if isinstance(number, Symbolic):
        return number.expression
    if isinstance(number, list):
        return [exact(element) for element in number]
    return sp.Integer(number) if isinstance(number, int) else _nearest(float(number))


# What each elementary operation means, and the few others that printed formulas name. A region comes first, for those
# that choose.


class _Step(sp.Function):  # type: ignore[misc]
    """A function that is constant between its jumps: its derivative is 0 away from them."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:  # noqa: ARG002
        return sp.Integer(0)


class Floor(_Step):
    """The largest whole number that is not larger."""


class Round(_Step):
    """The nearest whole number, of two the even one."""


_ARITHMETIC = [{"Floor": mpmath.floor, "Round": mpmath.nint}, "mpmath"]


def lambdified(symbols: list[sp.Symbol], expression: Any) -> Callable[..., Any]:
    """An expression as a function of mpmath's numbers."""
    return sp.lambdify(symbols, expression, modules=_ARITHMETIC, cse=True)  # type: ignore[no-any-return]


def _truth(region: Region, x: sp.Expr) -> bool:
    return region.sign(x) != 0


def _compare(holds: Callable[[int, int], bool]) -> Callable[..., sp.Expr]:
    return lambda region, x, y: sp.Integer(holds(region.sign(x - y), 0))


def _choose(region: Region, condition: sp.Expr, x: sp.Expr, y: sp.Expr) -> sp.Expr:
    return x if _truth(region, condition) else y


def _largest(region: Region, *xs: sp.Expr) -> sp.Expr:
    return functools.reduce(lambda x, y: x if region.sign(x - y) >= 0 else y, _listed(xs))


def _smallest(region: Region, *xs: sp.Expr) -> sp.Expr:
    return functools.reduce(lambda x, y: x if region.sign(x - y) <= 0 else y, _listed(xs))


def _listed(xs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The operands of a function of many numbers: given one by one, or as one list."""
    return tuple(xs[0]) if len(xs) == 1 and isinstance(xs[0], list) else xs


def _many(function: Callable[..., sp.Expr]) -> Callable[..., sp.Expr]:
    return lambda _, *xs: function(*_listed(xs))


def _dot(*operands: sp.Expr) -> sp.Expr:
    n = len(operands) // 2
    return sp.Add(*map(operator.mul, operands[:n], operands[n:]))


def _sigmoid(x: sp.Expr) -> sp.Expr:
    return 1 / (1 + sp.exp(-x))


def _softplus(x: sp.Expr) -> sp.Expr:
    return sp.log(1 + sp.exp(x))


_ONE = {  # of one number
    "neg": lambda x: -x,
    "sqrt": sp.sqrt,
    "exp": sp.exp,
    "expm1": lambda x: sp.exp(x) - 1,
    "exp2": lambda x: sp.exp(x * sp.log(2)),
    "log": sp.log,
    "log1p": lambda x: sp.log(1 + x),
    "log2": lambda x: sp.log(x) / sp.log(2),
    "log10": lambda x: sp.log(x) / sp.log(10),
    "sin": sp.sin,
    "cos": sp.cos,
    "tan": sp.tan,
    "arcsin": sp.asin,
    "arccos": sp.acos,
    "arctan": sp.atan,
    "sinh": sp.sinh,
    "cosh": sp.cosh,
    "tanh": sp.tanh,
    "arcsinh": sp.asinh,
    "arccosh": sp.acosh,
    "arctanh": sp.atanh,
    "sech2": lambda x: 1 / sp.cosh(x) ** 2,
    "erf": sp.erf,
    "erfc": sp.erfc,
    "sigmoid": _sigmoid,
    "sigmoid_slope": lambda x: _sigmoid(x) * (1 - _sigmoid(x)),
    "softplus": _softplus,
    "floor": Floor,
    "ceil": lambda x: -Floor(-x),
    "round": Round,
}
_TWO = {  # of two numbers
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "pow": operator.pow,
    "arctan2": sp.atan2,
    "hypot": lambda x, y: sp.sqrt(x**2 + y**2),
    "logaddexp": lambda x, y: sp.log(sp.exp(x) + sp.exp(y)),
    "remainder": lambda x, y: x - y * Floor(x / y),
    "floor_divide": lambda x, y: Floor(x / y),
}
_SEVERAL = {  # of any number of numbers
    "sum": sp.Add,
    "prod": sp.Mul,
    "dot": _dot,
    "weighted_sum": lambda *operands: _dot(*operands[:-1]) + operands[-1],
    "norm2": lambda *xs: sp.sqrt(sp.Add(*[x**2 for x in xs])),
    "logsumexp": lambda *xs: sp.log(sp.Add(*map(sp.exp, xs))),
}
_CHOICES = {  # by comparison
    "abs": lambda region, x: x if region.sign(x) >= 0 else -x,
    "sign": lambda region, x: sp.Integer(region.sign(x)),
    "where": _choose,
    "maximum": _largest,
    "minimum": _smallest,
    "max": _largest,
    "min": _smallest,
    "less": _compare(operator.lt),
    "less_equal": _compare(operator.le),
    "greater": _compare(operator.gt),
    "greater_equal": _compare(operator.ge),
    "equal": _compare(operator.eq),
    "not_equal": _compare(operator.ne),
    "logical_and": lambda region, x, y: sp.Integer(_truth(region, x) and _truth(region, y)),
    "logical_or": lambda region, x, y: sp.Integer(_truth(region, x) or _truth(region, y)),
    "logical_not": lambda region, x: sp.Integer(not _truth(region, x)),
}
MEANINGS: dict[str, Callable[..., sp.Expr]] = {
    **{name: lambda _, x, f=f: f(x) for name, f in _ONE.items()},
    **{name: lambda _, x, y, f=f: f(x, y) for name, f in _TWO.items()},
    **{name: _many(f) for name, f in _SEVERAL.items()},
    **_CHOICES,
}
