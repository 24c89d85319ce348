"""The array namespace that a program runs in on NumPy, and what JAX's has of it (`jax_namespace.py`).

A program uses operators, array methods, and the functions of a namespace by the names of the array operations.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from engine.lifting import short_axes
from engine.lifting.arrays import ELEMENTARY
from engine.lifting.lookup_arrays import added_by_numpy, lookup_functions
from engine.lifting.syntax import INFIX

Namespace = dict[str, Any]

LONG, LARGE = 16, 2**15  # numbers of a run, and in all, that are copied run by run


def missing(extra: str, package: str) -> ImportError:
    """What to raise for a package that is not installed."""
    return ImportError(f'{package} is not installed: pip install "liftgrad[{extra}]"')


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


def _long_runs(where: Any) -> list[tuple[slice, slice]] | None:
    """Where indices one after the other stand, and the part of an array that they are; None if most runs are short."""
    flat = np.where(where < 0, -2, where).reshape(-1)  # -2: no hole is followed by the next index
    ends = np.nonzero(np.diff(flat, prepend=-4, append=-4) != 1)[0]
    runs = [(slice(a, b), slice(flat[a], flat[a] + b - a)) for a, b in pairwise(ends.tolist()) if flat[a] >= 0]
    return runs if LONG * len(runs) <= flat.size else None


def shared_functions(xp: Any) -> Namespace:
    """What is written alike for NumPy and JAX."""

    def rows_times(v: Any, m: Any) -> Any:
        if v.ndim == 2 or len(v) == 1:
            return v @ m
        return (v.reshape(-1, v.shape[-1]) @ m).reshape(*v.shape[:-1], m.shape[-1])

    def rows_outer(g: Any, v: Any) -> Any:
        return g.reshape(-1, g.shape[-1]).T @ v.reshape(-1, v.shape[-1])

    def by_block(v: Any) -> Any:  # (rows, blocks, s, k) as (blocks, rows * s, k): one large product for each block
        rows, blocks, s, k = v.shape
        return v.transpose(1, 0, 2, 3).reshape(blocks, rows * s, k)

    def blocks_times(v: Any, m: Any) -> Any:
        if v.ndim == 3 or len(v) == 1:
            return v @ m
        rows, blocks, s, _ = v.shape
        return (by_block(v) @ m).reshape(blocks, rows, s, m.shape[-1]).transpose(1, 0, 2, 3)

    def blocks_outer(g: Any, v: Any) -> Any:
        if g.ndim == 4:
            g, v = by_block(g), by_block(v)
        return xp.swapaxes(g, -1, -2) @ v

    def concatenate(*arrays: Any) -> Any:
        return side_by_side(arrays, -1)

    side_by_side = xp.concatenate
    functions: Namespace = {
        name: operation.on(xp)
        for name, operation in ELEMENTARY.items()
        if name not in INFIX and name not in ("neg", "dot", "weighted_sum")  # written with operators
    }
    return functions | {
        "rows_times": rows_times,
        "rows_outer": rows_outer,
        "blocks_times": blocks_times,
        "blocks_outer": blocks_outer,
        "number": lambda x: x * 1.0,
        "swap": lambda x: xp.swapaxes(x, -1, -2),
        "take": lambda x, where: xp.take(x, where, axis=-1),
        "broadcast": xp.broadcast_to,
        "full": xp.full,
        "concatenate": concatenate,
        "turns": lambda x: xp.swapaxes(x, 0, 1),
        "repeated": lambda x, turns: xp.tile(x, (turns, *(1,) * (x.ndim - 1))),
    }


def numpy_namespace() -> Namespace:
    """The operations on NumPy arrays."""

    def repeated(where: Any) -> Any:
        """If several indices are equal: the order that brings them together, where each run starts, and its index."""
        order = np.argsort(where, kind="stable")
        places, starts = np.unique(where[order], return_index=True)
        return None if places.size == where.size else (order, starts, places)

    runs_of = once_for_each(repeated)

    def assemble(shape: tuple[int, ...], *pieces: tuple[Any, Any]) -> Any:
        result = np.zeros(shape)
        is_empty = True
        for where, piece in pieces:
            runs = None if isinstance(where, slice) else runs_of(where)
            if runs is not None:
                order, starts, where = runs
                piece = np.add.reduceat(piece[..., order], starts, axis=-1)
            if is_empty:  # adding to what is at indices takes three times as long as writing there
                result[..., where] = piece
                is_empty = False
            else:
                result[..., where] += piece
        return result

    def rows_outer(g: Any, v: Any) -> Any:
        if g.ndim == 3 and g.strides[0] < g.strides[1]:  # turns(h): to sum over the turns first takes no copy of it
            g, v = g.swapaxes(0, 1), v.swapaxes(0, 1)
        return g.reshape(-1, g.shape[-1]).T @ v.reshape(-1, v.shape[-1])

    def where(condition: Any, a: Any, b: Any) -> Any:
        if (
            condition.dtype != bool
            or condition.size < 4096
            or type(a) is not float
            or a != 0.0
            or condition.shape != np.shape(b)
        ):
            return np.where(condition, a, b)
        # 0 or b, for large arrays: np.where branches on every element, several times slower than masking the bits
        bits = (condition.view(np.int8) - np.int8(1)).astype(np.int64)  # all bits where the condition is false
        np.bitwise_and(np.ascontiguousarray(b).view(np.int64), bits, out=bits)
        return bits.view(float)

    def segment_sum(x: Any, starts: Any) -> Any:
        return np.add.reduceat(x, starts, axis=-1)

    def history(turns: int, state: Any, place: int) -> Any:
        result = np.empty((turns + 1, *state.shape))
        result[place] = state
        return result

    runs_in = once_for_each(_long_runs)

    def spread(x: Any, where: Any) -> Any:
        shape = (*x.shape[:-1], *where.shape)
        runs = runs_in(where) if x.size >= LARGE else None
        if runs is None:  # the index of a hole is -1: of the zero behind the others
            return np.concatenate((x, np.zeros((*x.shape[:-1], 1), x.dtype)), -1).take(where, -1)
        result = np.zeros((*x.shape[:-1], where.size), x.dtype)
        for to, of in runs:
            result[..., to] = x[..., of]
        return result.reshape(shape)

    def masked_matmul(a: Any, b: Any, mask: Any) -> Any:
        product = a @ b
        if np.isfinite(product).all():
            return product
        total = np.zeros_like(product)  # 0 times infinity is nan: term by term, and no others
        for k in range(mask.shape[-1]):
            part = slice(k, k + 1)
            total += np.where(mask[..., part], a[..., part] * b[..., part, :], 0.0)
        return total

    return (
        shared_functions(short_axes.numpy)
        | lookup_functions(np, added_by_numpy)
        | {
            "assemble": assemble,
            "segment_sum": segment_sum,
            "sum": short_axes.sum_of,
            "max": short_axes.max_of,
            "min": short_axes.min_of,
            "take": lambda x, where: x.take(where, -1),  # np.take does it a microsecond later
            "spread": spread,
            "masked_matmul": masked_matmul,
            "rows_outer": rows_outer,
            "rows_sum": short_axes.sum_of_rows,
            "where": where,
            "history": history,
            "empty": np.empty,
        }
    )
