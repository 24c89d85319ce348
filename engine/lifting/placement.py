"""Placing: in which array the numbers of a tape's entries are, and where in it; and gathering them from there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.lifting.arrays import Array
from engine.lifting.patterns import Matrix, grouped, is_identity
from engine.lifting.recorder import Recorder
from engine.lifting.tape import Tape

_CONSTANT = -1  # what stands for the number of an array where an entry is a constant


class Placement:
    """The array and the place of every entry that has been lifted."""

    def __init__(self, tape: Tape, recorder: Recorder) -> None:
        self._constants_of = tape.constants
        self._recorder = recorder
        self._arrays: list[Array] = []  # by number
        self._array_of = np.full(tape.length, _CONSTANT, dtype=np.int64)
        self._place_of = np.zeros(tape.length, dtype=np.int64)

    def place(self, entries: Sequence[int], array: Array, places: Any) -> None:
        """Note that the entries' numbers are those of `array` at `places`."""
        indices = np.asarray(entries, dtype=np.int64)
        self._array_of[indices] = len(self._arrays)
        self._place_of[indices] = places
        self._arrays.append(array)

    def located(self, entry: int) -> tuple[Array, int] | None:
        """The array of an entry, and its place among that array's numbers; None for a constant."""
        number = int(self._array_of[entry])
        return None if number == _CONSTANT else (self._arrays[number], int(self._place_of[entry]))

    def gathered(self, entries: Matrix, literal: bool = False) -> Any:
        """The numbers of entries, in that shape. With `literal`, equal numbers as one that is broadcast."""
        numbers = self._array_of[entries]
        first = int(numbers.flat[0]) if numbers.size else _CONSTANT
        if not (numbers == first).all():
            return self._from_several(entries, numbers)
        if first == _CONSTANT:
            return self._constants(entries, literal)
        places = self._place_of[entries]
        if literal and places.size > 1 and (places == places.flat[0]).all():
            places = places.reshape(-1)[:1].reshape((1,) * places.ndim)
        array = self._arrays[first]
        if array.shape == places.shape and is_identity(places, array.size):
            return array
        return self._recorder.taken(self._recorder.reshaped(array, (array.size,)), places)

    def _from_several(self, entries: Matrix, numbers: Matrix) -> Array:
        """The numbers of entries in several arrays: one behind the other, then as from one."""
        sources, places, total = [], np.empty(entries.size, dtype=np.int64), 0
        for number, chosen in grouped(numbers.reshape(-1)):
            array, places[chosen] = self._source_of(number, entries.reshape(-1)[chosen])
            places[chosen] += total
            total += array.size
            sources.append(array)
        return self._recorder.taken(self._recorder.concatenated(sources), places.reshape(entries.shape))

    def _source_of(self, number: int, entries: Matrix) -> tuple[Array, Matrix]:
        """The array of that number as a flat one, or what the entries need of it if that is little, and their places.

        A long argument of which every step of a chain takes one number would else be copied at every step.
        """
        if number == _CONSTANT:
            needed, places = np.unique(entries, return_inverse=True)
            return self._constants(needed, False), places
        array = self._recorder.reshaped(self._arrays[number], (self._arrays[number].size,))
        needed, places = np.unique(self._place_of[entries], return_inverse=True)
        if 2 * needed.size < array.size:
            return self._recorder.taken(array, needed), places
        return array, self._place_of[entries]

    def _constants(self, entries: Matrix, literal: bool) -> Any:
        numbers = np.vectorize(self._constants_of.__getitem__, otypes=[float])(entries)
        if literal and len({number.hex() for number in numbers.reshape(-1).tolist()}) == 1:
            return float(numbers.flat[0])
        return self._recorder.graph.make("constant", (), numbers, numbers.shape, False)
