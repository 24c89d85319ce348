"""Rows of numbers of any kind: lists, tuples, and the rows of NumPy, PyTorch, JAX and pandas."""

from __future__ import annotations

from typing import Any

from engine.value import Value


def plain_row(row: Any) -> Any:
    """`row` in Python's own lists, tuples and numbers, to any depth. Values, and what is no row, stay as they are.

    >>> import numpy as np
    >>> from engine.rows import plain_row
    >>> plain_row(np.array([1.0, 2.0])), plain_row([np.float32(0.5), (np.int64(3), "a")])
    ([1.0, 2.0], [0.5, (3, 'a')])
    """
    if type(row) is float or isinstance(row, Value):
        return row
    if type(row) is list and {*map(type, row)} == {float}:
        return [*row]
    if hasattr(row, "to_numpy"):  # pandas: a frame has no tolist, and goes through its columns' names
        return row.to_numpy().tolist()
    if hasattr(row, "tolist"):
        return row.tolist()
    return type(row)(map(plain_row, row)) if type(row) in (list, tuple) else row
