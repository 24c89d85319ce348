"""Activations of neurons."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from engine.primitive import NAN, Pullback, Scalar, elementary, primitive
from engine.primitives.arithmetic import abs, quotient
from engine.primitives.choosing import less, less_equal, where
from engine.primitives.powers import erfc, exp, expm1
from engine.primitives.trigonometry import tanh, tanh_slope


def _passed(g: Scalar) -> tuple[Scalar]:
    return (g,)


def _cut_off(_: Scalar) -> tuple[Scalar]:
    return (0.0,)  # a derivative of 0, that is: PyTorch's 0 times an infinity is nan behind it too


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
    latex=r"\sigma\left(x\right)",
)  # fmt: skip
def sigmoid(x: Scalar, y: Scalar) -> Pullback:
    """The logistic function 1 / (1 + e^-x), an activation with values in (0, 1); stable for any x."""
    return lambda g, x=x: (g * _slope(x),)


def _slope(x: Scalar) -> Scalar:
    """sigmoid_slope(x) in a rule: the operation, and of a float its number at once."""
    if type(x) is not float:
        return sigmoid_slope(x)
    e = math.exp(-math.fabs(x))
    d = 1.0 + e
    return e / (d * d)


def _textbook_slope(x: Scalar) -> Scalar:
    y = sigmoid(x)
    return (1.0 - y) * y


# An operation of its own for the same reason as sech2, the slope of tanh.
@elementary(
    "sigmoid(x) * (1 - sigmoid(x))", "-tanh(x/2) * sigmoid(x) * (1 - sigmoid(x))",
    number=_slope,
    javascript="""(x) => {
      const e = Math.exp(-Math.abs(x));
      return e / (1 + e) ** 2;
    }""",
    in_arrays=_textbook_slope,
    is_public=False,
)  # fmt: skip
def sigmoid_slope(x: Scalar, y: Scalar) -> Pullback:
    """The slope of sigmoid, a bell around 0, with all its digits far out too."""
    return lambda g, x=x, y=y: (g * (-tanh(0.5 * x) * y),)


@primitive("where(x < 0, 0, x)", "where(x <= 0, 0, 1)")
def relu(x: Scalar) -> tuple[Scalar, Pullback]:
    """The rectifier max(x, 0); its derivative at 0 is 0."""
    if type(x) is float:  # decided already: two pullbacks, shared by all nodes, save a fifth of a network's memory
        return (x, _passed) if x > 0.0 or x != x else (x if x == 0.0 else 0.0, _cut_off)
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
    below = where(off, x, 0.0)  # so that e^x cannot overflow where it is not chosen
    e = expm1(below)
    return where(off, alpha * e, x), lambda g, off=off, below=below, e=e, alpha=alpha: (
        where(off, g * (alpha * exp(below)), g),
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
    return math.log1p(math.exp(-math.fabs(x))) + max(0.0, x)


@elementary(
    "log(1 + exp(x))", "sigmoid(x)",
    number=_softplus,
    arrays=lambda xp: lambda x: xp.log1p(xp.exp(-xp.abs(x))) + xp.where(x > 0.0, x, 0.0),
    javascript="(x) => Math.log1p(Math.exp(-Math.abs(x))) + (x > 0 ? x : 0)",
)  # fmt: skip
def softplus(x: Scalar, y: Scalar) -> Pullback:
    """log(1 + e^x), a smooth rectifier; stable for any x."""
    return lambda g, x=x: (g * sigmoid(x),)


def _logaddexp(x: float, y: float) -> float:
    if x == y:  # infinities of one sign too
        return x + math.log(2.0)
    return max(x, y) + math.log1p(math.exp(-math.fabs(x - y))) if x == x and y == y else NAN


@elementary(
    "log(exp(x) + exp(y))", "1 / (1 + exp(y - x))", "1 / (1 + exp(x - y))",
    number=_logaddexp,
    javascript="""(x, y) => {
      if (x === y) return x + Math.LN2;
      return Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)));
    }""",
)  # fmt: skip
def logaddexp(x: Scalar, y: Scalar, z: Scalar) -> Pullback:
    """log(e^x + e^y), without overflow."""
    return lambda g, x=x, y=y: (g * sigmoid(x - y), g * sigmoid(y - x))


@primitive("x * sigmoid(x)", "sigmoid(x) * (1 + x*(1 - sigmoid(x)))")
def silu(x: Scalar) -> tuple[Scalar, Pullback]:
    """Swish, x sigmoid(x) (Ramachandran, Zoph, Le 2017, arXiv:1710.05941)."""
    s = sigmoid(x)
    return x * s, lambda g, x=x, s=s: (g * (s + x * _slope(x)),)


@primitive("x * tanh(softplus(x))", "tanh(softplus(x)) + x * sigmoid(x) * (1 - tanh(softplus(x))**2)")
def mish(x: Scalar) -> tuple[Scalar, Pullback]:
    """Mish, x tanh(softplus(x)) (Misra 2019, arXiv:1908.08681)."""
    p = softplus(x)
    t = tanh(p)
    return x * t, lambda g, x=x, p=p, t=t: (g * (t + x * sigmoid(x) * tanh_slope(p)),)


@primitive("x/2 * erfc(-x/sqrt(2))", "erfc(-x/sqrt(2))/2 + x * exp(-x**2/2)/sqrt(2*pi)")
def gelu(x: Scalar) -> tuple[Scalar, Pullback]:
    """x times the normal distribution's cumulative probability at x (Hendrycks, Gimpel 2016, arXiv:1606.08415)."""
    probability = 0.5 * erfc(x * -math.sqrt(0.5))  # keeps the digits of the left tail, 1 + erf does not

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
