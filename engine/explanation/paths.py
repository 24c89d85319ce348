"""Every path between two nodes of a graph: counted all at once, and found one by one."""

from __future__ import annotations

from collections.abc import Iterator

from engine.adjoint_pass import passed_on
from engine.primitives.stopping import NOTHING
from engine.value import Value

COUNTABLE = 10**18  # what counts stop at: exact ones would have as many digits as the graph has nodes


class Path:
    """One way from x to y.

    Attributes:
        nodes: the nodes on the way: x first, y last.
        operands: for each step, which operand of the next node (from 0) the node is.
        local_derivatives: for each step, the derivative of the next node with respect to that operand.
        product: what the path contributes to dy/dx, their product.
    """

    __slots__ = ("local_derivatives", "nodes", "operands", "product")

    def __init__(self, nodes: list[Value], operands: list[int]) -> None:
        self.nodes = nodes
        self.operands = operands
        self.local_derivatives = [_passed_to(k, node, 1.0) for node, k in zip(nodes[1:], operands)]
        self.product = 1.0
        for node, k in zip(
            reversed(nodes), reversed(operands)
        ):  # as the adjoint pass does, if the path were all there is
            self.product = _passed_to(k, node, self.product)
            if self.product is NOTHING:
                break

    def __repr__(self) -> str:
        return f"Path({len(self.operands)} steps, product={self.product:.6g})"


def count_paths(order: list[Value], x: Value) -> tuple[dict[Value, int], int, int]:
    """How many paths lead from x to each node that one leads to; the steps on those to the last node, and the edges."""
    count = {x: 1}
    steps = {x: 0}
    edges = 0
    for node in order if x in set(order) else ():
        known = [parent for parent in node.parents if parent in count]
        if known and node is not x:
            edges += len(known)
            count[node] = min(sum(count[parent] for parent in known), COUNTABLE)
            steps[node] = min(sum(steps[parent] + count[parent] for parent in known), COUNTABLE)
    return count, steps.get(order[-1], 0), edges


def paths_between(y: Value, x: Value, count: dict[Value, int]) -> Iterator[Path]:
    """The paths from x to y one by one, found from y back; every parent that is counted leads on to x."""
    if y is x:
        yield Path([x], [])
    if y is x or y not in count:
        return
    nodes: list[Value] = [y]
    operands: list[int] = []
    untried = [0]  # of each node the first operand that no path has taken yet
    while nodes:
        parents, k = nodes[-1].parents, untried.pop()
        while k < len(parents) and parents[k] not in count:
            k += 1
        if k == len(parents):
            nodes.pop()
            operands[-1:] = []
            continue
        nodes.append(parents[k])
        operands.append(k)
        untried.append(k + 1)
        if parents[k] is x:
            yield Path(nodes[::-1], operands[::-1])
            nodes.pop()
            operands.pop()
        else:
            untried.append(0)


def _passed_to(k: int, node: Value, adjoint: float) -> float:
    """What the node passes on to operand k for an adjoint."""
    return [contribution for _, contribution in passed_on(node, adjoint)][k]
