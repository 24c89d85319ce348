"""Arithmetic: what Python's operators compute."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable
from typing import Any

from engine.primitive import INF, NAN, Pullback, Scalar, elementary
from engine.primitives.choosing import sign
from engine.primitives.stopping import stopped_both

# Pullbacks that keep no number are made once, and shared by all nodes.


def _to_both(g: Scalar) -> tuple[Scalar, Scalar]:
    return g, g


def _to_difference(g: Scalar) -> tuple[Scalar, Scalar]:
    return g, -g


def _negated(g: Scalar) -> tuple[Scalar]:
    return (-g,)


@elementary("x + y", "1", "1", number=operator.add, symbol="+")
def add(x: Scalar, y: Scalar, z: Scalar) -> Pullback:
    """The sum of two numbers."""
    return _to_both


@elementary("x - y", "1", "-1", number=operator.sub, arrays="subtract", symbol="-")
def sub(x: Scalar, y: Scalar, z: Scalar) -> Pullback:
    """The difference of two numbers."""
    return _to_difference


@elementary("x * y", "y", "x", number=operator.mul, arrays="multiply", symbol="*")
def mul(x: Scalar, y: Scalar, z: Scalar) -> Pullback:
    """The product of two numbers."""
    return lambda g, x=x, y=y: (g * y, g * x)


def _over_zero(x: float, y: float) -> float:
    return NAN if x == 0.0 or x != x else math.copysign(INF, x) * math.copysign(1.0, y)


@elementary("x / y", "1 / y", "-x / y**2", number=operator.truediv, edge=_over_zero, arrays="divide", symbol="/")
def div(x: Scalar, y: Scalar, q: Scalar) -> Pullback:
    """The quotient of two numbers: 0/0 is nan, anything else over 0 an infinity."""
    return lambda g, q=q, y=y: (quotient(g, y), -g * quotient(q, y))


def quotient(x: Scalar, y: Scalar) -> Scalar:
    """x / y in a rule: the operator, and on floats what IEEE 754 has where Python raises an error."""
    try:
        return x / y
    except ZeroDivisionError:
        return _over_zero(x, y)


@elementary("-x", "-1", number=operator.neg, arrays="negative", symbol="neg")
def neg(x: Scalar, y: Scalar) -> Pullback:
    """The number with its sign turned."""
    return _negated


@elementary(
    "abs(x)", "sign(x)",
    number=builtins.abs, arrays=lambda _: builtins.abs, symbol="abs", latex=r"\left|x\right|", sympy="Abs",
)  # fmt: skip
def abs(x: Scalar, y: Scalar) -> Pullback:
    """The absolute value; its derivative at 0 is 0."""
    return lambda g, x=x: (g * sign(x),)


@elementary(
    "floor(x / y)", "0", "0",
    number=operator.floordiv,
    edge=_over_zero,
    arrays="floor_divide",
    javascript="""(x, y) => {
      if (y === 0) return x / y;
      const r = x % y;
      const q = (x - r) / y - Number(r !== 0 && r < 0 !== y < 0); // whole but for a rounding
      if (q === 0) return 0 * (x / y);
      return q - Math.floor(q) > 0.5 ? Math.ceil(q) : Math.floor(q);
    }""",
    symbol="//",
)  # fmt: skip
def floor_divide(x: Scalar, y: Scalar, q: Scalar) -> Pullback:
    """The largest whole number not above x / y; a step function, whose derivative is 0."""
    return stopped_both


def _remainder(x: float, y: float) -> float:
    r = math.fmod(x, y)
    return r + y if r != 0.0 and (r < 0.0) != (y < 0.0) else r


def _remainder_of_arrays(xp: Any) -> Callable[[Any, Any], Any]:
    def remainder(x: Any, y: Any) -> Any:
        r = xp.fmod(x, y)
        return xp.where((r != 0.0) & ((r < 0.0) != (y < 0.0)), r + y, r)

    return remainder


@elementary(
    "x - y * floor(x / y)", "1", "-floor(x / y)",
    number=_remainder,
    arrays=_remainder_of_arrays,
    javascript="""(x, y) => {
      const r = x % y;
      return r !== 0 && r < 0 !== y < 0 ? r + y : r;
    }""",
    symbol="%",
)  # fmt: skip
def remainder(x: Scalar, y: Scalar, r: Scalar) -> Pullback:
    """What is left of x by whole multiples of y, with the sign of y; nan for y = 0. As `torch.remainder`: 0 as x's."""
    return lambda g, x=x, y=y: (g, -g * floor_divide(x, y))
