"""Where the numbers of a tape's entries are: in which array, at which place; and gathering them from there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from engine.lifting.arrays import Array
from engine.lifting.patterns import Matrix, grouped, is_identity
from engine.lifting.steps import Steps
from engine.lifting.tape import Tape
from engine.value import Value

PARAMETER, CONSTANT = -1, -2  # the array of an entry that is in none yet


class Placement:
    """The array and the place of every entry of a tape that has been lifted, and of its leaves.

    Parameters get an array when they are first needed, with those that are needed together.

    Attributes:
        parameters: the parameter arrays, named W1, b1, ... in order of use.
        blocks: the parameters of each of them, as Values in the order of its numbers.
        inputs: the argument arrays.
        source: the number of each entry's array.
        array_of: the same as a NumPy array, to look up many at once.
        rank: of an array, by its number: the lower one is u in u * v. What is the same for all rows comes before what
            is batched.
    """

    def __init__(self, tape: Tape, steps: Steps, inputs: Sequence[Sequence[Value]]) -> None:
        self.tape = tape
        self.steps = steps
        self.graph = steps.graph
        self.parameters: list[Array] = []
        self.blocks: list[list[Value]] = []
        self.inputs: list[Array] = []
        self.array_of = np.full(tape.length, PARAMETER, dtype=np.int64)
        self.source: list[int] = self.array_of.tolist()  # for the loops over single entries, which it makes faster
        self.rank = {CONSTANT: -(10**10), PARAMETER: -(10**9) - 1}
        self._arrays: list[Array] = []  # by number
        self._place_of = np.zeros(tape.length, dtype=np.int64)
        self._names = {"W": 0, "b": 0}
        for entry in tape.constants:
            self.array_of[entry] = self.source[entry] = CONSTANT
        self._add_inputs(inputs)

    def _add_inputs(self, inputs: Sequence[Sequence[Value]]) -> None:
        entry_of = {leaf: entry for entry, leaf in self.tape.leaves.items()}
        for number, values in enumerate(inputs):
            name = f"x{number + 1}" if len(inputs) > 1 else "x"
            array = self.graph.make("input", (), name, (len(values),), True)
            self.inputs.append(array)
            used = [(entry_of[value], place) for place, value in enumerate(values) if value in entry_of]
            self.place([entry for entry, _ in used], array, [place for _, place in used])

    def place(self, entries: Sequence[int], array: Array, places: Any) -> None:
        """Note that the entries' numbers are those of `array` at `places`."""
        number = len(self._arrays)
        self._arrays.append(array)
        self.rank[number] = number if array.batched else number - 10**9
        indices = np.asarray(entries, dtype=np.int64)
        self.array_of[indices] = number
        self._place_of[indices] = places
        source = self.source
        for entry in entries:
            source[entry] = number

    def place_weights(self, level: list[int]) -> None:
        """Make matrices of the parameters that weigh what is not a parameter, and vectors of those added to it.

        First of all, so that a layer's weights become W and its biases b, in the order of its units, even if something
        else, such as a sum of all squared weights, uses the parameters one by one.
        """
        source, leaves, constants = self.source, self.tape.leaves, self.tape.constants
        matrices: dict[int, list[list[int]]] = defaultdict(list)
        vector: list[list[int]] = []
        for entry in level:
            weighed = []
            for _, u, v in self.tape.terms.get(entry, ()):
                if u in leaves and source[u] == PARAMETER:
                    if v < 0:
                        vector.append([u])
                    elif not (v in leaves and source[v] == PARAMETER) and v not in constants:
                        weighed.append((v, u))
                elif v in leaves and source[v] == PARAMETER and u not in constants:
                    weighed.append((u, v))
            if weighed:
                matrices[len(weighed)].append([weight for _, weight in sorted(weighed)])
        for rows in matrices.values():
            self.place_parameters(rows, "W")
        self.place_parameters(vector)

    def place_parameters(self, rows: Sequence[Sequence[int]], name: str = "b") -> None:
        """Give parameters that are in no array yet one of their own: a matrix W if the rows are, else a vector."""
        source = self.source
        new_rows = [row for row in dict.fromkeys(map(tuple, rows)) if any(source[e] == PARAMETER for e in row)]
        new = list(dict.fromkeys(e for e in chain.from_iterable(new_rows) if source[e] == PARAMETER))
        if not new:
            return
        width = len(new_rows[0])
        matrix = width > 1 and len(new) == width * len(new_rows) == sum(map(len, new_rows))
        kind = "W" if matrix else name
        self._names[kind] += 1
        shape = (len(new_rows), width) if matrix else (len(new),)
        array = self.graph.make("input", (), f"{kind}{self._names[kind]}", shape, False)
        self.parameters.append(array)
        self.blocks.append([self.tape.leaves[entry] for entry in new])
        self.place(new, array, np.arange(len(new)))

    def gathered(self, entries: Matrix, literal: bool = False) -> Any:
        """The numbers of entries, in that shape. With `literal`, equal numbers as one that is broadcast."""
        if (self.array_of[entries] == PARAMETER).any():
            self.place_parameters(entries.reshape(-1, entries.shape[-1] if entries.ndim > 1 else 1).tolist())
        numbers = self.array_of[entries]
        first = int(numbers.flat[0]) if numbers.size else CONSTANT
        if (numbers == first).all():
            if first == CONSTANT:
                return self._constants(entries, literal)
            places = self._place_of[entries]
            if literal and places.size > 1 and (places == places.flat[0]).all():
                places = places.reshape(-1)[:1].reshape((1,) * places.ndim)
            array = self._arrays[first]
            if array.shape == places.shape and is_identity(places, array.size):
                return array
            return self.steps.taken(self.steps.reshaped(array, (array.size,)), places)
        # from several arrays: one behind the other, then as from one
        sources, places, total = [], np.empty(entries.size, dtype=np.int64), 0
        for number, chosen in grouped(numbers.reshape(-1)):
            array, places[chosen] = self._source_of(number, entries.reshape(-1)[chosen])
            places[chosen] += total
            total += array.size
            sources.append(array)
        return self.steps.taken(self.steps.concatenated(sources), places.reshape(entries.shape))

    def _source_of(self, number: int, entries: Matrix) -> tuple[Array, Matrix]:
        """The array of that number as a flat one, or what the entries need of it if that is little, and their places.

        A long argument of which every step of a chain takes one number would else be copied at every step.
        """
        if number == CONSTANT:
            needed, places = np.unique(entries, return_inverse=True)
            return self._constants(needed, False), places
        array = self.steps.reshaped(self._arrays[number], (self._arrays[number].size,))
        needed, places = np.unique(self._place_of[entries], return_inverse=True)
        if 2 * needed.size < array.size:
            return self.steps.taken(array, needed), places
        return array, self._place_of[entries]

    def _constants(self, entries: Matrix, literal: bool) -> Any:
        numbers = np.vectorize(self.tape.constants.__getitem__, otypes=[float])(entries)
        if literal and len({number.hex() for number in numbers.reshape(-1).tolist()}) == 1:
            return float(numbers.flat[0])
        return self.graph.make("constant", (), numbers, numbers.shape, False)
