"""Two graphs of one shape in one picture: each laid out by itself, to the same layout, and put beside the other.

In the DOT language they are two clusters of one graph, which a layout program places as it likes. In SVG each adjoint
stands exactly under its value, or to the right of it.
"""

from __future__ import annotations

import re
from typing import Any

from engine.render import font, style
from engine.render.drawing import Drawing
from engine.render.svg import escaped

TITLE, GAP, FOOT = 20.0, 6.0, 26.0  # the heights of a panel's title, between two panels, and of the line below
_VIEW = re.compile(r'viewBox="0(?:\.0+)? 0(?:\.0+)? ([\d.]+) ([\d.]+)"')


class Panels(Drawing):
    """A drawing with two panels, below one another or side by side.

    Args:
        stacked: whether the second stands below the first.
        reading: the line below them, which says how to read them.
    """

    def __init__(self, stacked: bool = True, reading: str = "", **settings: Any) -> None:
        super().__init__(**settings)
        self.stacked, self.reading = stacked, reading
        self.panels: list[tuple[str, Drawing]] = []

    def panel(self, title: str, drawing: Drawing) -> Drawing:
        """Add a panel; return its drawing."""
        self.panels.append((title, drawing))
        return drawing

    def say(self, note: str) -> None:
        super().say(note)
        self.reading = note

    def _laid_out(self, arguments: list[str]) -> bytes:
        if not self.panels or "-Tsvg" not in arguments:
            return super()._laid_out(arguments)
        parts, x, y, width, height = [], 0.0, 0.0, 0.0, 0.0
        for title, drawing in self.panels:
            drawing.seconds = self.seconds
            svg = drawing._laid_out(arguments).decode("utf-8", "surrogateescape")
            view = _VIEW.search(svg)
            assert view is not None
            w, h = float(view[1]), float(view[2]) + TITLE
            content = svg[svg.index("<g id=") : svg.rindex("</svg>")].replace('<g id="graph0" ', "<g ", 1)
            parts.append(
                f'<g transform="translate({x:g} {y:g})">{_text(12, 17, title, bold=True)}'
                f'<g transform="translate(0 {TITLE:g})">{content}</g></g>'
            )
            width, height = max(width, x + w), max(height, y + h)
            x, y = (x, y + h + GAP) if self.stacked else (x + w + GAP, y)
        foot = _text(12, height + FOOT - 10, self.reading)
        height += FOOT
        width = max(width, 24 + (font.width(self.reading, 11.0) or 0.0))
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
            f'<svg width="{width:g}pt" height="{height:g}pt" viewBox="0 0 {width:g} {height:g}" '
            'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">\n'
            f'<g id="graph0" class="graph"><rect width="{width:g}" height="{height:g}" fill="{style.PAPER}"/>'
            f"{''.join(parts)}{foot}</g></svg>\n"
        ).encode("utf-8", "surrogateescape")


def _text(x: float, y: float, text: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-family="{font.FONT}"{weight} font-size="11.00" fill="{style.QUIET}">'
        f"{escaped(text)}</text>"
    )
