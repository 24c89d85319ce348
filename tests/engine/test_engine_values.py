"""Values of the primitives against mpmath, over the whole range of each; powers by a plain number."""

import math

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Value, primitives
from engine.primitives import OPERATIONS, power
from engine.primitives.activations import SELU_ALPHA, SELU_SCALE

IN_MPMATH = {  # what is called otherwise there, or written with its functions
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "log2": lambda x: mpmath.log(x, 2),
    "arcsin": mpmath.asin,
    "arccos": mpmath.acos,
    "arctan": mpmath.atan,
    "arcsinh": mpmath.asinh,
    "arccosh": mpmath.acosh,
    "arctanh": mpmath.atanh,
    "sinc": mpmath.sincpi,
    "softsign": lambda x: x / (1 + abs(x)),
    "selu": lambda x: SELU_SCALE * (x if x > 0 else SELU_ALPHA * mpmath.expm1(x)),
}
RANGES = {  # where the numbers to try come from, if not from 1e-6 to 100
    "exp2": (-1000.0, 1000.0), "arcsin": (-1.0, 1.0), "arccos": (-1.0, 1.0), "arctanh": (-0.999, 0.999),
    "arccosh": (1.0, 1e300), "arcsinh": (-1e300, 1e300), "arctan": (-1e300, 1e300), "log2": (1e-300, 1e300),
    "log10": (1e-300, 1e300), "erf": (-7.0, 7.0), "erfc": (-7.0, 26.0), "softsign": (-1e300, 1e300),
    "selu": (-800.0, 800.0), "radians": (-1e300, 1e300), "degrees": (-1e300, 1e300),
}  # fmt: skip
EXACT = (
    "exp exp2 expm1 log log2 log10 log1p sqrt sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh "
    "erf erfc radians degrees softsign selu floor ceil sinc"
).split()


@pytest.mark.parametrize("name", EXACT)
@given(st.data())
def test_value_agrees_with_mpmath(name, data):
    x = data.draw(st.floats(*RANGES.get(name, (1e-6, 1e2))))
    with mpmath.workdps(50):
        exact = float((IN_MPMATH.get(name) or getattr(mpmath, name))(mpmath.mpf(x)))
    slack = 1e-15 if name == "sinc" else 1e-323  # near its zeros pi * x has no more digits
    assert math.isclose(OPERATIONS[name](x), exact, rel_tol=1e-12, abs_tol=slack)


@pytest.mark.parametrize(
    ("name", "exact"),
    [
        ("arctan2", mpmath.atan2),
        ("hypot", mpmath.hypot),
        ("logaddexp", lambda x, y: max(x, y) + mpmath.log1p(mpmath.exp(-abs(x - y)))),
        ("remainder", lambda x, y: x - y * mpmath.floor(x / y)),
        ("floor_divide", lambda x, y: mpmath.floor(x / y)),
    ],
)
@given(x=st.floats(-1e9, 1e9), y=st.floats(1e-3, 1e9).flatmap(lambda y: st.sampled_from([y, -y])))
def test_value_of_two_numbers_agrees_with_mpmath(name, exact, x, y):
    x += 0.0  # mpmath has no -0.0, whose angle is another
    with mpmath.workdps(700):  # x / y of 1e9 and a tiny one
        value = float(exact(mpmath.mpf(x), mpmath.mpf(y)))
    assert math.isclose(OPERATIONS[name](x, y), value, rel_tol=1e-12, abs_tol=1e-300)


@given(x=st.floats(-1e300, 1e300), y=st.floats(-1e300, 1e300))
def test_division_with_a_remainder_is_pythons(x, y):
    if y != 0.0:
        assert primitives.floor_divide(x, y) == x // y
        assert primitives.remainder(x, y) == x % y
        assert round(x) == primitives.round(x)
        assert math.floor(x) == primitives.floor(x)
        assert math.ceil(x) == primitives.ceil(x)


@given(x=st.floats(1e-3, 1e3), n=st.one_of(st.integers(-6, 6), st.floats(-3.0, 3.0)))
def test_powers_by_a_plain_number_agree_with_mpmath(x, n):
    """Value and derivative of x**n; of a whole n for negative x too."""
    for at in (x, -x) if n == int(n) else (x,):
        leaf = Value(at)
        y = leaf**n
        y.backward()
        assert y.op is power(n)
        assert y.parents == (leaf,)
        assert math.isclose(y.data, mpmath.mpf(at) ** mpmath.mpf(n), rel_tol=1e-13)
        slope = mpmath.mpf(n) * mpmath.mpf(at) ** (mpmath.mpf(n) - 1) if n else 0.0
        assert math.isclose(leaf.grad, slope, rel_tol=1e-12, abs_tol=1e-300)


def test_a_power_is_made_once_and_shows_its_exponent():
    assert power(2) is power(2.0)
    assert [power(n).formula for n in (0, 2, 0.5, -1, -1.5, 1e20, math.inf)] == [
        "x**0", "x**2", "x**0.5", "x**(-1)", "x**(-1.5)", "x**1e+20", "x**inf",
    ]  # fmt: skip
    assert power(math.nan)(2.0) != power(math.nan)(2.0)
    assert power(math.nan)(1.0) == 1.0  # as C's pow


@pytest.mark.parametrize("n", [0.5, -0.5])
def test_the_power_one_half_is_the_root(n):
    """Of -0.0 and of -inf too, where C's pow has 0.0 and inf: PyTorch, NumPy and XLA all have the root."""
    for x in (4.0, 2.0, 0.0, -0.0, -1.0, -math.inf, math.inf, math.nan):
        ways = [(Value(x) ** n).data, power(n)(x), power(n)(Value(x)).data, power(n).rule(x)[0]]
        root = primitives.sqrt(x) if n > 0 else primitives.div(1.0, primitives.sqrt(x))
        assert {*map(repr, ways)} == {repr(root)}


@pytest.mark.parametrize(
    ("name", "exact"),
    [
        ("sigmoid", lambda x: 1 / (1 + mpmath.exp(-x))),
        ("softplus", lambda x: mpmath.log(1 + mpmath.exp(x))),
        ("silu", lambda x: x / (1 + mpmath.exp(-x))),
        ("mish", lambda x: x * mpmath.tanh(mpmath.log(1 + mpmath.exp(x)))),
    ],
)
@given(x=st.floats(-700.0, 1000.0))
def test_activations_are_stable(name, exact, x):
    """Value and derivative to 12 digits over the whole range, where the plain formulas overflow or lose every digit."""
    leaf = Value(x)
    y = OPERATIONS[name](leaf)
    y.backward()
    with mpmath.workdps(700):
        value, slope = exact(mpmath.mpf(x)), mpmath.diff(exact, mpmath.mpf(x), h=mpmath.mpf(10) ** -200)
    assert math.isclose(y.data, value, rel_tol=1e-12, abs_tol=1e-300)
    assert math.isclose(leaf.grad, slope, rel_tol=1e-12, abs_tol=1e-14)
