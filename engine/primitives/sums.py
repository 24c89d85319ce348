"""Operations on any number of operands. Sums run from left to right, one rounding a step.

(The built-in sum() compensates since Python 3.12, so it would give other last bits there than on 3.11 and in C.)
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import reduce
from itertools import accumulate
from typing import Any

from engine.primitive import INF, NAN, Pullback, Scalar, elementary, primitive
from engine.primitives.arithmetic import quotient
from engine.primitives.choosing import equal, maximum, minimum, where
from engine.primitives.powers import exp


def _dot(*operands: float) -> float:
    n = len(operands) // 2
    return reduce(operator.add, map(operator.mul, operands[:n], operands[n:]), 0.0)


def _weighted_sum(*operands: float) -> float:
    n = len(operands) // 2
    return reduce(operator.add, map(operator.mul, operands[:n], operands[n:-1]), 0.0 + operands[-1])


@elementary(
    "x_1 + ... + x_n", "1",
    number=lambda *xs: reduce(operator.add, xs, 0.0),
    arrays=lambda xp: lambda x: xp.sum(x, axis=-1, keepdims=True),
    javascript="(...xs) => xs.reduce((total, x) => total + x, 0)",
    symbol="Σ",
    variadic=True,
)  # fmt: skip
def sum(xs: tuple[Scalar, ...], y: Scalar) -> Pullback:
    """The sum of n numbers, from left to right."""
    return lambda g, n=len(xs): (g,) * n


@elementary(
    "x_1 y_1 + ... + x_n y_n", "y_k", "x_k",
    number=_dot,
    javascript="""(...operands) => {
      const n = operands.length / 2;
      return operands.slice(0, n).reduce((total, x, k) => total + x * operands[n + k], 0);
    }""",
    symbol="Σ x·y",
    variadic=True,
)  # fmt: skip
def dot(operands: tuple[Scalar, ...], y: Scalar) -> Pullback:
    """The dot product; the operands are x_1..x_n, y_1..y_n."""

    def pullback(g: Scalar, operands: tuple[Scalar, ...] = operands) -> tuple[Scalar, ...]:
        n = len(operands) // 2
        return (*[g * y for y in operands[n:]], *[g * x for x in operands[:n]])

    return pullback


@elementary(
    "w_1 x_1 + ... + w_n x_n + b", "x_k", "w_k", "1",
    number=_weighted_sum,
    javascript="""(...operands) => {
      const n = (operands.length - 1) / 2;
      return operands.slice(0, n).reduce((total, w, k) => total + w * operands[n + k], 0 + operands.at(-1));
    }""",
    symbol="Σ w·x + b",
    variadic=True,
)  # fmt: skip
def weighted_sum(operands: tuple[Scalar, ...], z: Scalar) -> Pullback:
    """The weighted input z of a neuron; the operands are w_1..w_n, x_1..x_n, b. Its adjoint is the neuron's delta."""

    def pullback(g: Scalar, operands: tuple[Scalar, ...] = operands) -> tuple[Scalar, ...]:
        n = len(operands) // 2
        return (*[g * x for x in operands[n:-1]], *[g * w for w in operands[:n]], g)

    return pullback


@primitive("x_1 * ... * x_n", "prod(x) / x_k", symbol="Π")
def prod(*xs: Scalar) -> tuple[Scalar, Pullback]:
    """The product of n numbers, from left to right; 1 of none. Right where numbers are 0: no division."""
    before = [*accumulate(xs, operator.mul, initial=1.0)]
    after = [*accumulate(reversed(xs), operator.mul, initial=1.0)][::-1]
    return before[-1], lambda g: tuple([g * (before[k] * after[k + 1]) for k in range(len(xs))])


def _norm2(*xs: float) -> float:
    return NAN if any(map(math.isnan, xs)) else math.hypot(*xs)  # C's hypot prefers inf to nan


def _norm2_of_arrays(xp: Any) -> Callable[[Any], Any]:
    def norm2(x: Any) -> Any:
        largest = xp.max(abs(x), axis=-1, keepdims=True)  # squares of what is scaled neither overflow nor vanish
        scale = xp.where(largest > 1e100, 1e200, xp.where(largest < 1e-100, 1e-200, 1.0))
        return scale * xp.sqrt(xp.sum((x / scale) ** 2, axis=-1, keepdims=True))

    return norm2


@elementary(
    "sqrt(x_1**2 + ... + x_n**2)", "x_k / norm2(x)",
    number=_norm2,
    arrays=_norm2_of_arrays,
    javascript="(...xs) => (xs.some(Number.isNaN) ? NaN : Math.hypot(...xs))",
    variadic=True,
)  # fmt: skip
def norm2(xs: tuple[Scalar, ...], length: Scalar) -> Pullback:
    """The Euclidean length; its derivative at the origin is 0."""

    def pullback(g: Scalar, xs: tuple[Scalar, ...] = xs, length: Scalar = length) -> tuple[Scalar, ...]:
        origin = equal(length, 0.0)
        return tuple([g * where(origin, 0.0, quotient(x, length)) for x in xs])

    return pullback


def _logsumexp(*xs: float) -> float:
    """Shifted by the largest x, so that nothing overflows."""
    shift: float = reduce(maximum.number, xs)
    if shift in (INF, -INF):
        return shift  # e^inf dominates; all -inf are an empty sum
    return shift + math.log(reduce(operator.add, [math.exp(x - shift) for x in xs], 0.0))


def _logsumexp_of_arrays(xp: Any) -> Callable[[Any], Any]:
    def logsumexp(x: Any) -> Any:
        largest = xp.max(x, axis=-1, keepdims=True)
        shift = xp.where(abs(largest) == math.inf, 0.0, largest)
        total = shift + xp.log(xp.sum(xp.exp(x - shift), axis=-1, keepdims=True))
        return xp.where(abs(largest) == math.inf, largest, total)

    return logsumexp


@elementary(
    "log(exp(x_1) + ... + exp(x_n))", "exp(x_k - logsumexp(x))",
    number=_logsumexp,
    arrays=_logsumexp_of_arrays,
    javascript="""(...xs) => {
      const shift = xs.reduce(ieee.maximum);
      if (Math.abs(shift) === Infinity) return shift;
      return shift + Math.log(ieee.sum(...xs.map((x) => Math.exp(x - shift))));
    }""",
    variadic=True,
)  # fmt: skip
def logsumexp(xs: tuple[Scalar, ...], y: Scalar) -> Pullback:
    """A smooth maximum; stable for any xs. Its gradient is softmax(x)."""
    return lambda g, xs=xs, y=y: tuple([g * exp(x - y) for x in xs])


def _to_the_extreme(g: Scalar, xs: tuple[Scalar, ...], extreme: Scalar) -> tuple[Scalar, ...]:
    """g shared evenly among the xs that are the extreme one; of a nan, which equals nothing, all get nan."""
    chosen = [equal(x, extreme) for x in xs]
    ties = sum(*chosen)
    return tuple([quotient(g * c, ties) for c in chosen])


@elementary(
    "max(x_1, ..., x_n)", "1 where x_k is the largest (shared among ties), else 0",
    number=lambda *xs: reduce(maximum.number, xs),
    arrays=lambda xp: lambda x: xp.max(x, axis=-1, keepdims=True),
    javascript="(...xs) => xs.reduce(ieee.maximum)",
    sympy="Max",
    variadic=True,
)  # fmt: skip
def max(xs: tuple[Scalar, ...], y: Scalar) -> Pullback:
    """The largest of n numbers; nan if any is. Ties share the adjoint evenly."""
    return lambda g, xs=xs, y=y: _to_the_extreme(g, xs, y)


@elementary(
    "min(x_1, ..., x_n)", "1 where x_k is the smallest (shared among ties), else 0",
    number=lambda *xs: reduce(minimum.number, xs),
    arrays=lambda xp: lambda x: xp.min(x, axis=-1, keepdims=True),
    javascript="(...xs) => xs.reduce(ieee.minimum)",
    sympy="Min",
    variadic=True,
)  # fmt: skip
def min(xs: tuple[Scalar, ...], y: Scalar) -> Pullback:
    """The smallest of n numbers; nan if any is. Ties share the adjoint evenly."""
    return lambda g, xs=xs, y=y: _to_the_extreme(g, xs, y)
