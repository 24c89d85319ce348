"""Powers, exponentials and logarithms, and the error function."""

from __future__ import annotations

import builtins
import functools
import math
from collections.abc import Callable
from typing import Any

from engine.primitive import INF, NAN, Primitive, Pullback, Scalar, elementary, primitive
from engine.primitives.arithmetic import quotient
from engine.primitives.choosing import equal, less, less_equal, where
from engine.primitives.stopping import stopped

_TINY = 1e-307  # below it x**-1 overflows


def _power_edge(x: float, y: float) -> float:
    """x**y where Python's own raises: it overflows, or it is a pole, or not real."""
    odd = y % 2.0 == 1.0
    if x == 0.0:  # to a negative power
        return math.copysign(INF, x) if odd else INF
    if x < 0.0 and y % 1.0 != 0.0:
        return NAN
    return -INF if x < 0.0 and odd else INF


@elementary(
    "x**y", "y * x**(y - 1)", "x**y * log(x)",
    number=math.pow,
    edge=_power_edge,
    arrays="power",
    # C's pow: 1 to any power is 1, and so is -1 to an infinite one, where JavaScript has nan
    javascript="(x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y)",
    symbol="**",
)  # fmt: skip
def pow(x: Scalar, y: Scalar, p: Scalar) -> Pullback:
    """x to the power y, as C's pow: nan for a negative x and a y that is not whole.

    Where the formulas have no limit the derivatives are PyTorch's: 0 for x if y is 0; 0 for y if x is 0 and y >= 0.
    """

    def pullback(g: Scalar, x: Scalar = x, y: Scalar = y, p: Scalar = p) -> tuple[Scalar, Scalar]:
        # Where a factor is 0 the other one may be infinite, and its derivatives too: there it is computed of 1 instead.
        constant, apart = equal(y, 0.0), less(_TINY, builtins.abs(x))
        q = pow(where(constant, where(apart, x, 1.0), x), y - 1.0)
        at_zero = y * where(constant * apart, q, 0.0) + 0.0  # not -0.0
        slope = where(constant, at_zero, y * q)
        empty = equal(x, 0.0) * less_equal(0.0, y)
        return g * slope, g * where(empty, 0.0, p * log(where(empty, 1.0, x)))

    return pullback


_ROOTS = (0.5, -0.5)


def raised(x: Scalar, n: float) -> Scalar:
    """x**n for a plain number n: a number, or what the operator ** makes of it in another reading."""
    if n in _ROOTS:  # the root, as PyTorch, NumPy and XLA have it: nan of -inf, and -0.0 of -0.0
        return sqrt(x) if n > 0.0 else quotient(1.0, sqrt(x))
    if type(x) is not float:
        return x**n
    try:
        return math.pow(x, n)
    except (ArithmeticError, ValueError):
        return _power_edge(x, n)


class Power(Primitive):
    """The operation x**n for a plain number n, of one operand: the commonest powers, and right at 0 to any order.

    Its derivative ``n * x**(n - 1)`` is such an operation again, and ends at ``x**0``, whose derivative is 0. (The
    rule of ``x**y`` would multiply 0 by the infinity of ``0**-1`` there.)

    Attributes:
        exponent: n.
        is_root: whether n is 1/2 or -1/2.
        derive: operand -> pullback.
    """

    def __init__(self, n: float) -> None:
        less = n - 1.0

        def rule(x: Scalar) -> tuple[Scalar, Pullback]:
            return raised(x, n), self.derive(x)

        rule.__name__ = "pow"
        rule.__doc__ = f"x to the power {_text(n)}."
        slope = "0" if n == 0.0 else f"{_text(n)} * x**{_text(less)}"
        super().__init__(rule, f"x**{_text(n)}", [slope], f"**{_text(n)}")
        self.exponent = n
        self.is_root = n in _ROOTS
        self.derive: Callable[[Scalar], Pullback]
        if n == 0.0:
            self.derive = lambda _: stopped
        elif n == 2.0:  # the commonest: x**1 is x
            self.derive = lambda x: lambda g, x=x: (g * (n * x),)
        else:
            self.derive = lambda x: lambda g, x=x: (g * (n * raised(x, less)),)

    def __reduce__(self) -> Any:
        return power, (self.exponent,)


_MADE: dict[float, Power] = {}
_MOST = 1024  # are kept: exponents may come from a random generator


def power(n: float) -> Power:
    """The operation x**n, made once for each n: 2 and 2.0 are one."""
    made = _MADE.get(n)
    if made is None:
        made = Power(float(n))
        if len(_MADE) < _MOST and n == n:
            made = _MADE.setdefault(n, made)
    return made


def _text(n: float) -> str:
    """An exponent as it stands in a formula: 2, 0.5, (-1)."""
    text = repr(int(n)) if n == n and math.fabs(n) < 1e15 and n == int(n) else repr(n)
    return f"({text})" if text.startswith("-") else text


@primitive("x**2", "2*x")
def square(x: Scalar) -> tuple[Scalar, Pullback]:
    """The square; as `numpy.square` and `torch.square`."""
    return x * x, lambda g, x=x: (g * (2.0 * x),)


@elementary("sqrt(x)", "1 / (2*sqrt(x))", number=math.sqrt, latex=r"\sqrt{x}")
def sqrt(x: Scalar, y: Scalar) -> Pullback:
    """The square root; nan below 0."""
    return lambda g, y=y: (quotient(g, 2.0 * y),)


@elementary("exp(x)", "exp(x)", number=math.exp, edge=lambda x: INF, latex="e^{x}")
def exp(x: Scalar, y: Scalar) -> Pullback:
    """e to the power x; inf from about 709.8."""
    return lambda g, y=y: (g * y,)


@elementary("2**x", "2**x * log(2)", number=lambda x: math.pow(2.0, x), edge=lambda x: INF, javascript="(x) => 2 ** x")
def exp2(x: Scalar, y: Scalar) -> Pullback:
    """2 to the power x; inf from 1024."""
    return lambda g, y=y: (g * (y * math.log(2.0)),)


@elementary("expm1(x)", "exp(x)", number=math.expm1, edge=lambda x: INF, sympy=lambda sympy: lambda x: sympy.exp(x) - 1)
def expm1(x: Scalar, y: Scalar) -> Pullback:
    """e^x - 1, exact near 0."""
    return lambda g, x=x: (g * exp(x),)  # not y + 1, which is 0 below -37


def _at_zero(x: float) -> float:
    return -INF if x == 0.0 else NAN


@elementary("log(x)", "1 / x", number=math.log, edge=_at_zero)
def log(x: Scalar, y: Scalar) -> Pullback:
    """The natural logarithm; -inf at 0, nan below."""
    return lambda g, x=x: (quotient(g, x),)


@elementary(
    "log2(x)", "1 / (x * log(2))",
    number=math.log2, edge=_at_zero, latex=r"\log_{2}\left(x\right)", sympy=lambda sympy: lambda x: sympy.log(x, 2),
)  # fmt: skip
def log2(x: Scalar, y: Scalar) -> Pullback:
    """The logarithm to base 2; -inf at 0, nan below."""
    return lambda g, x=x: (quotient(g, x * math.log(2.0)),)


@elementary(
    "log10(x)", "1 / (x * log(10))",
    number=math.log10, edge=_at_zero, latex=r"\log_{10}\left(x\right)", sympy=lambda sympy: lambda x: sympy.log(x, 10),
)  # fmt: skip
def log10(x: Scalar, y: Scalar) -> Pullback:
    """The logarithm to base 10; -inf at 0, nan below."""
    return lambda g, x=x: (quotient(g, x * math.log(10.0)),)


@elementary("log(1 + x)", "1 / (1 + x)", number=math.log1p, edge=lambda x: -INF if x == -1.0 else NAN)
def log1p(x: Scalar, y: Scalar) -> Pullback:
    """log(1 + x), exact near 0; -inf at -1, nan below."""
    return lambda g, x=x: (quotient(g, x + 1.0),)


# The error function --------------------------------------------------------------------------------------------------


def _special(name: str, on_floats: Callable[[float], float]) -> Callable[[Any], Callable[..., Any]]:
    """A function that NumPy has not: JAX's, or SciPy's where it happens to be installed, else one number at a time.

    SciPy's is looked for when it is first called: importing it takes as long as NumPy and all of the compiler.
    """

    def on(namespace: Any) -> Callable[..., Any]:
        own = getattr(namespace, name, None)
        if own is not None:
            return own  # type: ignore[no-any-return]
        if namespace.__name__ == "jax.numpy":
            import jax

            return getattr(jax.scipy.special, name)  # type: ignore[no-any-return]

        @functools.cache
        def found() -> Callable[..., Any]:
            try:
                import scipy.special

                return getattr(scipy.special, name)  # type: ignore[no-any-return]
            except ImportError:
                return namespace.vectorize(on_floats, otypes=[float])  # type: ignore[no-any-return]

        return lambda x: found()(x)

    return on


@elementary(
    "erf(x)", "2/sqrt(pi) * exp(-x**2)", number=math.erf, arrays=_special("erf", math.erf), javascript="special.erf"
)
def erf(x: Scalar, y: Scalar) -> Pullback:
    """The error function, 2/sqrt(pi) times the integral of e^-t^2 from 0 to x."""
    return lambda g, x=x: (g * (2.0 / math.sqrt(math.pi) * exp(-(x * x))),)


@elementary(
    "erfc(x)", "-2/sqrt(pi) * exp(-x**2)",
    number=math.erfc, arrays=_special("erfc", math.erfc), javascript="special.erfc",
)  # fmt: skip
def erfc(x: Scalar, y: Scalar) -> Pullback:
    """1 - erf(x), exact far out too."""
    return lambda g, x=x: (g * (-2.0 / math.sqrt(math.pi) * exp(-(x * x))),)
