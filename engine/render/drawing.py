"""Drawing: a graphviz.Digraph that finds its layout program."""

from __future__ import annotations

from typing import Any

import graphviz

from engine.render.program import using_layout_program


class Drawing(graphviz.Digraph):  # type: ignore[misc]
    """A `graphviz.Digraph` that is laid out by `dot` if it is on PATH, else by `graphviz-pure`; SVG unless told.

    Quiet by default: graphviz-pure warns of each character whose width it can only estimate.

    Raises:
        graphviz.ExecutableNotFound: from `pipe`, `render`, `view` and in a notebook, if there is neither program.
        graphviz.CalledProcessError: if the program fails, as graphviz-pure for a format that it has not, such as PDF.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"format": "svg", **kwargs})

    def __repr__(self) -> str:
        lines = str(self).count("\n")
        return f'<Drawing, {lines} lines of DOT: shown by a notebook, .view() and .render(outfile="graph.svg")>'

    def pipe(self, *args: Any, **kwargs: Any) -> Any:
        """The laid-out drawing, as bytes, or as text if `encoding` is given; as `graphviz.Digraph.pipe`."""
        with using_layout_program():
            return super().pipe(*args, **{"quiet": True, **kwargs})

    def render(self, *args: Any, **kwargs: Any) -> Any:
        """Write the source and the laid-out drawing to files; as `graphviz.Digraph.render`."""
        with using_layout_program():
            return super().render(*args, **{"quiet": True, **kwargs})
