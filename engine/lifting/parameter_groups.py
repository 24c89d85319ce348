"""Which parameters form one array: a layer's weights the matrix W, its biases the vector b."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from engine.lifting.tape import Tape


@dataclass(frozen=True)
class ParameterGroup:
    """Parameters that form one array: its name, its shape, and their entries in the order of its numbers."""

    name: str
    shape: tuple[int, ...]
    entries: list[int]


class ParameterGroups:
    """Forms the groups of a tape's parameters: those that are needed together, when they are first needed.

    Args:
        tape: whose leaves they are.
        place: where an entry is in its group.
        found: what to do with a new group.

    Attributes:
        free: the leaves that are in no group yet.
    """

    def __init__(
        self,
        tape: Tape,
        place: Callable[[int], int],
        found: Callable[[ParameterGroup], None],
    ) -> None:
        self._tape = tape
        self.free = set(tape.leaves)
        self._place = place
        self._found = found
        self._counts = {"W": 0, "b": 0}

    def form_weights(self, level: Sequence[int]) -> None:
        """Matrices of the parameters that weigh what is not a parameter, and vectors of those added to it.

        First of all, so that a layer's weights become W and its biases b, in the order of its units, even if something
        else, such as a sum of all squared weights, uses the parameters one by one.
        """
        constants, free = self._tape.constants, self.free
        matrices: dict[int, list[list[tuple[int, int]]]] = defaultdict(list)
        vector: list[list[int]] = []
        for entry in level:
            weighed, both = [], []
            for _, u, v in self._tape.terms.get(entry, ()):
                if u in free:
                    if v < 0:
                        vector.append([u])
                    elif v in free:
                        both += [(v, u)] * (u != v)
                    elif v not in constants:
                        weighed.append((v, u))
                elif v in free and u not in constants:
                    weighed.append((u, v))
            if len(both) > 1:  # Values as inputs of a layer: of two parameters the first as written is the weight
                weighed += both
            if weighed:
                matrices[len(weighed)].append(weighed)
        for rows in matrices.values():
            self.form(self._in_order(rows), "W")
        self.form(vector)

    def _in_order(self, rows: Sequence[list[tuple[int, int]]]) -> list[list[int]]:
        """The weights of rows of (what is weighed, weight), by what they weigh; of a convolution by the weights.

        A kernel's weights are in many rows, and by what they weigh they may stand there in different orders.
        """
        place = self._place
        ordered = [[weight for _, weight in sorted(row, key=lambda pair: (place(pair[0]), pair))] for row in rows]
        distinct, weights = set(map(tuple, ordered)), set(chain.from_iterable(ordered))
        if len(weights) < len(distinct) * len(ordered[0]):
            by_weight = [sorted(row) for row in ordered]
            if len(weights) == len(set(map(tuple, by_weight))) * len(ordered[0]):
                return by_weight
        return ordered

    def form(self, rows: Sequence[Sequence[int]], name: str = "b") -> None:
        """A group of the parameters among the entries that are free: a matrix W if the rows are one, else a vector."""
        free = self.free
        new_rows = [row for row in dict.fromkeys(map(tuple, rows)) if not free.isdisjoint(row)]
        new = list(dict.fromkeys(filter(free.__contains__, chain.from_iterable(new_rows))))
        if not new:
            return
        free.difference_update(new)
        width = len(new_rows[0])
        matrix = width > 1 and len(new) == width * len(new_rows) == sum(map(len, new_rows))
        kind = "W" if matrix else name
        self._counts[kind] += 1
        shape = (len(new_rows), width) if matrix else (len(new),)
        self._found(ParameterGroup(f"{kind}{self._counts[kind]}", shape, new))
