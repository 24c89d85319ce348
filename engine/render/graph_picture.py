"""draw: the graph of Values as a picture."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from engine.optional import import_failed

if TYPE_CHECKING:
    from engine.render.drawing import Drawing
    from engine.value import Value

MAX_NODES = 500  # about what a screen can be scrolled through, and laid out within a few seconds
GRAPHVIZ = ("graphviz", "drawing", "pip install graphviz graphviz-pure")  # what to say where it is missing
DIRECTIONS = ("LR", "RL", "TB", "BT")
ADJOINT = (None, "beside", "only")


def draw(
    outputs: Value | Iterable[Value],
    *,
    direction: str = "LR",
    number_format: str = ".4g",
    expand: bool = False,
    derivatives: bool = False,
    adjoint: str | None = None,
    depth: int | None = None,
    module: Any = None,
    params: Mapping[str, Value] | Iterable[tuple[str, Value]] = (),
    max_nodes: int = MAX_NODES,
    beside: Value | Iterable[Value] | None = None,
) -> Drawing:
    """The graph that a Value, or several, are computed from, as a `graphviz.Digraph`; a notebook shows it as it is.

    A value is a record of its label, its data and its grad, blank where no backward pass has been. An operation is a
    small round node. A leaf has square corners, a parameter (of `module` or `params`) a folded one as well, a constant
    is a bare number, an output has a double border. Dashes mark where a part of the graph was left out.

    Args:
        outputs: one Value, or several.
        direction: where the arrows point: "LR" (left to right), "RL", "TB" (top to bottom) or "BT".
        number_format: how numbers are written, as in ``format(number, ".4g")``.
        expand: draw weighted sums and dot products as products and a sum.
        derivatives: write on each edge the local derivative of the result with respect to that operand.
        adjoint: None, the forward graph alone; "only", the adjoint graph: arrows reversed, each with what it carries,
            the adjoint it comes from times the local derivative; "beside", both in one picture. The adjoints are those
            of the sum of the outputs, computed for the picture: no `grad` is touched.
        depth: draw only so many operations back from the outputs.
        module: draw only what this module of a network computes (anything with `parameters()`): the operations on its
            parameters, those between them, those on their results alone, and the operands of all these.
        params: names of leaves to be drawn as parameters, as in torchviz: ``params=dict(model.named_parameters())``.
        max_nodes: how many nodes are too many.
        beside: the result, or results, of another graph to draw below or beside this one, with a mark on each node that
            has another operation, name or number than the one in its place there.

    Returns:
        A `graphviz.Digraph`, with `source`, `render`, `pipe`, `save` and `view`; and for papers and other programs
        `tikz()`, `mermaid()` and `graphml()`. The elements of its SVG have ids by
        their position i in the topological order of what is drawn: "node-i" is a value, "op-i" the operation that it
        came from, "edge-i-k" the edge from its operand k and "edge-i" the one to the result; those of the adjoint graph
        are the same with "adjoint-" in front. "before-i" and "after-i" stand for what was left out there.

    Raises:
        ValueError: for more than `max_nodes` nodes, a module that has no parameter in the graph, or an unknown option.
        TypeError: for outputs that are not Values.
        ImportError: without the graphviz package. Only laying out (`render`, `pipe`, ...) needs a program: the one in
            the package graphviz-pure, or Graphviz's `dot` on PATH where there is none or it cannot do it.

    >>> from engine import Value, draw
    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> picture = draw(a * b, derivatives=True)
    >>> picture.source.splitlines()[0]
    'digraph {'
    >>> draw(a * b, max_nodes=2)
    Traceback (most recent call last):
    ...
    ValueError: 3 nodes are too many to look at (max_nodes=2): draw a part with depth=..., the number of operations \
back from the output, or module=..., one part of the network; or draw them all with max_nodes=3
    """
    one_of("direction", direction, DIRECTIONS)
    one_of("adjoint", adjoint, ADJOINT)
    for option, number in (("depth", depth), ("max_nodes", max_nodes)):
        if number is not None and not isinstance(number, int):
            from engine.readable import readable_repr

            raise TypeError(f"{option}={readable_repr(number)}: it is a whole number")
    format(0.0, number_format)  # a ValueError for a format that is none, before any work
    try:
        from engine.render.dot import forward_and_adjoint, text, two_graphs
        from engine.render.drawing import DrawnAs
    except ImportError as error:
        raise import_failed(error, *GRAPHVIZ) from error
    from engine.forward_pass import old_numbers
    from engine.graph import topological_order
    from engine.render import style
    from engine.render.comparison import joined
    from engine.render.elements import elements
    from engine.render.part import part

    if beside is not None and adjoint is not None:
        raise ValueError(f"adjoint={adjoint!r}: two graphs beside each other are drawn without their adjoint graphs")
    values = _values(outputs)
    chosen = part(values, depth=depth, module=module, max_nodes=max_nodes)
    drawn = elements(
        values, chosen, params=parameter_names(module, params), expand=expand, adjoints=adjoint is not None
    )
    if beside is None:
        picture = forward_and_adjoint(drawn, direction, number_format, derivatives=derivatives, adjoint=adjoint)
    else:
        others = _values(beside)
        there = part(others, depth=depth, module=module, max_nodes=max_nodes)
        n = len(drawn)
        drawn = joined(drawn, elements(others, there, params=parameter_names(module, params), expand=expand))
        titles = (_title(values, "one"), _title(others, "the other"))
        picture = two_graphs(drawn, n, direction, number_format, derivatives=derivatives, titles=titles)
        values = [*values, *others]
    picture.drawn = DrawnAs(drawn, direction, number_format, derivatives)
    note = old_numbers(topological_order(*values))
    if note:
        picture.attr(label=f"<{text(note)}>", labelloc="b", fontcolor=style.ADJOINT)
        picture.say(note)
    return picture


def to_svg(outputs: Value | Iterable[Value], path: str | os.PathLike[str], **options: Any) -> str:
    """Write `draw(outputs, **options)` to an SVG file, which needs no other file, and return its path.

    The file appears whole or not at all. OSError where it cannot be written, ValueError for the name of another format.
    """
    picture = draw(outputs, **options)
    from graphviz import FORMATS

    from engine import files

    name, suffix = os.path.splitext(os.fsdecode(path))
    if suffix.lower()[1:] in FORMATS - {"svg"}:
        raise ValueError(
            f"to_svg writes SVG, and {name}{suffix} is the name of another format: end it in .svg, or write that with "
            f"v.draw().render(outfile={name + suffix!r}, cleanup=True)"
        )
    return files.write(path, picture.pipe(format="svg"))


def svg_for_notebook(value: Value) -> str | None:
    """The SVG that a notebook shows for a Value. None, for its repr instead, where there is nothing worth looking at.

    That is for a leaf, for a graph too large to look at, and where nothing can lay it out.
    """
    from engine.render.part import exceeds

    if not value.parents or exceeds([value], MAX_NODES):
        return None
    try:
        from engine.render.drawing import svg_or_none
    except ImportError:
        return None
    return svg_or_none(draw(value))


def _title(values: list[Value], otherwise: str) -> str:
    from engine.render.names import short_label

    return ", ".join([name for value in values if (name := short_label(value.label))]) or otherwise


def _values(outputs: Value | Iterable[Value]) -> list[Value]:
    from engine.readable import readable_repr
    from engine.value import Value

    values = list(outputs) if isinstance(outputs, Iterable) else [outputs]
    for value in values:
        if not isinstance(value, Value):
            got = f"{readable_repr(value)} of type {type(value).__name__}"
            raise TypeError(f"draw a Value, or several: got {got}")
    if not values:
        raise ValueError("draw of no Values: it needs at least one")
    return list(dict.fromkeys(values))


def parameter_names(module: Any, params: Mapping[str, Value] | Iterable[tuple[str, Value]]) -> dict[Value, str | None]:
    """The leaves to draw as parameters, each with its name if it has one."""
    names: dict[Value, str | None] = {}
    if hasattr(module, "named_parameters"):
        names.update((value, name) for name, value in module.named_parameters())
    elif module is not None:
        names.update(dict.fromkeys(module.parameters()))
    names.update((value, name) for name, value in dict(params).items())
    return names


def one_of(option: str, given: object, known: tuple[object, ...]) -> None:
    """Raise ValueError if an option is given something else than what is known."""
    if given not in known:
        from engine.readable import readable_repr

        raise ValueError(f"{option}={readable_repr(given)}: it is one of {', '.join(map(repr, known))}")
