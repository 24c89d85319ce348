"""In which precision programs compute: float64, or float32 on request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

DTYPES = ("float64", "float32")


def dtype_named(dtype: Any) -> str:
    """The name of a precision that programs compute in. ValueError for another, TypeError for what is none."""
    try:
        name = np.dtype(dtype).name if dtype is not None else "None"
    except TypeError:
        raise TypeError(
            f"dtype is the precision that is computed in, {' or '.join(map(repr, DTYPES))}, got {dtype!r} of type "
            f"{type(dtype).__name__}"
        ) from None
    if name not in DTYPES:
        raise ValueError(f"there is no precision {name}: choose {' or '.join(map(repr, DTYPES))}")
    return name


def in_float32(namespace: dict[str, Any]) -> dict[str, Any]:
    """NumPy's namespace of programs, with results in float32.

    Python's numbers in a program take the precision of the array beside them. What makes an array of numbers alone is
    told which one; what computes in float64 for itself, as a norm that must not overflow, is rounded at the end.
    """

    def rounded(function: Callable[..., Any]) -> Callable[..., Any]:
        def in_single(*operands: Any) -> Any:
            result = function(*operands)
            return result.astype(np.float32) if getattr(result, "dtype", None) == np.float64 else result

        return in_single

    def broadcast(x: Any, shape: tuple[int, ...]) -> Any:
        return np.broadcast_to(np.float32(x) if isinstance(x, float) else x, shape)

    def history(turns: int, state: Any, place: int) -> Any:
        result = np.empty((turns + 1, *state.shape), np.float32)
        result[place] = state
        return result

    return {name: rounded(function) if callable(function) else function for name, function in namespace.items()} | {
        "number": lambda x: x.astype(np.float32),
        "full": lambda shape, x: np.full(shape, x, np.float32),
        "empty": lambda shape: np.empty(shape, np.float32),
        "where": rounded(np.where),
        "broadcast": broadcast,
        "history": history,
    }
