"""What a drawing says of itself in words: to a screen reader, and where the pointer is."""

from __future__ import annotations

from collections.abc import Sequence

from engine.readable import readable
from engine.render.elements import Element
from engine.render.names import short_label
from engine.render.typography import printed_number, printed_symbol

_MARKED = {"": "", "old": " (old: a leaf has changed since)", "differs": " (differs)"}
MOST_NAMED = 8  # leaves that a description lists


def described(drawn: Sequence[Element], number_format: str, adjoint: str | None) -> tuple[str, str, dict[str, str]]:
    """The title of a drawing of a graph, its description, and a title for each of its parts by the part's id."""

    def number(value: float) -> str:
        return printed_number(value, number_format)

    def name(element: Element) -> str:
        return short_label(element.label) or "value"

    def said(element: Element) -> str:
        grad = "" if element.grad is None else f", grad {number(element.grad)}"
        return f"{name(element)} = {number(element.data)}{grad}{_MARKED[element.mark]}"

    outputs = [element for element in drawn if element.role == "output"]
    leaves = [element for element in drawn if element.role in ("leaf", "parameter")]
    operations = sum(element.op is not None for element in drawn)
    kind = {None: "Computation graph", "only": "Adjoint graph", "beside": "Computation graph and adjoint graph"}[
        adjoint
    ]
    of = ", ".join(name(element) for element in outputs[:3] if element.label)
    listed = ", ".join(map(said, leaves[:MOST_NAMED]))
    more = f", and {len(leaves) - MOST_NAMED} more" if len(leaves) > MOST_NAMED else ""
    description = (
        f"{operations} operation{'s'[: operations != 1]} on {len(leaves)} "
        f"{'leaf' if len(leaves) == 1 else 'leaves'}{': ' if listed else ''}{listed}{more}. "
        f"Result: {', '.join(map(said, outputs[:3]))}."
    )
    parts = {}
    for element in drawn:
        i = element.index
        parts[f"node-{i}"] = said(element)
        if adjoint is not None:
            parts[f"adjoint-node-{i}"] = f"{name(element)}: adjoint {number(element.adjoint or 0.0)}"
        if element.symbol is not None:
            sign, power = printed_symbol(element.symbol)
            parts[f"op-{i}"] = parts[f"adjoint-op-{i}"] = readable(f"{sign}^{power}" if power else sign)
    return f"{kind} of {of}" if of else kind, description, parts
