"""The functions of the engine: of numbers, and of lists of numbers.

On plain numbers they return plain numbers, on Values (or a mixture) a Value. Those of one or two numbers are the
primitives themselves; those of lists are gathered here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from engine import primitives
from engine.primitives import (
    abs,
    arccos,
    arcsin,
    arctan,
    cos,
    cosh,
    elu,
    erf,
    exp,
    expm1,
    gelu,
    leaky_relu,
    log,
    log1p,
    maximum,
    minimum,
    mish,
    relu,
    sigmoid,
    silu,
    sin,
    sinh,
    softplus,
    sqrt,
    tan,
    tanh,
    where,
)
from engine.value import Number

swish = silu

__all__ = [  # noqa: RUF022  in the order of primitives.py
    "abs", "sqrt", "exp", "expm1", "log", "log1p",
    "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "erf",
    "sigmoid", "relu", "leaky_relu", "elu", "softplus", "silu", "swish", "mish", "gelu",
    "maximum", "minimum", "where",
    "sum", "mean", "dot", "weighted_sum", "norm2", "logsumexp", "max", "min",
]  # fmt: skip


def sum(xs: Iterable[Number]) -> Any:
    """x_1 + ... + x_n as one node; 0.0 for an empty list."""
    return primitives.sum(*_list("sum", xs))


def mean(xs: Iterable[Number]) -> Any:
    """(x_1 + ... + x_n) / n. ValueError for an empty list."""
    xs = _some("mean", xs)
    return primitives.sum(*xs) / len(xs)


def dot(xs: Iterable[Number], ys: Iterable[Number]) -> Any:
    """x_1 y_1 + ... + x_n y_n as one node. ValueError if the lengths differ."""
    xs, ys = _alike("dot", xs, ys)
    return primitives.dot(*xs, *ys)


def weighted_sum(w: Iterable[Number], x: Iterable[Number], b: Number = 0.0) -> Any:
    """w_1 x_1 + ... + w_n x_n + b as one node: the weighted input z of a neuron. ValueError if the lengths differ.

    >>> from engine import Value, weighted_sum
    >>> z = weighted_sum([Value(2.0), Value(-1.0)], [3.0, 4.0], 0.5)
    >>> z
    Value(data=2.5)
    """
    w, x = _alike("weighted_sum", w, x)
    return primitives.weighted_sum(*w, *x, b)


def norm2(xs: Iterable[Number]) -> Any:
    """sqrt(x_1^2 + ... + x_n^2), as `torch.linalg.vector_norm`."""
    return primitives.norm2(*_list("norm2", xs))


def logsumexp(xs: Iterable[Number]) -> Any:
    """log(e^x_1 + ... + e^x_n), as `torch.logsumexp`. ValueError for an empty list."""
    return primitives.logsumexp(*_some("logsumexp", xs))


def max(*xs: Any) -> Any:
    """The largest of a list, or of several numbers, as `torch.amax`: ties share the gradient evenly."""
    return primitives.max(*_some("max", *xs))


def min(*xs: Any) -> Any:
    """The smallest of a list, or of several numbers, as `torch.amin`: ties share the gradient evenly."""
    return primitives.min(*_some("min", *xs))


def _list(name: str, xs: Any) -> tuple[Any, ...]:
    """The numbers of a list, or of anything else that can be gone through."""
    try:
        return tuple(xs)
    except TypeError:
        if hasattr(xs, "__iter__"):  # the error is of the user's own generator
            raise
        raise TypeError(f"{name} takes a list of numbers, got {xs!r} of type {type(xs).__name__}") from None


def _some(name: str, *xs: Any) -> Sequence[Any]:
    """The numbers of one list, or the arguments themselves; at least one."""
    numbers = _list(name, xs[0]) if len(xs) == 1 else xs
    if not numbers:
        raise ValueError(f"{name} of no numbers: it needs at least one")
    return numbers


def _alike(name: str, xs: Iterable[Any], ys: Iterable[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    xs, ys = _list(name, xs), _list(name, ys)
    if len(xs) != len(ys):
        raise ValueError(f"{name} of {len(xs)} and {len(ys)} numbers: the two lists must be of the same length")
    return xs, ys
