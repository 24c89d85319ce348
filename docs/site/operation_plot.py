"""A small picture of an operation and its derivative, on a canvas in the style of all drawings."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from engine.mathematics.function_plot import value_and_gradient
from engine.primitives import Primitive
from engine.render import style
from engine.render.canvas import Canvas

WIDTH, HEIGHT = 330, 206
LEFT, RIGHT, TOP, BOTTOM = 34, 8, 26, 36  # around what is drawn
REACH = 4.0  # to each side of 0
POINTS = 241
OTHERS = (2.0, 0.5, -1.0)  # where the other operands stand, in their order
LARGEST = 6.0  # nothing further from 0 is drawn
JUMP = 0.03  # of the height: what a curve leaps beyond its slope is no line


class Curve(NamedTuple):
    """An operation along one of its operands.

    Attributes:
        along: the operand that moves.
        fixed: what the others are, as text: "y = 2"; "" if there are none.
        xs, ys, slopes: the operand, the value, the derivative with respect to the operand.
    """

    along: str
    fixed: str
    xs: list[float]
    ys: list[float]
    slopes: list[float]


def curves(operation: Primitive, names: Sequence[str]) -> list[Curve]:
    """One curve for each of the operands that the derivatives are printed for; of many alike, the first.

    Args:
        operation: what is drawn.
        names: what its operands are called.
    """
    rest = [*OTHERS, *[1.0] * len(names)]
    first = -1.0 if operation.name in ("leaky_relu", "elu") else 1.0  # where the slope of the negative side matters
    at = dict(zip(names, [first, *rest]))
    at |= dict(zip(reversed(names), reversed(operation.defaults)))
    if "low" in at:
        at |= {"low": -1.0, "high": 2.0}
    found, seen = [], set()
    for name in names:
        letter = name.partition("_")[0]
        if letter not in seen:
            seen.add(letter)
            found.append(_curve(operation, at, name))
    return found


def _curve(operation: Primitive, at: dict[str, float], along: str) -> Curve:
    place = [*at].index(along)
    xs = [REACH * (2.0 * k / (POINTS - 1) - 1.0) for k in range(POINTS)]
    found = [value_and_gradient(operation, [*({**at, along: x}).values()]) for x in xs]
    fixed = ", ".join(f"{name} = {_text(number)}" for name, number in at.items() if name != along)
    return Curve(along, fixed, xs, [y for y, _ in found], [slopes[place] for _, slopes in found])


def picture(name: str, curve: Curve) -> str:
    """The curve of the values, and dashed that of the derivative, as an SVG."""
    canvas = Canvas()
    drawn = [y for y in curve.ys + curve.slopes if abs(y) <= LARGEST]
    low, high = min([*drawn, 0.0]), max([*drawn, 0.0])
    room = 0.06 * (high - low) or 1.0
    low, high = low - room, high + room

    def across(x: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (x + REACH) / (2.0 * REACH)

    def down(y: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - y) / (high - low)

    for x in (-4, -2, 0, 2, 4):
        canvas.path(f"M{across(x):.1f} {TOP}V{HEIGHT - BOTTOM}", style.LINE if x == 0 else "#d5dade", 0.8)
        canvas.text(across(x), HEIGHT - BOTTOM + 14, _text(x), size=10, colour=style.QUIET, anchor="middle")
    for y in _ticks(low, high):
        canvas.path(f"M{LEFT} {down(y):.1f}H{WIDTH - RIGHT}", style.LINE if y == 0.0 else "#d5dade", 0.8)
        canvas.text(LEFT - 5, down(y) + 3.5, _text(y), size=10, colour=style.QUIET, anchor="end")
    for numbers, colour, dashed in ((curve.ys, style.GIVEN_LINE, False), (curve.slopes, style.ADJOINT_LINE, True)):
        changes = _slopes(numbers, curve.xs) if dashed else curve.slopes
        data = _line(curve.xs, numbers, changes, (low, high), across, down)
        if data:
            canvas.path(data, colour, 2.0, dashed=dashed)
    derivative = f"∂/∂{curve.along}"
    canvas.path(f"M{LEFT} 12h18", style.GIVEN_LINE, 2.0)
    canvas.text(LEFT + 23, 16, "value")
    canvas.path(f"M{LEFT + 68} 12h18", style.ADJOINT_LINE, 2.0, dashed=True)
    canvas.text(LEFT + 91, 16, derivative)
    where = f"along {curve.along}" + (f", at {curve.fixed}" if curve.fixed else "")
    canvas.text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 5, where, size=10, colour=style.QUIET, anchor="middle")
    title = f"{name} and its derivative {derivative}, {where}"
    return canvas.svg(WIDTH, HEIGHT, title, f"From {-REACH:g} to {REACH:g}.", {})


def _line(
    xs: Sequence[float],
    ys: Sequence[float],
    slopes: Sequence[float],
    shown: tuple[float, float],
    across: Callable[[float], float],
    down: Callable[[float], float],
) -> str:
    """A curve as an SVG path, with a gap where it jumps, or is no finite number, or leaves the picture."""
    low, high = shown
    parts, pen_down = [], False
    for (x0, y0, s0), (x1, y1, s1) in pairwise(zip(xs, ys, slopes)):
        leap = y1 - y0 - (x1 - x0) * (s0 + s1) / 2.0
        inside = low <= y0 <= high and low <= y1 <= high
        if not inside or not abs(leap) <= JUMP * (high - low):
            pen_down = False
            continue
        if not pen_down:
            parts.append(f"M{across(x0):.1f} {down(y0):.1f}")
        parts.append(f"L{across(x1):.1f} {down(y1):.1f}")
        pen_down = True
    return "".join(parts)


def _slopes(ys: Sequence[float], xs: Sequence[float]) -> list[float]:
    """About how steep a curve is at each point, towards the neighbour where it is less steep: a jump is none."""
    steps = [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in pairwise(zip(xs, ys))]
    return [min(pair, key=abs) for pair in zip([*steps, steps[-1]], [steps[0], *steps])]


def _ticks(low: float, high: float) -> list[float]:
    step = next(step for step in (0.25, 0.5, 1.0, 2.0, 4.0, 8.0) if (high - low) / step <= 5.0)
    return [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _text(x: float) -> str:
    return f"{x:g}".replace("-", "\N{MINUS SIGN}")
