"""The array namespace that a program runs in on NumPy, and what JAX's has of it (`jax_namespace.py`).

A program uses operators, array methods, and the functions of a namespace by the names of the array operations.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.lifting import assembling, short_axes
from engine.lifting.arrays import ELEMENTARY
from engine.lifting.lookup_arrays import added_by_numpy, lookup_functions
from engine.lifting.syntax import INFIX

Namespace = dict[str, Any]


def missing(extra: str, package: str) -> ImportError:
    """What to raise for a package that is not installed."""
    return ImportError(f'{package} is not installed: pip install "liftgrad[{extra}]"')


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
            "assemble": assembling.assemble,
            "segment_sum": segment_sum,
            "sum": short_axes.sum_of,
            "max": short_axes.max_of,
            "min": short_axes.min_of,
            "take": lambda x, where: x.take(where, -1),  # np.take does it a microsecond later
            "spread": assembling.spread,
            "masked_matmul": masked_matmul,
            "rows_outer": rows_outer,
            "rows_sum": short_axes.sum_of_rows,
            "where": where,
            "history": history,
            "empty": np.empty,
        }
    )
