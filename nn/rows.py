"""Rows of numbers of any kind: lists, tuples, and the rows of NumPy, PyTorch, JAX and pandas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine import Value


def plain_row(row: Any) -> Any:
    """`row` in Python's own lists, tuples and numbers, to any depth. Values, and what is no row, stay as they are.

    >>> import numpy as np
    >>> from nn.rows import plain_row
    >>> plain_row(np.array([1.0, 2.0])), plain_row([np.float32(0.5), (np.int64(3), "a")])
    ([1.0, 2.0], [0.5, (3, 'a')])
    """
    if type(row) is float or isinstance(row, Value):
        return row
    if hasattr(row, "to_numpy"):  # pandas: a frame has no tolist, and goes through its columns' names
        return row.to_numpy().tolist()
    if hasattr(row, "tolist"):
        return row.tolist()
    return type(row)(map(plain_row, row)) if type(row) in (list, tuple) else row


def is_row(numbers: Any) -> bool:
    """Whether there are several numbers in it, and not one."""
    return hasattr(numbers, "__len__") and not isinstance(numbers, str)


def vector(taker: str, x: Any, n: int) -> Sequence[Any]:
    """x, checked to be a row of n numbers, which is what `taker` takes, as a list.

    Raises:
        TypeError: if it is not a row.
        ValueError: if it is not of n numbers.
    """
    if type(x) is not list or (x and hasattr(x[0], "tolist")):
        x = plain_row(x)
    if not is_row(x):
        raise TypeError(f"{taker} takes a list of {n} numbers, got {x!r}")
    if len(x) != n:
        raise ValueError(f"{taker} takes {n} numbers, got {len(x)}")
    return x  # type: ignore[no-any-return]
