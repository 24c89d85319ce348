"""The graph of a page, laid out: the drawing of `engine.draw` with room for what the page writes into it.

The numbers here stand for others. The page puts its own in their places, which it finds by the ids of the elements: in
a value the third and the last text are its value and its adjoint, counted from the end; on an edge the last two are the
product of adjoint and local derivative, and the contribution.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.render import style
from engine.render.dot import DotWriter, html, text
from engine.render.drawing import Drawing
from engine.render.elements import Element

ROOM = "-0.12345"  # for a number; the page makes longer ones narrower
SLOPE = ROOM[:-1]  # on an edge; numbers have four digits there as everywhere
LONGEST_TITLE = 20  # characters of a label; the page has all of it in its list of values


def laid_out(
    drawn: list[Element], names: list[str], direction: str, cards: Callable[..., DotWriter] | None = None
) -> str:
    """The drawing as an SVG element, written by `Cards` or another writer.

    RuntimeError without a program that can lay it out.
    """
    node = {**style.NODE, "margin": "0.05,0.04"}
    graph = {**style.GRAPH, "rankdir": direction, "outputorder": "edgesfirst"}
    picture = Drawing(graph_attr=graph, node_attr=node, edge_attr=style.EDGE)
    picture.themed = False  # the page has its own
    if len(drawn) > style.LARGE:  # straight lines would run through what is written on others
        picture.attr(**{name: setting for name, setting in style.LARGE_GRAPH.items() if name != "splines"})
    (cards or Cards)(picture, drawn, names).forward_graph(derivatives=True)
    svg: str = picture.pipe(format="svg", encoding="utf-8")
    return svg[svg.index("<svg") :]


class Cards(DotWriter):
    """Writes a value as a card of its name, its value and its adjoint."""

    def __init__(self, graph: Drawing, drawn: list[Element], names: list[str]) -> None:
        super().__init__(graph, drawn, number_format="")
        self.names = names

    def _record(self, element: Element) -> str:
        if element.role == "constant":
            return html(f"&#160;{element.data:.4g}&#160;")
        rows = "".join(
            [
                f'<TR><TD ALIGN="LEFT"><FONT POINT-SIZE="10">{caption}</FONT></TD><TD ALIGN="RIGHT">{ROOM}</TD></TR>'
                for caption in ("value", "adjoint")
            ]
        )
        name = text(title_of(self.names[element.index]))
        title = f'<TR><TD COLSPAN="2" ALIGN="LEFT" HEIGHT="22" VALIGN="BOTTOM"><B>{name}</B></TD></TR>'
        return html(f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="1" CELLPADDING="2">{title}{rows}</TABLE>')

    def _derivative(self, slope: float) -> str:  # noqa: ARG002  the page writes it
        rows = "".join([f"<TR><TD>{line}</TD></TR>" for line in (f"{SLOPE} × {SLOPE}", f"= {SLOPE}")])
        return html(f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2">{rows}</TABLE>')


def title_of(name: str) -> str:
    """A name on one line, its end left out where it is long."""
    name = " ".join(name.split())
    return name if len(name) <= LONGEST_TITLE else name[: LONGEST_TITLE - 1] + "…"
