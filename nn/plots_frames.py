"""The frames of an animation of a training: the boundary beside the loss, or the curves as they grow."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

from nn import plot_style as style
from nn.plots import draw_plane

if TYPE_CHECKING:
    from nn.history import History

MOST_FRAMES = 80
DOTS = 90  # an inch


def frames(history: History) -> list[Any]:
    """The pictures, as Pillow has them."""
    if history.plane is not None and history.frames:
        every = math.ceil(len(history.frames) / MOST_FRAMES)
        kept = [*history.frames[::-1][::every]][::-1]
        return [_picture(history, frame.epoch, frame.scores) for frame in kept]
    every = math.ceil(len(history) / MOST_FRAMES)
    return [_picture(history, epoch, None) for epoch in [*range(len(history), 0, -every)][::-1]]


def _picture(history: History, epoch: int, scores: Any) -> Any:
    from PIL import Image

    if scores is None:
        figure, axes = style.figure((6.4, 3.6))
        curve = axes
    else:
        figure, (left, curve) = style.figure((8.4, 3.3), columns=2, width_ratios=(1.35, 1))
        assert history.plane is not None
        draw_plane(left, history.plane, scores)
        style.title(left, f"epoch {epoch:,}", size=12)
    _loss(curve, history, epoch)
    if scores is None:
        style.title(curve, f"epoch {epoch:,}", size=12)
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=DOTS)
    picture = Image.open(content)
    picture.load()
    return picture.convert("RGB").quantize(128)


def _loss(axes: Any, history: History, epoch: int) -> None:
    """The losses up to an epoch, on the axes of the whole training."""
    every = [*history.losses, *history.validation_losses]
    finite = [number for number in every if math.isfinite(number)] or [0.0]
    for series, colour, dashes in (
        (history.losses, style.INK, "-"),
        (history.validation_losses, style.BLUE, (0, (4, 1.5))),
    ):
        if series:
            axes.plot(range(1, epoch + 1), series[:epoch], color=colour, linewidth=2, linestyle=dashes)
            axes.plot([epoch], [series[epoch - 1]], "o", color=colour)
    if min(finite) > 0 and max(finite) / min(finite) > 100:
        axes.set_yscale("log")
    else:
        room = 0.05 * ((max(finite) - min(finite)) or 1.0)
        axes.set_ylim(min(finite) - room, max(finite) + room)
    axes.set_xlim(1, max(len(history), 2))
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss")
    style.horizontal_grid(axes)
    style.whole_numbers(axes)
