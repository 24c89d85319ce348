"""The elements of a drawing in the DOT language.

Names in DOT come from positions, never from labels; every text goes through `text`.
"""

from __future__ import annotations

from engine.render import style
from engine.render.drawing import Drawing
from engine.render.elements import Element
from engine.render.names import visible

FORWARD = "forward: values"
BACKWARD = "backward: adjoints"
READ_DERIVATIVES = "on an edge: the local derivative of the result by that operand"
READ_ADJOINTS = "on an edge: adjoint × local derivative = contribution; contributions that meet add up"


def forward_and_adjoint(
    drawn: list[Element], direction: str, number_format: str, *, derivatives: bool, adjoint: str | None
) -> Drawing:
    """The forward graph, the adjoint graph, or both side by side."""
    picture = Drawing(graph_attr={"rankdir": direction, **style.GRAPH}, node_attr=style.NODE, edge_attr=style.EDGE)
    if len(drawn) > style.LARGE:
        picture.attr(**style.LARGE_GRAPH)
    if adjoint is not None:
        picture.attr(label=html(text(READ_ADJOINTS)))
    elif derivatives:
        picture.attr(label=html(text(READ_DERIVATIVES)))

    def forward_graph(graph: Drawing) -> None:
        DotWriter(graph, drawn, number_format).forward_graph(derivatives)

    def adjoint_graph(graph: Drawing) -> None:
        DotWriter(graph, drawn, number_format).adjoint_graph()

    if adjoint is None:
        forward_graph(picture)
    elif adjoint == "only":
        adjoint_graph(picture)
    else:
        both = [("cluster_forward", FORWARD, forward_graph), ("cluster_adjoint", BACKWARD, adjoint_graph)]
        horizontal = direction in ("LR", "RL")
        for name, title, write in reversed(both) if horizontal else both:
            attributes = {**style.CLUSTER, "label": html(f"<B>{text(title)}</B>")}
            with picture.subgraph(name=name, graph_attr=attributes) as cluster:
                write(cluster)
                if horizontal:  # clusters, and what is in them, are laid from the bottom up then
                    cluster.body.reverse()
    return picture


class DotWriter:
    """Writes elements into a graph, or a cluster of one."""

    def __init__(self, graph: Drawing, drawn: list[Element], number_format: str) -> None:
        self.graph = graph
        self.drawn = drawn
        self.number_format = number_format

    def forward_graph(self, derivatives: bool) -> None:
        """Values and operations, the arrows from operands to results."""
        for element in self.drawn:
            i = element.index
            attributes = {**style.RECORD[element.role], "class": element.role, "id": f"node-{i}"}
            self.graph.node(f"n{i}", self._record(element), **attributes)
            if element.symbol is not None:
                self._operation(element, derivatives)

    def _operation(self, element: Element, derivatives: bool) -> None:
        i = element.index
        attributes = {**style.OPERATION, "class": "op", "id": f"op-{i}"}
        if element.in_order:
            attributes["ordering"] = "in"
        self.graph.node(f"o{i}", html(text(element.symbol or "")), **attributes)
        slopes = element.contributions(1.0) if derivatives else ()
        for k, operand in enumerate(element.operands):
            if operand is not None:
                label = {}
                if derivatives and self.drawn[operand].role != "constant":
                    label = {"label": self._derivative(slopes[k])}
                self.graph.edge(f"n{operand}", f"o{i}", id=f"edge-{i}-{k}", **label)
        self.graph.edge(f"o{i}", f"n{i}", id=f"edge-{i}", weight="8")
        if None in element.operands:
            self.graph.node(f"b{i}", html("…"), id=f"before-{i}", **style.UNSEEN)
            self.graph.edge(f"b{i}", f"o{i}", id=f"before-edge-{i}", **style.UNSEEN_EDGE)
        if element.unseen_uses:
            self.graph.node(f"z{i}", html("…"), id=f"after-{i}", **style.UNSEEN)
            self.graph.edge(f"n{i}", f"z{i}", id=f"after-edge-{i}", **style.UNSEEN_EDGE)

    def adjoint_graph(self) -> None:
        """Adjoints and pullbacks at the places of values and operations, the arrows reversed."""
        incoming = self._contributions()
        for element in self.drawn:
            if element.role != "constant":
                self._adjoint(element, incoming[element.index])

    def _contributions(self) -> list[list[float]]:
        """What arrives at each element from the operations that are drawn."""
        incoming: list[list[float]] = [[] for _ in self.drawn]
        for element in reversed(self.drawn):
            for operand, contribution in zip(element.operands, element.passed_on, strict=True):
                if operand is not None:
                    incoming[operand].append(contribution)
        return incoming

    def _adjoint(self, element: Element, incoming: list[float]) -> None:
        i, g = element.index, element.adjoint or 0.0
        attributes = {**style.RECORD[element.role], **style.ADJOINT_NODE, "class": f"adjoint {element.role}"}
        self.graph.node(f"a{i}", self._adjoint_record(element, incoming), id=f"adjoint-node-{i}", **attributes)
        if element.symbol is None:
            return
        operation = {**style.OPERATION, **style.ADJOINT_OPERATION, "class": "adjoint op"}
        if element.in_order:
            operation["ordering"] = "in"
        self.graph.node(f"p{i}", html(text(element.symbol)), id=f"adjoint-op-{i}", **operation)
        # dir=back: the layout is the forward graph's, so that an adjoint stands where its value does
        back = {"dir": "back", **style.ADJOINT_EDGE}
        slopes = element.contributions(1.0)
        for k, (operand, contribution) in enumerate(zip(element.operands, element.passed_on, strict=True)):
            if operand is not None and self.drawn[operand].role != "constant":
                label = f"{self._number(g)} × {self._number(slopes[k])} = <B>{self._number(contribution)}</B>"
                self.graph.edge(f"a{operand}", f"p{i}", html(label), id=f"adjoint-edge-{i}-{k}", **back)
        self.graph.edge(f"p{i}", f"a{i}", id=f"adjoint-edge-{i}", weight="8", **back)

    def _record(self, element: Element) -> str:
        number = self._number(element.data)
        if element.role == "constant":
            return html(f"{number}")
        grad = "" if element.grad is None else self._number(element.grad + 0.0)
        return _table(
            _name(element),
            f"{_caption('data')} {number}",
            f'{_caption("grad")} <FONT COLOR="{style.ADJOINT}">{grad or " "}</FONT>',
        )

    def _derivative(self, slope: float) -> str:
        return html(f"&#160;{self._number(slope)}&#160;")

    def _adjoint_record(self, element: Element, incoming: list[float]) -> str:
        adjoint = f"<B>{self._number(element.adjoint or 0.0)}</B>"
        if 1 < len(incoming) <= 4 and not element.unseen_uses:
            signed = [self._number(contribution) for contribution in incoming]
            total = " + ".join([f"({term})" if term.startswith("-") else term for term in signed])
            adjoint = f"{total} = {adjoint}"
        return _table(_name(element), f"{_caption('adjoint')} {adjoint}")

    def _number(self, number: float) -> str:
        return text(format(number, self.number_format))


def _name(element: Element) -> str:
    return f"<B>{text(element.label)}</B>" if element.label else ""


def _caption(word: str) -> str:
    return f'<FONT POINT-SIZE="9" COLOR="{style.QUIET}">{word}</FONT>'


def _table(*cells: str) -> str:
    row = "<VR/>".join([f"<TD>{cell}</TD>" for cell in cells if cell])
    return html(f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="4"><TR>{row}</TR></TABLE>')


def html(markup: str) -> str:
    """An HTML-like label, which the graphviz package tells from a plain one by its angle brackets."""
    return f"<{markup}>"


_ESCAPED = str.maketrans({"\\": "\\\\", "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def text(typed: str) -> str:
    r"""`typed` in an HTML-like label, where it is drawn as `visible` has it.

    Graphviz puts names in the place of escapes such as ``\N``, even here: a backslash is doubled.
    """
    return visible(typed).translate(_ESCAPED).replace("\n", "<BR/>")
