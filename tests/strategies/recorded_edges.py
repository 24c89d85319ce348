"""What PyTorch computed at the edges of every primitive, and where we differ from it on purpose."""

import json
import math
from pathlib import Path

from engine import primitives
from engine.primitives import Primitive

RECORDED = json.loads((Path(__file__).parents[1] / "data" / "torch_edges.json").read_text())
TORCH = RECORDED.pop("torch")
OURS = {name: thing for name, thing in vars(primitives).items() if isinstance(thing, Primitive)}
INF, NAN, TINY = math.inf, math.nan, 2.2250738585072014e-308

# Where we differ from PyTorch on purpose: (primitive, operands) -> our value and gradient.
ON_PURPOSE = {
    # nan is not a number to have a sign: it propagates, where PyTorch's sign makes it a 0 that hides it
    ("sign", (NAN,)): (NAN, [0.0]),
    ("abs", (NAN,)): (NAN, [NAN]),
    # scaled, so that nothing overflows on the way to a length that is a float; PyTorch's squares overflow, or vanish
    ("norm2", (1e200, -1e200, 1.0)): (2**0.5 * 1e200, [0.5**0.5, -(0.5**0.5), 0.5**0.5 * 1e-200]),
    ("norm2", (1e308, 1e308, -1e308)): (3**0.5 * 1e308, [3**-0.5, 3**-0.5, -(3**-0.5)]),
    ("norm2", (-1e308, 1.0, -1e308)): (2**0.5 * 1e308, [-(0.5**0.5), 0.5**0.5 * 1e-308, -(0.5**0.5)]),
    ("norm2", (TINY, -TINY, -0.0)): (2**0.5 * TINY, [0.5**0.5, -(0.5**0.5), -0.0]),
}  # fmt: skip


def key(name, operands):
    return name, tuple(map(repr, operands))


EXPECTED = {
    key(name, operands): (value, derivatives)
    for name, rows in RECORDED.items()
    for operands, [value], derivatives in ([[float(text) for text in texts] for texts in row] for row in rows)
}
DIFFERENT = {key(*case): expected for case, expected in ON_PURPOSE.items()}


def same(ours, theirs):
    """The same number up to the last bits; nan is nan."""
    return math.isnan(ours) if math.isnan(theirs) else math.isclose(ours, theirs, rel_tol=1e-12)


def same_sign_of_zero(ours, theirs):
    return ours != 0.0 or theirs != 0.0 or math.copysign(1.0, ours) == math.copysign(1.0, theirs)


def agrees(value, derivatives, expected):
    """Whether a value and derivatives are those expected, each with the sign of its zero."""
    theirs = [expected[0], *expected[1]]
    return all(same(x, y) and same_sign_of_zero(x, y) for x, y in zip([value, *derivatives], theirs))


def cases_of(name):
    """(operands, expected value and derivatives) of a primitive: PyTorch's, or ours where we differ on purpose."""
    return [
        ([float(text) for text in case[1]], DIFFERENT.get(case, expected))
        for case, expected in EXPECTED.items()
        if case[0] == name
    ]
