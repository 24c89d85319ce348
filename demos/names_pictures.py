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


def draw_history(history: History, made_up: Sequence[Sequence[str]], steps: int, path: Path) -> Path:
    """The loss by epoch, and above it names from the epochs where they stand.

    Args:
        history: of the training.
        made_up: names made up after each epoch.
        steps: of an epoch.
        path: of the picture.
    """
    figure, axes = style.figure((9.6, 4.8))
    style.title(axes, "Learning the names in Python's standard library")
    ends = [steps * epoch for epoch in range(1, len(history) + 1)]
    for series, text, colour in (
        (history.losses, "training", style.INK),
        (history.validation_losses, "held out", style.RED),
    ):
        axes.plot(ends, series, color=colour, linewidth=2)
        style.label_end(axes, ends[-1], series[-1], f"{text} {series[-1]:.2f}", colour)
    low, high = (extreme(history.losses + history.validation_losses) for extreme in (min, max))
    height = high - low
    axes.set_ylim(low - 0.1 * height, high + 1.1 * height)
    axes.set_yticks([tick for tick in axes.get_yticks() if low - 0.1 * height <= tick <= high])  # above are the names
    for epoch in sorted({round(k * (len(ends) - 1) / 4) for k in range(5)}):
        side = "left" if epoch == 0 else "right" if epoch == len(ends) - 1 else "center"
        place: dict[str, Any] = {"ha": side, "va": "top"}
        axes.text(ends[epoch], high + 1.05 * height, f"step {ends[epoch]:,}", fontsize=9, **place, **style.BOLD)
        axes.text(
            ends[epoch], high + 0.94 * height, "\n".join(made_up[epoch]), fontsize=8.5, family="monospace",
            color=style.INK, linespacing=1.35, **place,
        )  # fmt: skip
    axes.xaxis.set_major_formatter("{x:,.0f}")
    style.horizontal_grid(axes)
    axes.set_xlabel("step")
    axes.set_ylabel("loss, nats a letter")
    return style.save(figure, path)


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
