"""Keeping gradients small, between `backward` and the optimizer's step. As `torch.nn.utils`."""

from __future__ import annotations

import math
from collections.abc import Iterable

from engine import Value


def clip_grad_norm_(
    parameters: Iterable[Value], max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> float:
    """Scale all gradients together so that their norm is at most `max_norm`; return what it was before.

    Each is multiplied by max_norm / (norm + 1e-6), if that is below 1. The norm is (sum |g|^p)^(1/p) for the norm type
    p, the largest |g| for p = inf. Pascanu, Mikolov, Bengio 2013, arXiv:1211.5063; `torch.nn.utils.clip_grad_norm_`.

    Raises:
        FloatingPointError: if the norm is nan or infinite and `error_if_nonfinite` is set.

    >>> from engine import Value
    >>> from nn import clip_grad_norm_
    >>> x = Value(2.0)
    >>> (x * x).backward()
    >>> clip_grad_norm_([x], max_norm=1.0), f"{x:.1f}", round(x.grad, 3)
    (4.0, '2.0', 1.0)
    """
    reached = [parameter for parameter in parameters if parameter._grad is not None]
    sizes = [abs(parameter.grad) for parameter in reached]
    if norm_type == math.inf:
        norm = max(sizes, default=0.0)
    elif norm_type == 2.0:
        norm = math.hypot(*sizes)
    else:
        norm = math.fsum(size**norm_type for size in sizes) ** (1.0 / norm_type)
    if error_if_nonfinite and not math.isfinite(norm):
        raise FloatingPointError(
            f"the norm of the gradients is {norm}; without error_if_nonfinite they are scaled anyway"
        )
    scale = min(1.0, max_norm / (norm + 1e-6)) if norm == norm else norm
    for parameter in reached:
        parameter.grad *= scale
    return norm


def clip_grad_value_(parameters: Iterable[Value], clip_value: float) -> None:
    """Bring every gradient into [-clip_value, clip_value]; `torch.nn.utils.clip_grad_value_`."""
    for parameter in parameters:
        if parameter._grad is not None and parameter.grad == parameter.grad:  # nan stays nan
            parameter.grad = min(max(parameter.grad, -clip_value), clip_value)
