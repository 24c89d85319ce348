"""Which nodes of a graph to draw: all of them, a few operations back from the outputs, or one module's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from engine.graph import topological_order
from engine.readable import readable_repr
from engine.value import Constant

if TYPE_CHECKING:
    from engine.value import Value


def part(outputs: list[Value], *, depth: int | None, module: Any, max_nodes: int) -> set[Value]:
    """The nodes to draw. ValueError if they are more than `max_nodes`."""
    chosen = set(topological_order(*outputs))
    if module is not None:
        chosen &= of_module(outputs, module)
    if depth is not None:
        chosen &= within(outputs, depth)
    if len(chosen) > max_nodes:
        raise ValueError(
            f"{len(chosen):,} nodes are too many to look at (max_nodes={max_nodes}): draw a part with depth=..., the "
            "number of operations back from the output, or module=..., one part of the network; or draw them all with "
            f"max_nodes={len(chosen)}"
        )
    return chosen


def within(outputs: list[Value], depth: int) -> set[Value]:
    """The nodes from which some output is at most `depth` operations away."""
    if depth < 0:
        raise ValueError(f"depth={depth}: it is a number of operations, 0 or more")
    met = set(outputs)
    newest: Iterable[Value] = outputs
    for _ in range(depth):
        newest = {parent for node in newest for parent in node.parents} - met
        if not newest:
            break
        met |= newest
    return met


def of_module(outputs: list[Value], module: Any) -> set[Value]:
    """What a module computes, and the operands of that.

    An operation is the module's if a parameter of the module is an operand, if it lies between two such operations, or
    if all its operands, constants aside, are results of the module's operations.
    """
    if not callable(getattr(module, "parameters", None)):
        raise TypeError(f"module={readable_repr(module)}: expected a module, something with a parameters() method")
    order = topological_order(*outputs)
    parameters = set(module.parameters())
    if parameters.isdisjoint(order):
        raise ValueError(
            f"none of the {len(parameters)} parameters of {type(module).__name__} is in this graph: "
            "is it another module, or its output before it was called?"
        )
    direct = {node for node in order if not parameters.isdisjoint(node.parents)}
    after = set(direct)
    for node in order:
        if not after.isdisjoint(node.parents):
            after.add(node)
    before = set(direct)
    for node in reversed(order):
        if node in before:
            before.update(node.parents)
    operations = after & before
    for node in order:
        operands = [parent for parent in node.parents if type(parent) is not Constant]
        if operands and operations.issuperset(operands):
            operations.add(node)
    return operations.union(*[node.parents for node in operations])


def exceeds(outputs: list[Value], limit: int) -> bool:
    """Whether the graph has more than `limit` nodes, found without walking many more than that."""
    met = set(outputs)
    newest: Iterable[Value] = outputs
    while newest and len(met) <= limit:
        newest = {parent for node in newest for parent in node.parents} - met
        met |= newest
    return len(met) > limit
