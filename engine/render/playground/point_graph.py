"""The graph of a point's loss, for the page to step through, with the numbers that the point and the weights have then.

Each leaf says where its number is: among the inputs, among the targets or among the parameters. What is said of an
operation, and its rule in JavaScript, are walkthrough's, and once there for all values that it computes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine import primitives
from engine.graph import topological_order
from engine.primitives import Primitive
from engine.render.elements import Element, elements
from engine.render.walkthrough.javascript import javascript
from engine.render.walkthrough.page import MAX_NODES, described, names_in_page
from engine.value import Value

Source = tuple[str, int]  # "x", "y" or "theta", and the place there
TOO_LARGE = "The graph of a point has more than {} values: it cannot be stepped through here."


class Kinds:
    """The operations of graphs: each with a number of operands is a kind.

    Attributes:
        said: what is said of each kind.
        missing: the names of operations that JavaScript cannot have.
    """

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.missing: list[str] = []
        self._rules: list[str] = []
        self._number: dict[tuple[Primitive, int], int] = {}

    def number(self, operation: Primitive, operands: Sequence[float]) -> int:
        """The number of a kind. Its rule is tried on these operands."""
        key = operation, len(operands)
        if key not in self._number:
            rule = javascript(operation, operands)
            if rule is None:
                self.missing.append(operation.name)
            self._number[key] = len(self._rules)
            self._rules.append(rule or "null")
            self.said.append(described(*key))
        return self._number[key]

    def rules(self) -> str:
        """The rules as a JavaScript array."""
        return f"[{', '.join(self._rules)}]"


def point_graph(
    cost: Value, sources: Mapping[Value, Source], names: Mapping[Value, str | None], kinds: Kinds
) -> dict[str, Any]:
    """The graph: its nodes, each after its operands, and the name of the last one.

    One that is too large, or has a rule that JavaScript cannot have, has a `note` that says so and no nodes.

    Args:
        cost: the loss of one point.
        sources: where the number of each leaf is; the number of one without is that of now.
        names: of the parameters.
        kinds: where its operations are added.
    """
    order = topological_order(cost)
    if len(order) > MAX_NODES:
        return {"note": TOO_LARGE.format(MAX_NODES)}
    drawn = elements([cost], {*order}, params=dict(names), adjoints=True)
    shown = names_in_page(drawn, [])
    source_of = {element.index: sources.get(node) for element, node in zip(drawn, order)}
    nodes: list[list[Any]] = []
    for element in drawn:
        begins = [shown[element.index], element.role]
        if element.op is None:
            nodes.append([*begins, source_of[element.index] or element.data])
        else:
            nodes.append([*begins, element.operands, _kind(element, drawn, kinds)])
    if kinds.missing:
        return {"note": f"A point's graph cannot be computed here: no JavaScript for {', '.join(kinds.missing)}."}
    return {"note": "", "output": shown[-1], "nodes": nodes}


def graph_parts(
    cost: Value,
    outputs: Sequence[Value],
    graph: dict[str, Any],
    fan_ins: Iterable[int],
    activations: Mapping[str, Primitive | None],
    kinds: Kinds,
) -> dict[str, Any] | None:
    """What the graph of another network is made of: sums, activations and what makes the loss; and how large it may be.

    Args:
        cost: the loss of one point.
        outputs: those of the network that it is computed from.
        graph: as `point_graph` has it.
        fan_ins: how many inputs neurons may have.
        activations: the operations by what they are called; None for none at all.
        kinds: where the operations are added.
    """
    if graph["note"]:
        return None
    order = topological_order(cost)
    of_network = {*topological_order(*outputs)}
    place = {node: k for k, node in enumerate(node for node in order if node not in of_network)}
    place_of_output = {output: f"out{k}" for k, output in enumerate(outputs)}
    loss = []
    for node, (name, role, came_from, *kind) in zip(order, graph["nodes"]):
        if node in place:
            operands = [place_of_output.get(parent, place.get(parent)) for parent in node.parents]
            loss.append([name, role, operands if kind else came_from, *kind])
    return {
        "sums": {n: kinds.number(primitives.weighted_sum, [0.5] * (2 * n + 1)) for n in fan_ins},
        "activations": {
            name: None
            if operation is None
            else [kinds.number(operation, (0.5, *operation.defaults)), list(operation.defaults)]
            for name, operation in activations.items()
        },
        "loss": loss,
        "most": MAX_NODES,
        "tooLarge": TOO_LARGE.format(MAX_NODES),
    }


def _kind(element: Element, drawn: Sequence[Element], kinds: Kinds) -> int:
    assert element.op is not None
    return kinds.number(element.op, [drawn[k].data for k in element.operands if k is not None])
