"""The elements of a drawing in the DOT language.

Names in DOT come from positions, never from labels; every text goes through `text`.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.render import style
from engine.render.description import described
from engine.render.drawing import Drawing
from engine.render.elements import Element
from engine.render.names import visible
from engine.render.panels import Panels
from engine.render.records import Records, edge_width
from engine.render.typography import printed_number, printed_symbol

FORWARD = "forward: values"
BACKWARD = "backward: adjoints"
READ_DERIVATIVES = "on an edge: the local derivative of the result by that operand"
READ_ADJOINTS = "on an edge: adjoint × local derivative = contribution; contributions that meet add up"
READ_DIFFERENCES = "a thick dashed border: another number, name or operation than in the other graph"
SIDES = {"LR": "ew", "RL": "we", "TB": "sn", "BT": "ns"}  # where arrows leave and arrive


def _settings(direction: str) -> dict[str, dict[str, str]]:
    """How a graph that points that way looks."""
    return {"graph_attr": {"rankdir": direction, **style.GRAPH}, "node_attr": style.NODE, "edge_attr": style.EDGE}


def forward_and_adjoint(
    drawn: list[Element], direction: str, number_format: str, *, derivatives: bool, adjoint: str | None
) -> Drawing:
    """The forward graph, the adjoint graph, or both, an adjoint where its value is."""
    horizontal = direction in ("LR", "RL")
    settings = _settings(direction)
    if len(drawn) > style.LARGE:
        settings["graph_attr"] |= style.LARGE_GRAPH
    reading = READ_ADJOINTS if adjoint is not None else READ_DERIVATIVES if derivatives else ""
    records = Records(drawn, number_format, adjoints=adjoint is not None, aligned=horizontal)
    picture = Drawing(**settings) if adjoint != "beside" else Panels(horizontal, reading, **settings)
    picture.title, picture.description, picture.parts = described(drawn, number_format, adjoint)
    if reading:
        picture.attr(label=html(text(reading)))

    def writer(graph: Drawing) -> DotWriter:
        return DotWriter(graph, drawn, number_format, records, SIDES[direction], is_beside=adjoint == "beside")

    def forward_graph(graph: Drawing) -> None:
        writer(graph).forward_graph(derivatives)

    def adjoint_graph(graph: Drawing) -> None:
        writer(graph).adjoint_graph()

    if adjoint is None:
        forward_graph(picture)
    elif adjoint == "only":
        adjoint_graph(picture)
    else:
        assert isinstance(picture, Panels)
        both = [("cluster_forward", FORWARD, forward_graph), ("cluster_adjoint", BACKWARD, adjoint_graph)]
        for _, title, write in both:
            write(picture.panel(title, Drawing(**settings)))
        for name, title, write in reversed(both) if horizontal else both:
            attributes = {**style.CLUSTER, "label": html(f"<B>{text(title)}</B>")}
            with picture.subgraph(name=name, graph_attr=attributes) as cluster:
                write(cluster)
                if horizontal:  # clusters, and what is in them, are laid from the bottom up then
                    cluster.body.reverse()
    return picture


def two_graphs(
    both: list[Element], first: int, direction: str, number_format: str, *, derivatives: bool, titles: tuple[str, str]
) -> Drawing:
    """Two graphs in one picture, of which the first `first` elements are one; what differs is marked."""
    horizontal = direction in ("LR", "RL")
    settings = _settings(direction)
    records = Records(both, number_format, adjoints=False, aligned=horizontal)
    picture = Panels(horizontal, READ_DIFFERENCES, **settings)
    _, picture.description, picture.parts = described(both, number_format, None)
    differing = sum(element.mark == "differs" for element in both)
    picture.title = f"Two computation graphs, {differing} of {len(both)} nodes differ"
    picture.attr(label=html(text(READ_DIFFERENCES)))
    for k, (own, title) in enumerate(zip((both[:first], both[first:]), titles)):
        attributes = {**style.CLUSTER, "label": html(f"<B>{text(title)}</B>")}
        with picture.subgraph(name=f"cluster_{k}", graph_attr=attributes) as cluster:
            for graph in (picture.panel(title, Drawing(**settings)), cluster):
                writer = DotWriter(graph, both, number_format, records, SIDES[direction])
                writer.own = own
                writer.forward_graph(derivatives)
    return picture


class DotWriter:
    """Writes elements into a graph, or a cluster of one."""

    def __init__(
        self,
        graph: Drawing,
        drawn: list[Element],
        number_format: str,
        records: Records | None = None,
        sides: str = "__",
        *,
        is_beside: bool = False,
    ) -> None:
        self.graph = graph
        self.drawn = drawn
        self.number_format = number_format
        self.records = records or Records(drawn, number_format, adjoints=False, aligned=False)
        self.leaves, self.arrives = {"tailport": sides[0]}, {"headport": sides[1]}  # "_" is any side
        self.own: Sequence[Element] | None = None  # those to write, if not all
        self.is_beside = is_beside  # both graphs take the room of the one that needs more

    def forward_graph(self, derivatives: bool) -> None:
        """Values and operations, the arrows from operands to results."""
        for element in self.drawn if self.own is None else self.own:
            i = element.index
            look = {**style.RECORD[element.role], **style.MARKED.get(element.mark, {})}
            kind = f"{element.role} {element.mark}".strip()
            attributes = {**look, "class": kind, "id": f"node-{i}"}
            self.graph.node(f"n{i}", self._record(element), **attributes)
            if element.symbol is not None:
                self._operation(element, derivatives)

    def _operation(self, element: Element, derivatives: bool) -> None:
        i = element.index
        attributes = {**style.OPERATION, "class": "op", "id": f"op-{i}"}
        if element.in_order:
            attributes["ordering"] = "in"
        self.graph.node(f"o{i}", symbol(element.symbol or ""), **attributes)
        slopes = element.contributions(1.0) if derivatives else ()
        for k, operand in enumerate(element.operands):
            if operand is not None:
                label = {}
                if derivatives and self.drawn[operand].role != "constant":
                    label = {"label": self._derivative(slopes[k])}
                if self.is_beside and self.drawn[operand].role != "constant":
                    label = {"label": self._room(element, k, self._number(slopes[k]) if derivatives else "")}
                self.graph.edge(f"n{operand}", f"o{i}", id=f"edge-{i}-{k}", **self.leaves, **label)
        self.graph.edge(f"o{i}", f"n{i}", id=f"edge-{i}", weight="8", **self.arrives)
        if None in element.operands:
            self.graph.node(f"b{i}", html("…"), id=f"before-{i}", **style.UNSEEN)
            self.graph.edge(f"b{i}", f"o{i}", id=f"before-edge-{i}", **style.UNSEEN_EDGE)
        if element.unseen_uses:
            self.graph.node(f"z{i}", html("…"), id=f"after-{i}", **style.UNSEEN)
            self.graph.edge(f"n{i}", f"z{i}", id=f"after-edge-{i}", **style.UNSEEN_EDGE)

    def adjoint_graph(self) -> None:
        """Adjoints and pullbacks at the places of values and operations, the arrows reversed."""
        for element in self.drawn:
            if element.role != "constant":
                self._adjoint(element)
            elif self.is_beside:  # its place stays free
                attributes = {**style.RECORD[element.role], "style": "invis"}
                self.graph.node(f"a{element.index}", self._record(element), **attributes)

    def _adjoint(self, element: Element) -> None:
        i = element.index
        attributes = {**style.RECORD[element.role], **style.ADJOINT_NODE, "class": f"adjoint {element.role}"}
        self.graph.node(f"a{i}", self._adjoint_record(element), id=f"adjoint-node-{i}", **attributes)
        # dir=back: the layout is the forward graph's, so that an adjoint stands where its value does
        back = {"dir": "back", **style.ADJOINT_EDGE}
        if element.symbol is not None:
            operation = {**style.OPERATION, **style.ADJOINT_OPERATION, "class": "adjoint op"}
            if element.in_order:
                operation["ordering"] = "in"
            self.graph.node(f"p{i}", symbol(element.symbol), id=f"adjoint-op-{i}", **operation)
            for k, operand in enumerate(element.operands):
                if operand is None:
                    continue
                if self.drawn[operand].role != "constant":
                    label = self._contribution(element, k)
                    self.graph.edge(f"a{operand}", f"p{i}", label, id=f"adjoint-edge-{i}-{k}", **self.leaves, **back)
                elif self.is_beside:
                    self.graph.edge(f"a{operand}", f"p{i}", style="invis", **self.leaves)
            self.graph.edge(f"p{i}", f"a{i}", id=f"adjoint-edge-{i}", weight="8", **self.arrives, **back)
        if not self.is_beside:
            return
        if None in element.operands:
            self.graph.node(f"c{i}", html("…"), **{**style.UNSEEN, "style": "invis"})
            self.graph.edge(f"c{i}", f"p{i}", style="invis")
        if element.unseen_uses:
            self.graph.node(f"y{i}", html("…"), **{**style.UNSEEN, "style": "invis"})
            self.graph.edge(f"a{i}", f"y{i}", style="invis")

    def _record(self, element: Element) -> str:
        if element.role == "constant":
            return html(self._number(element.data))
        name, data, grad = self.records.value_cells(element)
        gradient = text(self.records.grad(element)) if element.grad is not None else " "
        return _table(
            (name, _name(element)),
            (data, f"{_caption('data')} {self._number(element.data)}"),
            (grad, f'{_caption("grad")} <FONT COLOR="{style.ADJOINT}">{gradient}</FONT>'),
        )

    def _derivative(self, slope: float) -> str:
        return html(f"&#160;{self._number(slope)}&#160;")

    def _terms_of(self, element: Element, k: int) -> tuple[str, str]:
        """The product on an edge, and the contribution it makes."""
        slope = printed_number(element.contributions(1.0)[k], self.number_format)
        factor = printed_number(element.adjoint or 0.0, self.number_format)
        return f"{factor} × {slope} = ", printed_number(element.passed_on[k], self.number_format)

    def _contribution(self, element: Element, k: int) -> str:
        product, contribution = self._terms_of(element, k)
        label = f"{text(product)}<B>{text(contribution)}</B>"
        return self._room(element, k, label) if self.is_beside else html(label)

    def _room(self, element: Element, k: int, label: str) -> str:
        """A label on an edge, with the room that the contribution takes there."""
        product, contribution = self._terms_of(element, k)
        width = edge_width((product, False), (contribution, True))
        cell = f'<TD WIDTH="{width}" HEIGHT="14">{label}</TD>'
        return html(f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{cell}</TR></TABLE>')

    def _adjoint_record(self, element: Element) -> str:
        name, adjoint = self.records.adjoint_cells(element)
        terms, total = text(self.records.terms[element.index]), self._number(element.adjoint or 0.0)
        return _table((name, _name(element)), (adjoint, f"{_caption('adjoint')} {terms}<B>{total}</B>"))

    def _number(self, number: float) -> str:
        return text(printed_number(number, self.number_format))


def symbol(typed: str) -> str:
    """An operation's sign, as print has it."""
    sign, power = printed_symbol(typed)
    return html(text(sign) + (f'<SUP><FONT POINT-SIZE="9">{text(power)}</FONT></SUP>' if power else ""))


def _name(element: Element) -> str:
    return f"<B>{text(element.label)}</B>" if element.label else ""


def _caption(word: str) -> str:
    return f'<FONT POINT-SIZE="9" COLOR="{style.QUIET}">{word}</FONT>'


def _table(*cells: tuple[int, str]) -> str:
    row = "<VR/>".join([f'<TD ALIGN="LEFT" WIDTH="{width}">{cell}</TD>' for width, cell in cells if cell])
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
