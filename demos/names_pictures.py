"""The pictures of `demos.names`: how the loss fell while names took shape, and where the attention looks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from demos import style
from demos.gpt import GPT
from engine import no_grad
from nn import History
from nn.module import plain

LONGEST = 22  # characters of a name in the table


def draw_history(history: History, made_up: Sequence[Sequence[str]], steps: int, path: Path) -> Path:
    """The loss by step, and above it a table of the names made up after some of the epochs.

    Args:
        history: of the training.
        made_up: names made up after each epoch.
        steps: of an epoch.
        path: of the picture.
    """
    chosen = sorted({round(k * (len(history) - 1) / 4) for k in range(5)})
    samples = max(len(made_up[epoch]) for epoch in chosen)
    figure = style.blank((9.6, 3.4 + 0.24 * (samples + 2)))
    table, axes = figure.subplots(2, 1, height_ratios=(0.24 * (samples + 2), 3.4))
    style.dress(axes)
    style.title(table, "Learning the names in Python's standard library")
    ends = [steps * epoch for epoch in range(1, len(history) + 1)]
    _table(table, [(f"step {ends[epoch]:,}", made_up[epoch]) for epoch in chosen], samples)
    for series, text, colour in (
        (history.losses, "training", style.INK),
        (history.validation_losses, "held out", style.RED),
    ):
        axes.plot(ends, series, color=colour, linewidth=2, marker="o" if len(ends) == 1 else None)
        up = 6 if (series[-1] >= history.losses[-1]) == (series[-1] >= history.validation_losses[-1]) else -6
        axes.annotate(
            f"{text} {series[-1]:.2f}", (ends[-1], series[-1]), xytext=(7, up), textcoords="offset points",
            va="center", color=colour, fontweight="bold", annotation_clip=False,
        )  # fmt: skip
    for epoch in chosen:
        axes.axvline(ends[epoch], color=style.GRID, linewidth=0.8)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlim(0, 1.01 * ends[-1])
    style.horizontal_grid(axes)
    axes.set_xlabel("step")
    axes.set_ylabel("loss, nats a letter")
    return style.save(figure, path)


def _table(axes: Any, columns: Sequence[tuple[str, Sequence[str]]], rows: int) -> None:
    """Names below the step that they are from, in columns of one left edge each."""
    axes.set_axis_off()
    axes.set_xlim(0, len(columns))
    axes.set_ylim(rows + 1, 0)
    for k, (heading, names) in enumerate(columns):
        axes.text(k, 0.5, heading, fontsize=9.5, va="center", **style.BOLD)
        for row, name in enumerate(names, 1):
            shown = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
            axes.text(k, row + 0.5, shown, fontsize=9, family="monospace", va="center", color=style.INK)
    axes.plot([0, len(columns)], [1, 1], color=style.FAINT, linewidth=0.8)


def draw_attention(model: GPT, tokens: Sequence[int], text: str, path: Path) -> Path:
    """Where each head of the first block looks while it reads: a row for each position, dark where it looks.

    Args:
        model: the model that reads.
        tokens: what it reads.
        text: the same, a letter for each token.
        path: of the picture.
    """
    block = model.blocks[0]
    with no_grad():
        heads = plain(block.attention.weights([block.attention_norm(x) for x in model.embed(tokens)]))
    letters = [*text]
    figure, grid = style.figure((3.1 * len(heads), 4.0), columns=len(heads), squeeze=False)
    figure.suptitle("Where each head looks while it reads a name", x=0.01, ha="left", fontsize=13, **style.BOLD)
    for h, (axes, weights) in enumerate(zip(grid[0], heads), 1):
        seen = [[p if s <= t else float("nan") for s, p in enumerate(row)] for t, row in enumerate(weights)]
        axes.imshow(seen, cmap="Blues", vmin=0.0, vmax=1.0)
        axes.set_xticks(range(len(letters)), letters, family="monospace")
        axes.set_yticks(range(len(letters)), letters, family="monospace")
        axes.tick_params(length=0)
        axes.spines[["left", "bottom"]].set_visible(False)
        style.title(axes, f"head {h}", size=11)
        axes.set_xlabel("looks at")
    grid[0][0].set_ylabel("to say what comes after")
    return style.save(figure, path)
