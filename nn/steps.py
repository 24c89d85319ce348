"""The two ways to take a training step: node by node, or as a compiled array program."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine import Value, mean, no_grad
from nn.data import Pair
from nn.module import Module, plain

if TYPE_CHECKING:
    from engine.lifting.parameters import Store

Loss = Callable[[Any, Any], Any]  # (output, target) -> a number
Metrics = Mapping[str, Callable[[Any, Any], float]]


class Steps:
    """Losses of a model and their gradients, on the scalar engine.

    Args:
        model: computes the output from x.
        loss: (output, target) -> the cost of a pair.
        data: pairs by the name they have in errors; those to learn from are "data".
        metrics: what else to measure, on plain numbers.
    """

    def __init__(self, model: Module, loss: Loss, data: Mapping[str, Sequence[Pair]], metrics: Metrics) -> None:
        self.model = model
        self.loss = loss
        self.data = data
        self.metrics = metrics

    def prepare(self) -> None:
        """Let the loss see every target, so that it refuses one before anything is learned. Builds no graph.

        Raises:
            ValueError, TypeError: for a target that it refuses, with its row.
        """
        with no_grad():
            for name, pairs in self.data.items():
                for row, (x, y) in enumerate(pairs):
                    try:
                        self.loss(self._output_for(x), y)
                    except (TypeError, ValueError) as error:
                        raise of_row(name, row, error) from error

    def close(self) -> None:
        """Training is over."""

    def _output_for(self, x: Any) -> Any:
        """What the loss sees beside the target of x: the output itself, as another may be of another length."""
        return self.model(x)

    def loss_and_backward(self, rows: Sequence[int]) -> tuple[float, list[Any]]:
        """The mean loss of a batch, whose gradient is added to the parameters, and the outputs as plain numbers."""
        costs, outputs = [], []
        row = 0
        try:
            for row in rows:
                x, y = self.data["data"][row]
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

    def measure(self, name: str) -> dict[str, float]:
        """The mean loss and metrics over the pairs of that name, by name. Builds no graph."""
        means = Means(self.metrics)
        for row, (x, y) in enumerate(self.data[name]):
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
        self,
        model: Module,
        loss: Loss,
        data: Mapping[str, Sequence[Pair]],
        metrics: Metrics,
        compiled: bool | str,
    ) -> None:
        super().__init__(model, loss, data, metrics)
        backend = compiled if isinstance(compiled, str) else "numpy"
        self._loss, self._output = model.compile(loss, backend), model.compile(backend=backend)
        self._stacked: dict[str, tuple[Any, Any]] = {}
        self._store: Store | None = None  # what the parameters are in while they are trained

    def prepare(self) -> None:
        super().prepare()  # before the loss is traced: then a target is no number that it could check
        x, y = self.data["data"][0]
        self._loss(x, y)  # traced for one pair, so that more of them are surely a batch
        self._output(x)
        self._stacked = {name: _arrays(name, pairs) for name, pairs in self.data.items()}
        from engine.lifting.parameters import Store

        self._store = Store([*self._loss.parameters, *self.model.parameters()])

    def close(self) -> None:
        if self._store is not None:
            self._store.close()

    def _output_for(self, _: Any) -> Any:
        return self._typical_output

    @cached_property
    def _typical_output(self) -> Any:
        return self.model(self.data["data"][0][0])  # all are of one length: the first does for all

    def loss_and_backward(self, rows: Sequence[int]) -> tuple[float, list[Any]]:
        x, y = (side[rows] for side in self._stacked["data"])
        outputs = self._output(x).tolist() if self.metrics else []  # before the parameters are updated
        return self._loss.backward(x, y), outputs

    def measure(self, name: str) -> dict[str, float]:
        x, y = self._stacked[name]
        means = Means(self.metrics)
        outputs = self._output(x).tolist() if self.metrics else []
        means.add(float(self._loss(x, y).mean()), outputs, [target for _, target in self.data[name]])
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
