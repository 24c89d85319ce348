"""The two ways to take a training step: node by node, or as a compiled array program."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine import Value, mean
from nn.data import Pair
from nn.module import Module, plain

Loss = Callable[[Any, Any], Any]  # (output, target) -> a number
Metrics = Mapping[str, Callable[[Any, Any], float]]


class Steps:
    """Losses of a model and their gradients, on the scalar engine.

    Args:
        model: computes the output from x.
        loss: (output, target) -> the cost of a pair.
        pairs: the training set.
        metrics: what else to measure, on plain numbers.
    """

    def __init__(self, model: Module, loss: Loss, pairs: Sequence[Pair], metrics: Metrics) -> None:
        self.model = model
        self.loss = loss
        self.pairs = pairs
        self.metrics = metrics

    def loss_and_backward(self, rows: Sequence[int]) -> tuple[float, list[Any]]:
        """The mean loss of a batch, whose gradient is added to the parameters, and the outputs as plain numbers."""
        costs, outputs = [], []
        row = 0
        try:
            for row in rows:
                x, y = self.pairs[row]
                output = self.model(x)
                costs.append(self.loss(output, y))
                outputs.append(plain(output))
        except (TypeError, ValueError) as error:
            raise of_row("data", row, error) from error
        total = mean(costs)
        if not isinstance(total, Value):
            raise TypeError(f"the loss is {total!r}, not a Value: it must be computed from the model's output")
        total.backward()
        return total.data, outputs

    def measure(self, name: str, pairs: Sequence[Pair]) -> dict[str, float]:
        """The mean loss and metrics over pairs, called `name` in errors, by name. Builds no graph."""
        means = Means(self.metrics)
        for row, (x, y) in enumerate(pairs):
            try:
                output = self.model.predict(x)
                means.add(self.loss(output, y), [output], [y])
            except (TypeError, ValueError) as error:
                raise of_row(name, row, error) from error
        return means.means()


class CompiledSteps(Steps):
    """The same, compiled: model and loss are traced once, and run on whole batches.

    Args:
        compiled: True, or the name of a backend.
    """

    def __init__(
        self, model: Module, loss: Loss, pairs: Sequence[Pair], metrics: Metrics, compiled: bool | str
    ) -> None:
        super().__init__(model, loss, pairs, metrics)
        backend = compiled if isinstance(compiled, str) else "numpy"
        self._loss, self._output = model.compile(loss, backend), model.compile(backend=backend)
        self._typical_output = model.predict(pairs[0][0])
        self._check_targets("data", pairs)
        x, y = pairs[0]
        self._loss(x, y)  # traced for one pair, so that more of them are surely a batch
        self._output(x)
        self._x, self._y = _arrays("data", pairs)
        self._measured: Sequence[Pair] | None = None
        self._measured_arrays: tuple[Any, Any]

    def _check_targets(self, name: str, pairs: Sequence[Pair]) -> None:
        """Let the loss see every target as a plain number: what is traced has no numbers to check."""
        for row, (_, y) in enumerate(pairs):
            try:
                self.loss(self._typical_output, y)
            except (TypeError, ValueError) as error:
                raise of_row(name, row, error) from error

    def loss_and_backward(self, rows: Sequence[int]) -> tuple[float, list[Any]]:
        x, y = self._x[rows], self._y[rows]
        outputs = self._output(x).tolist() if self.metrics else []  # before the parameters are updated
        return self._loss.backward(x, y), outputs

    def measure(self, name: str, pairs: Sequence[Pair]) -> dict[str, float]:
        if pairs is not self._measured:  # once, not after every epoch
            self._check_targets(name, pairs)
            self._measured, self._measured_arrays = pairs, _arrays(name, pairs)
        x, y = self._measured_arrays
        means = Means(self.metrics)
        outputs = self._output(x).tolist() if self.metrics else []
        means.add(float(self._loss(x, y).mean()), outputs, [target for _, target in pairs])
        return means.means()


def _arrays(name: str, pairs: Sequence[Pair]) -> tuple[Any, Any]:
    """Inputs and targets, each as one array with a row for each pair."""
    import numpy as np

    try:
        return np.array([x for x, _ in pairs], dtype=float), np.array([y for _, y in pairs], dtype=float)
    except ValueError:
        raise ValueError(
            f"{name}: the inputs, or the targets, differ in length: a compiled step needs rows of one length; "
            "pad them, or leave out compiled"
        ) from None


class Means:
    """Means over pairs of the loss and the metrics, while they come in."""

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics
        self.pairs = 0
        self.totals = dict.fromkeys(("loss", *metrics), 0.0)

    def add(self, cost: float, outputs: list[Any], targets: list[Any]) -> None:
        """Count a batch of which `cost` is the mean loss."""
        self.pairs += len(targets)
        self.totals["loss"] += cost * len(targets)
        for name, metric in self.metrics.items():
            self.totals[name] += math.fsum(metric(output, target) for output, target in zip(outputs, targets))

    def means(self) -> dict[str, float]:
        """The means so far, by name."""
        return {name: total / self.pairs for name, total in self.totals.items()}


def of_row(data: str, row: int, error: Exception) -> Exception:
    """The error again, saying which row it is about."""
    return (TypeError if isinstance(error, TypeError) else ValueError)(f"{data}: row {row}: {error}")
