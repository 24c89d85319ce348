"""Maps for the chapters: a loss of two numbers seen from above, and where an attention looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from docs.site.curves import in_words, ticks
from engine.render import style
from engine.render.canvas import Canvas

WIDTH, HEIGHT, MARGIN = 420, 300, 34
STEPS = 60  # of the net on which a map is computed, in each direction
COLOURS = (style.GIVEN_LINE, style.ADJOINT_LINE)
CELL = 26  # of an attention, for one weight
Place = tuple[float, float]


class Valley:
    """A function of two numbers from above: lines of equal height, and paths into the valley.

    Args:
        f: the height.
        across: the least and the greatest of the first number, and what it is called.
        up: the same of the second.
        levels: the heights that have a line.
        paths: the places of each path, by its name.
        title: what it shows, for who does not see it.
    """

    def __init__(
        self,
        f: Callable[[float, float], float],
        across: tuple[float, float, str],
        up: tuple[float, float, str],
        *,
        levels: Sequence[float],
        paths: dict[str, Sequence[Place]],
        title: str,
    ) -> None:
        self.f, self.across, self.up = f, across, up
        self.levels, self.paths, self.title = levels, paths, title

    def _repr_svg_(self) -> str:
        canvas = Canvas()
        left, right, name = self.across
        low, high, other = self.up
        canvas.rectangle(MARGIN, MARGIN, WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN, rounded=0)
        for x in ticks(left, right):
            canvas.text(self._x(x), HEIGHT - MARGIN + 16, in_words(x), size=12, colour=style.QUIET, anchor="middle")
        for y in ticks(low, high):
            canvas.text(MARGIN - 6, self._y(y) + 4, in_words(y), size=12, colour=style.QUIET, anchor="end")
        canvas.text(WIDTH - MARGIN + 10, HEIGHT - MARGIN + 4, name, size=13, bold=True)
        canvas.text(MARGIN, MARGIN - 10, other, size=13, bold=True, anchor="middle")
        heights = [[self.f(x, y) for x in _net(left, right)] for y in _net(low, high)]
        for level in self.levels:
            pieces = contour(heights, level)
            data = " ".join(f"M {self._place(*begin)} L {self._place(*end)}" for begin, end in pieces)
            canvas.path(data, style.LINE, 0.9)
        for k, (colour, (words, path)) in enumerate(zip(COLOURS, self.paths.items())):
            corners = [f"{self._x(x):.1f},{self._y(y):.1f}" for x, y in path]
            canvas.path(f"M {' L '.join(corners)}", colour, 1.8)
            for x, y in path:
                canvas.rectangle(self._x(x) - 2, self._y(y) - 2, 4, 4, fill=colour, stroke=colour, rounded=2)
            canvas.text(
                WIDTH - MARGIN - 8, MARGIN + 18 + 18 * k, words, size=13, colour=colour, bold=True, anchor="end"
            )
        return canvas.svg(WIDTH, HEIGHT, self.title, self.title, {})

    def _x(self, x: float) -> float:
        least, most, _ = self.across
        return MARGIN + (x - least) / (most - least) * (WIDTH - 2 * MARGIN)

    def _y(self, y: float) -> float:
        least, most, _ = self.up
        return HEIGHT - MARGIN - (y - least) / (most - least) * (HEIGHT - 2 * MARGIN)

    def _place(self, column: float, row: float) -> str:
        """A place on the net, on the canvas."""
        x = MARGIN + column / STEPS * (WIDTH - 2 * MARGIN)
        y = HEIGHT - MARGIN - row / STEPS * (HEIGHT - 2 * MARGIN)
        return f"{x:.1f},{y:.1f}"


def _net(least: float, most: float) -> list[float]:
    return [least + (most - least) * k / STEPS for k in range(STEPS + 1)]


def contour(heights: Sequence[Sequence[float]], level: float) -> Iterator[tuple[Place, Place]]:
    """Short lines along which a surface has a height, cell by cell; each from (column, row) to (column, row)."""
    for row in range(len(heights) - 1):
        for column in range(len(heights[0]) - 1):
            around = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]
            crossed = []
            for (a, b), (c, d) in zip(around, [*around[1:], around[0]]):
                here, there = heights[b][a] - level, heights[d][c] - level
                if (here < 0) != (there < 0):
                    part = here / (here - there)
                    crossed.append((a + part * (c - a), b + part * (d - b)))
            yield from zip(crossed[::2], crossed[1::2])


class Attention:
    """The weights of an attention: in a row for each position how much it takes of itself and those before it.

    Args:
        heads: weights[h][t][s], how much position t takes of position s in head h.
        letters: what stands at each position.
        title: what it shows, for who does not see it.
    """

    def __init__(self, heads: Sequence[Sequence[Sequence[float]]], letters: str, title: str) -> None:
        self.heads, self.letters, self.title = heads, letters, title

    def _repr_svg_(self) -> str:
        canvas = Canvas()
        size, space = CELL * len(self.letters), 2 * MARGIN
        for h, weights in enumerate(self.heads):
            left, top = MARGIN + h * (size + space), 2 * MARGIN
            canvas.text(left, MARGIN - 8, f"head {h + 1}", size=13, bold=True)
            canvas.text(left, MARGIN + 10, "takes of:", size=12, colour=style.QUIET)
            for t, letter in enumerate(self.letters):
                middle = (t + 0.5) * CELL
                canvas.text(left + middle, top - 8, letter, size=13, anchor="middle")
                canvas.text(left - 8, top + middle + 4, letter, size=13, anchor="end")
                for s in range(t + 1):
                    x, y = left + s * CELL, top + t * CELL
                    canvas.rectangle(x, y, CELL, CELL, fill=style.PAPER, stroke=style.LINE, rounded=0, thickness=0.5)
                    side = (CELL - 4) * weights[t][s] ** 0.5  # the area says how much
                    inset = (CELL - side) / 2
                    canvas.rectangle(
                        x + inset, y + inset, side, side, fill=style.GIVEN_LINE, stroke=style.GIVEN_LINE, rounded=0
                    )
        width = len(self.heads) * (size + space) - MARGIN
        return canvas.svg(width, 2 * MARGIN + size + 12, self.title, self.title, {})
