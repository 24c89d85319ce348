"""Lookups, and what is added back, in the array namespaces: NumPy's and JAX's.

Indices are whole numbers among the floats of a program, negative ones counted from the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def lookup_functions(xp: Any, added: Callable[[Any, Any, int], Any]) -> dict[str, Any]:
    """The functions of a namespace; `added(g, k, n)` has in row i of n the sum of the rows of g whose k is i."""

    def places(index: Any, n: int) -> Any:
        return index.astype(int) % n

    def lookup(table: Any, index: Any) -> Any:
        if table.ndim == 2:
            return xp.take(table, places(index, len(table)), axis=0)
        k = places(index, table.shape[1])
        return xp.take(table, k, axis=1) if k.ndim == 1 else xp.take_along_axis(table, k[..., None], axis=1)

    def scatter_add(g: Any, index: Any, n: int) -> Any:
        return added(g.reshape(-1, g.shape[-1]), places(index, n).reshape(-1), n)

    def scatter_add_rows(g: Any, index: Any, n: int) -> Any:
        rows = len(g)
        k = places(index, n) + n * np.arange(rows)[:, None]  # each row has a table of its own: one behind the other
        return added(g.reshape(-1, g.shape[-1]), k.reshape(-1), rows * n).reshape(rows, n, g.shape[-1])

    return {"lookup": lookup, "scatter_add": scatter_add, "scatter_add_rows": scatter_add_rows}


def added_by_numpy(g: Any, k: Any, n: int) -> Any:
    """By counting with weights, several times faster than `numpy.add.at`."""
    width = g.shape[1]
    flat = k if width == 1 else (k[:, None] * width + np.arange(width)).reshape(-1)
    return np.bincount(flat, g.reshape(-1), n * width).reshape(n, width).astype(g.dtype, copy=False)


def added_by_jax(g: Any, k: Any, n: int) -> Any:
    """By a scatter."""
    import jax.numpy as jnp

    return jnp.zeros((n, g.shape[1]), g.dtype).at[k].add(g)
