"""Drawing: a graphviz.Digraph that finds its layout program, and whose SVG looks the same wherever it is put."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import graphviz
from graphviz.backend import dot_command, rendering

from engine import files
from engine.render import font, svg
from engine.render.layout_program import SECONDS, lay_out
from engine.render.typography import MINUS

if TYPE_CHECKING:
    from engine.render.elements import Element

AS_WIDE = "¬"  # as a minus sign, whose width layout programs do not know


class DrawnAs(NamedTuple):
    """What a drawing was made of, for other languages than DOT."""

    elements: list[Element]
    direction: str
    number_format: str
    derivatives: bool


class Drawing(graphviz.Digraph):  # type: ignore[misc]
    """A `graphviz.Digraph` that is laid out by `graphviz-pure`, or by `dot` where that cannot; SVG unless told.

    Attributes:
        seconds: how long a layout program may take; None for as long as it does.
        title, description: what its SVG says that it shows, to a screen reader too.
        parts: what the parts of its SVG say where the pointer is on them, by their ids.
        drawn: what it was made of; None if that is no graph of Values.
        themed: whether its SVG goes dark where the reader's system asks for that.

    Raises:
        graphviz.ExecutableNotFound: from `pipe`, `render` and `view`, if there is neither program.
        graphviz.CalledProcessError: if neither can do it, as graphviz-pure alone for PDF.
    """

    directory: str
    filename: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"format": "svg", **kwargs})
        self.seconds: float | None = SECONDS
        self.title = self.description = ""
        self.parts: dict[str, str] = {}
        self.themed = True
        self.drawn: DrawnAs | None = None

    def __repr__(self) -> str:
        lines = self.source.count("\n")
        return f'<Drawing, {lines} lines of DOT: shown by a notebook, .view() and .render(outfile="graph.svg")>'

    def __str__(self) -> str:
        """The DOT text, and for who printed it to see a picture how to."""
        return f"{self.source}// This is the picture's text: .view() opens the picture, .pipe(format='svg') has it."

    def pipe(
        self,
        format: str | None = None,
        renderer: str | None = None,
        formatter: str | None = None,
        neato_no_op: bool | int | None = None,
        quiet: bool = True,  # noqa: ARG002
        *,
        engine: str | None = None,
        encoding: str | None = None,
    ) -> Any:
        """The laid-out drawing, as bytes, or as text if `encoding` is given; as `graphviz.Digraph.pipe`.

        Quiet, whatever `quiet` says: graphviz-pure warns of each character whose width it can only estimate.
        """
        format = format or self.format
        renderer, formatter = renderer or self.renderer, formatter or self.formatter
        arguments = dot_command.command(
            engine or self.engine, format, renderer=renderer, formatter=formatter, neato_no_op=neato_no_op
        )[1:]
        content = self._laid_out(arguments)
        if format == "svg":
            content = self._finished(content)
        return content if encoding is None else content.decode(encoding)

    def _laid_out(self, arguments: list[str]) -> bytes:
        """What a layout program makes of the source."""
        source, minus = self.source, MINUS
        if "-Tsvg" in arguments and AS_WIDE not in source:
            source, minus = source.replace(MINUS, AS_WIDE), AS_WIDE
        laid_out = lay_out(source.encode(self.encoding), arguments, self.seconds)
        return laid_out.replace(minus.encode(self.encoding), MINUS.encode(self.encoding))

    def _finished(self, laid_out: bytes) -> bytes:
        """An SVG that looks the same in any page, where the font is missing, and on paper."""
        text = font.kept(laid_out.decode("utf-8", "surrogateescape"))
        text = svg.dressed(text, self.title, self.description, self.parts, themed=self.themed)
        return text.encode("utf-8", "surrogateescape")

    def say(self, note: str) -> None:
        """Add a note to what it says of itself."""
        self.description = f"{self.description} ({note})"

    def tikz(self) -> str:
        r"""The graph as a `tikzpicture` for LaTeX, laid out as here; it needs \usetikzlibrary{arrows.meta}.

        Raises what `pipe` does, and ValueError if it is no drawing of a graph of Values.
        """
        from engine.render.exports import tikz

        drawn, _, number_format, derivatives = self._made_of()
        arguments = dot_command.command(self.engine, "plain")[1:]
        plain = lay_out(self.source.encode(self.encoding), arguments, self.seconds).decode(self.encoding)
        rows = [line.split() for line in plain.splitlines() if line.startswith("node ")]
        places = {row[1]: (float(row[2]), float(row[3])) for row in rows}
        return tikz(drawn, places, number_format, derivatives=derivatives)

    def mermaid(self) -> str:
        """The graph as a Mermaid flowchart, for Markdown. ValueError if it is no drawing of a graph of Values."""
        from engine.render.exports import mermaid

        drawn, direction, number_format, derivatives = self._made_of()
        return mermaid(drawn, direction, number_format, derivatives=derivatives)

    def graphml(self) -> str:
        """The graph as GraphML, its numbers exact, for NetworkX, yEd, Gephi and others. ValueError as `mermaid`."""
        from engine.render.exports import graphml

        return graphml(self._made_of().elements)

    def _made_of(self) -> DrawnAs:
        if self.drawn is None:
            raise ValueError("only the drawing of a graph of Values can be written in that language")
        return self.drawn

    def copy(self) -> Drawing:
        """A copy of the drawing."""
        twin: Drawing = super().copy()
        twin.title, twin.description, twin.parts, twin.themed = self.title, self.description, self.parts, self.themed
        twin.drawn = self.drawn
        return twin

    def render(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,
        renderer: str | None = None,
        formatter: str | None = None,
        neato_no_op: bool | int | None = None,
        quiet: bool = True,
        quiet_view: bool = False,
        *,
        outfile: str | os.PathLike[str] | None = None,
        engine: str | None = None,
        raise_if_result_exists: bool = False,
        overwrite_source: bool = False,
    ) -> str:
        """Write the source and the laid-out drawing to files, each whole; as `graphviz.Digraph.render`.

        With `cleanup` the source is not written at all, so that no older file of its name is lost.
        """
        if outfile is not None:
            result = Path(outfile) if directory is not None else Path(self.directory, outfile)
            format = rendering.get_format(result, format=format)
            filename = filename or rendering.get_filepath(result)
        format = format or self.format
        renderer, formatter = renderer or self.renderer, formatter or self.formatter
        if filename is not None:
            self.filename = os.fspath(filename)
        if directory is not None:
            self.directory = os.fspath(directory)
        source = Path(self.filepath)
        if outfile is None:
            result = rendering.get_outfile(source, format=format, renderer=renderer, formatter=formatter)
        if result.resolve() == source.resolve() and not (overwrite_source or cleanup):
            raise ValueError(f"outfile {result.name!r} is the file that the source is written to: name another")
        if raise_if_result_exists and result.exists():
            raise graphviz.FileExistsError(f"output file exists: {os.fspath(result)!r}")
        content = self.pipe(format, renderer, formatter, neato_no_op, quiet, engine=engine)
        if not cleanup:
            self.save()
        result.parent.mkdir(parents=True, exist_ok=True)
        rendered = files.write(result, content)
        if view or quiet_view:
            graphviz.view(rendered, quiet=quiet_view)
        return rendered

    def save(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        *,
        skip_existing: bool | None = False,
    ) -> str:
        """Write the source to a file, whole, and return its path; as `graphviz.Digraph.save`."""
        if filename is not None:
            self.filename = os.fspath(filename)
        if directory is not None:
            self.directory = os.fspath(directory)
        path = Path(self.filepath)
        if skip_existing and path.exists():
            return os.fspath(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        return files.write(path, self.source.encode(self.encoding))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, str]:  # noqa: ARG002
        """What a notebook shows: the drawing, or its repr and why there is none."""
        try:
            return {"image/svg+xml": self.pipe(format="svg", encoding="utf-8"), "text/plain": repr(self)}
        except Exception as error:  # a traceback in every cell would help nobody
            return {"text/plain": f"{self!r}\n{error}"}


def svg_or_none(drawing: graphviz.Digraph) -> str | None:
    """The SVG of a drawing for a notebook, which shows the repr instead where there is none."""
    try:
        return drawing.pipe(format="svg", encoding="utf-8")  # type: ignore[no-any-return]
    except Exception:  # as above
        return None
