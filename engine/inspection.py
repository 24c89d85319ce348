"""Looking at a Value: at the prompt, as text, as a picture, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.leaf_arrays import settle

if TYPE_CHECKING:
    import os

    from engine.mathematics.latex import Latex
    from engine.render.drawing import Drawing
    from engine.render.terminal import Text
    from engine.value import Value


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

    def expression(self) -> Text:
        """The formula it was computed by, as Python; see `engine.mathematics.python_text`."""
        from engine.mathematics.python_text import expression

        return expression(self)  # type: ignore[arg-type]

    def latex(self) -> Latex:
        """The formula it was computed by, in LaTeX, which a notebook sets; see `engine.mathematics.latex`."""
        from engine.mathematics.latex import latex

        return latex(self)  # type: ignore[arg-type]

    def sympy(self) -> Any:
        """The formula it was computed by, as a SymPy expression; see `engine.mathematics.sympy_form`."""
        from engine.mathematics.sympy_form import sympy_form

        return sympy_form(self)  # type: ignore[arg-type]

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

    def to_png(self, path: str | os.PathLike[str], **options: Any) -> str:
        """Write the graph as a PNG file and return its path; see `engine.draw` for the options."""
        from engine.viewing import to_png

        return to_png(self, path, **options)  # type: ignore[arg-type]

    def view(self, **options: Any) -> str:
        """Draw the graph in a temporary file, open that, and return its path; see `engine.draw` for the options.

        Without a screen, or with the environment variable ``LIFTGRAD_OPEN=0``, it says where the file is.
        """
        from engine.viewing import view

        return view(self, **options)  # type: ignore[arg-type]

    def walkthrough(self, path: str | os.PathLike[str] | None = None, **options: Any) -> str:
        """Write a page that steps through both passes, and return its path; see `engine.render.walkthrough`.

        Without a path it is a temporary file, which is opened; in a notebook it is shown in the cell.
        """
        from engine.render.walkthrough import walkthrough

        return walkthrough(self, path, **options)  # type: ignore[arg-type]

    def leaves(self) -> list[Value]:
        """The leaves it was computed from, inputs and parameters, in the order of their use; plain numbers aside."""
        from engine.graph import leaves

        node: Any = self
        return [leaf for leaf in leaves(node) if not leaf.is_constant]

    def _repr_svg_(self) -> str | None:
        from engine.render import svg_for_notebook

        return svg_for_notebook(self)  # type: ignore[arg-type]
