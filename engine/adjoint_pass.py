"""The adjoint pass: from back to front, each node passes what it received through its pullback.

`adjoint_pass` is the pass as a pure function, for every kind of adjoint: numbers (explanations, pictures), Values
(derivatives as graphs) and arrays (the compiler). `Value.backward` is the same pass in place, on the nodes' own `grad`,
which is several times faster; the functions below it take care of the leaves, whose gradients accumulate.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, TypeVar

from engine.collector import expect_graphs_of
from engine.errors import check_all_contributions, check_contributions
from engine.leaf_arrays import cleared, settle, waiting
from engine.primitives.stopping import NOTHING
from engine.recording import check_adjoints, current

if TYPE_CHECKING:
    from engine.value import Value

Node = TypeVar("Node")
Adjoint = Any


def adjoint_pass(
    order: Sequence[Node],
    seeds: Mapping[Node, Adjoint],
    contributions: Callable[[Node, Adjoint], Iterable[tuple[Node, Adjoint]]],
    total: Callable[[Node, list[Adjoint]], Adjoint] = lambda _, received: reduce(add, received),
) -> dict[Node, Adjoint]:
    """The adjoint of every node that an adjoint reaches: the derivative of the seeded nodes with respect to it.

    Args:
        order: the nodes, each after its parents.
        seeds: the adjoints to start from: 1 for the node that is differentiated.
        contributions: what a node with an adjoint passes on: to which parents, and what. `NOTHING` is not passed on.
        total: the adjoint of a node that received these contributions; their sum.
    """
    received: dict[Node, list[Adjoint]] = defaultdict(list, {node: [seed] for node, seed in seeds.items()})
    adjoint: dict[Node, Adjoint] = {}
    for node in reversed(order):
        if node in received:
            adjoint[node] = total(node, received.pop(node))
            for parent, contribution in contributions(node, adjoint[node]):
                if contribution is not NOTHING:
                    received[parent].append(contribution)
    return adjoint


def passed_on(node: Value, adjoint: float) -> Iterable[tuple[Value, float]]:
    """What a node with this adjoint passes on to its parents, as numbers."""
    if node.pullback is None:
        return ()
    returned = node.pullback(adjoint)
    if not isinstance(returned, (tuple, list)) or len(returned) != len(node._parents):
        check_contributions(node)
    return zip(node._parents, returned)


# What `Value.backward` does before and after the pass. A leaf's gradient is in `before` before it is touched, so that
# an error or Ctrl-C at any moment can be undone.


def begin_pass(output: Value, order: list[Value], before: list[tuple[Value, float | None]]) -> float:
    """Find the graph: fill `order` with its inner nodes, each after its parents, and `before` with its leaves.

    Every gradient becomes one and the same zero object, which marks the node as met: that is faster than looking the
    node up in a set. It is -0.0, because -0.0 plus a number is that number, of a zero also the sign. Depth-first as
    in `engine.graph.topological_order`.

    Returns:
        That zero: a node that still has it after the pass was not reached.
    """
    if waiting:
        settle()
    met = math.copysign(0.0, -1.0)  # a new object: that of another pass is not this one
    stack: list[Value | None] = [output]
    if not output._parents:
        before.append((output, output._grad))
        stack = []
    while stack:
        node = stack.pop()
        if node is None:  # everything above it on the stack is done: so are the parents of the node below
            order.append(stack.pop())  # type: ignore[arg-type]
        elif node._grad is not met:
            node._grad = met
            descends = False
            for parent in reversed(node._parents):
                if parent._grad is not met:
                    if not parent._parents:
                        before.append((parent, parent._grad))
                        parent._grad = met
                    elif descends:
                        stack.append(parent)
                    else:
                        stack += (node, None, parent)
                        descends = True
            if not descends:
                order.append(node)
    expect_graphs_of(len(order) + len(before))
    return met


def end_pass(order: Sequence[Value], before: Sequence[tuple[Value, float | None]], unreached: float) -> None:
    """Check what the leaves received, and add it to the gradients that they had."""
    if any(type(leaf._grad) is not float for leaf, _ in before):
        check_all_contributions(order, [leaf for leaf, _ in before])
    recording = current.get()
    if recording is not None and recording.anomalies is not None:
        check_adjoints(order, recording.anomalies)
    for leaf, grad in before:
        if grad is not None:
            leaf._grad += grad  # type: ignore[operator]
        elif leaf._grad is unreached:
            leaf._grad = 0.0
    if cleared:
        cleared.clear()


def undo_pass(error: BaseException, node: Value | None, before: Sequence[tuple[Value, float | None]]) -> None:
    """Give the leaves the gradients that they had; raise an error that says what the pullback of `node` did wrong."""
    for leaf, grad in before:
        leaf._grad = grad
    if node is not None and isinstance(error, (TypeError, ValueError)):
        check_contributions(node)
