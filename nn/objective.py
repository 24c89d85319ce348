"""The objective of training, the mean loss over pairs: its number and its gradient, eager or compiled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine import Value, dot, mean, no_grad
from engine.primitives import as_float
from engine.recording import enable_grad
from nn.data import Pair
from nn.kept_programs import programs_of
from nn.losses import Loss
from nn.metrics import Means, Metrics, for_output, measured, total_of
from nn.mode import generator_for, is_evaluating, mask_generator, set_to
from nn.module import Module, plain

if TYPE_CHECKING:
    from engine.lifting.parameters import Store


class Objective:
    """The mean loss of a model, and its gradient, on the scalar engine.

    Args:
        model: computes the output from x.
        loss: (output, target) -> the cost of a pair.
        data: pairs by the name they have in errors; those to learn from are "data".
        metrics: what else to measure, on plain numbers.
        weights: how much each pair of "data" counts; None for 1 each.
    """

    def __init__(
        self,
        model: Module,
        loss: Loss,
        data: Mapping[str, Sequence[Pair]],
        metrics: Metrics,
        weights: Sequence[float] | None = None,
    ) -> None:
        self.model = model
        self.loss = loss
        self.data = dict(data)
        self.metrics = metrics
        self.weights = weights

    def prepare(self) -> None:
        """Let the loss and the metrics see every target, so that one is refused before anything is learned.

        Raises:
            ValueError, TypeError: for a target that the loss refuses, with its row; what a metric raises that does not
                take the first pair.
        """
        with set_to(is_evaluating, True), no_grad():
            for name, pairs in self.data.items():
                for row, (x, y) in enumerate(pairs):
                    if self._has_seen(y):
                        continue
                    try:
                        as_float(plain(self.loss(self._output_for(x), y)))
                    except (TypeError, ValueError) as error:
                        raise of_row(name, row, error) from error
        self.see_first_output("data")

    def see_first_output(self, name: str) -> None:
        """Choose the metrics for what the model computes, and try them on a pair. Raises what they raise."""
        if not self.metrics:
            return
        x, y = self.data[name][0]
        with set_to(is_evaluating, True), enable_grad():
            output = self.model(x)
        self.metrics = for_output(self.metrics, output)
        for key, metric in self.metrics.items():
            measured(key, metric, plain(output), y)

    def close(self) -> None:
        """Training is over."""

    def _has_seen(self, y: Any) -> bool:  # noqa: ARG002
        """Whether the loss has seen this target, beside the same output."""
        return False

    def _output_for(self, x: Any) -> Any:
        """What the loss sees beside the target of x: the output itself, as another may be of another length."""
        return self.model(x)

    def renew(self, pairs: Sequence[Pair]) -> None:
        """Learn from these pairs from now on."""
        self.data["data"] = pairs

    def batch_weights(self, rows: Sequence[int]) -> list[float] | None:
        """The weights of a batch's pairs, brought to a mean of 1; None where all pairs count alike."""
        if self.weights is None:
            return None
        weights = [self.weights[row] for row in rows]
        everything = total_of(weights)
        return [weight * len(rows) / everything for weight in weights] if everything else weights

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
        weights = self.batch_weights(rows)
        total = mean(costs) if weights is None else dot(weights, costs) / len(costs)
        if not isinstance(total, Value):
            raise TypeError(f"the loss is {total!r}, not a Value: it must be computed from the model's output")
        total.backward()
        return total.data, outputs

    def measure(self, name: str) -> dict[str, float]:
        """The mean loss and metrics over the pairs of that name, by name, in evaluation. Builds no graph."""
        means = Means(self.metrics)
        with no_grad(), set_to(is_evaluating, True):
            for row, (x, y) in enumerate(self.data[name]):
                try:
                    output = self.model(x)
                    cost = as_float(plain(self.loss(output, y)))
                except (TypeError, ValueError) as error:
                    raise of_row(name, row, error) from error
                means.add(cost, [plain(output)], [y])
        return means.means()


class CompiledObjective(Objective):
    """The same, compiled: model and loss are traced once, and run on whole batches.

    Args:
        backend: the name of a backend.
        dtype: "float64" or "float32", what it computes in.
    """

    def __init__(
        self,
        model: Module,
        loss: Loss,
        data: Mapping[str, Sequence[Pair]],
        metrics: Metrics,
        weights: Sequence[float] | None = None,
        *,
        backend: str,
        dtype: str,
    ) -> None:
        super().__init__(model, loss, data, metrics, weights)
        self._loss, self._output, self._weighted_loss = programs_of(model, loss, backend, dtype)
        self._stacked: dict[str, tuple[Any, Any]] = {}
        self._seen: set[str] = set()  # targets
        self._store: Store | None = None  # what the parameters are in while they are trained

    def prepare(self) -> None:
        super().prepare()  # before the loss is traced: then a target is no number that it could check
        x, y = self.data["data"][0]
        with set_to(is_evaluating, True):
            self._loss.prepare(x, y)  # traced for one pair, so that more of them are surely a batch
            if self.metrics:
                self._output.prepare(x)
            if self.weights is not None:
                self._weighted_loss.prepare(x, y, 1.0)
        self._stacked = {name: _arrays(name, pairs) for name, pairs in self.data.items()}
        self._all_rows = [*range(len(self.data["data"]))]
        from numpy import array

        from engine.lifting.parameters import Store

        self._as_index = array

        self._store = Store([*self._loss.parameters, *self.model.parameters()])

    def close(self) -> None:
        if self._store is not None:
            self._store.close()

    def _has_seen(self, y: Any) -> bool:
        if type(y) not in (float, int):
            return False
        shown, before = repr(y), len(self._seen)
        self._seen.add(shown)
        return len(self._seen) == before

    def _output_for(self, _: Any) -> Any:
        return self._typical_output

    @cached_property
    def _typical_output(self) -> Any:
        return self.model(self.data["data"][0][0])  # all are of one length: the first does for all

    def renew(self, pairs: Sequence[Pair]) -> None:
        super().renew(pairs)
        self._stacked["data"] = _arrays("data", pairs)
        self._all_rows = [*range(len(pairs))]

    def loss_and_backward(self, rows: Sequence[int]) -> tuple[float, list[Any]]:
        x, y = self._stacked["data"]
        if rows != self._all_rows:
            index = self._as_index(rows)
            x, y = x[index], y[index]
        outputs = self._outputs_in_training(x) if self.metrics else []  # before the parameters are updated
        weights = self.batch_weights(rows)
        if weights is None:
            return self._loss.backward(x, y), outputs
        return self._weighted_loss.backward(x, y, weights), outputs

    def _outputs_in_training(self, x: Any) -> list[Any]:
        """The outputs with the masks that the loss is going to draw."""
        generator = generator_for(None)
        state = generator.getstate() if mask_generator.get() else None
        outputs: list[Any] = self._output(x).tolist()
        if state is not None:
            generator.setstate(state)
        return outputs

    def measure(self, name: str) -> dict[str, float]:
        x, y = self._stacked[name]
        means = Means(self.metrics)
        with set_to(is_evaluating, True):
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


def of_row(data: str, row: int, error: Exception) -> Exception:
    """The error again, saying which row it is about."""
    return (TypeError if isinstance(error, TypeError) else ValueError)(f"{data}: row {row}: {error}")
