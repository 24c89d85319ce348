"""How plots look: their colours, their fonts, and an empty figure that is drawn to a file or a notebook only."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from engine import files

INK, FAINT, GRID = "#22303c", "#8a97a3", "#e4e8ec"

# Told apart by people with any kind of colour vision, in print and on a screen: every pair differs in lightness or
# between warm and cold, and no plot relies on colour alone.
RED, BLUE, AMBER, TEAL = "#d1495b", "#2e6f95", "#b9770e", "#1f8a70"

BOLD: dict[str, Any] = {"color": INK, "fontweight": "bold"}
MARGIN = 0.12  # inches around a figure


def blank(size: tuple[float, float]) -> Any:
    """An empty figure of `size` inches without a window, whatever the machine has.

    Raises:
        ModuleNotFoundError: without matplotlib; says what to install.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError('plots need matplotlib: pip install "liftgrad[demos]"', name=error.name) from None
    drawn = Figure(figsize=size, layout="constrained", facecolor="white")
    drawn.get_layout_engine().set(w_pad=MARGIN, h_pad=MARGIN)  # type: ignore[call-arg,union-attr]
    FigureCanvasAgg(drawn)
    return drawn


def figure(size: tuple[float, float], rows: int = 1, columns: int = 1, **layout: Any) -> tuple[Any, Any]:
    """A figure of `size` inches and its axes, in rows and columns.

    `layout` goes to `matplotlib.figure.Figure.subplots`, which says in what structure the axes come.
    """
    drawn = blank(size)
    axes = drawn.subplots(rows, columns, **layout)
    for each in drawn.axes:
        dress(each)
    return drawn, axes


def dress(axes: Any) -> None:
    """Two thin spines, a faint grid behind the data."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.tick_params(colors=INK, labelsize=9)
    axes.xaxis.label.set_color(INK)
    axes.yaxis.label.set_color(INK)
    axes.set_axisbelow(True)


def title(axes: Any, text: str, size: float = 13) -> None:
    """A title above the left edge."""
    axes.set_title(text, loc="left", fontsize=size, pad=10, **BOLD)


def horizontal_grid(axes: Any) -> None:
    """Faint lines across, for reading values off."""
    axes.grid(axis="y", color=GRID, linewidth=0.8)


def whole_numbers(axes: Any) -> None:
    """Marks at whole numbers only along x: there is no epoch 2.5."""
    axes.xaxis.get_major_locator().set_params(integer=True)


def label_end(axes: Any, x: float, y: float, text: str, colour: str, **options: Any) -> None:
    """`text` to the right of the last point of a line, in the line's colour: no legend to look up."""
    axes.annotate(
        text, (x, y), xytext=(7, 0), textcoords="offset points", va="center", color=colour, fontweight="bold",
        annotation_clip=False, **options,
    )  # fmt: skip


def save(drawn: Any, path: Path) -> Path:
    """Write the figure as a picture, its folder too if it is not there; return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    drawn.savefig(content, format=path.suffix[1:] or "png", dpi=160)
    files.write(path, content.getvalue())
    return path
