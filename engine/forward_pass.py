"""The forward pass over a graph that is there: computing it again, and finding out whether it is still right.

A node keeps the number that it was computed with, and its pullback the numbers of that moment. After ``x.data = 2.0``
the graph above x is that of the old number. `Value.backward` gives the gradient at the old point, as the pullbacks are.
A derivative as a graph reads the leaves afresh: old and new numbers would mix, so it is refused.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from engine.graph import topological_order
from engine.primitive import as_float
from engine.recording import check_number, current

if TYPE_CHECKING:
    from engine.value import Value


def forward(output: Value) -> None:
    """Compute every node of the graph again, in place; all of them, or none if a rule raises an error."""
    computed: dict[Value, tuple[float, Any]] = {}
    recording = current.get()
    for node in topological_order(output):
        if node.op is not None:
            numbers = [computed[parent][0] if parent.op is not None else parent._data for parent in node._parents]
            data, pullback = node.op.rule(*numbers)
            computed[node] = as_float(data), pullback
            if recording is not None and recording.anomalies is not None:
                check_number(computed[node][0], node.op, node._parents, numbers)
    for node, (data, pullback) in computed.items():
        node._data, node.pullback, node._grad = data, pullback, None


def changed(order: Iterable[Value]) -> Sequence[Value]:
    """The leaves, one of which got another number after the graph was computed from it; empty if none did.

    A leaf whose new number gives the same results counts as unchanged: the graph is right for both. Where a node has no
    leaf that could have changed, its own number was set: then the node.
    """
    for node in order:
        if node.op is not None:
            now = node.op.rule(*[parent._data for parent in node._parents])[0]
            if not same_number(now, node._data):
                leaves = [parent for parent in node._parents if not parent._parents and not parent.is_constant]
                return [*dict.fromkeys(leaves)] or [node]
    return ()


def same_number(x: float, y: float) -> bool:
    """Whether two numbers are one: of zeros also the sign; nan is nan."""
    return math.copysign(1.0, x) == math.copysign(1.0, y) if x == y else x != x and y != y


def check_unchanged(what: str, order: Iterable[Value]) -> None:
    """Raise RuntimeError if a leaf has changed since the graph was computed: `what` would mix old and new numbers."""
    recording = current.get()
    if recording is not None and recording.tracer is not None:
        return  # there are no numbers yet
    found = changed(order)
    if found:
        raise RuntimeError(
            f"{what} of a graph with old numbers: {words(found)} changed after it was computed. "
            "y.forward() computes y's graph again with the numbers now; or compute y anew"
        )


def old_nodes(order: Sequence[Value]) -> set[Value]:
    """The nodes of a graph in topological order that have another number than a forward pass would give them now."""
    if not changed(order):
        return set()
    now: dict[Value, float] = {}
    for node in order:
        if node.op is not None:
            numbers = [now.get(parent, parent._data) for parent in node._parents]
            now[node] = as_float(node.op.rule(*numbers)[0])
    return {node for node, number in now.items() if not same_number(number, node._data)}


def old_numbers(order: Iterable[Value]) -> str:
    """A sentence for whoever looks at a graph a leaf of which has changed since; empty if none has."""
    found = changed(order)
    return f"old numbers: {words(found)} changed after this was computed; forward() computes it again" if found else ""


def words(leaves: Sequence[Value]) -> str:
    """The leaves by name."""
    names = [repr(leaf.label) if leaf.label else repr(leaf) for leaf in leaves[:3]]
    return names[0] if len(leaves) == 1 else f"one of {', '.join(names)}{', ...' if len(leaves) > 3 else ''}"
