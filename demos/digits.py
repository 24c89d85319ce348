"""Handwritten digits: a network of Values learns to read them.

    python -m demos.digits [--out DIR] [--eager]

1797 digits of 8 x 8 grey pixels (scikit-learn's copy of the UCI set by Alpaydin and Kaynak, 1998), an MLP of 64 inputs,
32 hidden neurons and 10 outputs, softmax with cross-entropy. It never sees a fifth of the digits while it learns, and
is measured on those. The same lines run eagerly, one Value at a time, or compiled to array operations.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from demos import style
from demos.benchmark.stopwatch import best_blocks
from demos.style import BLUE, FAINT, INK, RED
from engine.graph import topological_order
from nn import MLP, Adam, CosineAnnealingLR, History, accuracy, cross_entropy, fit, softmax
from nn.data import split

CLASSES = 10
SIDE = 8  # pixels
MISREAD_SHOWN = 6

Pair = tuple[list[float], int]


class Read(NamedTuple):
    """A held-out digit, its true class, and the network's probability of each class."""

    pixels: list[float]
    true: int
    probabilities: list[float]

    @property
    def guess(self) -> int:
        """The class it was read as."""
        return max(range(CLASSES), key=self.probabilities.__getitem__)


def digits() -> list[Pair]:
    """(64 pixels from 0 to 1, class) for every digit."""
    from sklearn.datasets import load_digits

    data = load_digits()
    return [*zip((data.data / 16.0).tolist(), data.target.tolist())]


def train(
    training: list[Pair],
    held_out: list[Pair],
    *,
    epochs: int = 20,
    seed: int = 1,
    compiled: bool = True,
    on_epoch: Callable[[History], object] | None = None,
) -> tuple[MLP, History]:
    """A network trained on mini-batches of 32, and how it went."""
    model = MLP(SIDE * SIDE, [32, CLASSES], "relu", init="he", seed=seed)
    optimizer = Adam(model.parameters(), lr=0.01)
    history = fit(
        model,
        training,
        loss=cross_entropy,
        optimizer=optimizer,
        epochs=epochs,
        batch_size=32,
        seed=seed,
        validation=held_out,
        metrics=[accuracy],
        schedule=CosineAnnealingLR(optimizer, T_max=epochs),
        progress=False,
        on_epoch=on_epoch,
        compiled=compiled,
    )
    return model, history


def read(model: MLP, pairs: list[Pair]) -> list[Read]:
    """What the network makes of every digit. Builds no graph."""
    return [Read(pixels, true, softmax(model.predict(pixels))) for pixels, true in pairs]


def confusion(reads: list[Read]) -> list[list[int]]:
    """counts[t][g]: how many digits t were read as g."""
    counts = [[0] * CLASSES for _ in range(CLASSES)]
    for digit in reads:
        counts[digit.true][digit.guess] += 1
    return counts


class Costs(NamedTuple):
    """Seconds for a pair, in evaluation and in training, and how many nodes training records. Evaluation has none."""

    evaluation: float
    training: float
    nodes: int


def costs(model: MLP, pair: Pair, blocks: int = 5, steps: int = 20) -> Costs:
    """Evaluation (the network ends with its output) against training (with the loss, and the way back), eagerly."""
    pixels, true = pair

    def training_step() -> None:
        cross_entropy(model(pixels), true).backward()

    best = best_blocks(
        {"evaluation": lambda: model.predict(pixels), "training": training_step}, blocks=blocks, steps=steps
    )
    model.zero_grad()
    return Costs(best["evaluation"], best["training"], len(topological_order(cross_entropy(model(pixels), true))))


# Showing


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


class Result(NamedTuple):
    """What `run` gives back."""

    model: MLP
    history: History
    reads: list[Read]
    path: Path


def run(out: Path, *, epochs: int = 20, seed: int = 1, eager: bool = False) -> Result:
    """Train with a line of progress an epoch, and write the picture into the folder `out`.

    Raises:
        ModuleNotFoundError: without scikit-learn or matplotlib; says what to install.
    """
    style.require("demos.digits", "sklearn", "matplotlib")
    training, held_out = split(digits(), 0.2, random.Random(seed))

    def on_epoch(history: History) -> None:
        print(
            f"epoch {len(history):>3}/{epochs}   loss {history.losses[-1]:.3f}, "
            f"accuracy {history.metrics['accuracy'][-1]:.3f}   held out: loss {history.validation_losses[-1]:.3f}, "
            f"accuracy {history.validation_metrics['accuracy'][-1]:.3f}",
            flush=True,
        )

    model, history = train(training, held_out, epochs=epochs, seed=seed, compiled=not eager, on_epoch=on_epoch)
    reads = read(model, held_out)
    return Result(model, history, reads, draw(history, reads, out / "digits.png"))


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m demos.digits", description="Train an MLP to read digits.")
    parser.add_argument("--out", type=Path, default=Path("out"), help="the folder to write to (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=20, help="passes over the digits (default: %(default)s)")
    parser.add_argument("--eager", action="store_true", help="one Value at a time, not compiled: in about a minute")
    options = parser.parse_args(arguments)
    if options.epochs < 1:
        parser.error(f"--epochs must be at least 1, got {options.epochs}")
    began = perf_counter()
    try:
        result = run(options.out, epochs=options.epochs, eager=options.eager)
    except ModuleNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    right = sum(digit.guess == digit.true for digit in result.reads)
    print(f"{result.model}, {'eager' if options.eager else 'compiled'}: {perf_counter() - began:.1f} seconds")
    print(f"{right} of {len(result.reads)} held-out digits are read right: {100 * right / len(result.reads):.1f}%")
    cost = costs(result.model, (result.reads[0].pixels, result.reads[0].true))
    print(
        f"One digit, eagerly: {1000 * cost.evaluation:.2f} ms to evaluate, without a graph; "
        f"{1000 * cost.training:.2f} ms to train on,\n{cost.training / cost.evaluation:.1f} times as long, "
        f"for the loss, a graph of {cost.nodes:,} nodes and the way back."
    )
    print(f"Written: {result.path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
