"""The graph of a point's loss, for the page to step through, with the numbers that the point and the weights have then.

Each leaf says where its number is: among the inputs, among the targets or among the parameters. The operations' rules
are walkthrough's; equal operations share what is said of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.graph import topological_order
from engine.render.elements import elements
from engine.render.walkthrough.page import MAX_NODES, Rules, described, names_in_page
from engine.value import Value

Source = tuple[str, int]  # "x", "y" or "theta", and the place there


def point_graph(
    cost: Value, sources: Mapping[Value, Source], names: Mapping[Value, str | None]
) -> tuple[dict[str, Any], str]:
    """The graph, and the JavaScript array of its rules.

    A graph that is too large, or has a rule that JavaScript cannot have, has a `note` that says so and no nodes.

    Args:
        cost: the loss of one point.
        sources: where the number of each leaf is; the number of one without is that of now.
        names: of the parameters.
    """
    nodes = topological_order(cost)
    if len(nodes) > MAX_NODES:
        note = f"The graph of a point has {len(nodes):,} values: more than {MAX_NODES} cannot be stepped through here."
        return {"note": note}, "[]"
    drawn = elements([cost], {*nodes}, params=dict(names), adjoints=True)
    rules = Rules(drawn)
    if rules.missing:
        return {"note": f"A point's graph cannot be computed here: no JavaScript for {', '.join(rules.missing)}."}, "[]"
    shown = names_in_page(drawn, [])
    source_of = {element.index: sources.get(node) for element, node in zip(drawn, nodes)}
    kinds: dict[int, dict[str, Any]] = {}
    written: list[list[Any]] = []
    for element in drawn:
        name, role = shown[element.index], element.role
        kind = rules.position(element)
        if kind is None:
            written.append([name, role, source_of[element.index] or element.data])
            continue
        if kind not in kinds:
            kinds[kind] = described(element)
        written.append([name, role, element.operands, kind])
    return {"note": "", "output": shown[-1], "kinds": [kinds[k] for k in range(len(kinds))], "nodes": written}, (
        rules.array()
    )
