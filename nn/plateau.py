"""A learning rate that falls when a loss does not any more."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

from nn import storage
from nn.arguments import at_least_0, count
from nn.history import History
from nn.optim import Optimizer
from nn.schedules import Schedule


class ReduceLROnPlateau(Schedule):
    """lr times `factor` after more than `patience` epochs in which what is watched did not get better.

    `torch.optim.lr_scheduler.ReduceLROnPlateau`. In `fit` it watches the validation loss, or without a validation the
    loss; elsewhere call ``step(loss)`` after every epoch.

    Args:
        optimizer: whose learning rate it sets.
        mode: "min" if less is better, "max" if more is.
        factor: in [0, 1).
        patience: how many epochs without improvement are let pass.
        threshold: by how much a number must be better to count.
        threshold_mode: "rel": by that share of the best so far; "abs": by that much.
        cooldown: how many epochs to wait after a reduction.
        min_lr: where it ends.
        eps: a reduction by no more than this is not made.

    Attributes:
        best: the best number so far.
        num_bad_epochs: how many epochs have passed without improvement.

    Raises:
        ValueError, TypeError: for a setting out of range.

    >>> from engine import Value
    >>> from nn import SGD, ReduceLROnPlateau
    >>> optimizer = SGD([Value(1.0)], lr=1.0)
    >>> schedule = ReduceLROnPlateau(optimizer, patience=1)
    >>> for loss in (3.0, 2.0, 2.0, 2.0):
    ...     schedule.step(loss)
    >>> optimizer.lr
    0.1
    """

    settings = ("mode", "factor", "patience", "threshold", "threshold_mode", "cooldown", "min_lr", "eps")

    def __init__(
        self,
        optimizer: Optimizer,
        mode: Literal["min", "max"] = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: float = 0.0,
        eps: float = 1e-8,
    ) -> None:
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ValueError(
                f'mode is "min" or "max" and threshold_mode "rel" or "abs", got {mode!r} and {threshold_mode!r}'
            )
        self.mode, self.threshold_mode = mode, threshold_mode
        self.factor = at_least_0("factor", factor)
        if self.factor >= 1.0:
            raise ValueError(f"factor must be below 1, or the learning rate does not fall, got {factor}")
        self.patience, self.cooldown = count("patience", patience, 0), count("cooldown", cooldown, 0)
        self.threshold, self.min_lr = at_least_0("threshold", threshold), at_least_0("min_lr", min_lr)
        self.eps = at_least_0("eps", eps)
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = 0
        super().__init__(optimizer)

    def rate(self, epoch: int, lr: float) -> float:  # noqa: ARG002
        return lr  # it falls in `step` alone

    def step(self, metric: float | None = None) -> None:
        """Look at the epoch's number, and reduce the learning rate if it is time.

        Raises:
            TypeError: without a number.
        """
        metric = storage.json_number(metric, "ReduceLROnPlateau.step(metric), the number it watches")
        self.last_epoch += 1
        if self._better(metric):
            self.best, self.num_bad_epochs = metric, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self.optimizer.lr = self._reduced(self.optimizer.lr)
            for group in self.own_groups():
                group["lr"] = self._reduced(group["lr"])
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0

    def end_epoch(self, history: History) -> None:
        self.step((history.validation_losses or history.losses)[-1])

    def _better(self, metric: float) -> bool:
        sign = 1.0 if self.mode == "max" else -1.0
        margin = self.threshold if self.threshold_mode == "abs" else self.threshold * self.best
        best = self.best + sign * margin if math.isfinite(self.best) else self.best
        return metric > best if self.mode == "max" else metric < best

    def _reduced(self, lr: float) -> float:
        reduced = max(lr * self.factor, self.min_lr)
        return reduced if lr - reduced > self.eps else lr

    def state_dict(self) -> dict[str, Any]:
        kept = {"best": self.best, "num_bad_epochs": self.num_bad_epochs, "cooldown_counter": self.cooldown_counter}
        return {**super().state_dict(), **kept}

    def _checked_state(self, state: Any) -> dict[str, Any]:
        checked = super()._checked_state(state)
        assert isinstance(state, Mapping)
        counters = {name: storage.json_whole(state.get(name), name) for name in ("num_bad_epochs", "cooldown_counter")}
        return {**checked, **counters, "best": storage.json_number(state.get("best"), "best")}
