"""The sum of pieces of an array, each with its indices, by one gather: what `take` is to values, to adjoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from engine.lifting.arrays import Array, ArrayGraph

MANY_PIECES = 4  # that are gathered for each one that is added afterwards
MOST_SLICES = 4  # numbers that are in slices for each one that is not, for all to be gathered
SMALL = 16  # numbers that are sooner gathered than put into zeros, slice by slice
MOST_ZEROS = 4  # places for each number that is spread by gathering; where there are more, it is put into zeros


def gathered_pieces(graph: ArrayGraph, size: int, pieces: Sequence[tuple[Any, Array]]) -> Array | None:
    """Pieces one behind the other, taken from there to where they belong; None if that is not worth it.

    Each index is in one piece, or in several that have the same ones: those are added first, in the order of one. A
    few pieces with indices of others are added afterwards.
    """
    sizes = {False: 0, True: 0}
    found: dict[bytes, tuple[np.ndarray, Array]] = {}
    for where, piece in pieces:
        is_slice = isinstance(where, slice)
        indices = np.arange(size)[where] if is_slice else where
        sizes[is_slice] += indices.size
        order = np.argsort(indices, kind="stable")
        key = indices[order].tobytes()
        if key in found:
            first, total = found[key]
            by_first = order[np.argsort(np.argsort(first, kind="stable"), kind="stable")]
            same = (by_first == np.arange(by_first.size)).all()
            found[key] = first, total + (piece if same else graph.take(piece, by_first))
        else:
            found[key] = indices, piece
    free = np.ones(size, dtype=bool)
    disjoint: list[tuple[np.ndarray, Array]] = []
    others: list[tuple[np.ndarray, Array]] = []
    for indices, piece in found.values():
        fits = free[indices].all() and np.unique(indices).size == indices.size
        (disjoint if fits else others).append((indices, piece))
        free[indices] = False
    if others and len(disjoint) < MANY_PIECES * len(others):
        return None
    where = np.concatenate([indices for indices, _ in disjoint])
    if MOST_ZEROS * where.size < size:
        return None
    if sizes[True] > MOST_SLICES * sizes[False] and (size > SMALL or where.size < size):
        return None
    places = np.full(size, -1, dtype=np.int64)
    places[where] = np.arange(where.size)
    together = graph.concatenate([piece for _, piece in disjoint])
    total = graph.spread(together, places) if where.size < size else graph.take(together, places)
    return total + graph.assemble((size,), others) if others else total
