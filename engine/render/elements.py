"""From the nodes of a graph to the elements of its drawing, which every kind of drawing is made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine import primitives
from engine.adjoint_pass import adjoint_pass, passed_on
from engine.forward_pass import old_nodes
from engine.given_names import names_of
from engine.graph import topological_order
from engine.leaf_arrays import settle
from engine.value import Constant

if TYPE_CHECKING:
    from engine.primitives import Primitive
    from engine.value import Value

Contributions = Callable[[float], tuple[float, ...]]
COMMUTATIVE = {  # those of w and x aside, which are told apart by their names
    primitives.add, primitives.mul, primitives.maximum, primitives.minimum, primitives.equal,
    primitives.sum, primitives.norm2, primitives.logsumexp, primitives.max, primitives.min,
    primitives.dot, primitives.weighted_sum,
}  # fmt: skip


@dataclass
class Element:
    """One value of the drawing and the operation it came from.

    Attributes:
        index: its position in the drawing, after all of its operands.
        role: "constant", "parameter", "leaf", "inner" or "output".
        label: its name, or None.
        data: its number.
        grad: its gradient; None where no backward pass has been.
        op: the primitive it came from; None for a leaf.
        operands: the indices of its operands; None for one that is not drawn.
        pullback: adjoint -> a contribution for each operand; None for a leaf.
        adjoint: the derivative of the sum of the outputs with respect to it; None if the drawing has no use for it.
        is_reached: False if no adjoint is passed on to it, as behind a condition: it passes nothing on either.
        unseen_uses: whether an operation that is not drawn uses it.
        in_order: whether exchanging its operands would give something else.
        mark: "old" if its number is not that of its operands now, "differs" beside a graph where it does; else empty.
    """

    index: int
    role: str
    label: str | None
    data: float
    grad: float | None
    op: Primitive | None = None
    operands: tuple[int | None, ...] = ()
    pullback: Contributions | None = None
    adjoint: float | None = None
    is_reached: bool = True
    unseen_uses: bool = False
    in_order: bool = False
    mark: str = ""

    @property
    def symbol(self) -> str | None:
        """How the operation it came from is shown; None for a leaf."""
        return None if self.op is None else self.op.symbol

    def contributions(self, adjoint: float) -> tuple[float, ...]:
        """What the operation passes on to each operand; its local derivatives for an adjoint of 1."""
        return () if self.pullback is None else self.pullback(adjoint)

    @property
    def passed_on(self) -> tuple[float, ...]:
        """What it passes on of its own adjoint to each operand."""
        return self.contributions(self.adjoint or 0.0) if self.is_reached else (0.0,) * len(self.operands)


def elements(
    outputs: list[Value],
    chosen: set[Value],
    *,
    params: dict[Value, str | None],
    expand: bool = False,
    adjoints: bool = False,
) -> list[Element]:
    """The elements for the chosen nodes of the outputs' graph, in reading order."""
    settle()
    order = topological_order(*outputs)
    adjoint_of = adjoints_of(outputs, order) if adjoints else {}
    used_unseen = {parent for node in order if node not in chosen for parent in node.parents}
    drawn: list[Element] = []
    index_of: dict[Value, int] = {}
    ends = set(outputs)
    names = names_of(order)
    old = old_nodes(order)

    for node in reading_order([*outputs, *reversed(order)], chosen):
        name = names.get(node) or params.get(node)
        element = Element(len(drawn), _role(node, name, ends, params), name, node._data, node._grad)
        if node in old:
            element.mark = "old"
        if adjoints:
            element.adjoint, element.is_reached = adjoint_of.get(node, 0.0), node in adjoint_of
        if node.op is not None:
            element.op, element.pullback = node.op, node.pullback
            element.operands = tuple([index_of.get(parent) for parent in node.parents])
            element.unseen_uses = node in used_unseen
            element.in_order = len(node.parents) > 1 and node.op not in COMMUTATIVE
            if expand and node.op in (primitives.dot, primitives.weighted_sum) and None not in element.operands:
                _expand(element, drawn)
        index_of[node] = element.index
        drawn.append(element)
    return drawn


def reading_order(ends: list[Value], chosen: set[Value]) -> list[Value]:
    """The chosen nodes that the ends are computed from, each after its operands, and those from first to last.

    Layouts follow the order in which nodes are written: a - b has a above b, and neurons stand in their order.
    """
    return [node for node in topological_order(*ends) if node in chosen]


def adjoints_of(outputs: list[Value], order: list[Value]) -> dict[Value, float]:
    """The adjoint of every node that one reaches, as `Value.backward` computes it, without touching any `grad`."""
    seeds = {output: float(sum(each is output for each in outputs)) for output in outputs}
    return adjoint_pass(order, seeds, passed_on)


def _role(node: Value, name: str | None, outputs: set[Value], params: dict[Value, str | None]) -> str:
    if node in params:
        return "parameter"
    if type(node) is Constant and not name:  # an input of a network has one
        return "constant"
    if node in outputs:
        return "output"
    return "inner" if node.parents else "leaf"


def _expand(total: Element, drawn: list[Element]) -> None:
    """Make a weighted sum or a dot product the sum of products, which are added to what is drawn."""
    n = len(total.operands) // 2
    numbers = total.contributions(1.0)  # the local derivative by w_k is x_k, and by x_k it is w_k
    products = []
    for k in range(n):
        data, pullback = primitives.mul.rule(numbers[n + k], numbers[k])
        products.append(len(drawn))
        operands = (total.operands[k], total.operands[n + k])
        product = Element(len(drawn), "inner", None, data, total.grad, primitives.mul, operands, pullback)
        product.adjoint, product.is_reached = total.adjoint, total.is_reached
        drawn.append(product)
    total.index = len(drawn)
    total.operands = (*products, *total.operands[2 * n :])
    terms = len(total.operands)
    total.op, total.pullback = primitives.sum, lambda g: (g,) * terms
