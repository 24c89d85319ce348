"""Canvas: shapes and texts, drawn one after another into an SVG in the style of all drawings."""

from __future__ import annotations

from engine.render import font, style
from engine.render.svg import dressed, escaped


class Canvas:
    """A picture under way. Coordinates are points, from the top left corner."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def rectangle(
        self,
        left: float,
        top: float,
        width: float,
        height: float,
        *,
        fill: str = style.PAPER,
        stroke: str = style.LINE,
        rounded: float = 6.0,
        dashed: bool = False,
        thickness: float = 1.1,
    ) -> None:
        """A rectangle."""
        dashes = ' stroke-dasharray="4 3"' if dashed else ""
        self._parts.append(
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{rounded:g}" '
            f'fill="{fill}" stroke="{stroke}" stroke-width="{thickness:g}"{dashes}/>'
        )

    def path(
        self, data: str, stroke: str, thickness: float = 1.1, *, opacity: float = 1.0, dashed: bool = False
    ) -> None:
        """A line, in the language of SVG's paths."""
        dashes = ' stroke-dasharray="5 3"' if dashed else ""
        faint = f' stroke-opacity="{opacity:.2f}"' if opacity < 1.0 else ""
        self._parts.append(
            f'<path d="{data}" fill="none" stroke="{stroke}" stroke-width="{thickness:.2f}"{faint}{dashes}/>'
        )

    def arrow(
        self, data: str, tip: tuple[float, float], towards: tuple[float, float], stroke: str, *, dashed: bool = False
    ) -> None:
        """A line with an arrowhead at its tip, which points in a direction of length 1."""
        self.path(data, stroke, dashed=dashed)
        (x, y), (dx, dy) = tip, towards
        base_x, base_y = x - 6 * dx, y - 6 * dy
        points = [(x, y), (base_x - 2.4 * dy, base_y + 2.4 * dx), (base_x + 2.4 * dy, base_y - 2.4 * dx)]
        corners = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        self._parts.append(f'<polygon points="{corners}" fill="{stroke}" stroke="{stroke}"/>')

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 11.0,
        colour: str = style.INK,
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        """A text with its baseline at y."""
        weight = ' font-weight="bold"' if bold else ""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-family="{font.FONT}"{weight} '
            f'font-size="{size:.2f}" fill="{colour}">{escaped(text)}</text>'
        )

    def open(self, name: str, kind: str) -> None:
        """Begin a part of the picture, which has an id and may have a title."""
        self._parts.append(f'<g id="{name}" class="{kind}"><title></title>')

    def close(self) -> None:
        """End the part begun last."""
        self._parts.append("</g>")

    def svg(self, width: float, height: float, title: str, description: str, parts: dict[str, str]) -> str:
        """The picture, with what it and its parts say of themselves."""
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}">'
            f'<rect width="{width:.0f}" height="{height:.0f}" fill="{style.PAPER}" stroke="none"/>'
            f"{''.join(self._parts)}</svg>"
        )
        return dressed(font.kept(svg), title, description, parts)


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is, or about how wide where its characters are not known."""
    known = font.width(text, size, bold=bold)
    return 0.7 * size * len(text) if known is None else known
