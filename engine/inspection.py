"""Looking at a Value: at the prompt, as text, as a picture, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.leaf_arrays import settle

if TYPE_CHECKING:
    import os

    from engine.render.drawing import Drawing


class Inspection:
    """The methods of `Value` that show it; each imports what it needs when it is called."""

    __slots__ = ()

    def __repr__(self) -> str:
        settle()
        node: Any = self
        grad = "" if node._grad is None else f", grad={node._grad + 0.0:.6g}"  # + 0.0: -0.0, exact, reads as 0
        label = "" if node.label is None else f", label={node.label!r}"
        return f"{type(self).__name__}(data={node._data:.6g}{grad}{label})"

    def __format__(self, spec: str) -> str:
        node: Any = self
        return format(node.data, spec) if spec else repr(self)

    def tree(self, **options: Any) -> str:
        """The graph as text for a terminal, to print; see `engine.render.text.tree` for the options."""
        from engine.render.text import tree

        return tree(self, **options)  # type: ignore[arg-type]

    def draw(self, **options: Any) -> Drawing:
        """The graph as a `graphviz.Digraph`, which a notebook shows; see `engine.draw` for the options."""
        from engine.render import draw

        return draw(self, **options)  # type: ignore[arg-type]

    def to_svg(self, path: str | os.PathLike[str], **options: Any) -> str:
        """Write the graph as an SVG file and return its path; see `engine.draw` for the options."""
        from engine.render import to_svg

        return to_svg(self, path, **options)  # type: ignore[arg-type]

    def walkthrough(self, path: str | os.PathLike[str], **options: Any) -> str:
        """Write a page that steps through both passes, and return its path; see `engine.render.walkthrough`."""
        from engine.render.walkthrough import walkthrough

        return walkthrough(self, path, **options)  # type: ignore[arg-type]

    def _repr_svg_(self) -> str | None:
        from engine.render import svg_for_notebook

        return svg_for_notebook(self)  # type: ignore[arg-type]
