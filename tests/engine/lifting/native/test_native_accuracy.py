"""How far the functions of native code are from the true values, in units of the last place, against 50 digits."""

import math
import random

import mpmath
import pytest

import engine
from engine import compile

pytestmark = pytest.mark.usefixtures("all_native")

RANDOM = random.Random(0)
WIDE = [RANDOM.uniform(-30.0, 30.0) for _ in range(300)]
SMALL = [RANDOM.choice((-1, 1)) * 10.0 ** RANDOM.uniform(-18.0, 0.0) for _ in range(200)]
POSITIVE = [10.0 ** RANDOM.uniform(-300.0, 300.0) for _ in range(300)] + [1.0 + x for x in SMALL]
ANGLES = [*WIDE, *SMALL, *(RANDOM.uniform(-1e5, 1e5) for _ in range(300)), 1e22, 1e300, math.pi, math.pi / 2]

TABLE = {  # the function: the numbers it is tried on, and the units it may be off
    "exp": ([*WIDE, *SMALL, 709.7, -708.0, -740.0], 1.8),
    "expm1": ([*WIDE, *SMALL], 2.5),
    "log": ([*POSITIVE, 5e-324, 1e-310], 1.8),
    "tanh": ([*WIDE, *SMALL], 3.0),
    "sigmoid": ([*WIDE, *SMALL, -700.0], 3.0),
    "sin": (ANGLES, 1.8),
    "cos": (ANGLES, 1.8),
    "sqrt": (POSITIVE, 0.51),
    "erf": ([*WIDE, *SMALL], 1.8),
    "log1p": ([*SMALL, *map(abs, WIDE)], 1.8),
}

TRUE = {"sigmoid": lambda x: 1 / (1 + mpmath.exp(-x))}


def units_off(number, true):
    return float(abs(mpmath.mpf(number) - true) / math.ulp(float(true)))


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("lanes", ["one", "many"])
def test_units_in_the_last_place(name, lanes):
    numbers, most = TABLE[name]
    compiled = compile(getattr(engine, name), backend="native")
    found = compiled(numbers) if lanes == "many" else [compiled(x) for x in numbers]
    assert "native:" in repr(compiled)
    with mpmath.workdps(50):
        true = [TRUE.get(name, getattr(mpmath, name, None))(mpmath.mpf(x)) for x in numbers]
        off = [units_off(float(number), each) for number, each in zip(found, true)]
    assert max(off) <= most, f"{name}({numbers[off.index(max(off))]!r})"
