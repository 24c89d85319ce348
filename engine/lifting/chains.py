"""Chains: what a computation has made so far, one behind the other, each chain the one before and an array more.

Every column of Cholesky's decomposition is computed from all columns before it. Taking from each of them by itself, and
adding up what each of them gets back, would be n operations for each of n columns. From a chain it is one for each.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.lifting.arrays import Array
from engine.lifting.recorder import Recorder

FEWEST = 5  # arrays in a chain
MOST_COPIED = 4  # numbers copied into chains for each number taken from one


class Chains:
    """The chains made so far."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._known: dict[tuple[Array, ...], Array] = {}
        self._copied = 0
        self._taken = 0

    def of(self, arrays: Sequence[Array], taken: int) -> Array | None:
        """A flat array with all numbers of some arrays; None where copying them would not be worth it.

        Args:
            arrays: different ones, in the order in which they were made.
            taken: how many numbers are taken from the chain.
        """
        if len(arrays) < FEWEST or len({array.batched for array in arrays}) > 1:
            return None
        self._taken += taken
        key = tuple(arrays)
        if key not in self._known:
            length = sum(array.size for array in arrays)
            if self._copied + length > MOST_COPIED * self._taken:
                return None
            self._copied += length
            before = next((n for n in range(len(key) - 1, FEWEST - 1, -1) if key[:n] in self._known), 0)
            flat = [self._recorder.reshaped(array, (array.size,)) for array in arrays[before:]]
            self._known[key] = self._recorder.concatenated([self._known[key[:before]], *flat] if before else flat)
        return self._known[key]
