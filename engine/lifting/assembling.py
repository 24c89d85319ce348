"""Numbers put to their places, for NumPy: what gathering is to values, this is to adjoints."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

MOST_LAYERS, SPARSE = 4, 4  # numbers that are added up at one place by gathering; places for each number
LONG, LARGE = 16, 2**15  # numbers of a run, and in all, that are copied run by run


def once_for_each(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """f, computed once for each array of indices, and kept as long as that is there."""
    known: dict[int, Any] = {}

    def of(where: Any) -> Any:
        key = id(where)
        if key not in known:
            known[key] = f(where)
            weakref.finalize(where, known.pop, key, None).atexit = False
        return known[key]

    return of


def _repeated(where: Any) -> Any:
    """If several indices are equal: the order that brings them together, where each run starts, and its index."""
    order = np.argsort(where, kind="stable")
    places, starts = np.unique(where[order], return_index=True)
    return None if places.size == where.size else (order, starts, places)


def _layers(where: Any) -> Any:
    """If a few indices are equal: rows of places, the first with each index, the second, ...; -1 for none."""
    order = np.argsort(where, kind="stable")
    starts = np.searchsorted(where[order], where[order])
    rank = np.arange(where.size) - starts  # among those that are equal
    most, size = int(rank.max()) + 1, int(where.max()) + 1
    if most == 1 or most > MOST_LAYERS or most * size > SPARSE * where.size:
        return None
    layers = np.full((most, size), -1, dtype=np.int64)
    layers[rank, where[order]] = order
    return layers


def _long_runs(where: Any) -> list[tuple[slice, slice]] | None:
    """Where indices one after the other stand, and the part of an array that they are; None if most runs are short."""
    flat = np.where(where < 0, -2, where).reshape(-1)  # -2: no hole is followed by the next index
    ends = np.nonzero(np.diff(flat, prepend=-4, append=-4) != 1)[0]
    runs = [(slice(a, b), slice(flat[a], flat[a] + b - a)) for a, b in pairwise(ends.tolist()) if flat[a] >= 0]
    return runs if LONG * len(runs) <= flat.size else None


_runs_of, _layers_of, _long_runs_of = map(once_for_each, (_repeated, _layers, _long_runs))


def assemble(shape: tuple[int, ...], *pieces: tuple[Any, Any]) -> Any:
    """Zeros with every piece added at its indices, or its slice, of the last axis."""
    result = None
    for where, piece in pieces:
        layers = runs = None
        if not isinstance(where, slice):
            layers = _layers_of(where)
            runs = _runs_of(where) if layers is None else None
        if layers is not None:
            several = _with_zero(piece).take(layers, -1)
            piece = several[..., 0, :] + several[..., 1, :]
            for k in range(2, len(layers)):
                piece += several[..., k, :]
            where = slice(0, layers.shape[1])
        elif runs is not None:
            order, starts, where = runs
            piece = np.add.reduceat(piece[..., order], starts, axis=-1)
        if result is not None:
            result[..., where] += piece
        elif layers is not None and piece.shape == shape:
            result = piece
        else:  # adding to what is at indices takes three times as long as writing there
            result = np.zeros(shape)
            result[..., where] = piece
    return result


def spread(x: Any, where: Any) -> Any:
    """The numbers at the indices along the last axis, and 0 where the index is -1."""
    shape = (*x.shape[:-1], *where.shape)
    runs = _long_runs_of(where) if x.size >= LARGE else None
    if runs is None:
        return _with_zero(x).take(where, -1)
    result = np.zeros((*x.shape[:-1], where.size), x.dtype)
    for to, of in runs:
        result[..., to] = x[..., of]
    return result.reshape(shape)


def _with_zero(x: Any) -> Any:
    """With a 0 behind the others, so that -1 is its index."""
    return np.concatenate((x, np.zeros((*x.shape[:-1], 1), x.dtype)), -1)
