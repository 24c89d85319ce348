"""A network in columns: units from top to bottom, layers from left to right, an edge for each weight."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from engine import Value
from engine.render import style
from engine.render.canvas import Canvas, text_width
from engine.render.typography import printed_number
from nn.drawing.structure import DrawnLayer, DrawnNetwork
from nn.neuron_names import mark_of

MARGIN, HEAD, FOOT = 14.0, 40.0, 30.0
LINE_HEIGHT, PAD, GAP, MOST_GAP = 14.0, 7.0, 10.0, 48.0
BETWEEN, MOST_BETWEEN = 104.0, 190.0  # two columns: with a few units in each, and with many
SIZE = 11.0
MOST_EDGE_LABELS = 12  # of a layer; of more, numbers would hide the lines
THINNEST, THICKEST = 0.5, 4.5
Written = Callable[[float], str]
POSITIVE, NEGATIVE = style.GIVEN_LINE, style.ADJOINT_LINE


@dataclass
class Box:
    """A unit, or several in one, where it stands.

    Attributes:
        units: the units it stands for.
        lines: its texts: what, the number, the colour.
        title: what it says where the pointer is.
    """

    units: range
    heading: str
    lines: list[tuple[str, str, str]]
    title: str
    left: float = 0.0
    top: float = 0.0
    width: float = 0.0
    height: float = 0.0

    @property
    def middle(self) -> float:
        """Its height in the picture."""
        return self.top + self.height / 2

    @property
    def is_summary(self) -> bool:
        """Whether it stands for several units."""
        return len(self.units) > 1


def shown_units(size: int, most: int) -> list[range]:
    """The units one by one; of many the first and the last, and all between them together.

    >>> shown_units(3, 8), shown_units(100, 3)
    ([range(0, 1), range(1, 2), range(2, 3)], [range(0, 1), range(1, 99), range(99, 100)])
    """
    if size <= most:
        return [range(k, k + 1) for k in range(size)]
    first = most // 2
    last = most - 1 - first
    single = [range(k, k + 1) for k in range(size)]
    return [*single[:first], range(first, size - last), *single[size - last :]]


def drawn(network: DrawnNetwork, *, edges: str, number_format: str, max_units: int, title: str) -> str:
    """The network as SVG."""

    def number(value: float) -> str:
        return printed_number(value, number_format)

    columns = [_inputs(network, number, max_units)]
    columns += [_units(layer, l, number, max_units) for l, layer in enumerate(network.layers, 1)]  # noqa: E741
    headings = [("inputs", f"{len(network.inputs)}")]
    for l, layer in enumerate(network.layers, 1):  # noqa: E741  the article's l
        headings.append((f"layer {l}", " ".join(filter(None, [f"{layer.size}", layer.activation]))))
    height = _placed(columns, headings)
    lowest = columns[-1][-1].top + columns[-1][-1].height
    if network.cost is not None and lowest > height - 11 - 32:
        height += 16  # the cost stands between the last unit and the legend
    width = columns[-1][0].left + columns[-1][0].width + MARGIN
    legend = _legend(edges)
    width = max(width, 2 * MARGIN + text_width(legend, 10.0))

    canvas = Canvas()
    parts: dict[str, str] = {}
    taken: list[tuple[float, float, float, float]] = []
    for l, layer in enumerate(network.layers):  # noqa: E741
        _edges(canvas, parts, layer, l + 1, columns[l], columns[l + 1], edges, number, taken)
    for column, (name, what) in zip(columns, headings, strict=True):
        middle = column[0].left + column[0].width / 2
        canvas.text(middle, MARGIN + 8, name, anchor="middle", bold=True, size=12.0)
        canvas.text(middle, MARGIN + 22, what, anchor="middle", colour=style.QUIET, size=10.0)
    for l, column in enumerate(columns):  # noqa: E741
        for box in column:
            _box(canvas, parts, box, l, is_output=l == len(columns) - 1)
    canvas.text(MARGIN, height - 11, legend, colour=style.QUIET, size=10.0)
    if network.cost is not None:
        cost = f"C = {number(network.cost)}"
        canvas.text(columns[-1][0].left + columns[-1][0].width / 2, height - 11 - 16, cost, anchor="middle", bold=True)
    return canvas.svg(width, height, title, _description(network, number), parts)


def _inputs(network: DrawnNetwork, number: Written, most: int) -> list[Box]:
    boxes = []
    for units in shown_units(len(network.inputs), most):
        k = units[0]
        if len(units) == 1:
            lines = [("", number(network.x[k]), style.INK)] if network.x else []
            boxes.append(Box(units, network.inputs[k], lines, _title(network.inputs[k], lines)))
        else:
            lines = [("mean", number(fmean(network.x[u] for u in units)), style.INK)] if network.x else []
            boxes.append(Box(units, f"{len(units)} more", lines, f"inputs {k} to {units[-1]}"))
    return boxes


def _units(layer: DrawnLayer, l: int, number: Written, most: int) -> list[Box]:  # noqa: E741
    mark = mark_of(l)
    boxes = []
    for units in shown_units(layer.size, most):
        j = units[0]
        of_each = [("b", [b.data for b in layer.bias] if layer.bias else [], style.QUIET)]
        of_each += [("z", layer.z, style.INK), ("a", layer.a, style.INK), ("δ", layer.delta, style.ADJOINT)]
        if len(units) == 1:
            lines = [(name, number(series[j]), colour) for name, series, colour in of_each if series]
            heading = f"{'a' if layer.activation not in ('', 'linear') else 'z'}{mark}[{j}]"
            boxes.append(Box(units, heading, lines, _title(heading, lines)))
        else:
            lines = [
                (f"mean {name}", number(fmean(series[u] for u in units)), colour)
                for name, series, colour in of_each
                if series
            ]
            boxes.append(Box(units, f"{len(units)} more", lines, f"units {j} to {units[-1]} of layer {l}"))
    return boxes


def _title(heading: str, lines: Sequence[tuple[str, str, str]]) -> str:
    said = ", ".join(f"{name} = {value}" if name else value for name, value, _ in lines)
    return f"{heading}: {said}" if said else heading


def _placed(columns: list[list[Box]], headings: list[tuple[str, str]]) -> float:
    """Give every box its place, and return the height of the picture."""
    for column, (name, what) in zip(columns, headings, strict=True):
        heads = max(text_width(name, 12.0, bold=True), text_width(what, 10.0))
        width = max(heads, *(_natural_width(box) for box in column))
        for box in column:
            box.width = width
            box.height = 2 * PAD + LINE_HEIGHT * (1 + len(box.lines)) - 4
    heights = [sum(box.height for box in column) + GAP * (len(column) - 1) for column in columns]
    tallest = max(heights)
    gaps = [min(MOST_GAP, GAP + 0.5 * (tallest - tall) / len(column)) for column, tall in zip(columns, heights)]
    heights = [tall + (gap - GAP) * (len(column) - 1) for column, tall, gap in zip(columns, heights, gaps)]
    left = MARGIN
    for k, (column, tall) in enumerate(zip(columns, heights, strict=True)):
        top = MARGIN + HEAD + (tallest - tall) / 2
        for box in column:
            box.left, box.top = left, top
            top += box.height + gaps[k]
        if k + 1 < len(columns):
            crowd = len(column) * len(columns[k + 1])
            left += column[0].width + min(MOST_BETWEEN, BETWEEN + 2.5 * crowd)
    return MARGIN + HEAD + tallest + FOOT


def _natural_width(box: Box) -> float:
    rows = [text_width(box.heading, SIZE, bold=True)]
    rows += [text_width(name, 9.5) + 8 + text_width(value, SIZE) for name, value, _ in box.lines]
    return max(rows) + 2 * PAD


def _box(canvas: Canvas, parts: dict[str, str], box: Box, l: int, *, is_output: bool) -> None:  # noqa: E741
    name = f"unit-{l}-{box.units[0]}"
    parts[name] = box.title
    canvas.open(name, "input" if l == 0 else "unit")
    fill, stroke = (style.GIVEN, style.GIVEN_LINE) if l == 0 else (style.RESULT, style.RESULT_LINE)
    if l and not is_output:
        fill, stroke = style.PAPER, style.LINE
    canvas.rectangle(
        box.left, box.top, box.width, box.height, fill=fill, stroke=stroke, dashed=box.is_summary,
        rounded=2.0 if l == 0 else 7.0, thickness=1.8 if is_output else 1.1,
    )  # fmt: skip
    y = box.top + PAD + 8
    canvas.text(box.left + box.width / 2, y, box.heading, anchor="middle", bold=True, size=SIZE)
    for what, value, colour in box.lines:
        y += LINE_HEIGHT
        if what:
            canvas.text(box.left + PAD, y, what, colour=style.QUIET, size=9.5)
        canvas.text(box.left + box.width - PAD, y, value, colour=colour, anchor="end", size=SIZE)
    canvas.close()


def _edges(
    canvas: Canvas,
    parts: dict[str, str],
    layer: DrawnLayer,
    l: int,  # noqa: E741
    before: list[Box],
    after: list[Box],
    edges: str,
    number: Written,
    taken: list[tuple[float, float, float, float]],
) -> None:
    """An edge for each weight: colour and dashes say its sign, thickness its size beside the layer's largest."""

    def of(w: Value) -> float:
        return w.grad if edges == "gradient" else w.data

    largest = max((abs(of(w)) for row in layer.weight for w in row if math.isfinite(of(w))), default=0.0) or 1.0
    labels: list[tuple[float, float, float, float, str]] = []
    what = "dC/dw" if edges == "gradient" else "w"
    strokes: list[tuple[float, str, str, str]] = []
    for target in after:
        for source in before:
            numbers = [of(layer.weight[j][k]) for j in target.units for k in source.units]
            value = numbers[0] if len(numbers) == 1 else math.copysign(_root_mean_square(numbers), sum(numbers))
            name = f"weight-{l}-{target.units[0]}-{source.units[0]}"
            mean = "" if len(numbers) == 1 else f"root mean square of {len(numbers):,} numbers, "
            parts[name] = f"{what}{mark_of(l)}[{_span(target.units)}][{_span(source.units)}]: {mean}{number(value)}"
            x1, y1, x2, y2 = source.left + source.width, source.middle, target.left, target.middle
            strokes.append((abs(value), name, f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}", "-" if value < 0 else "+"))
            if len(numbers) == 1:
                labels.append((x1, y1, x2, y2, number(value)))
    for size, name, data, sign in sorted(strokes):  # the largest on top
        share = min(size / largest, 1.0) if math.isfinite(size) else 1.0
        canvas.open(name, "weight")
        canvas.path(
            data,
            NEGATIVE if sign == "-" else POSITIVE,
            THINNEST + (THICKEST - THINNEST) * share,
            opacity=0.3 + 0.7 * share,
            dashed=sign == "-",
        )
        canvas.close()
    if len(labels) <= MOST_EDGE_LABELS:
        for x1, y1, x2, y2, text in labels:
            _label(canvas, x1, y1, x2, y2, text, taken)


def _label(
    canvas: Canvas,
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    text: str,
    taken: list[tuple[float, float, float, float]],
) -> None:
    """A number on an edge, where there is none yet; left out if there is no such place."""
    half = text_width(text, 9.5) / 2 + 1
    for share in (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78):
        x, y = x1 + (x2 - x1) * share, y1 + (y2 - y1) * share
        room = (x - half, y - 6, x + half, y + 6)
        if x - half < x1 + 2 or x + half > x2 - 2:
            continue
        if all(room[2] < a or c < room[0] or room[3] < b or d < room[1] for a, b, c, d in taken):
            taken.append(room)
            canvas.rectangle(x - half, y - 6, 2 * half, 12, stroke="none", rounded=2.0)
            canvas.text(x, y + 3.5, text, size=9.5, anchor="middle")
            return


def _root_mean_square(numbers: Sequence[float]) -> float:
    return math.sqrt(fmean(number * number for number in numbers))


def _span(units: range) -> str:
    return f"{units[0]}" if len(units) == 1 else f"{units[0]}…{units[-1]}"


def _legend(edges: str) -> str:
    what = "gradient dC/dw" if edges == "gradient" else "weight"
    return f"{what}: blue above 0, orange and dashed below; the thicker, the larger in its layer"


def _description(network: DrawnNetwork, number: Written) -> str:
    said = [f"{len(network.inputs)} inputs" + (f": {', '.join(number(v) for v in network.x[:8])}" if network.x else "")]
    for l, layer in enumerate(network.layers, 1):  # noqa: E741
        text = f"layer {l}: {layer.size} unit{'s'[: layer.size != 1]}"
        if layer.activation:
            text += f", {layer.activation}"
        if layer.a:
            text += f", a = {', '.join(number(a) for a in layer.a[:8])}{', …' if layer.size > 8 else ''}"
        said.append(text)
    if network.cost is not None:
        said.append(f"C = {number(network.cost)}")
    return "; ".join(said) + "."
