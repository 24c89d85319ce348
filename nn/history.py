"""What `fit` returns: how the training went."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from nn import storage

if TYPE_CHECKING:
    from nn.plane import Plane

_NOT_SAVED = ("interrupted", "_validates", "plane", "frames")


class Frame(NamedTuple):
    """What a model of two inputs said all over the plane after an epoch, as `nn.plane.Plane.scores`."""

    epoch: int
    scores: list[list[float]]


class History:
    """Loss and metrics by epoch; index -1 is the last.

    Attributes:
        losses: the mean loss over the training pairs, each as it was when its batch came, before the update.
        metrics: for each metric by name, the same means.
        validation_losses: the mean loss over the validation pairs at the end of the epoch; empty without validation.
        validation_metrics: for each metric by name, those means.
        learning_rates: the optimizer's learning rate in the epoch.
        interrupted: whether Ctrl-C ended the training early.
        plane: where the points of two inputs are; None but for a training that was watched.
        frames: the boundary in that plane after some of the epochs.
    """

    def __init__(self, metrics: list[str] | None = None, validates: bool = False) -> None:
        self._validates = validates
        self.losses: list[float] = []
        self.metrics: dict[str, list[float]] = {name: [] for name in metrics or []}
        self.validation_losses: list[float] = []
        self.validation_metrics: dict[str, list[float]] = {name: [] for name in metrics or []}
        self.learning_rates: list[float] = []
        self.interrupted = False
        self.plane: Plane | None = None
        self.frames: list[Frame] = []

    def __len__(self) -> int:
        """How many epochs were completed."""
        return len(self.losses)

    @property
    def validates(self) -> bool:
        """Whether there is a validation, of which it keeps series too."""
        return self._validates or bool(self.validation_losses)

    def columns(self) -> dict[str, list[float]]:
        """Every series by name: loss, the metrics, validation_loss, ..."""
        columns = {"loss": self.losses, **self.metrics}
        if self.validates:
            columns["validation_loss"] = self.validation_losses
            columns |= {f"validation_{name}": series for name, series in self.validation_metrics.items()}
        return columns

    def last(self) -> str:
        """The last epoch in one line: ``loss 0.0123, accuracy 0.98``."""
        return ", ".join(f"{name} {series[-1]:.4g}" for name, series in self.columns().items() if series)

    def state_dict(self) -> dict[str, Any]:
        """The series, as JSON can hold them."""
        return {name: value for name, value in vars(self).items() if name not in _NOT_SAVED}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave; an error changes nothing.

        Raises:
            ValueError: if it is not of the same metrics, or the series are not lists with a number for each epoch
                (those of the validation may be empty).
            TypeError: for something that is not a number where one belongs.
        """
        vars(self).update(self._checked_state(state))

    def _checked_state(self, state: Any) -> dict[str, Any]:
        """The attributes that `load_state_dict` sets, by name. Raises what it does."""
        if not isinstance(state, Mapping):
            raise TypeError(f"History: expected what state_dict() gave, got {state!r}")
        series = {name: _series(name, state.get(name)) for name in ("losses", "validation_losses", "learning_rates")}
        by_metric = {name: self._metrics(name, state.get(name)) for name in ("metrics", "validation_metrics")}
        epochs = len(series["losses"])
        training = {"learning_rates": series["learning_rates"], **by_metric["metrics"]}
        validation = {"validation_losses": series["validation_losses"]}
        validation |= {f"validation_{name}": numbers for name, numbers in by_metric["validation_metrics"].items()}
        for expected, those in ((epochs, training), (epochs if series["validation_losses"] else 0, validation)):
            for name, numbers in those.items():
                if len(numbers) != expected:
                    raise ValueError(f"{name}: expected {expected} numbers beside {epochs} losses, got {len(numbers)}")
        return {**series, **by_metric}

    def _metrics(self, name: str, state: Any) -> dict[str, list[float]]:
        if not isinstance(state, dict) or {*state} != {*self.metrics}:
            raise ValueError(f"{name}: expected series of {[*self.metrics]}, got {storage.kind(state)}")
        return {metric: _series(metric, state[metric]) for metric in self.metrics}

    def drop_unfinished(self) -> None:
        """Drop what was already written of an epoch that did not end: its loss is written last."""
        for series in (
            self.validation_losses,
            self.learning_rates,
            *self.metrics.values(),
            *self.validation_metrics.values(),
        ):
            del series[len(self.losses) :]

    def plot(self) -> Any:
        """A `matplotlib.figure.Figure` of the losses and metrics by epoch; `savefig` writes it, a notebook shows it.

        Raises:
            ValueError: for a history without epochs.
            ModuleNotFoundError: without matplotlib.
        """
        from nn.plots import history_figure

        return history_figure(self)

    def animate(self, path: str | os.PathLike[str], seconds: float = 6.0) -> str:
        """Write the training as an animation, and return its path.

        After ``fit(..., watch=True)`` with two inputs it is the boundary beside the loss, else the loss as it falls.

        Args:
            path: a .gif, a .webp or a .png.
            seconds: how long it takes to play.

        Raises:
            ValueError: for another format, a history without epochs, or a time that is not above 0.
            ModuleNotFoundError: without matplotlib.
        """
        from nn.plots import animate

        return animate(self, path, seconds)

    def __repr__(self) -> str:
        if not self.losses:
            return "History(no epochs)"
        series = [f"{name} {values[0]:.4g} -> {values[-1]:.4g}" for name, values in self.columns().items()]
        epochs = f"{len(self)} epoch{'s'[: len(self) != 1]}{', interrupted' if self.interrupted else ''}"
        return f"History({epochs}: {', '.join(series)})"

    def _repr_html_(self) -> str:
        from nn.display import history_html

        return history_html(self)


def _series(name: str, numbers: Any) -> list[float]:
    if not isinstance(numbers, list):
        raise ValueError(f"{name}: expected a list of numbers, got {storage.kind(numbers)}")
    return [storage.json_number(number, name) for number in numbers]
