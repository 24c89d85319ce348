"""The arithmetic that derivative rules are written in.

On floats it follows IEEE 754 instead of raising: ``math.log(0.0)`` raises, ``math.exp(1000.0)`` raises, ``1.0 / 0.0``
raises and ``(-4.0) ** 0.5`` is complex; here they are -inf, inf, inf and nan, as in C, NumPy and PyTorch, so that one
odd number does not stop a program.

On anything else (a `Value`; an array of the compiler) the operation is recorded by that object's own ``_record``, and
on NumPy's arrays NumPy's function of that name is called. So what is written with these functions, a derivative rule
or an optimizer's update, serves numbers, graphs of graphs and arrays alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from operator import add, mul
from typing import Any

INF = math.inf
NAN = math.nan


def recorded(name: str, operands: tuple[Any, ...]) -> Any:
    """The operation called `name`, recorded by the first of `operands` that knows how."""
    for operand in operands:
        record = getattr(operand, "_record", None)
        if record is not None:
            return record(name, operands)
    if any(hasattr(operand, "__array_ufunc__") for operand in operands):
        import numpy

        return getattr(numpy, name)(*operands)
    kinds = ", ".join(type(operand).__name__ for operand in operands)
    raise TypeError(f"{name} takes numbers and Values, not ({kinds})")


def _elementary(name: str, function: Callable[[float], float], overflow: Callable[[float], float] = abs) -> Any:
    """`function` of one float, with nan for a 'math domain error' and an infinity where the result overflows.

    `overflow` gives the sign of that infinity: `abs` for a positive one, `float` for the sign of x.
    """

    def elementary(x: Any) -> Any:
        try:
            return function(x)
        except OverflowError:
            return math.copysign(INF, overflow(x))
        except ValueError:
            return NAN
        except TypeError:
            return recorded(name, (x,))

    return elementary


def _log(x: float) -> float:
    return -INF if type(x) is float and x == 0.0 else math.log(x)  # a Value is not compared: == would be its number's


def _log1p(x: float) -> float:
    return -INF if type(x) is float and x == -1.0 else math.log1p(x)


def _sigmoid(x: float) -> float:
    e = math.exp(-abs(x))  # never overflows; the branch keeps full accuracy on both sides
    return 1.0 / (1.0 + e) if x >= 0.0 else e / (1.0 + e)


def _softplus(x: float) -> float:
    return math.log1p(math.exp(-abs(x))) + (x if x > 0.0 else 0.0)


exp = _elementary("exp", math.exp)
expm1 = _elementary("expm1", math.expm1)
log = _elementary("log", _log)
log1p = _elementary("log1p", _log1p)
sqrt = _elementary("sqrt", math.sqrt)
sin = _elementary("sin", math.sin)
cos = _elementary("cos", math.cos)
tan = _elementary("tan", math.tan)
arcsin = _elementary("arcsin", math.asin)
arccos = _elementary("arccos", math.acos)
arctan = _elementary("arctan", math.atan)
sinh = _elementary("sinh", math.sinh, overflow=float)
cosh = _elementary("cosh", math.cosh)
tanh = _elementary("tanh", math.tanh)
erf = _elementary("erf", math.erf)
sigmoid = _elementary("sigmoid", _sigmoid)
softplus = _elementary("softplus", _softplus)


def div(x: Any, y: Any) -> Any:
    """x / y; 0/0 is nan, anything else over 0 is an infinity with the sign of the quotient."""
    try:
        return x / y
    except ZeroDivisionError:
        if x == 0.0 or x != x:
            return NAN
        return math.copysign(INF, x) * math.copysign(1.0, y)


def pow(x: Any, y: Any) -> Any:
    """x to the power y as C's ``pow``: nan, never complex, for a negative x and a y that is not whole."""
    try:
        return math.pow(x, y)
    except OverflowError:
        return -INF if x < 0.0 and y % 2.0 == 1.0 else INF
    except ValueError:
        if x == 0.0:  # a pole: 0 to a negative power
            return math.copysign(INF, x) if y % 2.0 == 1.0 else INF
        return NAN
    except TypeError:
        return recorded("pow", (x, y))


# The functions below choose. Python's own `if` would choose once and for all when a rule is recorded, so rules say
# `where(less(x, y), a, b)`: on floats the same, in a graph a node that decides afresh for new numbers.


def sign(x: Any) -> Any:
    """-1, 0 or 1; nan for nan."""
    if type(x) is not float:
        return recorded("sign", (x,))
    return x if x != x else float((x > 0.0) - (x < 0.0))


def less(x: Any, y: Any) -> Any:
    """1.0 if x < y else 0.0."""
    if type(x) is float and type(y) is float:
        return 1.0 if x < y else 0.0
    return recorded("less", (x, y))


def less_equal(x: Any, y: Any) -> Any:
    """1.0 if x <= y else 0.0."""
    if type(x) is float and type(y) is float:
        return 1.0 if x <= y else 0.0
    return recorded("less_equal", (x, y))


def equal(x: Any, y: Any) -> Any:
    """1.0 if x == y else 0.0."""
    if type(x) is float and type(y) is float:
        return 1.0 if x == y else 0.0
    return recorded("equal", (x, y))


def where(condition: Any, a: Any, b: Any) -> Any:
    """a if condition is not 0, else b."""
    if type(condition) is float:
        return a if condition else b
    return recorded("where", (condition, a, b))


def maximum(x: Any, y: Any) -> Any:
    """The larger of the two; nan if either is nan."""
    if type(x) is float and type(y) is float:
        return x if x >= y or x != x else y
    return recorded("maximum", (x, y))


def minimum(x: Any, y: Any) -> Any:
    """The smaller of the two; nan if either is nan."""
    if type(x) is float and type(y) is float:
        return x if x <= y or x != x else y
    return recorded("minimum", (x, y))


# Of any number of operands. Sums run from left to right, one rounding a step: the built-in sum() compensates since
# Python 3.12, so it would give other last bits there than on 3.11 and in C.


def _all_floats(operands: tuple[Any, ...]) -> bool:
    return {*map(type, operands)} <= {float}


def _is_float(operands: tuple[Any, ...]) -> bool:
    """Whether the first operand is a float. A quick look is enough for sums: a mixture is added up, node by node."""
    return not operands or type(operands[0]) is float


def sum(*xs: Any) -> Any:
    """0.0 + x_1 + ... + x_n, from left to right."""
    return reduce(add, xs, 0.0) if _is_float(xs) else recorded("sum", xs)


def dot(*operands: Any) -> Any:
    """0.0 + x_1 y_1 + ... + x_n y_n, from left to right, of the operands x_1..x_n, y_1..y_n."""
    if not _is_float(operands):
        return recorded("dot", operands)
    n = len(operands) // 2
    return reduce(add, map(mul, operands[:n], operands[n:]), 0.0)


def weighted_sum(*operands: Any) -> Any:
    """0.0 + b + w_1 x_1 + ... + w_n x_n, from left to right, of the operands w_1..w_n, x_1..x_n, b."""
    if not _is_float(operands):
        return recorded("weighted_sum", operands)
    n = len(operands) // 2
    return reduce(add, map(mul, operands[:n], operands[n:-1]), 0.0 + operands[-1])


def norm2(*xs: Any) -> Any:
    """sqrt(x_1^2 + ... + x_n^2), without overflow on the way; nan if any is nan."""
    if not _all_floats(xs):
        return recorded("norm2", xs)
    return NAN if any(map(math.isnan, xs)) else math.hypot(*xs)  # C's hypot prefers inf to nan


def max(*xs: Any) -> Any:
    """The largest of the xs; nan if any is nan."""
    return reduce(maximum, xs) if _all_floats(xs) else recorded("max", xs)


def min(*xs: Any) -> Any:
    """The smallest of the xs; nan if any is nan."""
    return reduce(minimum, xs) if _all_floats(xs) else recorded("min", xs)


def logsumexp(*xs: Any) -> Any:
    """log(e^x_1 + ... + e^x_n), shifted by the largest x so that nothing overflows."""
    if not _all_floats(xs):
        return recorded("logsumexp", xs)
    shift = max(*xs)
    if shift in (INF, -INF):
        return shift  # e^inf dominates; all -inf are an empty sum
    return shift + log(sum(*[exp(x - shift) for x in xs]))
