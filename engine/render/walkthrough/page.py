"""walkthrough: the graph of a Value as a page that steps through both passes."""

from __future__ import annotations

import html
import math
import os
from collections.abc import Iterable, Mapping
from functools import partial
from string import Template
from typing import TYPE_CHECKING, Any

from engine import files, viewing
from engine.graph import topological_order
from engine.optional import import_failed
from engine.readable import readable_repr
from engine.render import formula
from engine.render.elements import Element, elements, reading_order
from engine.render.graph_picture import DIRECTIONS, GRAPHVIZ, one_of, parameter_names
from engine.render.names import distinct_names, visible
from engine.render.part import part
from engine.render.walkthrough.javascript import arithmetic, javascript
from engine.render.web_page import asset, filled, icon_button, script_json, theme_script

if TYPE_CHECKING:
    from engine.primitives import Primitive
    from engine.value import Value

MAX_NODES = 500  # as a drawing: laid out within a second or two, and stepped through with the map
SCRIPTS = (
    "numbers.js", "typed.js", "document.js", "graph.js", "passes.js", "words.js", "view.js", "drawing.js", "check.js",
    "step_through.js",
)  # fmt: skip
BUTTONS = (
    ("first", "first", "First step", "First step (Home)"),
    ("back", "back", "Previous step", "Previous step (Left arrow)"),
    ("play", "play", "Play", "Play or pause (Space)"),
    ("next", "next", "Next step", "Next step (Right arrow)"),
    ("last", "last", "Last step", "Last step (End)"),
)
PART = "This is a part of a larger graph, so its numbers cannot be changed here."
NOT_TRACED = (
    "The numbers cannot be changed here: the rule of {names} is not written with the engine's functions alone, so this "
    "page cannot compute it."
)
CHANGED = "A leaf was changed after these values were computed from it. Type a number to have them computed afresh."


def walkthrough(
    output: Value,
    path: str | os.PathLike[str] | None = None,
    *,
    direction: str = "LR",
    expand: bool = False,
    depth: int | None = None,
    module: Any = None,
    params: Mapping[str, Value] | Iterable[tuple[str, Value]] = (),
    max_nodes: int = MAX_NODES,
) -> str:
    """Write a page that steps through backpropagation in the graph of a Value, and return its path.

    One HTML file, which needs no other, no server and no network. It steps through the forward pass, which computes
    each value from its operands, and the adjoint pass, which takes the adjoint of each value, the derivative of the
    output with respect to it, back to its operands: times the local derivative along each edge, added up where a value
    is used more than once. Leaves can be edited there. No `grad` is touched or shown: the adjoints are this output's.

    A network whose parameters have names (`params`) folds into its layers, and each unfolds where it is clicked.

    The page computes with the primitives' own rules, written in JavaScript. It cannot have a rule that uses other than
    the engine's functions: leaves are read-only then, and in a part of a graph (`depth`, `module`).

    Args:
        output: the Value to differentiate.
        path: where to write the page; if not given, to a temporary file, which is opened where there is a screen. A
            notebook shows the page in the cell.
        direction: where the arrows point: "LR" (left to right), "RL", "TB" (top to bottom) or "BT".
        expand: show weighted sums and dot products as products and a sum.
        depth: show only so many operations back from the output.
        module: show only what this module of a network computes, as in `engine.draw`; its parameters get their names.
        params: names of leaves to be shown as parameters: ``params=dict(model.named_parameters())``.
        max_nodes: how many nodes are too many.

    Raises:
        ValueError: for more than `max_nodes` nodes, or an unknown option.
        TypeError: for an output that is not a Value.
        ImportError: without the graphviz package, which lays the graph out.
        graphviz.ExecutableNotFound: if there is neither graphviz-pure nor `dot`.
        OSError: if the file cannot be written.

    >>> import os, tempfile
    >>> from engine import Value, tanh
    >>> w, x = Value(2.0, label="w"), Value(-1.0, label="x")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     os.path.basename(tanh(w * x).walkthrough(os.path.join(folder, "backprop.html")))
    'backprop.html'
    """
    content = page(
        output, direction=direction, expand=expand, depth=depth, module=module, params=params, max_nodes=max_nodes
    )
    where = viewing.temporary("walkthrough.html") if path is None else path
    written = viewing.Written(files.write(where, content.encode("utf-8", "replace")))
    written.content = content
    if path is None and not viewing.is_notebook():
        viewing.open_file(written)
    return written


def page(
    output: Value,
    *,
    direction: str,
    expand: bool,
    depth: int | None,
    module: Any,
    params: Mapping[str, Value] | Iterable[tuple[str, Value]],
    max_nodes: int,
) -> str:
    """The page that `walkthrough` writes."""
    from engine.value import Value

    if not isinstance(output, Value):
        raise TypeError(f"walkthrough of a Value: got {readable_repr(output)} of type {type(output).__name__}")
    one_of("direction", direction, DIRECTIONS)
    try:
        from engine.render.walkthrough.folding import layers_of
    except ImportError as error:
        raise import_failed(error, *GRAPHVIZ) from error
    chosen = part([output], depth=depth, module=module, max_nodes=max_nodes)
    drawn = elements([output], chosen, params=parameter_names(module, params), expand=expand, adjoints=True)
    names = names_in_page(drawn, [] if output in chosen else [output.label])  # the output's comes last
    whole = len(chosen) == len(topological_order(output))
    rules = Rules(drawn if whole else ())
    if not whole:
        note = PART
    elif rules.missing:
        note = NOT_TRACED.format(names=", ".join(rules.missing))
    else:
        note = CHANGED if _has_changed(drawn) else ""
    layers: list[str] = []
    layer_of: list[int | None] = [None] * len(drawn)
    if whole and not expand:
        layers, layer_of = layers_of(reading_order([output], chosen), parameter_names(module, params))
    graph = {
        "output": names[-1],
        "editable": whole and not rules.missing,
        "note": note,
        "layers": layers,
        "layerOf": layer_of,
        "nodes": [_node(element, names[element.index], rules) for element in drawn],
    }
    script = "\n".join([scripts(), f"const rules = {rules.array()};\n", theme_script(), _file("page.js")])
    return filled(
        _file("page.html"),
        _file("page.css"),
        script,
        title=html.escape(f"Step through the gradient of {graph['output']}"),
        steps=step_through(_drawings(drawn, names, direction, layers, layer_of)),
        graph=script_json(graph),
    )


def scripts() -> str:
    """What every page needs that steps through a graph, but for the rules of its operations."""
    return "\n".join([_file("special.js"), arithmetic(), *map(_file, SCRIPTS)])


def step_through(drawing: str = "") -> str:
    """The part of a page that steps through a graph, around its drawing."""
    buttons = "".join([icon_button(*button) for button in BUTTONS])
    return Template(_file("steps.html")).substitute(drawing=drawing, buttons=buttons)


def _drawings(
    drawn: list[Element], names: list[str], direction: str, layers: list[str], layer_of: list[int | None]
) -> str:
    """The drawing; with layers one for each way to fold them: all, all but one, none. The others wait as templates."""
    from engine.render.walkthrough.folding import LARGE, FoldedCards
    from engine.render.walkthrough.layout import laid_out

    if not layers:
        return laid_out(drawn, names, direction)
    every = {*range(len(layers))}
    unfolded = {"": set(), **{str(k): {k} for k in every}, "all": every}
    begins = "" if len(drawn) > LARGE else "all"

    def drawing(open_layers: set[int]) -> str:
        folded = every - open_layers
        return laid_out(drawn, names, direction, partial(FoldedCards, layers=layers, layer_of=layer_of, folded=folded))

    found = {name: drawing(open_layers) for name, open_layers in unfolded.items()}
    waiting = [f'<template data-unfolded="{name}">{svg}</template>' for name, svg in found.items()]
    return found[begins].replace("<svg ", f'<svg data-unfolded="{begins}" ', 1) + "".join(waiting)


def names_in_page(drawn: list[Element], unseen: list[str | None]) -> list[str]:
    """What each element is called in the page, a constant by its number; then the names of what is not drawn."""
    variables = [element for element in drawn if element.role != "constant"]
    labels = [*(element.label for element in variables), *unseen]
    names = distinct_names([visible(label) if label else None for label in labels])
    name_of = dict(zip([element.index for element in variables], names))
    return [name_of.get(element.index) or f"{element.data:.6g}" for element in drawn] + names[len(variables) :]


class Rules:
    """The rules of what is drawn, in JavaScript: one for each primitive and number of operands.

    Attributes:
        missing: the names of the primitives that cannot be written so.
    """

    def __init__(self, drawn: Iterable[Element] = ()) -> None:
        drawn = [*drawn]
        self.missing: list[str] = []
        self._position: dict[tuple[Primitive, int], int] = {}
        self._written: list[str] = []
        for element in drawn:
            if element.op is None or self.position(element) is not None:
                continue
            written = javascript(element.op, [drawn[k].data for k in element.operands if k is not None])
            if written is None:
                if element.op.name not in self.missing:
                    self.missing.append(element.op.name)
            else:
                self._position[element.op, len(element.operands)] = len(self._written)
                self._written.append(written)

    def position(self, element: Element) -> int | None:
        """Where the rule of an element stands in the source; None if it does not."""
        return None if element.op is None else self._position.get((element.op, len(element.operands)))

    def array(self) -> str:
        """The rules as a JavaScript array."""
        return f"[{', '.join(self._written)}]"


def _has_changed(drawn: list[Element]) -> bool:
    """Whether a value is no longer that of its operands: someone wrote the data of a leaf, as an optimizer does."""
    for element in drawn:
        if element.op is not None:
            now: float = element.op.rule(*[drawn[k].data for k in element.operands if k is not None])[0]
            both_nan = math.isnan(now) and math.isnan(element.data)
            if not both_nan and not math.isclose(now, element.data, rel_tol=1e-9, abs_tol=1e-12):
                return True
    return False


def _node(element: Element, name: str, rules: Rules) -> dict[str, Any]:
    node: dict[str, Any] = {
        "name": name,
        "role": element.role,
        "value": element.data,
        "adjoint": element.adjoint,
        "operands": element.operands,
        "unseenUses": element.unseen_uses,
    }
    if element.op is not None:
        node |= described(element.op, len(element.operands)) | {
            "rule": rules.position(element),
            "slopes": element.contributions(1.0),
            "contributions": element.passed_on,
        }
    return node


def described(op: Primitive, count: int) -> dict[str, Any]:
    """What is said of an operation on so many operands: its symbol, its formula, its local derivatives."""
    return {
        "symbol": _printed(op.symbol).strip(),
        "formula": typeset(formula.value_formula(op, count)),
        "derivatives": [typeset(formula.derivative_formula(op, k, count)) for k in range(count)],
    }


def typeset(pieces: formula.Formula) -> formula.Formula:
    """A formula with the signs of print for Python's."""
    return [piece if isinstance(piece, int) else _printed(piece) for piece in pieces]


def _printed(text: str) -> str:
    text = text.replace("**", "^").replace(" * ", "*").replace("*", " × ")
    return text.replace("<=", "≤").replace("==", "=").replace("-", "\N{MINUS SIGN}")


def _file(name: str) -> str:
    return asset(__package__ or "", name)
