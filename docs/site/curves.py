"""Curves for the chapters: functions of one number, tangents and points, on the project's canvas."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from engine import Value, grad
from engine.render import style
from engine.render.canvas import Canvas
from engine.render.typography import MINUS

WIDTH, HEIGHT, MARGIN, LABELS = 420, 270, 32, 66  # LABELS: at the right, for the names of the curves
SIDES = {  # where the words of a point stand: how far from it, and which end of them is there
    "right": (8.0, 16.0, "start"),
    "left": (-10.0, 9.0, "end"),
    "below": (0.0, 20.0, "middle"),
}
SAMPLES = 160
LINE = 15  # from a name to the next below it
COLOURS = (style.GIVEN_LINE, style.ADJOINT_LINE, style.INK)
Function = Callable[[Any], Any]


class Curves:
    """Functions of one number, drawn together; a page shows it as it shows a drawing.

    Args:
        functions: each with its name. They take Values.
        across: the least and the greatest x.
        up: the least and the greatest y.
        tangents: where the first function has a tangent drawn.
        points: (x, y), each with its words and the side of it where they stand: "right" (and lower), "left" or "below".
        title: what it shows, for who does not see it.
    """

    def __init__(
        self,
        functions: dict[str, Function],
        across: tuple[float, float],
        up: tuple[float, float],
        *,
        tangents: Sequence[float] = (),
        points: Sequence[tuple[float, float, str, str]] = (),
        title: str,
    ) -> None:
        self.functions, self.across, self.up = functions, across, up
        self.tangents, self.points, self.title = tangents, points, title

    def _repr_svg_(self) -> str:
        canvas = Canvas()
        self._axes(canvas)
        first = next(iter(self.functions.values()))
        for at in self.tangents:
            slope, reach = slope_of(first, at), 0.22 * (self.across[1] - self.across[0])
            reach /= math.hypot(1.0, slope * self._ratio())
            span = (max(at - reach, self.across[0]), min(at + reach, self.across[1]))
            self._straight(canvas, span, at, value_of(first, at), slope)
        named: list[tuple[float, float]] = []
        for colour, (name, f) in zip(COLOURS, self.functions.items()):
            x, y = self._curve(canvas, f, colour)
            while any(abs(x - other) < LABELS and abs(y - above) < LINE for other, above in named):
                y += 1  # below the name of a curve that ends at the same place
            named.append((x, y))
            canvas.text(x + 6, y + 4, name, size=13, colour=colour, bold=True)
        for x, y, words, side in self.points:
            right, down, anchor = SIDES[side]
            canvas.rectangle(self._x(x) - 3.5, self._y(y) - 3.5, 7, 7, fill=style.INK, stroke=style.PAPER, rounded=3.5)
            if words:
                canvas.text(self._x(x) + right, self._y(y) + down, words, size=13, anchor=anchor)
        return canvas.svg(WIDTH, HEIGHT, self.title, self.title, {})

    def _ratio(self) -> float:
        """How much longer 1 of y is than 1 of x."""
        return abs((self._y(1) - self._y(0)) / (self._x(1) - self._x(0)))

    def _x(self, x: float) -> float:
        least, most = self.across
        return MARGIN + (x - least) / (most - least) * (WIDTH - MARGIN - LABELS)

    def _y(self, y: float) -> float:
        least, most = self.up
        return HEIGHT - MARGIN - (y - least) / (most - least) * (HEIGHT - 2 * MARGIN)

    def _axes(self, canvas: Canvas) -> None:
        (left, right), (low, high) = self.across, self.up
        x_axis, y_axis = self._y(min(max(0.0, low), high)), self._x(min(max(0.0, left), right))
        canvas.path(f"M {self._x(left):.1f},{x_axis:.1f} H {self._x(right):.1f}", style.LINE)
        canvas.path(f"M {y_axis:.1f},{self._y(low):.1f} V {self._y(high):.1f}", style.LINE)
        for x in ticks(left, right):
            canvas.text(self._x(x), self._y(low) + 16, in_words(x), size=12, colour=style.QUIET, anchor="middle")
        for y in ticks(low, high):
            canvas.text(self._x(left) - 6, self._y(y) + 4, in_words(y), size=12, colour=style.QUIET, anchor="end")

    def _curve(self, canvas: Canvas, f: Function, colour: str) -> tuple[float, float]:
        """Draw it, and say where its last piece ends."""
        left, right = self.across
        low, high = self.up
        pieces, end = [], (right, low)
        inside = False
        for k in range(SAMPLES + 1):
            x = left + (right - left) * k / SAMPLES
            y = value_of(f, x)
            if not low <= y <= high:
                inside = False
                continue
            pieces.append(f"{'L' if inside else 'M'} {self._x(x):.1f},{self._y(y):.1f}")
            inside, end = True, (x, y)
        canvas.path(" ".join(pieces), colour, 2.0)
        return self._x(end[0]), self._y(end[1])

    def _straight(self, canvas: Canvas, span: tuple[float, float], at: float, y: float, slope: float) -> None:
        low, high = self.up
        ends = []
        for x in span:
            reached = y + slope * (x - at)
            within = min(max(reached, low), high)
            ends.append((x if reached == within or not slope else at + (within - y) / slope, within))
        (a, b), (c, d) = ends
        canvas.path(
            f"M {self._x(a):.1f},{self._y(b):.1f} L {self._x(c):.1f},{self._y(d):.1f}",
            style.ADJOINT_LINE,
            1.6,
        )


def value_of(f: Function, x: float) -> float:
    """The number f(x)."""
    found = f(Value(x))
    return found.data if isinstance(found, Value) else float(found)


def slope_of(f: Function, x: float) -> float:
    """The slope of f at x."""
    v = Value(x)
    return grad(f(v), v).data


def ticks(least: float, most: float) -> list[float]:
    """Round numbers along an axis."""
    step = next(step for step in (0.25, 0.5, 1, 2, 5, 10) if (most - least) / step <= 7)
    first = math.ceil(least / step)
    return [k * step for k in range(first, math.floor(most / step) + 1)]


def in_words(x: float) -> str:
    """A number as an axis has it."""
    return f"{x:g}".replace("-", MINUS)
