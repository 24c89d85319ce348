"""Activations of neurons."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from engine.primitive import Pullback, Scalar, elementary, primitive
from engine.primitives.arithmetic import abs, quotient
from engine.primitives.choosing import less, less_equal, where
from engine.primitives.powers import erf, exp, expm1
from engine.primitives.stopping import stopped
from engine.primitives.trigonometry import tanh


def _passed(g: Scalar) -> tuple[Scalar]:
    return (g,)


def _sigmoid(x: float) -> float:
    e = math.exp(-math.fabs(x))  # never overflows; the branch keeps full accuracy on both sides
    return 1.0 / (1.0 + e) if x >= 0.0 else e / (1.0 + e)


def _sigmoid_of_arrays(xp: Any) -> Callable[[Any], Any]:
    def sigmoid(x: Any) -> Any:
        e = xp.exp(-xp.abs(x))
        return xp.where(x >= 0.0, 1.0, e) / (1.0 + e)

    return sigmoid


@elementary(
    "1 / (1 + exp(-x))", "sigmoid(x) * (1 - sigmoid(x))",
    number=_sigmoid,
    arrays=_sigmoid_of_arrays,
    javascript="""(x) => {
      const e = Math.exp(-Math.abs(x)); // never overflows
      return x >= 0 ? 1 / (1 + e) : e / (1 + e);
    }""",
)  # fmt: skip
def sigmoid(x: Scalar, y: Scalar) -> Pullback:
    """The logistic function 1 / (1 + e^-x), an activation with values in (0, 1); stable for any x."""
    return lambda g, y=y: (g * ((1.0 - y) * y),)


@primitive("where(x < 0, 0, x)", "where(x <= 0, 0, 1)")
def relu(x: Scalar) -> tuple[Scalar, Pullback]:
    """The rectifier max(x, 0); its derivative at 0 is 0."""
    if (
        type(x) is float
    ):  # decided already: these two pullbacks, shared by all nodes, save a fifth of a network's memory
        return (x, _passed) if x > 0.0 or x != x else (x if x == 0.0 else 0.0, stopped)
    off = less_equal(x, 0.0)
    return where(less(x, 0.0), 0.0, x), lambda g: (where(off, 0.0, g),)


@primitive("where(x > 0, x, slope*x)", "where(x > 0, 1, slope)", "where(x > 0, 0, x)")
def leaky_relu(x: Scalar, slope: Scalar = 0.01) -> tuple[Scalar, Pullback]:
    """The rectifier with a small slope below 0."""
    on = less(0.0, x)
    return where(on, x, slope * x), lambda g, on=on, x=x, slope=slope: (where(on, g, g * slope), where(on, 0.0, g * x))


@primitive("where(x <= 0, alpha*expm1(x), x)", "where(x <= 0, alpha*exp(x), 1)", "where(x <= 0, expm1(x), 0)")
def elu(x: Scalar, alpha: Scalar = 1.0) -> tuple[Scalar, Pullback]:
    """The exponential linear unit (Clevert, Unterthiner, Hochreiter 2015)."""
    off = less_equal(x, 0.0)
    e = expm1(x)
    return where(off, alpha * e, x), lambda g, off=off, e=e, alpha=alpha: (
        where(off, g * (alpha * (e + 1.0)), g),
        where(off, g * e, 0.0),
    )


SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


@primitive(
    f"where(x > 0, {SELU_SCALE}*x, {SELU_SCALE * SELU_ALPHA}*expm1(x))",
    f"where(x > 0, {SELU_SCALE}, {SELU_SCALE * SELU_ALPHA}*exp(x))",
)
def selu(x: Scalar) -> tuple[Scalar, Pullback]:
    """The self-normalizing unit: a scaled elu (Klambauer et al. 2017, arXiv:1706.02515); as `torch.nn.SELU`."""
    off = less_equal(x, 0.0)
    low = where(off, x, 0.0)
    factor = SELU_SCALE * SELU_ALPHA
    return where(off, factor * expm1(low), SELU_SCALE * x), lambda g, off=off, low=low: (
        where(off, g * (factor * exp(low)), g * SELU_SCALE),
    )


def _softplus(x: float) -> float:
    return math.log1p(math.exp(-math.fabs(x))) + (max(0.0, x))


@elementary(
    "log(1 + exp(x))", "sigmoid(x)",
    number=_softplus,
    arrays=lambda xp: lambda x: xp.log1p(xp.exp(-xp.abs(x))) + xp.where(x > 0.0, x, 0.0),
    javascript="(x) => Math.log1p(Math.exp(-Math.abs(x))) + (x > 0 ? x : 0)",
)  # fmt: skip
def softplus(x: Scalar, y: Scalar) -> Pullback:
    """log(1 + e^x), a smooth rectifier; stable for any x."""
    return lambda g, x=x: (g * sigmoid(x),)


@primitive("x * sigmoid(x)", "sigmoid(x) * (1 + x*(1 - sigmoid(x)))")
def silu(x: Scalar) -> tuple[Scalar, Pullback]:
    """Swish, x sigmoid(x) (Ramachandran, Zoph, Le 2017, arXiv:1710.05941)."""
    s = sigmoid(x)
    return x * s, lambda g, x=x, s=s: (g * (s * (1.0 + x * (1.0 - s))),)


@primitive("x * tanh(softplus(x))", "tanh(softplus(x)) + x * sigmoid(x) * (1 - tanh(softplus(x))**2)")
def mish(x: Scalar) -> tuple[Scalar, Pullback]:
    """Mish, x tanh(softplus(x)) (Misra 2019, arXiv:1908.08681)."""
    t = tanh(softplus(x))
    return x * t, lambda g, x=x, t=t: (g * (t + x * sigmoid(x) * (1.0 - t * t)),)


@primitive("x/2 * (1 + erf(x/sqrt(2)))", "(1 + erf(x/sqrt(2)))/2 + x * exp(-x**2/2)/sqrt(2*pi)")
def gelu(x: Scalar) -> tuple[Scalar, Pullback]:
    """x times the normal distribution's cumulative probability at x (Hendrycks, Gimpel 2016, arXiv:1606.08415)."""
    probability = 0.5 * (1.0 + erf(x * math.sqrt(0.5)))

    def pullback(g: Scalar, x: Scalar = x, probability: Scalar = probability) -> tuple[Scalar]:
        density = exp(-0.5 * (x * x)) * (1.0 / math.sqrt(2.0 * math.pi))
        return (g * (probability + x * density),)

    return x * probability, pullback


@primitive("x / (1 + abs(x))", "1 / (1 + abs(x))**2")
def softsign(x: Scalar) -> tuple[Scalar, Pullback]:
    """x / (1 + |x|), an activation with values in (-1, 1); as `torch.nn.Softsign`."""
    d = abs(x) + 1.0
    return quotient(x, d), lambda g, d=d: (quotient(quotient(g, d), d),)


@primitive("minimum(maximum(x, -1), 1)", "where(x <= -1, 0, where(x >= 1, 0, 1))")
def hardtanh(x: Scalar) -> tuple[Scalar, Pullback]:
    """x kept between -1 and 1, with the derivative 0 at both, as `torch.nn.Hardtanh`."""
    low, high = less_equal(x, -1.0), less_equal(1.0, x)
    return where(low, -1.0, where(high, 1.0, x)), lambda g, low=low, high=high: (where(low, 0.0, where(high, 0.0, g)),)
