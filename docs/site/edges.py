"""An operation at its edges: infinities, zeros, nan and the borders of its domain, beside what PyTorch recorded."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from engine import Value
from engine.primitives import Primitive

RECORD = Path(__file__).parents[2] / "tests" / "data" / "torch_edges.json"
OF_ONE = (-math.inf, -1000.0, -1.0, 0.0, 1.0, 1000.0, math.inf, math.nan)
OF_TWO = [
    (0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (-1.0, 0.0), (0.0, -1.0), (1.0, 1.0),
    (math.inf, math.inf), (math.inf, -math.inf), (math.inf, 0.0), (0.0, math.inf), (math.inf, 1.0), (1.0, math.inf),
    (math.nan, 1.0), (1.0, math.nan),
]  # fmt: skip
PLAIN = (-math.inf, -1.0, 0.0, 0.5, 1.0, 2.0, math.inf)
MOST = 14  # rows


class Edge(NamedTuple):
    """What comes of some operands.

    Attributes:
        operands: the operands.
        value, slopes: the value, and the derivative with respect to each operand.
        torch: PyTorch's value and derivatives; None where nothing is recorded.
    """

    operands: list[float]
    value: float
    slopes: list[float]
    torch: list[float] | None

    @property
    def is_pytorchs(self) -> bool:
        """Whether PyTorch has the same numbers."""
        return self.torch is not None and all(map(_same, [self.value, *self.slopes], self.torch))

    @property
    def tells(self) -> bool:
        """Whether it is more than the formula says: a nan, an infinity of finite numbers, a tie."""
        numbers = [self.value, *self.slopes]
        finite = all(map(math.isfinite, self.operands))
        strange = not all(map(math.isfinite, numbers)) if finite else any(x != x for x in numbers)
        tie = len({*self.operands}) < len(self.operands)
        return strange or tie or not self.is_pytorchs


@functools.cache
def _recorded() -> dict[str, Any]:
    return json.loads(RECORD.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def torch_version() -> str:
    """The version of PyTorch that was recorded."""
    return str(_recorded()["torch"]).partition("+")[0]


def edges(operation: Primitive) -> list[Edge]:
    """The operation at its edges; of lists, where something is not finite, a tie, or other than PyTorch's."""
    known = {tuple(row[0]): [float(text) for text in row[1] + row[2]] for row in _recorded().get(operation.name, [])}
    count = min((len(operands) for operands in known if len(operands) > 2), default=3)
    if not operation.takes_any_number:
        count = min((len(operands) for operands in known), default=len(operation.operand_names))
    if count == 1:
        return [_edge(operation, [x], known.get((repr(x),))) for x in OF_ONE]
    if count == 2:
        return [_edge(operation, pair, known.get(tuple(map(repr, pair)))) for pair in OF_TWO]
    rows = [[float(text) for text in operands] for operands in known if len(operands) == count]
    plain = [row for row in rows if all(x in PLAIN or x != x for x in row) and "-0.0" not in map(repr, row)]
    found = [_edge(operation, row, known[tuple(map(repr, row))]) for row in plain]
    telling = [edge for edge in found if edge.tells]
    return (telling if len(telling) > 2 else found)[:MOST]


def _edge(operation: Primitive, operands: Sequence[float], torch: list[float] | None) -> Edge:
    leaves = [*map(Value, operands)]
    y = operation(*leaves)
    y.backward()
    return Edge([*operands], y.data, [leaf.grad + 0.0 for leaf in leaves], torch)


def _same(ours: float, theirs: float) -> bool:
    return math.isnan(ours) if math.isnan(theirs) else math.isclose(ours, theirs, rel_tol=1e-12)
