"""The functions that native code has of its own: exp, expm1, log, tanh, sin and cos on all lanes of a vector at once.

Each is a formula of terms: the argument is brought near 0, where a series has all digits. Every other function is C's,
called for one lane after the other. `tests/engine/lifting/native` has a table of their accuracy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from engine.lifting.native.numbers import Namespace, Numbers

# log(2) and pi/2 in parts; all but the last have so few digits that a whole number times them is exact
LOG_2 = (float.fromhex("0x1.62e42fee00000p-1"), float.fromhex("0x1.a39ef35793c76p-33"))
HALF_PI = tuple(map(float.fromhex, ("0x1.921fb54400000p+0", "0x1.0b4611a600000p-34", "0x1.3198a2e037073p-69")))
LARGEST_ANGLE = 1e5  # beyond, in any lane, C's sin and cos
HIGHEST, LOWEST = 710.0, -746.0  # e to these powers is inf and 0
LEAST_NORMAL = 2.0**-1022


def _polynomial(x: Numbers, coefficients: Sequence[float]) -> Numbers:
    """c_0 + c_1 x + c_2 x^2 + ..., by Horner's rule."""
    terms = x.terms
    total = Numbers(terms, np.asarray(terms.constant(coefficients[-1])))
    for c in reversed(coefficients[:-1]):
        total = _fused(total.where.item(), x, c)
    return total


def _fused(total: int, x: Numbers, c: float) -> Numbers:
    """total * x + c, in one rounding where the machine can."""
    terms = x.terms
    return Numbers(terms, terms.make("add_product", terms.make("product", total, x.where.item()), terms.constant(c)))


def _bits(op: str, x: Numbers) -> Numbers:
    return Numbers(x.terms, x.terms.make(op, x.where.item()))


def _parts(x: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """The whole n and the small r of x = n log(2) + r, and (e^r - 1 - r) / r^2."""
    xp = Namespace(x.terms)
    n = xp.round(x * (1.0 / math.log(2.0)))
    r = (x - n * LOG_2[0]) - n * LOG_2[1]
    return n, r, _polynomial(r, [1.0 / math.factorial(k) for k in range(2, 14)])


def exp(x: Numbers) -> Numbers:
    """2^n e^r, in two steps, so that numbers below the normal ones come out right."""
    xp = Namespace(x.terms)
    x = xp.where(x > HIGHEST, HIGHEST, xp.where(x < LOWEST, LOWEST, x))
    n, r, rest = _parts(x)
    half = xp.floor(n * 0.5)
    return (1.0 + (r + r * r * rest)) * _bits("power_of_2", half) * _bits("power_of_2", n - half)


def expm1(x: Numbers) -> Numbers:
    """2^n (e^r - 1) + (2^n - 1)."""
    xp = Namespace(x.terms)
    clipped = xp.where(x > HIGHEST, HIGHEST, xp.where(x < -40.0, -40.0, x))
    n, r, rest = _parts(clipped)
    small = r + r * r * rest
    half = xp.floor(n * 0.5)  # 2^n itself may be too large for a number
    scale, other = _bits("power_of_2", half), _bits("power_of_2", n - half)
    result = (small * scale + (scale - _bits("power_of_2", -(n - half)))) * other
    chosen: Numbers = xp.where(x == 0.0, x, result)
    return chosen


def tanh(x: Numbers) -> Numbers:
    """-t / (t + 2) for t = e^(-2|x|) - 1, with the sign of x."""
    xp = Namespace(x.terms)
    y = -2.0 * abs(x)
    y = xp.where(y < -40.0, -40.0, y)
    n, r, rest = _parts(y)
    scale = _bits("power_of_2", n)
    t = (r + r * r * rest) * scale + (scale - 1.0)
    return xp.copysign(-t / (t + 2.0), x)


def log(x: Numbers) -> Numbers:
    """The parts of x are 2^E (1 + f): E ln 2 + f - s (f - R), where s = f / (2 + f) and R is the series of artanh."""
    xp = Namespace(x.terms)
    small = x < LEAST_NORMAL
    y = xp.where(small, x * 2.0**54, x)
    exponent, m = _bits("exponent", y) - xp.where(small, 54.0, 0.0), _bits("mantissa", y)
    large = m > math.sqrt(2.0)
    m, exponent = xp.where(large, 0.5 * m, m), xp.where(large, exponent + 1.0, exponent)
    f = m - 1.0
    s = f / (f + 2.0)
    z = s * s
    rest = z * _polynomial(z, [2.0 / k for k in range(3, 26, 2)])
    result = exponent * LOG_2[0] + (f - (s * (f - rest) - exponent * LOG_2[1]))
    result = xp.where(x == math.inf, x, result)
    result = xp.where(x == 0.0, -math.inf, result)
    chosen: Numbers = xp.where(x >= 0.0, result, math.nan)
    return chosen


def _angle(x: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """The quarter turns of x, 0 to 3, and the sine and the cosine of what is left."""
    xp = Namespace(x.terms)
    n = xp.round(x * (2.0 / math.pi))
    high = x - n * HALF_PI[0]
    middle = n * HALF_PI[1]
    r = high - middle
    low = (high - r) - middle - n * HALF_PI[2]
    rounded = r + low
    low = low - (rounded - r)  # what r has lost
    r = rounded
    z = r * r
    sine = r + (r * z * _polynomial(z, [(-1.0) ** (k + 1) / math.factorial(2 * k + 3) for k in range(8)]) + low)
    cosine = _polynomial(z, [(-1.0) ** k / math.factorial(2 * k + 4) for k in range(8)])
    half = 0.5 * z
    one = 1.0 - half
    cosine = one + ((1.0 - one - half) + (z * z * cosine - r * low))
    return n - 4.0 * xp.floor(0.25 * n), sine, cosine


def sin(x: Numbers) -> Numbers:
    """By the quarter turn the sine or the cosine of the rest, and its sign."""
    xp = Namespace(x.terms)
    quarter, sine, cosine = _angle(x)
    result = xp.where((quarter == 1.0) | (quarter == 3.0), cosine, sine)
    result = xp.where(quarter >= 2.0, -result, result)
    chosen: Numbers = xp.where(x == 0.0, x, result)
    return chosen


def cos(x: Numbers) -> Numbers:
    """By the quarter turn the cosine or the sine of the rest, and its sign."""
    xp = Namespace(x.terms)
    quarter, sine, cosine = _angle(x)
    result = xp.where((quarter == 1.0) | (quarter == 3.0), sine, cosine)
    chosen: Numbers = xp.where((quarter == 1.0) | (quarter == 2.0), -result, result)
    return chosen


OWN: Mapping[str, Callable[[Numbers], Numbers]] = {
    "exp": exp, "expm1": expm1, "tanh": tanh, "log": log, "sin": sin, "cos": cos,
}  # fmt: skip
ONLY_NEAR_0 = {"sin": LARGEST_ANGLE, "cos": LARGEST_ANGLE}  # for larger arguments, and nan, C's

OF_C = {  # the names of functions in C's library, and of how many operands they are
    **{name: (name, 1) for name in ("sin", "cos", "tan", "sinh", "cosh", "exp2", "log2", "log10", "log1p")},
    **{f"arc{name}": (f"a{name}", 1) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "arctan2": ("atan2", 2),
    "power": ("pow", 2),
    "erf": ("erf", 1),
    "erfc": ("erfc", 1),
    "hypot": ("hypot", 2),
    "fmod": ("fmod", 2),
}
