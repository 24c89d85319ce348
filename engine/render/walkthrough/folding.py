"""The layers of a network in a page: each can be folded into one card, and unfolded where that is clicked.

A layer is what one part of a module computes: the parameters whose names begin alike (``layers.0.``), the operations on
them, and those on its results alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.render import style
from engine.render.dot import html, text
from engine.render.elements import Element
from engine.render.walkthrough.layout import Cards, title_of

if TYPE_CHECKING:
    from engine.render.drawing import Drawing
    from engine.value import Value

_LAYER = re.compile(r"(?:.*?\.\d+|[^.]+)(?=\.)")
LARGE = 60  # values; a larger graph is folded at first
CARD = {"shape": "box", "style": "filled,rounded", "fillcolor": style.GIVEN, "color": style.GIVEN_LINE, "height": "0.7"}


def layers_of(nodes: list[Value], names: Mapping[Value, str | None]) -> tuple[list[str], list[int | None]]:
    """The names of the layers, and for each node the layer that it belongs to, or None. No layers where there is one.

    Args:
        nodes: each after its operands.
        names: of the parameters.
    """
    layers: dict[str, int] = {}
    layer_of: dict[Value, int] = {}
    for node in nodes:
        if node in names:
            match = _LAYER.match(names[node] or "")
            if match:
                layer_of[node] = layers.setdefault(match[0], len(layers))
    for node in nodes:
        own = [layer_of[parent] for parent in node.parents if parent in names and parent in layer_of]
        others = {layer_of.get(parent) for parent in node.parents if not parent.is_constant}
        if own:
            layer_of[node] = own[0]
        elif len(others) == 1 and None not in others:
            layer_of[node] = others.pop()  # type: ignore[assignment]
    order = [*dict.fromkeys(layer_of[node] for node in nodes if node in layer_of and node.parents)]
    if len(order) < 2:
        return [], [None] * len(nodes)
    outside: set[Value] = set()  # the loss: what is computed with other numbers from the results of the last layer
    for node in nodes:
        has_own = any(parent in names for parent in node.parents)
        foreign = any(parent.is_constant or parent in outside for parent in node.parents)
        if layer_of.get(node) == order[-1] and foreign and not has_own:
            outside.add(node)
            del layer_of[node]
    by_number = {number: name for name, number in layers.items()}
    place = {number: k for k, number in enumerate(order)}
    return [by_number[number] for number in order], [place.get(layer_of.get(node, -1)) for node in nodes]


class FoldedCards(Cards):
    """Writes a drawing in which some layers are cards.

    The elements keep the ids that they have without folding; the card of layer k is ``layer-k``.

    Args:
        graph, drawn, names: as those of `Cards`.
        layers: the names of the layers.
        layer_of: for each element its layer, or None.
        folded: which layers are cards.
    """

    def __init__(
        self,
        graph: Drawing,
        drawn: list[Element],
        names: list[str],
        layers: list[str],
        layer_of: list[int | None],
        folded: set[int],
    ) -> None:
        super().__init__(graph, drawn, names)
        self._layers = layers
        self._card = [f"l{k}" if k in folded else "" for k in layer_of]  # "" for what is not folded
        self._folded = folded
        self._joined: dict[tuple[str, str], None] = {}

    def forward_graph(self, derivatives: bool) -> None:
        """What is not folded as ever, a card for each folded layer, an arrow between any two that are joined."""
        for k in sorted(self._folded):
            count = self._card.count(f"l{k}")
            rows = f"<TR><TD><B>{text(title_of(self._layers[k]))}</B></TD></TR><TR><TD>{count} values</TD></TR>"
            label = html(f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3">{rows}</TABLE>')
            self.graph.node(f"l{k}", label, **CARD, **{"class": "layer", "id": f"layer-{k}"})
        needed = {operand for element in self.drawn if not self._card[element.index] for operand in element.operands}
        for element in self.drawn:
            i = element.index
            if self._card[i]:
                for operand in element.operands:
                    if operand is not None and (operand in needed or self.drawn[operand].role != "constant"):
                        self._joined[self._card[operand] or f"n{operand}", self._card[i]] = None
            elif element.role != "constant" or i in needed:
                attributes = {**style.RECORD[element.role], "class": element.role, "id": f"node-{i}"}
                self.graph.node(f"n{i}", self._record(element), **attributes)
                if element.symbol is not None:
                    self._operation(element, derivatives)
        for k, (tail, head) in enumerate(self._joined):
            if tail != head:
                self.graph.edge(tail, head, id=f"joint-{k}")

    def _operation(self, element: Element, derivatives: bool) -> None:
        i = element.index
        self.graph.node(
            f"o{i}", html(text(element.symbol or "")), **style.OPERATION, **{"class": "op", "id": f"op-{i}"}
        )
        slopes = element.contributions(1.0)
        for k, operand in enumerate(element.operands):
            assert operand is not None  # only a whole graph is folded
            if self._card[operand]:
                self._joined[self._card[operand], f"o{i}"] = None
                continue
            label = {}
            if derivatives and self.drawn[operand].role != "constant":
                label = {"label": self._derivative(slopes[k])}
            self.graph.edge(f"n{operand}", f"o{i}", id=f"edge-{i}-{k}", **label)
        self.graph.edge(f"o{i}", f"n{i}", id=f"edge-{i}", weight="8")
