"""plot: a function with its derivative and its tangent; of two numbers a map of its heights with the gradient."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from engine.optional import import_failed
from engine.primitive import as_float, primitive_of
from engine.recording import enable_grad
from engine.value import Number, Value, as_value

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POINTS = 401  # of a curve
LARGEST = 1e150  # number that is drawn
GRID = 81  # points along each side of a map
VALUE, SLOPE, INK = "#2166ac", "#c4672b", "#1c2733"  # blue for what is computed, orange for derivatives, as in drawings


def plot(f: Callable[..., Any], around: float | Number | Sequence[float | Number] = 0.0, *, width: float = 3.0) -> Plot:
    """Draw a function around a point: itself, its derivative, and the tangent there; a notebook shows it.

    A function of one number is a curve with its derivative, and the tangent y = f(a) + f'(a) (x - a) at the point a. Of
    two numbers it is a map of its heights, with the gradient at the point, which is uphill and at a right angle to the
    line of equal height. Derivatives are those of `Value.backward`.

    Args:
        f: a function of one number, or of two.
        around: the point: a number, or two in a list.
        width: how far it is drawn to each side of the point.

    Returns:
        A `Plot`, which a notebook shows; ``plot(f).view()`` opens it, ``plot(f).save("f.png")`` writes it.

    Raises:
        ImportError: without matplotlib, which the extra "demos" brings.
        TypeError: for an f that is no function of one number or of two, or does not return one number.
        ValueError: for a point or a width that is not finite, or a width that is not above 0.

    >>> from engine import plot, sin
    >>> plot(sin, around=1.0)
    <plot of sin near 1: slope 0.540302; .view() opens it, .save("sin.png") writes it>
    """
    if not callable(f):
        way_out = "make it a function, as in plot(lambda x: x**2)" if isinstance(f, Value) else "give a function"
        raise TypeError(f"plot draws a function, got {f!r} of type {type(f).__name__}: {way_out}")
    point: list[Any] = [*around] if isinstance(around, Iterable) else [around]
    at = [number.data if isinstance(number, Value) else as_float(number) for number in point]
    width = as_float(width)
    if not all(map(math.isfinite, at)):
        raise ValueError(f"plot(around={around!r}): the point must be finite")
    if not 0.0 < width < math.inf:
        raise ValueError(f"plot(width={width:g}): it must be above 0 and finite")
    takes = _count_of_numbers(f)
    if takes == 2 and point == [0.0]:
        at = [0.0, 0.0]
    if len(at) not in (1, 2) or takes not in (None, len(at)):
        raise TypeError(
            f"plot draws a function of one number around a number, or of two around two, as around=[1, 2]: "
            f"got {len(at)} for {_name(f)}" + (f", which takes {takes}" if takes is not None else "")
        )
    try:
        from matplotlib.figure import Figure
        from matplotlib.layout_engine import ConstrainedLayoutEngine
    except ImportError as error:
        raise import_failed(error, "matplotlib", "plot", "pip install matplotlib") from error
    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12)
    figure = Figure(figsize=(6.4, 4.4) if len(at) == 1 else (6.0, 5.0), dpi=110, layout=layout)
    axes = figure.add_subplot()
    title = (_curve if len(at) == 1 else _map)(axes, f, at, width)
    axes.set_title(title, fontsize=11)
    return Plot(figure, title, _name(f))


class Plot:
    """A drawn function. A notebook shows it.

    Attributes:
        figure: the matplotlib figure.
        title: what is written above it.
    """

    def __init__(self, figure: Figure, title: str, name: str) -> None:
        self.figure, self.title = figure, title
        self._name = name

    def save(self, path: str | os.PathLike[str]) -> str:
        """Write the picture in the format that the path's ending names, ``.png`` or ``.svg``; return the path."""
        import io

        from engine import files

        content = io.BytesIO()
        self.figure.savefig(content, format=os.path.splitext(os.fsdecode(path))[1][1:] or "png", dpi=160)
        return files.write(path, content.getvalue())

    def view(self) -> str:
        """Write the picture to a temporary file, open that where there is a screen, and return its path."""
        from engine import viewing

        path = self.save(viewing.temporary(f"{self._name}.png"))
        viewing.open_file(path)
        return path

    def _repr_png_(self) -> bytes:
        import io

        content = io.BytesIO()
        self.figure.savefig(content, format="png", dpi=110)
        return content.getvalue()

    def __repr__(self) -> str:
        return f'<plot of {self.title}; .view() opens it, .save("{self._name}.png") writes it>'


def value_and_gradient(f: Callable[..., Any], at: Sequence[float]) -> tuple[float, list[float]]:
    """f, and its derivative with respect to each number."""
    leaves = [Value(x) for x in at]
    with enable_grad():
        y = as_value(f(*leaves))
        y.backward()
    return y.data, [leaf.grad for leaf in leaves]


def _curve(axes: Any, f: Callable[..., Any], at: Sequence[float], width: float) -> str:
    [a] = at
    _check_recorded(f, at, width)
    xs = [a + width * (2.0 * k / (POINTS - 1) - 1.0) for k in range(POINTS)]
    found = [value_and_gradient(f, [x]) for x in xs]
    ys, slopes = [y for y, _ in found], [slope for _, [slope] in found]
    y, [slope] = value_and_gradient(f, at)
    name = _name(f)
    axes.axhline(0.0, color="#d5dade", linewidth=1, zorder=0)
    axes.plot(xs, _finite(ys), color=VALUE, linewidth=2, label=f"{name}(x)")
    axes.plot(xs, _finite(slopes), color=SLOPE, linewidth=1.6, linestyle="--", label="its derivative")
    reach = width / 2.0
    ends = [a - reach, a + reach]
    axes.plot(ends, [y + slope * (x - a) for x in ends], color=INK, linewidth=1.4, label="the tangent")
    axes.plot([a], [y], "o", color=INK, markersize=5)
    axes.set_xlim(xs[0], xs[-1])
    low, high = _limits(ys + slopes + [y])
    axes.set_ylim(low, high)
    axes.legend(frameon=False, fontsize=9)
    _plain(axes)
    return f"{name} near {a:g}: slope {slope + 0.0:.6g}"


def _map(axes: Any, f: Callable[..., Any], at: Sequence[float], width: float) -> str:
    a, b = at
    _check_recorded(f, at, width)
    offsets = [width * (2.0 * k / (GRID - 1) - 1.0) for k in range(GRID)]
    xs, ys = [a + d for d in offsets], [b + d for d in offsets]
    heights = [_finite([_number(f(x, y)) for x in xs]) for y in ys]
    value, gradient = value_and_gradient(f, at)
    colours = axes.contourf(xs, ys, heights, levels=14, cmap="Blues", alpha=0.85)
    axes.contour(xs, ys, heights, levels=14, colors="#ffffff", linewidths=0.6, linestyles="solid")
    axes.figure.colorbar(colours, ax=axes, shrink=0.85)
    length = math.hypot(*gradient)
    if length > 0.0 and math.isfinite(length):
        dx, dy = (width / 3.0 * part / length for part in gradient)
        style = {"arrowstyle": "-|>", "color": SLOPE, "linewidth": 2.0}
        axes.annotate("", (a + dx, b + dy), (a, b), arrowprops=style)
    axes.plot([a], [b], "o", color=INK, markersize=5)
    parts = ", ".join([f"{part + 0.0:.4g}" for part in gradient])
    axes.set_aspect("equal")
    _plain(axes)
    return f"{_name(f)} near ({a:g}, {b:g}): {value:.4g}, gradient ({parts})"


def _check_recorded(f: Callable[..., Any], at: Sequence[float], width: float) -> None:
    """TypeError for a function that takes the numbers out of its Values: its derivative would be 0 everywhere."""
    y, other = f(*map(Value, at)), f(*[Value(x + width / 3.0) for x in at])
    if not isinstance(y, Value) and not isinstance(other, Value) and y != other:
        raise TypeError(
            f"{_name(f)} returned a plain number, {y!r}, of a Value, so nothing was recorded to differentiate: "
            "compute with the Value itself (without .data) and with the engine's functions"
        )


def _number(y: Any) -> float:
    return y.data if isinstance(y, Value) else float(y)


def _finite(numbers: Sequence[float]) -> list[float]:
    """The numbers, nan for what cannot be drawn: an infinity, and what is nearly one."""
    return [y if abs(y) < LARGEST else math.nan for y in numbers]


def _limits(numbers: Sequence[float]) -> tuple[float, float]:
    """What is shown of a range: all but what few points at a pole reach."""
    finite = sorted(y for y in numbers if abs(y) < LARGEST) or [0.0]
    low, high = finite[len(finite) // 50], finite[-1 - len(finite) // 50]
    if finite[-1] - finite[0] < 4.0 * (high - low):
        low, high = finite[0], finite[-1]
    room = 0.08 * (high - low) or 1.0
    return low - room, high + room


def _plain(axes: Any) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=9)


def _name(f: Callable[..., Any]) -> str:
    found = primitive_of(f)
    name = found.name if found is not None else getattr(f, "__name__", "f")
    return name if name.isidentifier() else "f"


def _count_of_numbers(f: Callable[..., Any]) -> int | None:
    """How many numbers a function takes; None where that cannot be told."""
    found = primitive_of(f)
    if found is not None:
        return None if found.takes_any_number else len(found.operand_names) - len(found.defaults)
    import inspect  # here, since `import engine` stays cheap

    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return None
    places = [each for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    if any(each.kind is each.VAR_POSITIONAL for each in parameters):
        return None
    return sum(each.default is each.empty for each in places)
