"""The chain rule written out: every path between two nodes, and what each contributes to the derivative.

    dy/dx = sum over the paths from x to y of the product of the local derivatives along the path

That is what `backward` computes, without walking the paths: there can be exponentially many of them, while an adjoint
pass takes each edge once.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from engine.errors import check_contributions
from engine.graph import topological_order
from engine.value import Value

MAX_PATHS = 10
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
        self.local_derivatives = [_contributions(node, 1.0)[k] for node, k in zip(nodes[1:], operands)]
        self.product = 1.0
        for node, k in zip(
            reversed(nodes), reversed(operands)
        ):  # as the adjoint pass does, if the path were all there is
            self.product = _contributions(node, self.product)[k]

    def __repr__(self) -> str:
        return f"Path({len(self.operands)} steps, product={self.product:.6g})"


class Explanation:
    """Why dy/dx is what it is. Print it.

    Attributes:
        y, x: the two nodes.
        derivative: dy/dx, from one adjoint pass.
        paths: the paths from x to y, those that are shown; in the order of the operands, from y back.
        count: how many paths there are in all, counted up to `COUNTABLE`.
        steps: how many local derivatives there are on all paths together, counted up to `COUNTABLE`.
        edges: how many there are in the graph between x and y: what an adjoint pass multiplies by.
    """

    def __init__(
        self, y: Value, x: Value, *, derivative: float, paths: list[Path], count: int, steps: int, edges: int
    ) -> None:
        self.y, self.x = y, x
        self.derivative = derivative
        self.paths = paths
        self.count, self.steps, self.edges = count, steps, edges

    @property
    def total(self) -> float:
        """The sum of the products of the paths that are shown; the derivative, if that is all of them."""
        return float(sum(path.product for path in self.paths))

    def __str__(self) -> str:
        from engine.render.chain_rule import text_of

        return text_of(self)

    def __repr__(self) -> str:
        return str(self)  # explain(y, x) at the prompt is read, not only printed


def explain(y: Value, x: Value, *, max_paths: int = MAX_PATHS) -> Explanation:
    """The derivative of y with respect to x by the chain rule, with numbers, to print; no `grad` is touched.

    dy/dx is the sum over all paths from x to y of the product of the local derivatives along the path.

    Args:
        y: what is differentiated.
        x: with respect to what: a leaf or an inner node.
        max_paths: how many paths to write out; all are counted.

    Returns:
        An `Explanation`, its attributes the numbers: no paths and the derivative 0 if y does not depend on x.

    Raises:
        TypeError: for y or x that is not a Value.
        ValueError: for max_paths below 0.

    >>> from engine import Value, explain, tanh
    >>> w, x, b = Value(-0.5, label="w"), Value(2.0, label="x"), Value(1.5, label="b")
    >>> y = tanh(w * x + b).named("y")
    >>> explain(y, w)
    dy/dw by the chain rule: multiply along each path from w to y, add up the paths.
    <BLANKLINE>
    v1 = w * x    = -1        dv1/dw  = x = 2
    v2 = v1 + b   = 0.5       dv2/dv1 = 1
    y  = tanh(v2) = 0.462117  dy/dv2  = 1 - tanh(v2)**2 = 0.786448
    <BLANKLINE>
    w → v1 → v2 → y
        dy/dv2 * dv2/dv1 * dv1/dw = 0.786448 * 1 * 2 = 1.5729
    <BLANKLINE>
    1 path: dy/dw = 1.5729
    y.backward() will put it in w.grad.
    """
    for node in (y, x):
        if not isinstance(node, Value):
            raise TypeError(f"expected a Value, as in explain(y, x): got {node!r} of type {type(node).__name__}")
    if max_paths < 0:
        raise ValueError(f"max_paths={max_paths}: it must be at least 0")
    order = topological_order(y)
    count, steps, edges = _count(order, x)
    return Explanation(
        y,
        x,
        derivative=_derivative(order, y, x, count),
        paths=[*islice(_paths(y, x, count), max_paths)],
        count=count.get(y, 0),
        steps=steps,
        edges=edges,
    )


def _count(order: list[Value], x: Value) -> tuple[dict[Value, int], int, int]:
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


def _derivative(order: list[Value], y: Value, x: Value, count: dict[Value, int]) -> float:
    """dy/dx by one adjoint pass over the nodes that x leads to."""
    adjoint = dict.fromkeys(count, 0.0)
    adjoint[y] = 1.0
    for node in reversed(order):
        if node in count and node is not x:
            for parent, contribution in zip(node.parents, _contributions(node, adjoint[node])):
                if parent in count:
                    adjoint[parent] += contribution
    return adjoint[x] if y in count else 0.0


def _paths(y: Value, x: Value, count: dict[Value, int]) -> Iterator[Path]:
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


def _contributions(node: Value, adjoint: float) -> Any:
    """What the node passes on to each operand for an adjoint."""
    assert node.pullback is not None
    contributions = node.pullback(adjoint)
    if not isinstance(contributions, (tuple, list)) or len(contributions) != len(node.parents):
        check_contributions(node)
    return contributions
