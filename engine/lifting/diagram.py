"""The picture of an array program: a node for each line, arrows where one needs another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.lifting.lanes import Lanes
from engine.lifting.syntax import Statement
from engine.render import style
from engine.render.dot import text
from engine.render.drawing import Drawing

LONGEST = 60  # characters of a line's text; the end of a longer one is left out


def draw_statements(
    statements: Sequence[Statement], inputs: Mapping[str, str], direction: str, forward: int | None = None
) -> Drawing:
    """The first `forward` lines compute the value, and those after them the gradients, in a lane of their own.

    Inputs as leaves, lines as inner nodes, the last one as the output; adjoints in the colour of adjoints.
    """
    node = {**style.NODE, "margin": "0.08,0.04"}  # the cells are wider than in a record, and text fills the widest
    settings = {"graph_attr": {"rankdir": direction, **style.GRAPH}, "node_attr": node, "edge_attr": style.EDGE}
    picture = Drawing(**settings) if forward is None else Lanes(statements, inputs, forward, **settings)
    picture.title = "The program of a lifted graph" + ("" if forward is None else ", with its gradients")
    picture.description = "; ".join(map(str, statements))
    needed = {name for statement in statements for name in statement.needs}
    for name, shape in inputs.items():
        if name in needed:
            picture.node(name, _label(name, "", shape), **style.RECORD["leaf" if name.startswith("x") else "parameter"])
    for statement in statements:
        look = dict(style.RECORD["inner" if statement.name in needed else "output"])
        if statement.name.startswith("delta"):
            look |= style.ADJOINT_NODE
        picture.node(statement.name, _label(statement.name, statement.text, statement.shape), **look)
        for name in statement.needs:
            picture.edge(name, statement.name)
    return picture


def _label(name: str, expression: str, shape: str) -> str:
    shown = expression if len(expression) <= LONGEST else expression[: LONGEST - 1] + "…"
    computed = f" = {text(shown)}" if shown else ""
    return (
        '<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3">'
        f"<TR><TD><B>{text(name)}</B>{computed}</TD></TR>"
        f'<TR><TD><FONT POINT-SIZE="9" COLOR="{style.QUIET}">{text(shape)}</FONT></TD></TR></TABLE>>'
    )
