"""RMSNorm: a vector brought to the length that its number of entries gives it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from engine import Value, dot, sqrt
from engine.value import Number
from nn.arguments import check_vector, count
from nn.module import Module


class RMSNorm(Module):
    """y_k = x_k / rms(x) * w_k with rms(x) = sqrt((x_1^2 + ... + x_n^2) / n + eps). `torch.nn.RMSNorm`.

    Zhang, Sennrich 2019, arXiv:1910.07467, equation 4. Unlike layer normalization it leaves the mean alone.

    Args:
        normalized_shape: n, how many numbers it takes and gives.
        eps: keeps the division finite near x = 0; None, as in PyTorch, for the distance of 1.0 to the next float.
        elementwise_affine: whether there are weights w.

    Attributes:
        weight: n Values that start from 1; or None.

    Raises:
        ValueError: for a size below 1.

    >>> from nn import RMSNorm
    >>> norm = RMSNorm(2)
    >>> [f"{y:.3f}" for y in norm([3.0, 4.0])], [f"{y:.3f}" for y in norm([-300.0, 400.0])]
    (['0.849', '1.131'], ['-0.849', '1.131'])
    """

    def __init__(self, normalized_shape: int, eps: float | None = None, elementwise_affine: bool = True) -> None:
        self.normalized_shape = count("normalized_shape", normalized_shape)
        self.eps = sys.float_info.epsilon if eps is None else float(eps)
        self.weight = [Value(1.0, f"weight[{k}]") for k in range(self.normalized_shape)] if elementwise_affine else None

    def check_input(self, x: Any) -> None:
        check_vector(repr(self), x, self.normalized_shape)

    def __call__(self, x: Sequence[Number]) -> list[Any]:
        """y for n numbers x.

        Raises:
            ValueError: if they are not n.
        """
        self.check_input(x)
        rms = sqrt(dot(x, x) / self.normalized_shape + self.eps)
        if self.weight is None:
            return [x_k / rms for x_k in x]
        return [x_k / rms * w_k for x_k, w_k in zip(x, self.weight)]

    def __repr__(self) -> str:
        return f"RMSNorm({self.normalized_shape}, eps={self.eps:g})"
