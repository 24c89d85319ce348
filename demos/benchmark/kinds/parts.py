"""What the scalar programs share: sums of products, as anyone writes them."""

from __future__ import annotations

from typing import Any


def dots(matrix: Any, x: Any) -> list[Any]:
    """The product of a matrix and a vector, one product at a time."""
    return [sum(w * x_k for w, x_k in zip(row, x)) for row in matrix]
