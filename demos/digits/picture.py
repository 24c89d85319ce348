"""The picture: curves of the training, the confusion matrix, and digits that were misread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from demos import style
from demos.digits.learning import CLASSES, SIDE, Read, confusion
from demos.style import BLUE, FAINT, INK, RED
from nn import History

MISREAD_SHOWN = 6


def draw(history: History, reads: list[Read], path: Path) -> Path:
    """The curves, the confusion matrix, and digits that were misread."""
    figure = style.blank((11.0, 8.4))
    top, bottom = figure.subfigures(2, 1, height_ratios=(1.45, 1))
    left, right = top.subfigures(1, 2, width_ratios=(1, 1.05))
    _draw_curves(history, left.subplots(2, 1, sharex=True))
    _draw_confusion(reads, right.subplots())
    _draw_misread(reads, bottom)
    return style.save(figure, path)


def _draw_curves(history: History, both: Any) -> None:
    epochs = range(1, len(history) + 1)
    series = (
        ("cross-entropy, mean", history.losses, history.validation_losses, "{:.2f}"),
        (
            "accuracy, %",
            [100 * share for share in history.metrics["accuracy"]],
            [100 * share for share in history.validation_metrics["accuracy"]],
            "{:.1f}",
        ),
    )
    for axes, (label, learned, held_out, shape) in zip(both, series):
        style.dress(axes)
        style.horizontal_grid(axes)
        axes.plot(epochs, learned, color=FAINT, linewidth=2, linestyle=(0, (4, 1.5)), label="learned from")
        axes.plot(epochs, held_out, color=BLUE, linewidth=2.4, label="held out")
        style.label_end(axes, len(history), held_out[-1], shape.format(held_out[-1]), BLUE)
        axes.set_ylabel(label)
    both[0].set_ylim(bottom=0)
    both[0].legend(frameon=False, fontsize=9.5, labelcolor=INK)
    both[1].set_ylim(max(0.0, min(series[1][1] + series[1][2]) - 3), 101)
    both[1].set_xlabel("epoch")
    style.whole_numbers(both[1])
    style.title(both[0], "Training")


def _draw_confusion(reads: list[Read], axes: Any) -> None:
    from matplotlib.patches import Rectangle

    counts = confusion(reads)
    right = sum(counts[k][k] for k in range(CLASSES))
    for true, row in enumerate(counts):
        for guess, n in enumerate(row):
            if n:
                colour = "#dbe7ef" if true == guess else RED
                axes.add_patch(Rectangle((guess - 0.46, true - 0.46), 0.92, 0.92, facecolor=colour, linewidth=0))
                axes.text(
                    guess, true, str(n), ha="center", va="center", fontsize=9.5,
                    color=INK if true == guess else "white", fontweight="normal" if true == guess else "bold",
                )  # fmt: skip
    axes.set_xlim(-0.5, CLASSES - 0.5)
    axes.set_ylim(CLASSES - 0.5, -0.5)
    axes.set_xticks(range(CLASSES))
    axes.set_yticks(range(CLASSES))
    axes.set_aspect("equal")
    style.dress(axes)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.set_xlabel("read as")
    axes.set_ylabel("the digit")
    style.title(axes, f"{100 * right / len(reads):.1f}% of {len(reads)} held-out digits read right")


def _draw_misread(reads: list[Read], figure: Any) -> None:
    """The digits misread with the greatest confidence: each above the network's probabilities."""
    misread = sorted((digit for digit in reads if digit.guess != digit.true), key=lambda d: -max(d.probabilities))
    grid = figure.subplots(2, MISREAD_SHOWN, height_ratios=(1.25, 1), squeeze=False)
    figure.suptitle(
        "Misread, the surest first. Red: what it was read as; blue: what it is",
        x=0.012,
        ha="left",
        fontsize=13,
        **style.BOLD,
    )
    for column in range(MISREAD_SHOWN):
        picture, bars = grid[0][column], grid[1][column]
        if column >= len(misread):
            picture.set_axis_off()
            bars.set_axis_off()
            continue
        digit = misread[column]
        rows = [digit.pixels[SIDE * row : SIDE * (row + 1)] for row in range(SIDE)]
        picture.imshow(rows, cmap="Greys", vmin=0.0, vmax=1.0)
        picture.set_xticks([])
        picture.set_yticks([])
        picture.spines[:].set_color(style.GRID)
        picture.set_title(f"{digit.true}, read as {digit.guess}", fontsize=10, color=INK)
        style.dress(bars)
        bars.spines["left"].set_visible(False)
        colours = [RED if k == digit.guess else BLUE if k == digit.true else "#c3ccd4" for k in range(CLASSES)]
        bars.bar(range(CLASSES), digit.probabilities, color=colours, width=0.8)
        for k in {digit.guess, digit.true}:
            p = digit.probabilities[k]
            bars.annotate(
                f"{100 * p:.0f}%" if p >= 0.005 else "<1%", (k, p), xytext=(0, 2), textcoords="offset points",
                ha="center", fontsize=8.5, color=colours[k], fontweight="bold",
            )  # fmt: skip
        bars.set_ylim(0.0, 1.2)
        bars.set_xlim(-1.2, CLASSES + 0.2)
        bars.spines["bottom"].set_bounds(-0.5, CLASSES - 0.5)
        bars.set_yticks([])
        bars.set_xticks(range(CLASSES))
        bars.tick_params(length=0, labelsize=8)
