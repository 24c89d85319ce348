"""Keeping gradients small, between `backward` and the optimizer's step. As `torch.nn.utils`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from engine import Value, primitives
from engine.leaf_arrays import settle
from nn.arguments import above_0, at_least_0
from nn.metrics import total_of

if TYPE_CHECKING:
    from nn.optim import Optimizer


def clip_grad_norm_(
    parameters: Iterable[Value], max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> float:
    """Scale all gradients together so that their norm is at most `max_norm`; return what it was before.

    Each is multiplied by max_norm / (norm + 1e-6), if that is below 1. The norm is (sum |g|^p)^(1/p) for the norm type
    p, the largest |g| for p = inf. Pascanu, Mikolov, Bengio 2013, arXiv:1211.5063; `torch.nn.utils.clip_grad_norm_`.

    Raises:
        TypeError: for parameters that are not a list of Values, or a `max_norm` that is not a number.
        ValueError: for a negative `max_norm`, or a `norm_type` that is not above 0.
        FloatingPointError: if the norm is nan or infinite and `error_if_nonfinite` is set.

    >>> from engine import Value
        >>> from nn import clip_grad_norm_
    >>> x = Value(2.0)
    >>> (x * x).backward()
    >>> clip_grad_norm_([x], max_norm=1.0), f"{x:.1f}", round(x.grad, 3)
    (4.0, '2.0', 1.0)
    """
    max_norm, norm_type = at_least_0("max_norm", max_norm), above_0("norm_type", norm_type)
    reached = [parameter for parameter in _values(parameters) if parameter._grad is not None]
    sizes = [abs(parameter.grad) for parameter in reached]
    if norm_type == math.inf:
        norm = max(sizes, default=0.0)
    elif norm_type == 2.0:
        norm = math.hypot(*sizes)
    else:
        norm = total_of([primitives.pow(size, norm_type) for size in sizes]) ** (1.0 / norm_type)
    if error_if_nonfinite and not math.isfinite(norm):
        raise FloatingPointError(
            f"the norm of the gradients is {norm}; without error_if_nonfinite they are scaled anyway"
        )
    scale = _scale(norm, max_norm)
    for parameter in reached:
        parameter.grad *= scale
    return norm


def clip_step(optimizer: Optimizer, max_norm: float) -> None:
    """`clip_grad_norm_` of an optimizer's parameters, all at once where `fit` has them in a store."""
    stored: Any = optimizer._arrays()
    grad = stored.grad() if hasattr(stored, "scale_grad") else None
    if grad is None:
        clip_grad_norm_(optimizer.parameters, max_norm)
    else:
        stored.scale_grad(_scale(math.hypot(*grad.tolist()), max_norm))


def _scale(norm: float, max_norm: float) -> float:
    """What to multiply gradients of this norm with."""
    return min(1.0, max_norm / (norm + 1e-6)) if norm == norm else norm


def clip_grad_value_(parameters: Iterable[Value], clip_value: float) -> None:
    """Bring every gradient into [-clip_value, clip_value]; `torch.nn.utils.clip_grad_value_`. Raises as above."""
    clip_value = at_least_0("clip_value", clip_value)
    for parameter in _values(parameters):
        if parameter._grad is not None and parameter.grad == parameter.grad:  # nan stays nan
            parameter.grad = min(max(parameter.grad, -clip_value), clip_value)


def _values(parameters: Iterable[Value]) -> list[Value]:
    if not isinstance(parameters, Iterable):
        way_out = "model.parameters()" if hasattr(parameters, "parameters") else "a list of Values"
        raise TypeError(f"clipping takes {way_out}, got {parameters!r}")
    settle()
    parameters = list(parameters)
    for k, parameter in enumerate(parameters):
        if not isinstance(parameter, Value):
            raise TypeError(f"clipping: parameter {k} is not a Value but {parameter!r}")
    return parameters
