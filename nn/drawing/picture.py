"""A picture that is SVG from the start: shown by a notebook, written to a file."""

from __future__ import annotations

import os
from typing import Any

from engine import files


class Picture:
    """An SVG, which a notebook shows as it is.

    Attributes:
        svg: the picture as text.
        title: what it shows.
    """

    def __init__(self, svg: str, title: str) -> None:
        self.svg, self.title = svg, title

    def to_svg(self, path: str | os.PathLike[str]) -> str:
        """Write it to an SVG file, which needs no other file, and return its path."""
        return files.write(path, self.svg.encode())

    def pipe(self, format: str = "svg", encoding: str | None = None) -> Any:
        """The picture as bytes, or as text if `encoding` is given; as `graphviz.Digraph.pipe`, but SVG only.

        Raises:
            ValueError: for another format.
        """
        if format != "svg":
            raise ValueError(f"format={format!r}: a drawing of a network is SVG")
        return self.svg.encode(encoding or "utf-8") if encoding is None else self.svg

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f'<Picture: {self.title}: shown by a notebook, .to_svg("network.svg") writes it>'
