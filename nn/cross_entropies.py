"""Log losses: minus the logarithm of the probability that a model gives to what is true."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, overload

from engine import Value, dot, logsumexp, primitives, softplus, where
from engine import sum as sum_of
from engine.primitives import as_float
from engine.requirements import IsIndex, require
from nn.arguments import at_least_0, real
from nn.losses import Output, Plain, Target, number_or_value, paired, scores, total
from nn.rows import is_row, plain_row

SUM_TOLERANCE = (
    1e-2 + 1e-9
)  # how far from 1 the sum of a target's probabilities may be: three decimals, float32, float16


@overload
def binary_cross_entropy_with_logits(
    logit: Output, target: Target, weight: Any = None, pos_weight: Any = None
) -> Value: ...
@overload
def binary_cross_entropy_with_logits(
    logit: Plain, target: Target, weight: Any = None, pos_weight: Any = None
) -> float: ...
def binary_cross_entropy_with_logits(logit: Any, target: Target, weight: Any = None, pos_weight: Any = None) -> Any:
    """C = -sum_j w_j [c_j y_j log p_j + (1 - y_j) log(1 - p_j)] with p = sigmoid(logit): log loss for two classes.

    Computed from the logit x as y softplus(-x) + (1 - y) softplus(x), which is exact where p itself would round to 0 or
    1. dC/dx_j = p_j - y_j, without weights. `torch.nn.functional.binary_cross_entropy_with_logits` with
    ``reduction="sum"``.

    Args:
        logit: a number or a list of numbers: outputs of a linear last layer.
        target: as many numbers, each in [0, 1]: the probability of the class.
        weight: w, a number of at least 0 for all outputs or for each; None for 1.
        pos_weight: c, the same for what is true: above 1 where the class is rare; None for 1.

    Raises:
        ValueError: for a target outside [0, 1], a negative weight, or not as many of one as of the other.

    >>> from nn import binary_cross_entropy_with_logits
    >>> binary_cross_entropy_with_logits(1000.0, 1), binary_cross_entropy_with_logits(1000.0, 0)
    (0.0, 1000.0)
    >>> binary_cross_entropy_with_logits(-2.0, 1, pos_weight=3.0) / binary_cross_entropy_with_logits(-2.0, 1)
    3.0
    """
    name = "binary_cross_entropy_with_logits"
    pairs = paired(name, logit, target)
    ws, cs = _weights(f"{name}: weight", weight, len(pairs)), _weights(f"{name}: pos_weight", pos_weight, len(pairs))
    terms: list[Any] = []
    for (x, y), w, c in zip(pairs, ws, cs):
        require(y, _is_probability, _not_a_probability)
        for share, slope in ((_scaled(c, _scaled(w, y)), -x), (_scaled(w, 1.0 - y), x)):
            if isinstance(share, Value) or share != 0.0:
                terms.append(_scaled(share, softplus(slope)))
    return total(terms or [_nothing(x) for x, _ in pairs])


@overload
def cross_entropy(
    logits: Sequence[Value],
    target: Target,
    weight: Sequence[float] | None = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Value: ...
@overload
def cross_entropy(
    logits: Sequence[float],
    target: Target,
    weight: Sequence[float] | None = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> float: ...
def cross_entropy(
    logits: Any,
    target: Target,
    weight: Sequence[float] | None = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Any:
    """C = -sum_k w_k y_k log p_k with p = softmax(logits): log loss for several classes.

    Computed as sum_k w_k y_k (logsumexp(x) - x_k), stable for any logits x. Without weights dC/dx_k = p_k - y_k.
    `torch.nn.functional.cross_entropy` with ``reduction="sum"``.

    Args:
        logits: n numbers, one for each class: the outputs of a linear last layer.
        target: the index of the right class, from 0 to n - 1; or n probabilities y, such as a one-hot vector. Their sum
            may be 1 to within 0.01, as those of float32 or of three decimals are; they are taken as they are, as
            PyTorch does, and not divided by their sum.
        weight: w, n numbers of at least 0, one for each class: larger for a rare one; None for 1. The mean that `fit`
            takes is still over the pairs. (PyTorch's default mean divides by the sum of the weights.)
        ignore_index: a target that costs nothing and has no gradient, as the padding of a sequence; None for none.
            PyTorch's default is -100: a target of -100 is refused here, unless you ask for it.
        label_smoothing: e in [0, 1]: y becomes (1 - e) y + e / n. Szegedy et al. 2016, arXiv:1512.00567.

    Raises:
        ValueError: for an index out of range or not whole, for probabilities that are not n numbers in [0, 1] with the
            sum 1, for weights that are not n numbers of at least 0, for a smoothing outside [0, 1].
        TypeError: if the logits are not a list.

    >>> from nn import cross_entropy
    >>> cross_entropy([1000.0, 0.0], 1), cross_entropy([1000.0, 0.0], [1.0, 0.0])
    (1000.0, 0.0)
    >>> cross_entropy([1000.0, 0.0], 1, weight=[1.0, 2.0]), cross_entropy([1000.0, 0.0], -100, ignore_index=-100)
    (2000.0, 0.0)
    """
    x, target = scores("cross_entropy", logits), plain_row(target)
    n, smoothing = len(x), _smoothing(label_smoothing)
    weights = None if weight is None else _weights("cross_entropy: weight", weight, n)
    everything = logsumexp(x)
    symbolic = isinstance(target, Value)
    if not is_row(target):
        _check_class(target, n, ignore_index)
    if not symbolic and not is_row(target):
        if ignore_index is not None and as_float(target) == ignore_index:
            return _nothing(everything)
        k = int(as_float(target))
        if weights is None and not smoothing:
            return everything - x[k]
        y = [float(i == k) for i in range(n)]
    elif symbolic:  # an index that is not known yet: the class of a compiled loss
        y = [primitives.equal(target, float(k)) for k in range(n)]
    else:
        y = _probabilities(target, n)
    if symbolic and weights is None and not smoothing:
        cost = everything - dot(y, x)
    else:
        if smoothing:
            y = [(1.0 - smoothing) * y_k + smoothing / n for y_k in y]
        if weights is not None:
            y = [w_k * y_k for w_k, y_k in zip(weights, y)]
        shares = [(x_k, y_k) for x_k, y_k in zip(x, y) if isinstance(y_k, Value) or y_k != 0.0]
        cost = total([y_k * (everything - x_k) for x_k, y_k in shares] or [_nothing(everything)])
    if symbolic and ignore_index is not None:
        return where(primitives.equal(target, float(ignore_index)), 0.0, cost)
    return cost


def _scaled(factor: Any, x: Any) -> Any:
    """factor * x, without a node for a factor of 1."""
    return x if not isinstance(factor, Value) and factor == 1.0 else factor * x


def _nothing(x: Any) -> Any:
    """0, of the kind of x: a Value that passes no gradient on, if x is one."""
    return where(0.0, x, 0.0)


def _weights(name: str, weight: Any, n: int) -> list[float]:
    """n weights: one for each, or one for all; None is 1."""
    weight = plain_row(weight)
    if weight is None:
        return [1.0] * n
    if not is_row(weight):
        return [at_least_0(name, weight)] * n
    if len(weight) != n:
        raise ValueError(f"{name} is {n} number{'s'[: n != 1]}, got {len(weight)}")
    return [at_least_0(f"{name} {k}", w) for k, w in enumerate(weight)]


def _smoothing(setting: Any) -> float:
    smoothing = real("label_smoothing", setting)
    if not 0.0 <= smoothing <= 1.0:
        raise ValueError(f"label_smoothing is in [0, 1], got {setting}")
    return smoothing


def _not_a_probability(y: float) -> ValueError:
    way_out = ": turn classes -1 and 1 into (y + 1) / 2" if y == -1.0 else ""
    return ValueError(f"binary_cross_entropy_with_logits: a target is in [0, 1], got {y:g}{way_out}")


def _check_class(target: Any, n: int, ignore_index: int | None) -> None:
    """Raise ValueError unless it is the index of one of n classes, or the one that is ignored."""

    def refusal(index: float) -> ValueError:
        return ValueError(
            f"cross_entropy: the index of one of {n} classes is a whole number from 0 to {n - 1}, got {index:g}"
        )

    ignored = math.nan if ignore_index is None else float(ignore_index)
    is_index = IsIndex(n)
    require(target, lambda index: is_index(index) | (index == ignored), refusal)


def _probabilities(target: Sequence[Any], n: int) -> list[Any]:
    y = [number_or_value(y_k) for y_k in target]
    if len(y) != n:
        raise ValueError(f"cross_entropy: {n} logits need {n} probabilities (or the index of a class), got {len(y)}")
    for k, y_k in enumerate(y):
        require(y_k, _is_probability, lambda p, k=k: _outside(k, p))  # type: ignore[misc]
    everything = sum_of(y) if any(isinstance(y_k, Value) for y_k in y) else math.fsum(y)
    require(everything, lambda p: abs(p - 1.0) <= SUM_TOLERANCE, _not_to_one)
    return y


def _is_probability(p: Any) -> Any:
    """Of one number, or of each in an array."""
    return (p >= 0.0) & (p <= 1.0)


def _outside(k: int, p: float) -> ValueError:
    return ValueError(f"cross_entropy: the target's probability {k} is {p:g}, outside [0, 1]")


def _not_to_one(total: float) -> ValueError:
    return ValueError(f"cross_entropy: the target's probabilities sum to {total:g}, not to 1")
