"""What `fit` may be given to call after every epoch: a function of the history, or one of these."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Literal

from nn.arguments import at_least_0, count
from nn.history import History

Callback = Callable[[History], object]  # called after every epoch; training ends early if it returns True


class EarlyStopping:
    """Ends the training when a number has not got better for `patience` epochs.

    It decides by the history alone, so a training that goes on from a checkpoint ends where it would have ended.

    Args:
        monitor: the name of the series, as in `History.columns`: "validation_loss", "loss", "validation_accuracy".
        patience: how many epochs without improvement are let pass.
        min_delta: by how much a number must be better to count.
        mode: "min" if less is better, "max" if more is.

    Raises:
        TypeError, ValueError: for a setting out of range.
        ValueError: if the history has no series of that name, before `fit` starts: says which it has.

    >>> from nn import History
    >>> stop, history = EarlyStopping("loss", patience=2), History()
    >>> history.losses += [3.0, 1.0, 1.5]
    >>> stop(history)
    False
    >>> history.losses += [1.0]
    >>> stop(history)
    True
    """

    def __init__(
        self,
        monitor: str = "validation_loss",
        patience: int = 10,
        min_delta: float = 0.0,
        mode: Literal["min", "max"] = "min",
    ) -> None:
        self.monitor, self.mode = monitor, mode
        self.patience, self.min_delta = count("patience", patience), at_least_0("min_delta", min_delta)
        if not isinstance(monitor, str):
            raise TypeError(f'monitor is the name of a series, such as "validation_loss", got {monitor!r}')
        if mode not in ("min", "max"):
            raise ValueError(f'mode is "min" or "max", got {mode!r}')

    def check(self, series: Collection[str]) -> None:
        """ValueError if what it watches is not among the names of the series of a history."""
        if self.monitor not in series:
            raise ValueError(f"there is no {self.monitor!r} in this history: there are {', '.join(series)}")

    def __call__(self, history: History) -> bool:
        columns = history.columns()
        self.check(columns)
        sign = 1.0 if self.mode == "max" else -1.0
        best, best_epoch = -float("inf"), 0
        for epoch, number in enumerate(columns[self.monitor]):
            if sign * number > best + self.min_delta:
                best, best_epoch = sign * number, epoch
        return len(history) - 1 - best_epoch >= self.patience

    def __repr__(self) -> str:
        return f"EarlyStopping({self.monitor!r}, patience={self.patience})"
