"""Parameters as arrays.

The numbers and gradients of parameters are in the Values, always: so eager code, copies, pickles and other threads meet
plain Values. A program needs them as arrays: they are gathered when it is called, and what it computes is written back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import attrgetter, is_not
from typing import Any

import numpy as np

from engine.value import Value

Numbers = Any  # a NumPy array

_data_of, _grad_of = attrgetter("_data"), attrgetter("_grad")


class ParameterArray:
    """Parameters as one array of a given shape."""

    def __init__(self, values: Sequence[Value], shape: tuple[int, ...]) -> None:
        self.values = [*values]
        self.shape = shape

    def read(self) -> Numbers:
        """Their numbers."""
        return _gathered(_data_of, self.values).reshape(self.shape)


class Together:
    """Parameters in an order of one's own, as flat arrays: what an optimizer works on."""

    def __init__(self, parameters: Sequence[Value]) -> None:
        self._parameters = parameters

    @property
    def data(self) -> Numbers:
        """Their numbers, as an array of its own. Assigning sets all of them, or (interrupted, by Ctrl-C) none."""
        return _gathered(_data_of, self._parameters)

    @data.setter
    def data(self, data: Numbers) -> None:
        write_data(self._parameters, data.tolist())

    @property
    def grad(self) -> Numbers:
        """Their gradients, as an array of its own. Each must have one."""
        return _gathered(_grad_of, self._parameters)

    def all_reached(self) -> bool:
        """Whether a backward pass has been at every one."""
        return all(map(is_not, map(_grad_of, self._parameters), repeat(None)))


FEWEST = 8  # parameters for which arrays are faster than one number at a time


def together(parameters: Sequence[Value]) -> Together | None:
    """The parameters as arrays; None for few, and for those of classes of the user's own, which may compute `data`."""
    return Together(parameters) if len(parameters) >= FEWEST and {*map(type, parameters)} == {Value} else None


def _gathered(number_of: attrgetter[Any], parameters: Sequence[Value]) -> Numbers:
    return np.fromiter(map(number_of, parameters), float, len(parameters))


def write_data(parameters: Sequence[Value], numbers: Iterable[float]) -> None:
    """Set the number of each parameter: of all, or of none if it is interrupted (Ctrl-C)."""
    before = [*map(_data_of, parameters)]
    try:
        for parameter, number in zip(parameters, numbers):
            parameter._data = number
    except BaseException:
        for parameter, number in zip(parameters, before):
            parameter._data = number
        raise


def add_gradients(parameters: Sequence[Value], gradients: Iterable[Numbers]) -> None:
    """Add to the gradient of each parameter: of all, or of none if it is interrupted (Ctrl-C)."""
    before = [*map(_grad_of, parameters)]
    more = [number for gradient in gradients for number in gradient.reshape(-1).tolist()]
    try:
        for parameter, old, new in zip(parameters, before, more, strict=True):
            parameter._grad = new if old is None else old + new
    except BaseException:
        for parameter, old in zip(parameters, before):
            parameter._grad = old
        raise
