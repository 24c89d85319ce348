"""Placing: in which array the numbers of a tape's entries are, and where in it; and gathering them from there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.lifting.arrays import Array
from engine.lifting.chains import Chains
from engine.lifting.patterns import Matrix, as_row, grouped, is_identity, is_view
from engine.lifting.recorder import Recorder
from engine.lifting.tape import Tape

_CONSTANT = -1  # what stands for the number of an array where an entry is a constant
MAY_BE_SHORT, LONG = 4, 16  # more pieces than this have so many numbers on the average
FEW_RUNS = 8  # pieces of arrays, each one behind the other: copying them is faster than a gather of single numbers


class Placement:
    """The array and the place of every entry that has been lifted."""

    def __init__(self, tape: Tape, recorder: Recorder) -> None:
        self._constants_of = tape.constants
        self._recorder = recorder
        self._arrays: list[Array] = []  # by number
        self._array_of = np.full(tape.length, _CONSTANT, dtype=np.int64)
        self._place_of = np.zeros(tape.length, dtype=np.int64)
        self._joint: tuple[Array, dict[int, int]] | None = None  # see join
        self._chains = Chains(recorder)

    def place(self, entries: Sequence[int], array: Array, places: Any) -> None:
        """Note that the entries' numbers are those of `array` at `places`."""
        indices = np.asarray(entries, dtype=np.int64)
        self._array_of[indices] = len(self._arrays)
        self._place_of[indices] = places
        self._arrays.append(array)

    def join(self, columns: Sequence[Matrix]) -> None:
        """Make one array of the numbers of those columns that lie in several: each of them is a part of it then.

        The neighbours of a stencil's cells: those before them, x0 z1 ... z9, and those behind, z2 ... z10 x11, are
        parts of x0 z1 ... z10 x11. It is there until the next call.
        """
        self._joint = None
        several = [each.T.reshape(-1) for each in columns if each.size > 1 and self._is_of_several(each)]
        if several:
            entries = np.concatenate(several)
            union = entries[np.sort(np.unique(entries, return_index=True)[1])]
            runs = self._runs(union)
            if len(runs) <= min(FEW_RUNS, union.size // 2) and (
                len(runs) <= MAY_BE_SHORT or union.size >= LONG * len(runs)
            ):
                self._joint = self._of_runs(runs), {entry: place for place, entry in enumerate(union.tolist())}

    def _is_of_several(self, entries: Matrix) -> bool:
        numbers = self._array_of[entries]
        return bool((numbers != numbers.flat[0]).any())

    def is_in_order(self, entries: Matrix) -> bool:
        """Whether numbers can be had without gathering them one by one."""
        if self._joint is not None and set(entries.reshape(-1).tolist()) <= self._joint[1].keys():
            places = np.array([self._joint[1][entry] for entry in entries.reshape(-1).tolist()], dtype=np.int64)
            return is_view(places, self._joint[0].size)
        numbers, places = self._array_of[entries].reshape(-1), self._place_of[entries].reshape(-1)
        if not (numbers == numbers[0]).all():
            return False
        if numbers[0] == _CONSTANT or is_view(places, self._arrays[numbers[0]].size):
            return True
        return entries.ndim == 1 and len(self._runs(entries)) <= FEW_RUNS // 2

    def _runs(self, entries: Matrix) -> list[Matrix]:
        """Some entries in runs, each of constants or of numbers that follow one another in an array."""
        numbers, places = self._array_of[entries], self._place_of[entries]
        follows = (np.diff(numbers) == 0) & ((numbers[1:] == _CONSTANT) | (np.diff(places) == 1))
        return np.split(entries, np.nonzero(~follows)[0] + 1)

    def _of_runs(self, runs: Sequence[Matrix]) -> Array:
        arrays = []
        for run in runs:
            number = int(self._array_of[run[0]])
            if number == _CONSTANT:
                arrays.append(self._constants(run, False))
            else:
                array = self._arrays[number]
                flat = self._recorder.reshaped(array, (array.size,))
                arrays.append(self._recorder.taken(flat, self._place_of[run]))
        return self._recorder.concatenated(arrays)

    def located(self, entry: int) -> tuple[Array, int] | None:
        """The array of an entry, and its place among that array's numbers; None for a constant."""
        number = int(self._array_of[entry])
        return None if number == _CONSTANT else (self._arrays[number], int(self._place_of[entry]))

    def gathered(self, entries: Matrix, literal: bool = False) -> Any:
        """The numbers of entries, in that shape. With `literal`, equal numbers as one that is broadcast."""
        if entries.size == 1:
            number = self._array_of.item(entries.item())
            if number != _CONSTANT and self._arrays[number].shape == entries.shape:
                return self._arrays[number]
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
        if entries.ndim == 1 and places.size == entries.size > FEW_RUNS and not is_view(places, array.size):
            runs = self._runs(entries)
            if len(runs) <= FEW_RUNS // 2:
                return self._of_runs(runs)
        return self._recorder.taken(self._recorder.reshaped(array, (array.size,)), places)

    def stretches(self, entries: Matrix) -> list[Matrix]:
        """A row of entries cut where one array ends and another begins."""
        return np.split(entries, np.nonzero(np.diff(self._array_of[entries]))[0] + 1)

    def _from_several(self, entries: Matrix, numbers: Matrix) -> Array:
        """The numbers of entries in several arrays: one behind the other, then as from one."""
        if self._joint is None:
            self.join([entries])
        if self._joint is not None and set(entries.reshape(-1).tolist()) <= self._joint[1].keys():
            joint, place = self._joint
            where = np.array([place[entry] for entry in entries.reshape(-1).tolist()], dtype=np.int64)
            return self._recorder.taken(joint, where.reshape(entries.shape))
        chain = self._chain(numbers)
        if chain is not None:
            array, begins = chain
            places = self._place_of[entries] + begins[numbers]
            return self._recorder.reshaped(self._recorder.taken(array, as_row(places)), places.shape)
        sources, places, total = [], np.empty(entries.size, dtype=np.int64), 0
        for number, chosen in grouped(numbers.reshape(-1)):
            array, places[chosen] = self._source_of(number, entries.reshape(-1)[chosen])
            places[chosen] += total
            total += array.size
            sources.append(array)
        return self._recorder.taken(self._recorder.concatenated(sources), places.reshape(entries.shape))

    def _chain(self, numbers: Matrix) -> tuple[Array, Matrix] | None:
        """The arrays of these numbers in a chain, and where each begins there; None if that is not worth it."""
        chosen = np.unique(numbers).tolist()
        if chosen[0] == _CONSTANT:
            return None
        arrays = [self._arrays[number] for number in chosen]
        chain = self._chains.of(arrays, numbers.size)
        if chain is None:
            return None
        begins = np.zeros(len(self._arrays), dtype=np.int64)
        begins[chosen[1:]] = np.cumsum([array.size for array in arrays[:-1]])
        return chain, begins

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
        numbers = np.array([*map(self._constants_of.__getitem__, entries.reshape(-1).tolist())]).reshape(entries.shape)
        if literal and len({number.hex() for number in numbers.reshape(-1).tolist()}) == 1:
            return float(numbers.flat[0])
        return self._recorder.graph.make("constant", (), numbers, numbers.shape, False)
