"""How a notebook shows models and training histories: as HTML that needs nothing else.

The colours of text and lines are the page's own (``currentColor``), so that light and dark notebooks both read well.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from engine.html_table import html_table, html_text
from nn.activations import activation_name
from nn.summary import shapes, without_indices

if TYPE_CHECKING:
    from nn.history import History
    from nn.layers import MLP
    from nn.module import Module

COLOURS = ("#3d85c6", "#d9772b")  # of the training and the validation loss
WIDTH, HEIGHT = 560, 220
LEFT, RIGHT, TOP, BOTTOM = 56, 10, 30, 26  # what the names and the axes take
MOST_POINTS = 500  # of a curve; more are not seen
AS_IN_NO_PAGE = (  # nothing of what a picture would inherit from its page
    "direction:ltr;unicode-bidi:isolate;font-style:normal;font-weight:normal;letter-spacing:normal;word-spacing:normal;"
    "text-transform:none;text-shadow:none;print-color-adjust:exact"
)


def mlp_html(model: MLP) -> str:
    """A table with a row for each layer: the shapes of W^l and b^l, the activation, the number of parameters."""
    rows = []
    for l, layer in enumerate(model.layers, 1):  # noqa: E741  the article's l
        shapes = f"{layer.out_features} × {layer.in_features}", f"{layer.out_features}"
        rows.append([f"{l}", *shapes, activation_name(layer.activation), f"{len(layer.parameters()):,}"])
    titles = ["layer", "weights W", "biases b", "activation", "parameters"]
    return html_table(repr(model), titles, rows)


def module_html(module: Module) -> str:
    """A table with a row for each parameter, or list of parameters: its name, its shape, how many they are."""
    names = [name for name, _ in module.named_parameters()]
    counts = Counter(without_indices(name) for name in names)
    rows = [[name, shape, f"{counts[name]:,}"] for name, shape in shapes(names)]
    return html_table(repr(module), ["parameter", "shape", "numbers"], rows)


def history_html(history: History) -> str:
    """The loss by epoch as a chart, and a table of every series: first, best and last."""
    curves = [("loss", history.losses)]
    if history.validation_losses:
        curves.append(("validation_loss", history.validation_losses))
    rows = []
    for name, series in history.columns().items():
        finite = [number for number in series if math.isfinite(number)]
        if series:
            ends = [f"{series[0]:.4g}", f"{series[-1]:.4g}"]
            extremes = [f"{min(finite):.4g}", f"{max(finite):.4g}"] if finite else ["", ""]
            rows.append([name, *ends, *extremes])
    epochs = f"{len(history):,} epoch{'s'[: len(history) != 1]}{', interrupted' if history.interrupted else ''}"
    table = html_table(epochs, ["", "first", "last", "smallest", "largest"], rows) if rows else html_text(repr(history))
    chart = _chart(curves) if len(history) > 1 else ""
    if history.plane is not None and history.frames:
        from nn.plane_picture import plane_svg

        chart += plane_svg(history.plane, history.frames[-1].scores, history.frames[-1].epoch)
    return f"<div>{chart}{table}</div>"


def _chart(curves: Sequence[tuple[str, Sequence[float]]]) -> str:
    """Curves over the epochs as SVG; on a logarithmic scale if they are positive and span more than two decades."""
    finite = [number for _, series in curves for number in series if math.isfinite(number)]
    if not finite:
        return ""
    logarithmic = min(finite) > 0 and max(finite) / min(finite) > 100
    scale = math.log10 if logarithmic else float
    low, high = scale(min(finite)), scale(max(finite))
    if not logarithmic and 0 < low < high / 2:
        low = 0.0
    if low == high:
        low, high = low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0)
    epochs = max(len(series) for _, series in curves)

    def x(epoch: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * epoch / max(epochs - 1, 1)

    def y(number: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (scale(number) - low) / (high - low)

    parts = []
    for number in _ticks(low, high, logarithmic):
        at = y(number)
        parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="currentColor" stroke-opacity="0.15"/>')
        parts.append(_text(LEFT - 6, at + 4, f"{number:.4g}", "end"))
    parts += [
        _text(x(0), HEIGHT - 8, "1", "start"),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "epoch", "middle"),
        _text(x(epochs - 1), HEIGHT - 8, f"{epochs:,}", "end"),
    ]
    for k, (name, series) in enumerate(curves):
        path = _path([(x(epoch), y(number)) if math.isfinite(number) else None for epoch, number in _thinned(series)])
        parts.append(
            f'<path d="{path}" fill="none" stroke="{COLOURS[k]}" stroke-width="2" '
            'stroke-linejoin="round" stroke-linecap="round"/>'
        )
        parts.append(_text(LEFT + 80 * k, 16, name, "start", COLOURS[k]))
    summary = ", ".join(f"{name} from {series[0]:.4g} to {series[-1]:.4g}" for name, series in curves)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'style="max-width:100%;height:auto;{AS_IN_NO_PAGE}" '
        'font-family="Arial,Helvetica,sans-serif" font-size="11" role="img" '
        f'aria-label="{html_text(summary)}">{"".join(parts)}</svg>'
    )


def _ticks(low: float, high: float, logarithmic: bool) -> list[float]:
    """A few round numbers between low and high; of a logarithmic scale powers of ten."""
    if logarithmic:
        decades = range(math.ceil(low), math.floor(high) + 1)
        return [10.0**decade for decade in decades[:: max(1, len(decades) // 5)]]
    step = 10.0 ** math.floor(math.log10(high - low))
    step = next(step * part for part in (0.2, 0.5, 1, 2) if (high - low) / (step * part) <= 5)
    return [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _thinned(series: Sequence[float]) -> list[tuple[int, float]]:
    """(epoch, number) for every point, or so many that a curve still looks the same."""
    every = -(-len(series) // MOST_POINTS)
    points = [*enumerate(series)]
    return points if every <= 1 else [*points[:-1:every], points[-1]]


def _path(points: Iterable[tuple[float, float] | None]) -> str:
    """A line through the points, broken where there is none."""
    drawn, moving = [], True
    for point in points:
        if point is not None:  # h0: a point between two gaps is a dot
            drawn.append(f"{'M' if moving else 'L'}{point[0]:.1f} {point[1]:.1f}{'h0' if moving else ''}")
        moving = point is None
    return "".join(drawn)


def _text(x: float, y: float, text: str, anchor: str, colour: str = "currentColor") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{html_text(text)}</text>'
