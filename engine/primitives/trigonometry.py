"""Trigonometric and hyperbolic functions, and their inverses."""

from __future__ import annotations

import math

from engine.primitive import INF, NAN, Pullback, Scalar, elementary, primitive
from engine.primitives.arithmetic import abs, quotient
from engine.primitives.choosing import equal, less, where
from engine.primitives.powers import sqrt


@elementary("sin(x)", "cos(x)", number=math.sin)
def sin(x: Scalar, y: Scalar) -> Pullback:
    """The sine of x radians."""
    return lambda g, x=x: (g * cos(x),)


@elementary("cos(x)", "-sin(x)", number=math.cos)
def cos(x: Scalar, y: Scalar) -> Pullback:
    """The cosine of x radians."""
    return lambda g, x=x: (g * -sin(x),)


@elementary("tan(x)", "1 + tan(x)**2", number=math.tan)
def tan(x: Scalar, y: Scalar) -> Pullback:
    """The tangent of x radians."""
    return lambda g, y=y: (g * (y * y + 1.0),)


@elementary("arcsin(x)", "1 / sqrt(1 - x**2)", number=math.asin, javascript="Math.asin", sympy="asin")
def arcsin(x: Scalar, y: Scalar) -> Pullback:
    """The angle in radians whose sine is x; nan outside [-1, 1]."""
    return lambda g, x=x: (quotient(g, sqrt(1.0 - x * x)),)


@elementary("arccos(x)", "-1 / sqrt(1 - x**2)", number=math.acos, javascript="Math.acos", sympy="acos")
def arccos(x: Scalar, y: Scalar) -> Pullback:
    """The angle in radians whose cosine is x; nan outside [-1, 1]."""
    return lambda g, x=x: (-quotient(g, sqrt(1.0 - x * x)),)


@elementary("arctan(x)", "1 / (1 + x**2)", number=math.atan, javascript="Math.atan", sympy="atan")
def arctan(x: Scalar, y: Scalar) -> Pullback:
    """The angle in radians whose tangent is x."""
    return lambda g, x=x: (quotient(g, x * x + 1.0),)


@elementary(
    "arctan2(x, y)", "y / (x**2 + y**2)", "-x / (x**2 + y**2)",
    number=math.atan2, javascript="Math.atan2", sympy="atan2",
)  # fmt: skip
def arctan2(x: Scalar, y: Scalar, angle: Scalar) -> Pullback:
    """The angle in radians of the point with ordinate x and abscissa y: arctan(x / y) in the right quadrant."""

    def pullback(g: Scalar, x: Scalar = x, y: Scalar = y) -> tuple[Scalar, Scalar]:
        r = hypot(x, y)
        r = where(equal(r, 0.0), 1.0, r)  # at the origin, which has no angle, the derivatives are 0
        return g * quotient(quotient(y, r), r), g * -quotient(quotient(x, r), r)

    return pullback


@elementary("sqrt(x**2 + y**2)", "x / sqrt(x**2 + y**2)", "y / sqrt(x**2 + y**2)", number=math.hypot)
def hypot(x: Scalar, y: Scalar, r: Scalar) -> Pullback:
    """The length of the vector (x, y), without overflow; of an infinity and nan an infinity, as C's."""
    return lambda g, x=x, y=y, r=r: (g * quotient(x, r), g * quotient(y, r))


@primitive("x * (pi/180)", "pi/180")
def radians(x: Scalar) -> tuple[Scalar, Pullback]:
    """An angle in degrees as radians."""
    return x * (math.pi / 180.0), lambda g: (g * (math.pi / 180.0),)


@primitive("x * (180/pi)", "180/pi")
def degrees(x: Scalar) -> tuple[Scalar, Pullback]:
    """An angle in radians as degrees."""
    return x * (180.0 / math.pi), lambda g: (g * (180.0 / math.pi),)


def _sinc_slope(x: Scalar) -> Scalar:
    """(cos(pi x) - sinc(x)) / x; near 0, where that cancels, its series."""
    near = less(abs(x), 0.6)
    t = where(near, (math.pi * math.pi) * (x * x), 0.0)
    series: Scalar = 0.0
    for n in range(14, 0, -1):  # sum of (-t)^n 2n / (2n + 1)!, divided by x
        series = 2.0 * n / math.factorial(2 * n + 1) * (-1.0) ** n + series * t
    far = where(near, 1.0, x)
    return where(
        near,
        series * ((math.pi * math.pi) * x),
        quotient(cos(math.pi * far) - quotient(sin(math.pi * far), math.pi * far), far),
    )


@primitive("where(x == 0, 1, sin(pi*x) / (pi*x))", "where(x == 0, 0, (cos(pi*x) - sin(pi*x) / (pi*x)) / x)")
def sinc(x: Scalar) -> tuple[Scalar, Pullback]:
    """sin(pi x) / (pi x), which is 1 at 0."""
    origin = equal(x, 0.0)
    safe = where(origin, 1.0, x)
    return where(origin, 1.0, quotient(sin(math.pi * safe), math.pi * safe)), lambda g, x=x: (g * _sinc_slope(x),)


# Hyperbolic functions ------------------------------------------------------------------------------------------------


@elementary("sinh(x)", "cosh(x)", number=math.sinh, edge=lambda x: math.copysign(INF, x))
def sinh(x: Scalar, y: Scalar) -> Pullback:
    """The hyperbolic sine, (e^x - e^-x) / 2."""
    return lambda g, x=x: (g * cosh(x),)


@elementary("cosh(x)", "sinh(x)", number=math.cosh, edge=lambda x: INF)
def cosh(x: Scalar, y: Scalar) -> Pullback:
    """The hyperbolic cosine, (e^x + e^-x) / 2."""
    return lambda g, x=x: (g * sinh(x),)


@elementary("tanh(x)", "1 - tanh(x)**2", number=math.tanh)
def tanh(x: Scalar, y: Scalar) -> Pullback:
    """The hyperbolic tangent, an activation with values in (-1, 1)."""
    return lambda g, x=x: (g * tanh_slope(x),)


def tanh_slope(x: Scalar) -> Scalar:
    """sech2(x) in a rule: the operation, and of a float its number at once: tanh is in every network."""
    if type(x) is not float:
        return sech2(x)
    try:
        s = math.sinh(x)
    except OverflowError:
        return 0.0
    return 1.0 / (1.0 + s * s)


def _textbook_sech2(x: Scalar) -> Scalar:
    y = tanh(x)
    return 1.0 - y * y


# 1 - y**2, the textbook's form, is 0 from 20 on, where the slope is 1e-17: it has lost its digits, and so have its
# derivatives. Array code keeps it, as PyTorch and JAX have it: y is there already. It is off by 1e-16.
@elementary(
    "1 / cosh(x)**2", "-2*tanh(x) / cosh(x)**2",
    number=tanh_slope,
    javascript="(x) => 1 / (1 + Math.sinh(x) ** 2)",
    in_arrays=_textbook_sech2,
    is_public=False,
)  # fmt: skip
def sech2(x: Scalar, y: Scalar) -> Pullback:
    """The slope of tanh, with all its digits far out too."""
    return lambda g, x=x, y=y: (g * (-2.0 * tanh(x) * y),)


@elementary("arcsinh(x)", "1 / sqrt(x**2 + 1)", number=math.asinh, javascript="Math.asinh", sympy="asinh")
def arcsinh(x: Scalar, y: Scalar) -> Pullback:
    """The number whose hyperbolic sine is x."""
    return lambda g, x=x: (quotient(g, hypot(x, 1.0)),)


@elementary("arccosh(x)", "1 / sqrt(x**2 - 1)", number=math.acosh, javascript="Math.acosh", sympy="acosh")
def arccosh(x: Scalar, y: Scalar) -> Pullback:
    """The number, at least 0, whose hyperbolic cosine is x; nan below 1."""
    return lambda g, x=x: (quotient(g, sqrt(x - 1.0) * sqrt(x + 1.0)),)


@elementary(
    "arctanh(x)", "1 / (1 - x**2)",
    number=math.atanh,
    edge=lambda x: math.copysign(INF, x) if math.fabs(x) == 1.0 else NAN,
    javascript="Math.atanh",
    sympy="atanh",
)  # fmt: skip
def arctanh(x: Scalar, y: Scalar) -> Pullback:
    """The number whose hyperbolic tangent is x; an infinity at -1 and 1, nan outside."""
    return lambda g, x=x: (quotient(g, 1.0 - x * x),)
