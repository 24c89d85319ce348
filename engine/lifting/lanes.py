"""A program with its gradients in two lanes: forward from left to right above, backward from right to left below.

A layer is a column: its parameters at the top, what is computed with them below; in the lower lane its delta, and under
that the gradients of its parameters. Lines run in the gaps between the columns and between the lanes, never through a
box and never around the page.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.lifting.syntax import Statement
from engine.render import style
from engine.render.canvas import Canvas, text_width
from engine.render.drawing import Drawing

MARGIN, TITLE, PAD = 14.0, 26.0, 8.0
BESIDE, BELOW, BETWEEN_LANES = 10.0, 18.0, 44.0  # between boxes of a row, of a column, and between the lanes
TRACK, LEAST_GAP = 9.0, 26.0  # between two lines of a gap; a gap without any
LINE_HEIGHT, SIZE, SMALL = 15.0, 12.0, 9.0
SECOND_LANE = 10**6  # the first row of it
CHARACTERS = 30  # of a line of a formula
_NUMBERED = re.compile(r"(?:delta|z|d[Wb])(\d+)$")


@dataclass(eq=False)
class LaneBox:
    """An input or a line of the program where it stands."""

    name: str
    lines: list[str]
    shape: str
    kind: str
    column: int = 0
    row: int = 0
    left: float = 0.0
    top: float = 0.0

    @property
    def width(self) -> float:
        """How wide it is drawn."""
        first = text_width(f"{self.name} ", SIZE, bold=True) + text_width(self.lines[0], SIZE)
        rest = [text_width(line, SIZE) + 12 for line in self.lines[1:]]
        return max(first, *rest, text_width(self.shape, SMALL)) + 2 * PAD

    @property
    def height(self) -> float:
        """How high it is drawn."""
        return LINE_HEIGHT * len(self.lines) + 12 + PAD

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return self.left + self.width / 2, self.top + self.height / 2


class Lanes(Drawing):
    """The drawing of a program with its gradients: in SVG two lanes, in the DOT language a graph like any other.

    Args:
        statements: the lines of the program.
        inputs: its parameters and arguments, with their shapes.
        forward: how many of the lines compute the value.
    """

    def __init__(
        self,
        statements: Sequence[Statement] = (),
        inputs: Mapping[str, str] | None = None,
        forward: int = 0,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self._program = [*statements], dict(inputs or {}), forward

    def _laid_out(self, arguments: list[str]) -> bytes:
        if not self._program[0] or "-Tsvg" not in arguments:
            return super()._laid_out(arguments)
        return LaneLayout(*self._program).svg().encode()


class LaneLayout:
    """Where the boxes and lines of a program are."""

    def __init__(self, statements: Sequence[Statement], inputs: Mapping[str, str], forward: int) -> None:
        self.statements, self.forward = statements, forward
        needed = {name for statement in statements for name in statement.needs}
        self.boxes: dict[str, LaneBox] = {}
        for name, shape in inputs.items():
            if name in needed:
                self.boxes[name] = LaneBox(name, [""], shape, "leaf" if name.startswith("x") else "parameter")
        self.inputs = [*self.boxes]
        for k, statement in enumerate(statements):
            kind = "inner" if statement.name in needed else "output"
            if k >= forward:
                kind = "delta" if kind == "inner" else "gradient"
            wrapped = textwrap.wrap(f"= {statement.text}", CHARACTERS, break_long_words=False) or [""]
            self.boxes[statement.name] = LaneBox(statement.name, wrapped[:4], statement.shape, kind)
        self._columns()
        self._places()

    def _columns(self) -> None:
        """The column of every box: a layer begins where parameters come in."""
        boxes = self.boxes
        parameters = {name for name in self.inputs if boxes[name].kind == "parameter"}
        placed: set[str] = set()
        for statement in self.statements[: self.forward]:
            before = [boxes[name].column for name in statement.needs if name in placed]
            computed = any(name not in self.inputs for name in statement.needs)
            starts = computed and not parameters.isdisjoint(statement.needs)
            boxes[statement.name].column = max(before, default=0) + starts
            for name in statement.needs:
                if name in self.inputs and name not in placed:
                    boxes[name].column = boxes[statement.name].column
            placed.update(statement.needs, [statement.name])
        last = max((boxes[name].column for name in placed), default=0)
        backward = {statement.name for statement in self.statements[self.forward :]}
        for statement in self.statements[self.forward :]:
            name = statement.name
            number = _NUMBERED.match(name)
            if name.startswith("d") and name[1:] in self.inputs:
                boxes[name].column = boxes[name[1:]].column
            elif name.startswith("delta") and number and f"z{number[1]}" in boxes:
                boxes[name].column = boxes[f"z{number[1]}"].column
            else:
                before = [boxes[need].column for need in statement.needs if need in backward]
                boxes[name].column = min(before, default=last)

    def _places(self) -> None:
        """Where every box stands: rows within columns, wide gaps where many lines run."""
        boxes = self.boxes
        columns = max(box.column for box in boxes.values()) + 1
        tops = [MARGIN + TITLE] * columns
        self.tracks: list[list[str]] = [[] for _ in range(columns + 1)]  # the sources of the lines in each gap
        self.corridor: list[str] = []
        for name in self.inputs:
            boxes[name].top = tops[0]
        has_inputs = {boxes[name].column for name in self.inputs}
        for c in has_inputs:
            tops[c] += max(boxes[name].height for name in self.inputs if boxes[name].column == c) + BELOW
        rows = [1] * columns
        for k, statement in enumerate(self.statements):
            if k == self.forward:
                self.lane_top = max(tops) - BELOW + BETWEEN_LANES + TITLE
                tops = [self.lane_top] * columns
                rows = [SECOND_LANE] * columns
            box = boxes[statement.name]
            box.top, box.row = tops[box.column], rows[box.column]
            tops[box.column] += box.height + BELOW
            rows[box.column] += 1
        self.height = max(tops) - BELOW + MARGIN
        self.edges = [(boxes[need], boxes[s.name]) for s in self.statements for need in dict.fromkeys(s.needs)]
        self.routes = [self._route(source, target) for source, target in self.edges]
        left = MARGIN
        self.gap_left: list[float] = []
        for c in range(columns + 1):
            self.gap_left.append(left)
            left += max(LEAST_GAP if c not in (0, columns) else 0.0, TRACK * (len(self.tracks[c]) + 1))
            if c == columns:
                break
            members = [box for box in boxes.values() if box.column == c]
            in_row = [box for box in members if box.name in self.inputs]
            row_width = sum(box.width for box in in_row) + BESIDE * (len(in_row) - 1)
            width = max([row_width, *(box.width for box in members if box.name not in self.inputs)])
            at = left + (width - row_width) / 2
            for box in in_row:
                box.left = at
                at += box.width + BESIDE
            for box in members:
                if box.name not in self.inputs:
                    box.left = left + (width - box.width) / 2
            left += width
        self.width = left + MARGIN

    def _route(self, source: LaneBox, target: LaneBox) -> tuple[str, int, int]:
        """How a line runs: straight down, in one gap, or in two gaps with the corridor between the lanes."""
        if source.column == target.column:
            if target.row == source.row + 1 and (source.row or target.row == 1):
                return "down", 0, 0
            gap = source.column + 1
            self._track(gap, source)
            return "gap", gap, gap
        leaves = source.column + (target.column > source.column)
        arrives = target.column + (target.column < source.column)
        self._track(leaves, source)
        if leaves != arrives:
            self._track(arrives, source)
            if source.name not in self.corridor:
                self.corridor.append(source.name)
            return "corridor", leaves, arrives
        return "gap", leaves, arrives

    def _track(self, gap: int, source: LaneBox) -> None:
        if source.name not in self.tracks[gap]:
            self.tracks[gap].append(source.name)

    def svg(self) -> str:
        """The picture."""
        canvas = Canvas()
        canvas.text(MARGIN, MARGIN + 10, "forward: values", colour=style.QUIET, bold=True)
        canvas.text(MARGIN, self.lane_top - 12, "backward: gradients", colour=style.QUIET, bold=True)
        lines = [*zip(self.edges, self.routes, strict=True)]
        arriving = Counter(self._side(target, route) for (_, target), route in lines if route[0] != "down")
        arrived: Counter[tuple[str, bool]] = Counter()
        for (source, target), route in lines:
            is_back = source.kind == "delta"
            colour = style.ADJOINT_LINE if is_back else style.LINE
            if route[0] == "down":
                x = min(max(source.middle[0], target.left + 6), target.left + target.width - 6)
                start = min(max(x, source.left + 4), source.left + source.width - 4)
                data = f"M{start:.1f} {source.top + source.height:.1f}L{x:.1f} {target.top:.1f}"
                canvas.arrow(data, (x, target.top), (0.0, 1.0), colour)
                continue
            side = self._side(target, route)
            arrived[side] += 1
            y = target.top + target.height * arrived[side] / (arriving[side] + 1)
            self._line(canvas, source, target, route, y, colour)
        for box in self.boxes.values():
            _draw(canvas, box)
        return canvas.svg(self.width, self.height, "", "", {})

    def _side(self, target: LaneBox, route: tuple[str, int, int]) -> tuple[str, bool]:
        """Where a line arrives: at which box, and whether from its right."""
        return target.name, route[2] > target.column

    def _line(
        self, canvas: Canvas, source: LaneBox, target: LaneBox, route: tuple[str, int, int], y: float, colour: str
    ) -> None:
        """A line in the gaps, with round corners and its arrowhead at the target's side."""
        _, leaves, arrives = route
        crosses = source.row < SECOND_LANE <= target.row  # from lane to lane
        from_right, to_right = leaves > source.column, arrives > target.column
        start = (source.left + (source.width if from_right else 0.0), source.middle[1])
        end = (target.left + (target.width if to_right else 0.0), y)
        x1 = self._track_x(leaves, source)
        points = [start, (x1, start[1])]
        if source.row == 0:  # another input may stand beside it: out below it
            start = (source.middle[0] + 8, source.top + source.height)
            below = start[1] + BELOW / 2
            points = [start, (start[0], below), (x1, below)]
        if leaves != arrives:
            corridor = self.lane_top - TITLE - BETWEEN_LANES + 6 + 5 * (self.corridor.index(source.name) % 6 + 1)
            x2 = self._track_x(arrives, source)
            points += [(x1, corridor), (x2, corridor), (x2, y)]
        else:
            points += [(x1, y)]
        canvas.arrow(_rounded([*points, end]), end, (-1.0 if to_right else 1.0, 0.0), colour, dashed=crosses)

    def _track_x(self, gap: int, source: LaneBox) -> float:
        return self.gap_left[gap] + TRACK * (self.tracks[gap].index(source.name) + 1)


def _rounded(points: Sequence[tuple[float, float]]) -> str:
    """A path along the points, its corners round."""
    data = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for before, corner, after in zip(points, points[1:], points[2:]):
        turn = []
        for end in (before, after):
            dx, dy = end[0] - corner[0], end[1] - corner[1]
            length = abs(dx) + abs(dy) or 1.0
            r = min(5.0, length / 2)
            turn.append((corner[0] + r * dx / length, corner[1] + r * dy / length))
        data += f"L{turn[0][0]:.1f} {turn[0][1]:.1f}Q{corner[0]:.1f} {corner[1]:.1f} {turn[1][0]:.1f} {turn[1][1]:.1f}"
    return data + f"L{points[-1][0]:.1f} {points[-1][1]:.1f}"


def _draw(canvas: Canvas, box: LaneBox) -> None:
    fill, stroke, ink = {
        "leaf": (style.GIVEN, style.GIVEN_LINE, style.INK),
        "parameter": (style.GIVEN, style.GIVEN_LINE, style.INK),
        "inner": (style.PAPER, style.LINE, style.INK),
        "output": (style.RESULT, style.RESULT_LINE, style.INK),
        "delta": (style.ADJOINT_PAPER, style.ADJOINT_LINE, style.ADJOINT),
        "gradient": (style.RESULT, style.ADJOINT_LINE, style.ADJOINT),
    }[box.kind]
    canvas.rectangle(
        box.left, box.top, box.width, box.height, fill=fill, stroke=stroke,
        rounded=2.0 if box.row == 0 else 7.0, thickness=1.8 if box.kind in ("output", "gradient") else 1.1,
    )  # fmt: skip
    first = text_width(f"{box.name} ", SIZE, bold=True)
    whole = first + text_width(box.lines[0], SIZE) if box.lines[0] else first - text_width(" ", SIZE)
    left = box.left + (box.width - whole) / 2 if len(box.lines) == 1 else box.left + PAD
    y = box.top + PAD / 2 + 12
    canvas.text(left, y, box.name, bold=True, size=SIZE, colour=ink)
    canvas.text(left + first, y, box.lines[0], size=SIZE, colour=ink)
    for line in box.lines[1:]:
        y += LINE_HEIGHT
        canvas.text(left + 12, y, line, size=SIZE, colour=ink)
    canvas.text(box.left + box.width / 2, y + 13, box.shape, size=SMALL, anchor="middle", colour=style.QUIET)
