"""Losses: the article's C, the cost of one output against its target.

Every loss takes a model's output, a number or a list of numbers, and the target that belongs to it, and returns one
number, a Value if any of them is one. Where there are several outputs it is the sum over them (PyTorch's
``reduction="sum"``); the mean over the pairs of a batch is taken by `fit`.

Targets are checked: at once, or by a compiled loss on every call.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from engine import Value, dot, exp, logsumexp, relu, softplus
from engine import ieee754 as ieee
from engine import max as largest_of
from engine import sum as sum_of
from engine.primitives import as_float
from engine.requirements import require, require_index

Output = Any  # a number or a Value, or a list of them


def squared_error(prediction: Output, target: Output) -> Any:
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
    errors = [a - y for a, y in _paired("squared_error", prediction, target)]
    return _total([error * error for error in errors])


def hinge(score: Output, target: Output) -> Any:
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
    pairs = _paired("hinge", score, target)
    for _, y in pairs:
        require(y, lambda y: (y == -1.0) | (y == 1.0), _not_a_sign)
    return _total([relu(1.0 - y * s) for s, y in pairs])


def binary_cross_entropy_with_logits(logit: Output, target: Output) -> Any:
    """C = -sum_j [y_j log p_j + (1 - y_j) log(1 - p_j)] with p = sigmoid(logit): log loss for two classes.

    Computed from the logit x as y softplus(-x) + (1 - y) softplus(x), which is exact where p itself would round to 0 or
    1. dC/dx_j = p_j - y_j. `torch.nn.functional.binary_cross_entropy_with_logits` with ``reduction="sum"``.

    Args:
        logit: a number or a list of numbers: outputs of a linear last layer.
        target: as many numbers, each in [0, 1]: the probability of the class.

    Raises:
        ValueError: for a target outside [0, 1], or not as many of one as of the other.

    >>> from nn import binary_cross_entropy_with_logits
    >>> binary_cross_entropy_with_logits(1000.0, 1), binary_cross_entropy_with_logits(1000.0, 0)
    (0.0, 1000.0)
    """
    terms = []
    for x, y in _paired("binary_cross_entropy_with_logits", logit, target):
        symbolic = isinstance(y, Value)
        require(y, lambda y: (y >= 0.0) & (y <= 1.0), _not_a_probability)
        if symbolic or y == 1.0:
            terms.append(softplus(-x) if not symbolic else y * softplus(-x))
        if symbolic or y == 0.0:
            terms.append(softplus(x) if not symbolic else (1.0 - y) * softplus(x))
        if not symbolic and 0.0 < y < 1.0:
            terms += [y * softplus(-x), (1.0 - y) * softplus(x)]
    return _total(terms)


def cross_entropy(logits: Sequence[Any], target: Any) -> Any:
    """C = -sum_k y_k log p_k with p = softmax(logits): log loss for several classes.

    Computed as sum_k y_k (logsumexp(x) - x_k), stable for any logits x. dC/dx_k = p_k - y_k.
    `torch.nn.functional.cross_entropy`.

    Args:
        logits: n numbers, one for each class: the outputs of a linear last layer.
        target: the index of the right class, from 0 to n - 1; or n probabilities y, such as a one-hot vector.

    Raises:
        ValueError: for an index out of range or not whole, for probabilities that are not n numbers in [0, 1] with the
            sum 1.
        TypeError: if the logits are not a list.

    >>> from nn import cross_entropy
    >>> cross_entropy([1000.0, 0.0], 1), cross_entropy([1000.0, 0.0], [1.0, 0.0])
    (1000.0, 0.0)
    """
    x = _list("cross_entropy", logits)
    n = len(x)
    everything = logsumexp(x)
    target = target.tolist() if hasattr(target, "tolist") else target
    if not isinstance(target, Sequence):
        require_index(target, n, lambda index: _not_a_class(index, n))
    if isinstance(target, Value):  # an index that is not known yet: the class of a compiled loss
        return everything - dot([ieee.equal(target, float(k)) for k in range(n)], x)
    if isinstance(target, Sequence) and not isinstance(target, str):
        y = _probabilities(target, n)
        terms = [y_k * (everything - x_k) for x_k, y_k in zip(x, y) if isinstance(y_k, Value) or y_k != 0.0]
        return _total(terms)
    return everything - x[int(as_float(target))]


def softmax(x: Sequence[Any]) -> list[Any]:
    """p_k = e^x_k / sum_i e^x_i: positive numbers with the sum 1. Stable for any x; `torch.softmax`.

    >>> from nn import softmax
    >>> softmax([1000.0, 1000.0])
    [0.5, 0.5]
    """
    x = _list("softmax", x)
    largest = largest_of(x)  # the shift drops out of the quotient, and keeps e^x from overflowing
    powers = [exp(x_k - largest) for x_k in x]
    total = sum_of(powers)
    return [power / total for power in powers]


def log_softmax(x: Sequence[Any]) -> list[Any]:
    """log p_k = x_k - logsumexp(x), the logarithms of `softmax`, finite where p_k rounds to 0; `torch.log_softmax`.

    >>> from nn import log_softmax
    >>> log_softmax([1000.0, 0.0])
    [0.0, -1000.0]
    """
    x = _list("log_softmax", x)
    everything = logsumexp(x)
    return [x_k - everything for x_k in x]


def _total(terms: list[Any]) -> Any:
    return terms[0] if len(terms) == 1 else sum_of(terms)


def _number(number: Any) -> Any:
    return number if isinstance(number, Value) else as_float(number)


def _list(name: str, numbers: Any) -> list[Any]:
    if isinstance(numbers, (Value, str)) or not hasattr(numbers, "__len__"):
        raise TypeError(
            f"{name} takes a list with a number for each class, got {numbers!r}: give the model an output each"
        )
    if len(numbers) == 0:
        raise ValueError(f"{name} of no numbers: it takes one for each class")
    return [_number(number) for number in numbers]


def _paired(name: str, outputs: Output, targets: Output) -> list[tuple[Any, Any]]:
    """(output, target) for each output; a number is a list of one."""
    xs, ys = (
        [*side] if hasattr(side, "__len__") and not isinstance(side, str) else [side] for side in (outputs, targets)
    )
    if len(xs) != len(ys) or not xs:
        raise ValueError(f"{name}: {len(xs)} output{'s'[: len(xs) != 1]} against {len(ys)} target{'s'[: len(ys) != 1]}")
    return [(_number(x), _number(y)) for x, y in zip(xs, ys)]


def _not_a_sign(y: float) -> ValueError:
    way_out = ": turn classes 0 and 1 into 2*y - 1" if y == 0.0 else ""
    return ValueError(f"hinge: a target is -1 or 1, got {y:g}{way_out}")


def _not_a_probability(y: float) -> ValueError:
    way_out = ": turn classes -1 and 1 into (y + 1) / 2" if y == -1.0 else ""
    return ValueError(f"binary_cross_entropy_with_logits: a target is in [0, 1], got {y:g}{way_out}")


def _not_a_class(index: float, n: int) -> ValueError:
    return ValueError(
        f"cross_entropy: the index of one of {n} classes is a whole number from 0 to {n - 1}, got {index:g}"
    )


def _probabilities(target: Sequence[Any], n: int) -> list[Any]:
    y = [_number(y_k) for y_k in target]
    if len(y) != n:
        raise ValueError(f"cross_entropy: {n} logits need {n} probabilities (or the index of a class), got {len(y)}")
    for k, y_k in enumerate(y):
        require(y_k, lambda p: (p >= 0.0) & (p <= 1.0), lambda p, k=k: _outside(k, p))  # type: ignore[misc]
    total = math.fsum(y) if not any(isinstance(y_k, Value) for y_k in y) else sum_of(y)
    require(total, lambda p: abs(p - 1.0) <= 1e-6, _not_to_one)
    return y


def _outside(k: int, p: float) -> ValueError:
    return ValueError(f"cross_entropy: the target's probability {k} is {p:g}, outside [0, 1]")


def _not_to_one(total: float) -> ValueError:
    return ValueError(f"cross_entropy: the target's probabilities sum to {total:g}, not to 1")
