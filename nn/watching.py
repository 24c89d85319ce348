"""Watching a training: loss, metrics and, of two inputs, the boundary, drawn again and again while it runs."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

from engine.render.terminal import spelled
from nn.history import Frame, History
from nn.plane import Plane, plane_of

if TYPE_CHECKING:
    from nn.module import Module

SHARE = 0.2  # of the time at most that looking may take
LEAST = 0.2  # seconds between two pictures
MOST_FRAMES = 120
CURVE_WIDTH = 60
_BARS = "▁▂▃▄▅▆▇█"
_SIDES, _MARKS = ".#=+-:%&*@", "ox23456789"


class TrainingWatch:
    """Called after every epoch, draws how the training goes: in a notebook, in a terminal, else at the end alone.

    It keeps the boundary of a model of two inputs in the history as well, for `History.animate`.

    Args:
        model: what is trained.
        pairs: what it is trained on.
        epochs: how many there will be at most.
    """

    def __init__(self, model: Module, pairs: Sequence[Any], epochs: int) -> None:
        self.model, self.epochs = model, epochs
        self.plane = plane_of(model, pairs)
        self._screen = _screen()
        self._took, self._last = 0.0, -math.inf
        self._every = max(1, math.ceil(epochs / MOST_FRAMES))

    def __call__(self, history: History) -> None:
        began = perf_counter()
        epoch = len(history)
        is_last = epoch == self.epochs
        due = began - self._last >= max(LEAST, self._took / SHARE)
        keeps = self.plane is not None and (epoch == 1 or epoch % self._every == 0 or is_last)
        if keeps and (due or is_last or self._took < 0.05):
            assert self.plane is not None
            history.plane = self.plane
            history.frames.append(Frame(epoch, self.plane.scores(self.model)))
        if due or is_last:
            self._screen.show(history, self.plane)
            self._last = perf_counter()
        self._took = max(self._took * 0.9, perf_counter() - began)

    def close(self, history: History) -> None:
        """Show the last state, and leave it there."""
        if len(history):
            if self.plane is not None and (not history.frames or history.frames[-1].epoch != len(history)):
                history.plane = self.plane
                history.frames.append(Frame(len(history), self.plane.scores(self.model)))
            self._screen.close(history, self.plane)


def _screen() -> Any:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None and getattr(shell, "kernel", None) is not None:
        return NotebookScreen()
    return TerminalScreen(sys.stdout)


class NotebookScreen:
    """A picture in a notebook that changes."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, history: History, _: Plane | None) -> None:
        """Put the picture of now in the place of the one before."""
        from IPython.display import HTML, display

        content = HTML(history._repr_html_())  # type: ignore[no-untyped-call]
        if self._handle is None:
            self._handle = display(content, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(content)

    close = show


class TerminalScreen:
    """Lines in a terminal that are written over; elsewhere only the last ones are written.

    Args:
        stream: where to.
    """

    def __init__(self, stream: Any) -> None:
        self._stream, self._height = stream, 0
        self._overwrites = bool(getattr(stream, "isatty", lambda: False)())

    def show(self, history: History, plane: Plane | None) -> None:
        """Write the state of now over the one before."""
        if self._overwrites:
            self._write(history, plane)

    def close(self, history: History, plane: Plane | None) -> None:
        """Write the last state."""
        self._write(history, plane)

    def _write(self, history: History, plane: Plane | None) -> None:
        encoding = getattr(self._stream, "encoding", None)
        lines = [spelled(line, encoding) for line in in_lines(history, plane)]
        up = f"\x1b[{self._height}A" if self._height and self._overwrites else ""
        clear = "\x1b[K" if self._overwrites else ""
        try:
            self._stream.write(up + "".join(f"{line}{clear}\n" for line in lines))
            self._stream.flush()
        except (OSError, ValueError):  # nobody reads any more
            self._overwrites = False
        self._height = len(lines)


def in_lines(history: History, plane: Plane | None) -> list[str]:
    """How the training goes, as text: a curve for every series, and the boundary."""
    lines = [f"epoch {len(history):,}"]
    columns = history.columns()
    wide = max(map(len, columns))
    for name, series in columns.items():
        if series:
            lines.append(f"{name:<{wide}}  {curve(series)}  {series[-1]:.4g}")
    if plane is not None and history.frames:
        lines += ["", *boundary(plane, history.frames[-1].scores)]
    return lines


def curve(series: Sequence[float], width: int = CURVE_WIDTH) -> str:
    """A series in one line of bars, from its lowest to its highest number; a blank for what is not finite.

    >>> curve([0.0, 1.0, 2.0, 7.0])
    '▁▂▃█'
    """
    every = max(1, math.ceil(len(series) / width))
    shown = [*series[::-1][::every]][::-1]  # the last one in any case
    finite = [number for number in shown if math.isfinite(number)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    top = len(_BARS) - 1
    scale = top / (high - low) if high > low else 0.0
    return "".join(_BARS[round((y - low) * scale)] if math.isfinite(y) else " " for y in shown)


def boundary(plane: Plane, scores: Sequence[Sequence[float]]) -> list[str]:
    """The plane as lines of text: a sign for each side, and the points of the classes in it."""
    rows = [[_SIDES[plane.side(score) % len(_SIDES)] for score in row] for row in scores[::2]]
    for x, y, label in plane.points:
        column = round((x - plane.xs[0]) / (plane.xs[-1] - plane.xs[0]) * (len(plane.xs) - 1))
        row = round((y - plane.ys[0]) / (plane.ys[-1] - plane.ys[0]) * (len(rows) - 1))
        rows[row][column] = _MARKS[label % len(_MARKS)]
    return ["".join(row) for row in reversed(rows)]
