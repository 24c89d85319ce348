"""Normalization of a vector: its mean and its size brought to fixed numbers."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from engine import Value, dot, mean, primitives, sqrt
from engine.value import Number
from nn.arguments import at_least_0, count
from nn.module import Module
from nn.rows import vector


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
        self.eps = sys.float_info.epsilon if eps is None else at_least_0("eps", eps)
        self.weight = [Value(1.0, f"weight[{k}]") for k in range(self.normalized_shape)] if elementwise_affine else None

    def check_input(self, x: Any) -> None:
        vector(repr(self), x, self.normalized_shape)

    def __call__(self, x: Sequence[Number]) -> list[Any]:
        """y for n numbers x.

        Raises:
            ValueError: if they are not n.
        """
        x = vector(repr(self), x, self.normalized_shape)
        rms = sqrt(dot(x, x) / self.normalized_shape + self.eps)
        y = [primitives.div(x_k, rms) for x_k in x]
        return y if self.weight is None else [y_k * w_k for y_k, w_k in zip(y, self.weight)]

    def __repr__(self) -> str:
        return f"RMSNorm({self.normalized_shape}, eps={self.eps:g})"


class LayerNorm(Module):
    """y_k = (x_k - m) / sqrt(v + eps) * w_k + b_k, with the mean m and the variance v of the n numbers x.

    v = ((x_1 - m)^2 + ... + (x_n - m)^2) / n. Ba, Kiros, Hinton 2016, arXiv:1607.06450; `torch.nn.LayerNorm`.

    Args:
        normalized_shape: n, how many numbers it takes and gives.
        eps: keeps the division finite where all x are alike.
        elementwise_affine: whether there are weights w and biases b.
        bias: whether there are biases b, beside the weights.

    Attributes:
        weight: n Values that start from 1; or None.
        bias: n Values that start from 0; or None.

    Raises:
        ValueError: for a size below 1, or a negative eps.

    >>> from nn import LayerNorm
    >>> [f"{y:.3f}" for y in LayerNorm(3)([1.0, 2.0, 3.0])]
    ['-1.225', '0.000', '1.225']
    """

    def __init__(
        self, normalized_shape: int, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True
    ) -> None:
        self.normalized_shape = n = count("normalized_shape", normalized_shape)
        self.eps = at_least_0("eps", eps)
        self.weight = [Value(1.0, f"weight[{k}]") for k in range(n)] if elementwise_affine else None
        self.bias = [Value(0.0, f"bias[{k}]") for k in range(n)] if elementwise_affine and bias else None

    def check_input(self, x: Any) -> None:
        vector(repr(self), x, self.normalized_shape)

    def __call__(self, x: Sequence[Number]) -> list[Any]:
        """y for n numbers x.

        Raises:
            ValueError: if they are not n.
        """
        x = vector(repr(self), x, self.normalized_shape)
        m = mean(x)
        from_mean = [x_k - m for x_k in x]
        deviation = sqrt(dot(from_mean, from_mean) / self.normalized_shape + self.eps)
        y = [primitives.div(d_k, deviation) for d_k in from_mean]
        if self.weight is not None:
            y = [y_k * w_k for y_k, w_k in zip(y, self.weight)]
        if self.bias is not None:
            y = [y_k + b_k for y_k, b_k in zip(y, self.bias)]
        return y

    def __repr__(self) -> str:
        return f"LayerNorm({self.normalized_shape}, eps={self.eps:g})"
