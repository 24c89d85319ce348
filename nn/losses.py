"""Losses: the article's C, the cost of one output against its target.

Every loss takes a model's output, a number or a list of numbers, and the target that belongs to it, and returns one
number, a Value if any of them is one. Where there are several outputs it is the sum over them (PyTorch's
``reduction="sum"``); the mean over the pairs of a batch is taken by `fit`.

Outputs and targets may be rows of any kind: lists, tuples, NumPy, PyTorch, JAX, pandas. Targets are checked: at once,
or by a compiled loss on every call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, overload

from engine import Value, abs, minimum, relu
from engine import sum as sum_of
from engine.primitives import as_float
from engine.requirements import require
from nn.arguments import above_0
from nn.rows import is_row, plain_row

Loss = Callable[[Any, Any], Any]  # (output, target) -> the cost of a pair
Plain = float | Sequence[float]  # a number or several
Output = Value | Sequence[Value]
Target = Any  # a number or several, or a row of NumPy, PyTorch, JAX, pandas


@overload
def squared_error(prediction: Output, target: Target) -> Value: ...
@overload
def squared_error(prediction: Plain, target: Target) -> float: ...
def squared_error(prediction: Any, target: Target) -> Any:
    """C = sum_j (a_j - y_j)^2, the squared distance of the prediction a from the target y.

    dC/da_j = 2 (a_j - y_j). `torch.nn.functional.mse_loss` with ``reduction="sum"``.

    Args:
        prediction: a number or a list of numbers.
        target: as many numbers.

    Raises:
        ValueError: if there are not as many of one as of the other.

    >>> from nn import squared_error
    >>> squared_error([1.0, 2.0], [0.0, 4.0])
    5.0
    """
    errors = [a - y for a, y in paired("squared_error", prediction, target)]
    return total([error * error for error in errors])


@overload
def l1_loss(prediction: Output, target: Target) -> Value: ...
@overload
def l1_loss(prediction: Plain, target: Target) -> float: ...
def l1_loss(prediction: Any, target: Target) -> Any:
    """C = sum_j |a_j - y_j|: less moved by a few targets that are far off than the square is.

    dC/da_j = sign(a_j - y_j), 0 where they are equal. `torch.nn.functional.l1_loss` with ``reduction="sum"``.

    Args:
        prediction: a number or a list of numbers.
        target: as many numbers.

    Raises:
        ValueError: if there are not as many of one as of the other.

    >>> from nn import l1_loss
    >>> l1_loss([1.0, 2.0], [0.0, 4.0])
    3.0
    """
    return total([abs(a - y) for a, y in paired("l1_loss", prediction, target)])


@overload
def huber_loss(prediction: Output, target: Target, delta: float = 1.0) -> Value: ...
@overload
def huber_loss(prediction: Plain, target: Target, delta: float = 1.0) -> float: ...
def huber_loss(prediction: Any, target: Target, delta: float = 1.0) -> Any:
    """C = sum_j h(|a_j - y_j|): h(e) = e^2 / 2 up to delta, and from there the line delta (e - delta / 2).

    Smooth at 0 as the square, and as little moved by what is far off as `l1_loss`. The derivative in a_j is a_j - y_j,
    brought into [-delta, delta]. Huber 1964; `torch.nn.functional.huber_loss` with ``reduction="sum"``.

    Args:
        prediction: a number or a list of numbers.
        target: as many numbers.
        delta: where the line begins, above 0.

    Raises:
        ValueError: if there are not as many of one as of the other; for a delta that is not above 0.

    >>> from nn import huber_loss
    >>> huber_loss([0.5, 5.0], [0.0, 0.0])
    4.625
    """
    delta = above_0("delta", delta)
    terms = []
    for a, y in paired("huber_loss", prediction, target):
        error = abs(a - y)
        near = minimum(error, delta)  # both branches in one: with near = error it is e^2/2, with near = delta the line
        terms.append(near * (error - 0.5 * near))
    return total(terms)


@overload
def hinge(score: Output, target: Target) -> Value: ...
@overload
def hinge(score: Plain, target: Target) -> float: ...
def hinge(score: Any, target: Target) -> Any:
    """C = sum_j max(0, 1 - y_j s_j): no cost once a score s has the sign of its target y and a margin of 1.

    dC/ds_j = -y_j where y_j s_j < 1, else 0. Micrograd's 'max-margin' loss; Cortes, Vapnik 1995.

    Args:
        score: a number or a list of numbers.
        target: as many numbers, each -1 or 1.

    Raises:
        ValueError: for a target that is neither -1 nor 1, or not as many of one as of the other.

    >>> from nn import hinge
    >>> hinge(0.25, 1), hinge(0.25, -1)
    (0.75, 1.25)
    """
    pairs = paired("hinge", score, target)
    for _, y in pairs:
        require(y, lambda y: (y == -1.0) | (y == 1.0), _not_a_sign)
    return total([relu(1.0 - y * s) for s, y in pairs])


def _not_a_sign(y: float) -> ValueError:
    way_out = ": turn classes 0 and 1 into 2*y - 1" if y == 0.0 else ""
    return ValueError(f"hinge: a target is -1 or 1, got {y:g}{way_out}")


def total(terms: list[Any]) -> Any:
    """The sum of the terms; of one, that term itself."""
    return terms[0] if len(terms) == 1 else sum_of(terms)


def paired(name: str, outputs: Any, targets: Any) -> list[tuple[Any, Any]]:
    """(output, target) for each output; a number is a list of one."""
    xs, ys = ([*side] if is_row(side) else [side] for side in map(plain_row, (outputs, targets)))
    if len(xs) != len(ys) or not xs:
        raise ValueError(f"{name}: {len(xs)} output{'s'[: len(xs) != 1]} against {len(ys)} target{'s'[: len(ys) != 1]}")
    return [(number_or_value(x), number_or_value(y)) for x, y in zip(xs, ys)]


def scores(name: str, x: Any) -> list[Any]:
    """x as a list with a number for each class."""
    x = plain_row(x)
    if isinstance(x, Value) or not is_row(x):
        raise TypeError(f"{name} takes a list with a number for each class, got {x!r}: give the model an output each")
    if len(x) == 0:
        raise ValueError(f"{name} of no numbers: it takes one for each class")
    return [number_or_value(x_k) for x_k in x]


def number_or_value(number: Any) -> Any:
    """A Value as it is; anything else as a float, if it is a real number. TypeError if not."""
    return number if isinstance(number, Value) else as_float(number)
