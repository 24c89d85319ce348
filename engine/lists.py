"""Functions of lists of numbers: of plain numbers a plain number, of Values (or a mixture) a Value."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate
from operator import add
from typing import Any, overload

from engine import primitives
from engine.primitive import as_float
from engine.rows import plain_row
from engine.value import Number, Value

# For a type checker a list of Numbers holds a Value: one of floats alone is a list of floats.


@overload
def sum(xs: Iterable[float]) -> float: ...  # type: ignore[overload-overlap]
@overload
def sum(xs: Iterable[Number]) -> Value: ...
def sum(xs: Iterable[Number]) -> Any:
    """x_1 + ... + x_n as one node; 0.0 for an empty list."""
    return primitives.sum(*_list("sum", xs))


@overload
def prod(xs: Iterable[float]) -> float: ...  # type: ignore[overload-overlap]
@overload
def prod(xs: Iterable[Number]) -> Value: ...
def prod(xs: Iterable[Number]) -> Any:
    """x_1 * ... * x_n as one node; 1.0 for an empty list."""
    return primitives.prod(*_list("prod", xs))


@overload
def cumsum(xs: Iterable[float]) -> list[float]: ...
@overload
def cumsum(xs: Iterable[Value]) -> list[Value]: ...
@overload
def cumsum(xs: Iterable[Number]) -> list[Any]: ...
def cumsum(xs: Iterable[Number]) -> list[Any]:
    """The running sums x_1, x_1 + x_2, ..., each of which adds one to that before.

    >>> from engine import cumsum
    >>> cumsum([1.0, 2.0, 3.0])
    [1.0, 3.0, 6.0]
    """
    return [*accumulate([x if hasattr(x, "__primitive__") else as_float(x) for x in _list("cumsum", xs)], add)]


@overload
def mean(xs: Iterable[float]) -> float: ...  # type: ignore[overload-overlap]
@overload
def mean(xs: Iterable[Number]) -> Value: ...
def mean(xs: Iterable[Number]) -> Any:
    """(x_1 + ... + x_n) / n. ValueError for an empty list."""
    xs = _some("mean", xs)
    return primitives.sum(*xs) / len(xs)


@overload
def var(xs: Iterable[float], ddof: int = 0) -> float: ...  # type: ignore[overload-overlap]
@overload
def var(xs: Iterable[Number], ddof: int = 0) -> Value: ...
def var(xs: Iterable[Number], ddof: int = 0) -> Any:
    """The variance, the sum of (x_k - mean)^2 divided by n - ddof, as `numpy.var`; ddof=1 is `torch.var`'s default.

    Not a number where n - ddof is not positive, as PyTorch has it. ValueError for an empty list.
    """
    xs = _some("var", xs)
    center = mean(xs)
    deviations = [x - center for x in xs]
    return primitives.div(primitives.dot(*deviations, *deviations), _degrees_of_freedom(xs, ddof))


@overload
def std(xs: Iterable[float], ddof: int = 0) -> float: ...  # type: ignore[overload-overlap]
@overload
def std(xs: Iterable[Number], ddof: int = 0) -> Value: ...
def std(xs: Iterable[Number], ddof: int = 0) -> Any:
    """The standard deviation, the root of the variance, as `numpy.std`; its derivative where it is 0 is 0."""
    xs = _some("std", xs)
    center = mean(xs)
    return primitives.norm2(*[x - center for x in xs]) / math.sqrt(_degrees_of_freedom(xs, ddof))


def _degrees_of_freedom(xs: Sequence[Any], ddof: int) -> float:
    return len(xs) - ddof if len(xs) > ddof else math.nan


@overload
def dot(xs: Iterable[float], ys: Iterable[float]) -> float: ...  # type: ignore[overload-overlap]
@overload
def dot(xs: Iterable[Number], ys: Iterable[Number]) -> Value: ...
def dot(xs: Iterable[Number], ys: Iterable[Number]) -> Any:
    """x_1 y_1 + ... + x_n y_n as one node. ValueError if the lengths differ."""
    xs, ys = _alike("dot", xs, ys)
    return primitives.dot(*xs, *ys)


@overload
def weighted_sum(w: Iterable[float], x: Iterable[float], b: float = 0.0) -> float: ...  # type: ignore[overload-overlap]
@overload
def weighted_sum(w: Iterable[Number], x: Iterable[Number], b: Number = 0.0) -> Value: ...
def weighted_sum(w: Iterable[Number], x: Iterable[Number], b: Number = 0.0) -> Any:
    """w_1 x_1 + ... + w_n x_n + b as one node: the weighted input z of a neuron. ValueError if the lengths differ.

    >>> from engine import Value, weighted_sum
    >>> z = weighted_sum([Value(2.0), Value(-1.0)], [3.0, 4.0], 0.5)
    >>> z
    Value(data=2.5)
    """
    w, x = _alike("weighted_sum", w, x)
    return primitives.weighted_sum(*w, *x, b)


@overload
def norm2(xs: Iterable[float]) -> float: ...  # type: ignore[overload-overlap]
@overload
def norm2(xs: Iterable[Number]) -> Value: ...
def norm2(xs: Iterable[Number]) -> Any:
    """sqrt(x_1^2 + ... + x_n^2), as `torch.linalg.vector_norm`."""
    return primitives.norm2(*_list("norm2", xs))


@overload
def logsumexp(xs: Iterable[float]) -> float: ...  # type: ignore[overload-overlap]
@overload
def logsumexp(xs: Iterable[Number]) -> Value: ...
def logsumexp(xs: Iterable[Number]) -> Any:
    """log(e^x_1 + ... + e^x_n), as `torch.logsumexp`. ValueError for an empty list."""
    return primitives.logsumexp(*_some("logsumexp", xs))


@overload
def softmax(xs: Iterable[float]) -> list[float]: ...  # type: ignore[overload-overlap]
@overload
def softmax(xs: Iterable[Number]) -> list[Value]: ...
def softmax(xs: Iterable[Number]) -> list[Any]:
    """p_k = e^x_k / (e^x_1 + ... + e^x_n): numbers in (0, 1) with the sum 1. Stable for any x; as `torch.softmax`.

    ValueError for an empty list.

    >>> from engine import softmax
    >>> softmax([1000.0, 1000.0])
    [0.5, 0.5]
    """
    xs = _some("softmax", xs)
    largest = primitives.max(*xs)  # the shift drops out of the quotient, and keeps e^x from overflowing
    powers = [primitives.exp(x - largest) for x in xs]
    total = primitives.sum(*powers)
    return [power / total for power in powers]


@overload
def log_softmax(xs: Iterable[float]) -> list[float]: ...  # type: ignore[overload-overlap]
@overload
def log_softmax(xs: Iterable[Number]) -> list[Value]: ...
def log_softmax(xs: Iterable[Number]) -> list[Any]:
    """x_k - logsumexp(x) for each k, the logarithms of `softmax`, exact where that is nearly 0. As `torch.log_softmax`.

    ValueError for an empty list.
    """
    xs = _some("log_softmax", xs)
    largest = primitives.max(*xs)
    below = [x - largest for x in xs]  # what is subtracted is small then: 1e17 + log(2) would be 1e17
    total = primitives.logsumexp(*below)
    return [x - total for x in below]


@overload
def max(xs: Iterable[float], /) -> float: ...  # type: ignore[overload-overlap]
@overload
def max(xs: Iterable[Number], /) -> Value: ...
@overload
def max(x: float, y: float, /, *more: float) -> float: ...  # type: ignore[overload-overlap]
@overload
def max(x: Number, y: Number, /, *more: Number) -> Value: ...
def max(*xs: Any) -> Any:
    """The largest of a list, or of several numbers, as `torch.amax`: ties share the gradient evenly."""
    return primitives.max(*_some("max", *xs))


@overload
def min(xs: Iterable[float], /) -> float: ...  # type: ignore[overload-overlap]
@overload
def min(xs: Iterable[Number], /) -> Value: ...
@overload
def min(x: float, y: float, /, *more: float) -> float: ...  # type: ignore[overload-overlap]
@overload
def min(x: Number, y: Number, /, *more: Number) -> Value: ...
def min(*xs: Any) -> Any:
    """The smallest of a list, or of several numbers, as `torch.amin`: ties share the gradient evenly."""
    return primitives.min(*_some("min", *xs))


def _list(name: str, xs: Any) -> tuple[Any, ...]:
    """The numbers of a list, an array, a tensor, or of anything else that can be gone through."""
    if type(xs) not in (list, tuple) or (xs and hasattr(xs[0], "tolist")):
        xs = plain_row(xs)
    if isinstance(xs, str) or not hasattr(xs, "__iter__"):
        raise TypeError(f"{name} takes a list of numbers, got {xs!r} of type {type(xs).__name__}")
    return tuple(xs)


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
