"""Rows of numbers: what a layer, a model and a loss take. What they may be made of is in `engine.rows`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.rows import plain_row as plain_row


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
