"""What is measured while training, besides the loss, on plain numbers."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from engine import Value
from engine.primitives import as_float
from nn.arguments import finite, function
from nn.module import plain
from nn.rows import is_row, plain_row
from nn.warning import warn_user

Metric = Callable[[Any, Any], float]  # (output, target) -> a number, on plain numbers
Metrics = Mapping[str, Metric]


def accuracy(prediction: Any, target: Any, threshold: float | None = None) -> float:
    """1.0 if the prediction is of the target's class, else 0.0; the mean over pairs is the share that is right.

    Args:
        prediction: one number, or a list of one, which is of the class 1 above the threshold; or one number for each
            class, of which the largest is. A prediction with a nan in it is wrong.
        target: for one number: 1 for the one class, 0 or -1 for the other (any other number by its sign). For several:
            the index of the class, or its probabilities (one-hot).
        threshold: 0.5 for probabilities, 0 for scores and logits. None: `fit` and `evaluate` see which they are from
            what the model computes last, a sigmoid or not. Elsewhere a prediction in [0, 1] is a probability if the
            target is 0 (as in torchmetrics), and any other a score; where the target 1 leaves it open, say it.

    Raises:
        ValueError: for a target that is none of n classes; without a threshold, for the target 1 beside a prediction
            above 0 and up to 0.5: right as the score of classes -1 and 1, wrong as a probability of classes 0 and 1.

    >>> from nn import accuracy
    >>> accuracy(0.9, 1), accuracy(0.1, 0), accuracy(-2.0, -1), accuracy(0.3, 1, threshold=0.0)
    (1.0, 1.0, 1.0, 1.0)
    >>> accuracy([0.1, 2.0, -1.0], 1), accuracy([0.1, 2.0], [1.0, 0.0]), accuracy([3.0], 1)
    (1.0, 0.0, 1.0)
    """
    prediction, target = plain(plain_row(prediction)), plain(plain_row(target))
    if not is_row(prediction):
        prediction = [prediction]
    prediction = [as_float(number) for number in prediction]
    if any(math.isnan(number) for number in prediction):
        return 0.0
    if len(prediction) == 1:
        if is_row(target) and len(target) == 1:
            target = target[0]
        return _right_of_two(prediction[0], target, threshold)
    return float(_largest(prediction) == _class_of(target, len(prediction)))


def _right_of_two(prediction: float, target: Any, threshold: float | None) -> float:
    if is_row(target):
        raise ValueError(f"accuracy: the target of one number is 0 or 1, or -1 or 1, got {target!r}")
    target = as_float(target)
    if threshold is None:
        threshold = 0.5 if 0.0 <= prediction <= 1.0 and 0 <= target <= 1 else 0.0
        if target == 1 and 0.0 < prediction <= 0.5:
            raise ValueError(
                f"accuracy({prediction:g}, 1) is right if {prediction:g} is a score, whose sign is the class, and "
                "wrong if it is a probability: say threshold=0.0 or threshold=0.5"
            )
    true = target > (0.5 if 0 <= target <= 1 else 0.0)
    return float((prediction > finite("threshold", threshold)) == true)


def _class_of(target: Any, n: int) -> int:
    if is_row(target):
        if len(target) != n:
            raise ValueError(
                f"accuracy: {n} outputs need {n} probabilities, or the index of a class, got {len(target)}"
            )
        return _largest(target)
    index = as_float(target)
    if not index.is_integer() or not 0 <= index < n:
        raise ValueError(f"accuracy: the class of {n} outputs is a whole number from 0 to {n - 1}, got {target!r}")
    return int(index)


def _largest(numbers: Sequence[float]) -> int:
    return max(range(len(numbers)), key=numbers.__getitem__)


# Of `fit` and `evaluate`


def named_metrics(metrics: Sequence[Metric] | Metrics) -> dict[str, Metric]:
    """Metrics, given as a dict or one after another, by name; the second of one name is called "name 2".

    Raises:
        TypeError: for something that is neither, or a metric that is no function.
        ValueError: for a name that another series of the history has.
    """
    if callable(metrics) or not isinstance(metrics, (Mapping, list, tuple)):
        way_out = ": write [...] around it" if callable(metrics) else ""
        raise TypeError(f"metrics is a list of functions or a dict of them by name, got {metrics!r}{way_out}")
    named: dict[str, Metric] = {}
    for name, metric in metrics.items() if isinstance(metrics, Mapping) else zip(map(name_of, metrics), metrics):
        function(f"metric {name!r}", metric, "(output, target) -> number, such as nn.accuracy")
        if not isinstance(name, str):
            raise TypeError(f"a metric's name is a string, got {name!r}")
        if name == "loss" or name.startswith("validation_"):
            raise ValueError(f"a metric cannot be called {name!r}, as another series of the history is: rename it")
        count, unique = 1, name
        while unique in named:
            count += 1
            unique = f"{name} {count}"
        named[unique] = metric
    return named


def name_of(function: Any) -> str:
    """What a function is called; a partial function as the function it is of."""
    while isinstance(function, functools.partial):
        function = function.func
    return getattr(function, "__name__", None) or (function if isinstance(function, str) else type(function).__name__)


def for_output(metrics: Metrics, output: Any) -> dict[str, Metric]:
    """The metrics for a model with such outputs, as Values: `accuracy` with the threshold that they call for."""
    (number,) = output if is_row(output) and len(output) == 1 else (output,)
    if not isinstance(number, Value) or number.op is None:
        return {**metrics}
    last = number.op.name
    if last in ("div", "pow"):  # perhaps a sigmoid by hand
        return {**metrics}
    chosen = functools.partial(accuracy, threshold=0.5 if last == "sigmoid" else 0.0)
    return {name: chosen if metric is accuracy else metric for name, metric in metrics.items()}


def measured(name: str, metric: Metric, output: Any, target: Any) -> float:
    """The number that a metric gives. TypeError, with its name, if it is none."""
    number = plain(metric(output, target))
    try:
        return as_float(number)
    except TypeError as error:
        raise TypeError(f"metric {name!r}: {error}") from None


class Means:
    """Means over pairs of the loss and the metrics, while they come in.

    A metric that fails on a pair is nan from there on, with a RuntimeWarning: what has been learned is worth more.
    """

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics
        self.pairs = 0
        self._weight = 0.0
        self._loss = 0.0
        self._totals = dict.fromkeys(metrics, 0.0)

    def add(self, cost: float, outputs: Iterable[Any], targets: Sequence[Any], weight: float | None = None) -> None:
        """Count a batch of which `cost` is the mean loss, of this weight altogether; None for 1 each."""
        self.pairs += len(targets)
        weight = float(len(targets)) if weight is None else weight
        self._weight += weight
        self._loss += cost * weight
        for name, metric in self.metrics.items():
            self._totals[name] += self._total(name, metric, outputs, targets)

    def _total(self, name: str, metric: Metric, outputs: Iterable[Any], targets: Sequence[Any]) -> float:
        try:
            numbers = [measured(name, metric, output, target) for output, target in zip(outputs, targets)]
        except Exception as error:
            if not math.isnan(self._totals[name]):
                warn_user(f"the metric {name!r} failed, and is nan: {error}")
            return math.nan
        return total_of(numbers)

    def means(self) -> dict[str, float]:
        """The means so far, by name."""
        loss = self._loss / self._weight if self._weight else math.nan
        return {"loss": loss, **{name: total / self.pairs for name, total in self._totals.items()}}


def total_of(numbers: Sequence[float]) -> float:
    """The sum, rounded once; as IEEE 754 has it, where there are infinities among them or it is too large."""
    try:
        return math.fsum(numbers)
    except (OverflowError, ValueError):  # it overflows, or has infinities of both signs
        return sum(numbers)
