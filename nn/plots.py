"""Histories as figures and animations, drawn by matplotlib."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine import files
from nn import plot_style as style

if TYPE_CHECKING:
    from nn.history import History
    from nn.plane import Plane

COLOURS = (style.RED, style.BLUE, style.AMBER, style.TEAL)  # of the classes
MARKERS = "osD^vP*X<>"
PAPER = "#ffffff"


def history_figure(history: History) -> Any:
    """The figure that `History.plot` gives. ValueError for a history without epochs."""
    _check(history)
    pairs = _pairs(history)
    figure, grid = style.figure((7.2, 3.0 + 1.6 * (len(pairs) - 1)), rows=len(pairs), squeeze=False, sharex=True)
    for axes, pair in zip(grid[:, 0], pairs, strict=True):
        _curves(axes, pair, len(history))
    grid[-1, 0].set_xlabel("epoch")
    style.whole_numbers(grid[-1, 0])
    style.title(grid[0, 0], "Training")
    return figure


def animate(history: History, path: str | os.PathLike[str], seconds: float) -> str:
    """Write the animation that `History.animate` gives."""
    _check(history)
    if not (isinstance(seconds, (int, float)) and 0.0 < seconds < math.inf):
        raise ValueError(f"seconds={seconds!r}: how long the animation takes is a number above 0")
    name, suffix = os.path.splitext(os.fsdecode(path))
    if suffix.lower() not in (".gif", ".webp", ".png"):
        raise ValueError(f"{name}{suffix}: an animation is a .gif, a .webp or an animated .png")
    from nn.plots_frames import frames

    pictures = frames(history)
    content = io.BytesIO()
    pause = max(20, round(1000 * seconds / len(pictures)))
    pauses = [pause] * (len(pictures) - 1) + [max(pause, 1500)]  # the last one stays a while
    kind = suffix[1:].upper()
    pictures[0].save(content, format=kind, save_all=True, append_images=pictures[1:], duration=pauses, loop=0)
    return files.write(path, content.getvalue())


def _check(history: History) -> None:
    if not len(history):
        raise ValueError("there is nothing to plot: the history has no epochs")


def _pairs(history: History) -> list[tuple[str, list[float], list[float]]]:
    """(name, training, validation) for the loss and every metric."""
    return [
        ("loss", history.losses, history.validation_losses),
        *((name, series, history.validation_metrics.get(name, [])) for name, series in history.metrics.items()),
    ]


def _curves(axes: Any, pair: tuple[str, Sequence[float], Sequence[float]], epochs: int) -> None:
    """The training as a line, the validation beside it dashed, each with its last number at its end."""
    name, learned, held_out = pair
    every: list[tuple[Sequence[float], str, Any, str]] = [
        (learned, style.INK, "-", "training"),
        (held_out, style.BLUE, (0, (4, 1.5)), "validation"),
    ]
    shown = [line for line in every if line[0]]
    ends = [(series[-1], series, colour, label) for series, colour, _, label in shown if math.isfinite(series[-1])]
    for series, colour, dashes, _ in shown:
        marker = "o" if len(series) == 1 else None
        axes.plot(range(1, len(series) + 1), series, color=colour, linewidth=2, linestyle=dashes, marker=marker)
    finite = [number for series, *_ in shown for number in series if math.isfinite(number)]
    if finite and min(finite) > 0 and max(finite) / min(finite) > 100:
        axes.set_yscale("log")
    together = len(ends) == 2 and abs(ends[0][0] - ends[1][0]) < 0.08 * ((max(finite) - min(finite)) or 1.0)
    for k, (number, series, colour, label) in enumerate(sorted(ends, key=lambda end: -end[0])):
        up = (6, -6)[k] if together else 0
        text = f"{number:.3g} {label}" if len(shown) > 1 else f"{number:.3g}"
        axes.annotate(
            text, (len(series), number), xytext=(7, up), textcoords="offset points", va="center", color=colour,
            fontweight="bold", fontsize=9, annotation_clip=False,
        )  # fmt: skip
    axes.set_ylabel(name)
    axes.set_xlim(1, max(epochs, 2))
    style.horizontal_grid(axes)


def draw_plane(axes: Any, plane: Plane, scores: Sequence[Sequence[float]]) -> None:
    """The sides of the boundary, the boundary, and the points of each class with a marker of its own."""
    from matplotlib.colors import LinearSegmentedColormap, ListedColormap

    extent = (plane.xs[0], plane.xs[-1], plane.ys[0], plane.ys[-1])
    if plane.by_class:
        classes = 1 + int(max(map(max, scores)))
        colours = ListedColormap([COLOURS[k % len(COLOURS)] for k in range(classes)])
        axes.imshow(scores, extent=extent, origin="lower", cmap=colours, vmin=-0.5, vmax=classes - 0.5, alpha=0.3)
    else:
        shades = LinearSegmentedColormap.from_list("sides", [COLOURS[0], PAPER, COLOURS[1]])
        far = max(abs(score - plane.threshold) for row in scores for score in row) or 1.0
        low, high = plane.threshold - far, plane.threshold + far
        axes.imshow(
            scores,
            extent=extent,
            origin="lower",
            interpolation="bilinear",
            cmap=shades,
            vmin=low,
            vmax=high,
            alpha=0.55,
        )
        if min(map(min, scores)) < plane.threshold < max(map(max, scores)):
            axes.contour(plane.xs, plane.ys, scores, levels=[plane.threshold], colors=style.INK, linewidths=2)
    for label in sorted({label for _, _, label in plane.points}):
        points = [(x, y) for x, y, k in plane.points if k == label]
        axes.scatter(
            *zip(*points), s=26, c=COLOURS[label % len(COLOURS)], marker=MARKERS[label % len(MARKERS)],
            edgecolors="white", linewidths=0.7, zorder=3,
        )  # fmt: skip
    axes.set_xlabel("$x_1$")
    axes.set_ylabel("$x_2$")
    axes.set_aspect("equal")
