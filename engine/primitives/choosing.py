"""Choosing: conditions, step functions, and operations that take one of their operands.

Python's own ``if`` would choose once and for all when a rule is recorded. So rules say ``where(less(x, y), a, b)``: on
floats the same, in a graph a node that decides afresh for new numbers.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable

from engine.primitive import INF, Pullback, Scalar, elementary, primitive
from engine.primitives.stopping import NOTHING, stopped, stopped_both


@elementary(
    "sign(x)", "0",
    number=lambda x: x if x != x else float((x > 0.0) - (x < 0.0)),
    javascript="(x) => (Number.isNaN(x) ? x : Number(x > 0) - Number(x < 0))",
)  # fmt: skip
def sign(x: Scalar, y: Scalar) -> Pullback:
    """-1, 0 or 1; nan for nan."""
    return stopped


def _whole(function: Callable[[float], int]) -> Callable[[float], float]:
    """math.floor and its like give integers; of what has no fraction, nan and infinities too, the float as it is."""
    return lambda x: math.copysign(float(function(x)), x) if abs(x) < 2.0**52 else x


@elementary("floor(x)", "0", number=_whole(math.floor), latex=r"\left\lfloor x\right\rfloor")
def floor(x: Scalar, y: Scalar) -> Pullback:
    """The largest whole number not above x; its derivative is 0."""
    return stopped


@elementary("ceil(x)", "0", number=_whole(math.ceil), latex=r"\left\lceil x\right\rceil", sympy="ceiling")
def ceil(x: Scalar, y: Scalar) -> Pullback:
    """The smallest whole number not below x; its derivative is 0."""
    return stopped


@elementary(
    "round(x)", "0",
    number=_whole(builtins.round),
    javascript="""(x) => {
      const whole = Math.trunc(x); // with the sign of x, a zero too
      const rest = Math.abs(x % 1);
      return rest > 0.5 || (rest === 0.5 && whole % 2 !== 0) ? whole + Math.sign(x) : whole;
    }""",
)  # fmt: skip
def round(x: Scalar, y: Scalar) -> Pullback:
    """The nearest whole number, of two the even one; its derivative is 0; as `torch.round`."""
    return stopped


# Conditions ----------------------------------------------------------------------------------------------------------


@elementary(
    "x < y", "0", "0",
    number=lambda x, y: 1.0 if x < y else 0.0, javascript="(x, y) => Number(x < y)", symbol="<", is_truth=True,
)  # fmt: skip
def less(x: Scalar, y: Scalar, c: Scalar) -> Pullback:
    """1 if x < y, else 0."""
    return stopped_both


@elementary(
    "x <= y", "0", "0",
    number=lambda x, y: 1.0 if x <= y else 0.0, javascript="(x, y) => Number(x <= y)", symbol="<=", is_truth=True,
)  # fmt: skip
def less_equal(x: Scalar, y: Scalar, c: Scalar) -> Pullback:
    """1 if x <= y, else 0."""
    return stopped_both


@elementary(
    "x > y", "0", "0",
    number=lambda x, y: 1.0 if x > y else 0.0, javascript="(x, y) => Number(x > y)", symbol=">", is_truth=True,
)  # fmt: skip
def greater(x: Scalar, y: Scalar, c: Scalar) -> Pullback:
    """1 if x > y, else 0."""
    return stopped_both


@elementary(
    "x >= y", "0", "0",
    number=lambda x, y: 1.0 if x >= y else 0.0, javascript="(x, y) => Number(x >= y)", symbol=">=", is_truth=True,
)  # fmt: skip
def greater_equal(x: Scalar, y: Scalar, c: Scalar) -> Pullback:
    """1 if x >= y, else 0."""
    return stopped_both


@elementary(
    "x == y", "0", "0",
    number=lambda x, y: 1.0 if x == y else 0.0, javascript="(x, y) => Number(x === y)", symbol="==", is_truth=True,
)  # fmt: skip
def equal(x: Scalar, y: Scalar, c: Scalar) -> Pullback:
    """1 if x is equal to y, else 0."""
    return stopped_both


@elementary(
    "x != y", "0", "0",
    number=lambda x, y: 1.0 if x != y else 0.0, javascript="(x, y) => Number(x !== y)", symbol="!=", is_truth=True,
)  # fmt: skip
def not_equal(x: Scalar, y: Scalar, c: Scalar) -> Pullback:
    """1 if x is not equal to y, else 0; nan is equal to nothing."""
    return stopped_both


@primitive("where(x == 0, 0, where(y == 0, 0, 1))", "0", "0")
def logical_and(x: Scalar, y: Scalar) -> tuple[Scalar, Pullback]:
    """1 if both are true (not 0), else 0; as `torch.logical_and`."""
    return not_equal(x, 0.0) * not_equal(y, 0.0), stopped_both


@primitive("where(x == 0, where(y == 0, 0, 1), 1)", "0", "0")
def logical_or(x: Scalar, y: Scalar) -> tuple[Scalar, Pullback]:
    """1 if at least one is true (not 0), else 0; as `torch.logical_or`."""
    return maximum(not_equal(x, 0.0), not_equal(y, 0.0)), stopped_both


@primitive("where(x == 0, 1, 0)", "0")
def logical_not(x: Scalar) -> tuple[Scalar, Pullback]:
    """1 if x is 0, else 0; as `torch.logical_not`."""
    return 1.0 * equal(x, 0.0), stopped


# One of the operands -------------------------------------------------------------------------------------------------


def _to_the_chosen(g: Scalar, x: Scalar, y: Scalar, x_lost: Scalar, y_lost: Scalar) -> tuple[Scalar, Scalar]:
    """g to the one that was chosen, half each at a tie; with a nan neither lost, and both get g, as in PyTorch."""
    share = where(equal(x, y), 0.5 * g, g)
    return where(x_lost, 0.0, share), where(y_lost, 0.0, share)


@elementary(
    "maximum(x, y)", "where(x > y, 1, where(x == y, 1/2, 0))", "where(x < y, 1, where(x == y, 1/2, 0))",
    number=lambda x, y: x if x >= y or x != x else y,
    javascript="(x, y) => (x >= y || Number.isNaN(x) ? x : y)",
    latex=r"\max\left(x, y\right)",
    sympy="Max",
)  # fmt: skip
def maximum(x: Scalar, y: Scalar, z: Scalar) -> Pullback:
    """The larger of two numbers; nan if either is. A tie gives half of the adjoint to each."""
    return lambda g, x=x, y=y: _to_the_chosen(g, x, y, less(x, y), less(y, x))


@elementary(
    "minimum(x, y)", "where(x < y, 1, where(x == y, 1/2, 0))", "where(x > y, 1, where(x == y, 1/2, 0))",
    number=lambda x, y: x if x <= y or x != x else y,
    javascript="(x, y) => (x <= y || Number.isNaN(x) ? x : y)",
    latex=r"\min\left(x, y\right)",
    sympy="Min",
)  # fmt: skip
def minimum(x: Scalar, y: Scalar, z: Scalar) -> Pullback:
    """The smaller of two numbers; nan if either is. A tie gives half of the adjoint to each."""
    return lambda g, x=x, y=y: _to_the_chosen(g, x, y, less(y, x), less(x, y))


@elementary(
    "where(condition, x, y)", "0", "where(condition, 1, 0)", "where(condition, 0, 1)",
    number=lambda condition, x, y: x if condition else y,
    javascript="(condition, x, y) => (condition !== 0 ? x : y)",  # nan is not 0: it counts as true
    latex=r"\begin{cases} x & condition \\ y & \text{otherwise} \end{cases}",
    sympy=lambda sympy: lambda condition, x, y: sympy.Piecewise((x, condition), (y, True)),
)  # fmt: skip
def where(condition: Scalar, x: Scalar, y: Scalar, z: Scalar) -> Pullback:
    """x if the condition is true (not 0), else y.

    Both are computed: an inf or nan in the branch not taken stays out of the value but returns in the derivative as
    0 * inf = nan, as in PyTorch and JAX. Choose the *argument* then: log(where(x > 0, x, 1)).
    """
    return lambda g, c=condition: (NOTHING, where(c, g, 0.0), where(c, 0.0, g))


@primitive(
    "minimum(maximum(x, low), high)",
    "where(x < low, 0, where(x > high, 0, 1))",
    "where(x < low, where(low > high, 0, 1), 0)",
    "where(x > high, 1, where(low > high, 1, 0))",
)
def clip(x: Scalar, low: Scalar = -INF, high: Scalar = INF) -> tuple[Scalar, Pullback]:
    """x kept between low and high; high where low > high; nan if x is. As `numpy.clip` and `torch.clamp`.

    A bound that is left out is infinite: ``clip(x, high=1)``, as NumPy's None. At a bound the derivative is 1
    for x, as PyTorch's.
    """

    def pullback(g: Scalar, x: Scalar = x, low: Scalar = low, high: Scalar = high) -> tuple[Scalar, Scalar, Scalar]:
        return (
            where(less_equal(low, x), where(less_equal(x, high), g, 0.0), 0.0),
            where(less_equal(low, high), where(less(x, low), g, 0.0), 0.0),
            where(less(high, low), g, where(less(high, x), g, 0.0)),
        )

    return minimum(maximum(x, low), high), pullback
