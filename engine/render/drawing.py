"""Drawing: a graphviz.Digraph that finds its layout program, and whose SVG looks the same wherever it is put."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import graphviz
from graphviz.backend import dot_command, rendering

from engine import files
from engine.render import font
from engine.render.layout_program import SECONDS, lay_out


class Drawing(graphviz.Digraph):  # type: ignore[misc]
    """A `graphviz.Digraph` that is laid out by `graphviz-pure`, or by `dot` where that cannot; SVG unless told.

    Attributes:
        seconds: how long a layout program may take; None for as long as it does.

    Raises:
        graphviz.ExecutableNotFound: from `pipe`, `render` and `view`, if there is neither program.
        graphviz.CalledProcessError: if neither can do it, as graphviz-pure alone for PDF.
    """

    directory: str
    filename: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"format": "svg", **kwargs})
        self.seconds: float | None = SECONDS

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
        content = lay_out(self.source.encode(self.encoding), arguments, self.seconds)
        if format == "svg":
            content = self_contained(content)
        return content if encoding is None else content.decode(encoding)

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


# What a picture would inherit from the page that it is put into, as it is without one
_NOTHING_INHERITED = (
    "direction:ltr;unicode-bidi:isolate;writing-mode:horizontal-tb;font-style:normal;font-weight:normal;"
    "font-variant:normal;font-stretch:normal;letter-spacing:normal;word-spacing:normal;text-transform:none;"
    "text-shadow:none;print-color-adjust:exact"
)


def self_contained(svg: bytes) -> bytes:
    """An SVG that looks the same in any page, where the font is missing, and on paper."""
    marked = svg.replace(b"<svg ", f'<svg style="{_NOTHING_INHERITED}" '.encode(), 1)
    return font.kept(marked.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
