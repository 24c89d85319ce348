"""Where the numbers of an array are: a buffer, and how far apart its numbers lie there.

Reshaping, transposing, slicing and repeating move no number. They are another way to count through the same buffer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Shape = tuple[int, ...]


@dataclass(frozen=True)
class View:
    """Numbers of a buffer.

    Attributes:
        buffer: its name in JavaScript.
        offset: where the first number is.
        row: how far apart the rows of a batch are; 0 where all rows have the same numbers.
        strides: how far apart the numbers are along each axis.
    """

    buffer: str
    offset: int
    row: int
    strides: tuple[int, ...]

    def index(self, places: Sequence[str]) -> str:
        """The JavaScript expression of the place of a number in the buffer, in row `r`, at `places` along the axes."""
        terms = [("r", self.row), *zip(places, self.strides)]
        written = [name if stride == 1 else f"{name} * {stride}" for name, stride in terms if stride and name != "0"]
        if self.offset or not written:
            written.append(str(self.offset))
        return " + ".join(written)

    def number(self, places: Sequence[str]) -> str:
        """The JavaScript expression of that number."""
        return f"{self.buffer}[{self.index(places)}]"

    def at(self, place: int, shape: Shape) -> View:
        """One number: the one that has `place` when the array, which is of this shape, is counted through."""
        offset = self.offset
        for length, stride in zip(reversed(shape), reversed(self.strides)):
            place, along = divmod(place, length)
            offset += along * stride
        return View(self.buffer, offset, self.row, ())


def contiguous(buffer: str, shape: Shape, batched: bool, offset: int = 0) -> View:
    """An array whose numbers lie one behind the other, row after row."""
    return View(buffer, offset, math.prod(shape) if batched else 0, strides_of(shape))


def strides_of(shape: Shape) -> tuple[int, ...]:
    """The strides of an array whose numbers lie one behind the other."""
    return tuple([math.prod(shape[axis + 1 :]) for axis in range(len(shape))])


def reshaped(view: View, old: Shape, new: Shape) -> View | None:
    """The view of the same numbers in another shape; None if they do not lie one behind the other."""
    plain = zip(old, view.strides, strides_of(old))
    if all(length == 1 or stride == expected for length, stride, expected in plain):
        return View(view.buffer, view.offset, view.row, strides_of(new))
    if all(length == 1 or stride == 0 for length, stride in zip(old, view.strides)):  # one number for all
        return View(view.buffer, view.offset, view.row, (0,) * len(new))
    return None
