"""Walking a graph, without recursion: a chain of a million nodes is walked like any other."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import filterfalse
from typing import TYPE_CHECKING

from engine.collector import expect_graphs_of

if TYPE_CHECKING:
    from engine.value import Value


def topological_order(*outputs: Value) -> list[Value]:
    """Every node that the outputs are computed from, and the outputs: each one after all of its parents.

    Depth-first, operands from left to right, as the program that made the graph went. Plain recursion would do the same
    in four lines, but Python stops it at a depth of about 1000. Adding a node to the order when it is first *met* would
    be wrong: in ``b = a + a; c = b + b * a`` a node must wait until every node that uses it has passed on its adjoint.
    """
    order: list[Value] = []
    met: set[Value] = set()
    stack: list[Value | None] = [*reversed(outputs)]
    while stack:
        node = stack.pop()
        if node is None:  # everything above it on the stack is done: so are the parents of the node below
            order.append(stack.pop())  # type: ignore[arg-type]
        elif node not in met:
            met.add(node)
            parents = node._parents
            if parents:
                stack.append(node)
                stack.append(None)
                left = parents[::-1] if len(parents) < 4 else filterfalse(met.__contains__, reversed(parents))
                stack.extend(left)
            else:
                order.append(node)
    expect_graphs_of(len(order))
    return order


def leaves(*outputs: Value) -> list[Value]:
    """The nodes that nothing computes: inputs, parameters and constants."""
    return [node for node in topological_order(*outputs) if not node._parents]


def edges(nodes: Iterable[Value]) -> list[tuple[Value, Value, int]]:
    """(parent, node, k) for every operand k of every node: an operand used twice is two edges."""
    return [(parent, node, k) for node in nodes for k, parent in enumerate(node._parents)]
