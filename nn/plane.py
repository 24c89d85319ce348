"""What a model of two inputs says all over the plane that its points are in: the boundary that it draws there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nn.mode import is_evaluating, set_to
from nn.rows import is_row

if TYPE_CHECKING:
    from nn.module import Module

COLUMNS, ROWS = 48, 32
AROUND = 0.12  # of the points' extent on each side


@dataclass
class Plane:
    """A grid over the points, and the two sides that targets are told apart by.

    Attributes:
        points: (x1, x2, class) for every point; classes count from 0.
        xs, ys: the coordinates of the grid, ascending.
        threshold: where a single output goes from one class to the other.
        classes: how many there are; 0 if the targets are no classes.
        by_class: whether a score is the number of a class, the output that is largest.
    """

    points: list[tuple[float, float, int]]
    xs: list[float]
    ys: list[float]
    threshold: float
    classes: int
    by_class: bool = False
    _compiled: Any = field(default=None, repr=False)

    def side(self, score: float) -> int:
        """The class that a score stands for."""
        return int(score) if self.by_class else int(score > self.threshold)

    def scores(self, model: Module) -> list[list[float]]:
        """For every point of the grid, a row for each y: the output, or of several which is largest."""
        outputs = self._compiled_outputs(model)
        if outputs is None:
            return [[_score(model.predict([x, y])) for x in self.xs] for y in self.ys]
        n = len(self.xs)
        return [[_score(output) for output in outputs[r * n : (r + 1) * n]] for r in range(len(self.ys))]

    def _compiled_outputs(self, model: Module) -> Any:
        """The outputs for the grid at array speed; None for a model that cannot be compiled."""
        try:
            if self._compiled is None:
                self._compiled = model.compile()
            with set_to(is_evaluating, True):
                return self._compiled([[x, y] for y in self.ys for x in self.xs]).tolist()
        except Exception:  # a picture is no reason to end a training, and predict may do it
            return None


def plane_of(model: Module, pairs: Sequence[Any]) -> Plane | None:
    """The plane of the points of pairs (x, y); None where x is no two numbers, or y not one."""
    if not pairs or not all(is_row(x) and len(x) == 2 for x, _ in pairs):
        return None
    if not all(_is_number(target) or (is_row(target) and len(target) == 1) for _, target in pairs):
        return None
    targets = [float(target[0] if is_row(target) else target) for _, target in pairs]
    values = sorted({*targets})
    classes = len(values) if len(values) <= 10 and all(value == int(value) for value in values) else 0
    outputs = model.predict([*pairs[0][0]])
    single = not is_row(outputs) or len(outputs) == 1
    threshold = 0.0
    if single and classes == 2 and values == [0.0, 1.0]:  # probabilities, unless an output is none
        probed = [_score(model.predict([*x])) for x, _ in pairs[:50]]
        threshold = 0.5 if all(0.0 <= score <= 1.0 for score in probed) else 0.0
    elif single and classes != 2:
        threshold = sum(targets) / len(targets)
    place = {value: k for k, value in enumerate(values)} if classes else {}
    points = [
        (float(x[0]), float(x[1]), place.get(target, int(target > threshold)))
        for (x, _), target in zip(pairs, targets, strict=True)
    ]
    extents = [(min(axis), max(axis)) for axis in list(zip(*points))[:2]]
    grids = []
    for (low, high), n in zip(extents, (COLUMNS, ROWS)):
        around = AROUND * (high - low) or 1.0
        step = (high - low + 2 * around) / (n - 1)
        grids.append([low - around + k * step for k in range(n)])
    return Plane(points, grids[0], grids[1], threshold, classes, by_class=not single)


def _is_number(target: Any) -> bool:
    return isinstance(target, (int, float)) or hasattr(target, "__float__")


def _score(output: Any) -> float:
    if not is_row(output):
        return float(output)
    return float(output[0]) if len(output) == 1 else float(max(range(len(output)), key=output.__getitem__))
