"""The boundary of a model of two inputs as SVG, for notebooks: its sides, and the points in them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from engine.render import style
from engine.render.canvas import Canvas
from engine.render.typography import printed_number
from nn.plane import Plane

WIDTH, MARGIN, FOOT = 420.0, 14.0, 20.0
SIDES = (style.ADJOINT_PAPER, style.GIVEN, style.RESULT, "#e6e9ec", style.PAPER)
POINTS = (style.ADJOINT_LINE, style.GIVEN_LINE, style.INK, style.LINE, style.QUIET)
LETTERS = "ox+*#"  # the points of each class: not told apart by colour alone


def plane_svg(plane: Plane, scores: Sequence[Sequence[float]], epoch: int) -> str:
    """The plane as SVG.

    Args:
        plane: its grid and its points.
        scores: as `Plane.scores` gives them.
        epoch: after which they were computed.
    """
    wide, high = plane.xs[-1] - plane.xs[0], plane.ys[-1] - plane.ys[0]
    inner = WIDTH - 2 * MARGIN
    height = inner * len(plane.ys) / len(plane.xs)
    cell, row_height = inner / len(plane.xs), height / len(plane.ys)
    canvas = Canvas()
    for r, row in enumerate(reversed(scores)):
        left = MARGIN
        for side, run in groupby([plane.side(score) for score in row]):
            n = len([*run])
            top = MARGIN + r * row_height
            fill = SIDES[side % len(SIDES)]
            canvas.rectangle(left, top, n * cell, row_height + 0.3, fill=fill, stroke="none", rounded=0.0)
            left += n * cell
    for x, y, label in plane.points:
        across = MARGIN + cell / 2 + (x - plane.xs[0]) / wide * (inner - cell)
        down = MARGIN + height - row_height / 2 - (y - plane.ys[0]) / high * (height - row_height)
        letter, colour = LETTERS[label % len(LETTERS)], POINTS[label % len(POINTS)]
        canvas.text(across, down + 3.5, letter, anchor="middle", bold=True, colour=colour)
    ends = [printed_number(number, ".3g") for number in (plane.xs[0], plane.xs[-1], plane.ys[0], plane.ys[-1])]
    legend = f"epoch {epoch:,}: x1 from {ends[0]} to {ends[1]}, x2 from {ends[2]} to {ends[3]}"
    canvas.text(MARGIN, MARGIN + height + 14, legend, colour=style.QUIET, size=10.0)
    said = f"{legend}; {len(plane.points)} points"
    return canvas.svg(WIDTH, height + MARGIN + FOOT + 4, f"The boundary after epoch {epoch:,}", said, {})
