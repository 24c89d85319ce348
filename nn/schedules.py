"""Learning rates that change while training. Names, defaults and arithmetic are those of `torch.optim.lr_scheduler`.

A schedule sets its optimizer's learning rate when it is made, for epoch 0, and at each `step`, for the next. Each works
on the rate it finds, so that two on one optimizer combine: a linear warm-up times a cosine.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from nn import storage
from nn.arguments import at_least_0, count
from nn.history import History
from nn.optim import Group, Optimizer


class Schedule:
    """A rule for the learning rate by epoch.

    Attributes:
        optimizer: whose `lr` it sets, and that of each of its groups that has one of its own.
        last_epoch: how many steps it has made.
        base_lr: the learning rate it started from; while `rate` is asked for a group's rate, that group's.
    """

    settings: ClassVar[tuple[str, ...]] = ()

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(self).__name__} takes an optimizer, got {optimizer!r}")
        self.optimizer = optimizer
        self.base_lr: float = optimizer.lr if optimizer.initial_lr is None else optimizer.initial_lr
        optimizer.initial_lr = self.base_lr
        for group in self.own_groups():
            group.setdefault("initial_lr", group["lr"])
        self._group_base_lrs: list[float] = [group["initial_lr"] for group in self.own_groups()]
        self.last_epoch = 0
        self._set_rates()

    def rate(self, epoch: int, lr: float) -> float:
        """The learning rate for `epoch`, given the one before it (for epoch 0: the optimizer's own)."""
        raise NotImplementedError(f"{type(self).__name__} has no rule: define rate(self, epoch, lr)")

    def step(self) -> None:
        """Set the learning rate for the next epoch: call it after the optimizer's steps of this one."""
        self.last_epoch += 1
        self._set_rates()

    def end_epoch(self, history: History) -> None:  # noqa: ARG002  of `ReduceLROnPlateau`
        """What `fit` calls after an epoch: `step`."""
        self.step()

    def own_groups(self) -> list[Group]:
        """The optimizer's groups that have a learning rate of their own."""
        return [group for group in self.optimizer.param_groups if "lr" in group]

    def _set_rates(self) -> None:
        self.optimizer.lr = self.rate(self.last_epoch, self.optimizer.lr)
        base_lr = self.base_lr
        try:
            for group, group_base_lr in zip(self.own_groups(), self._group_base_lrs):
                self.base_lr = group_base_lr
                group["lr"] = self.rate(self.last_epoch, group["lr"])
        finally:
            self.base_lr = base_lr

    def get_last_lr(self) -> float:
        """The learning rate now."""
        return self.optimizer.lr

    def state_dict(self) -> dict[str, Any]:
        """What `load_state_dict` needs to go on; the learning rate itself is in the optimizer's."""
        state = {"schedule": type(self).__name__, "last_epoch": self.last_epoch, "base_lr": self.base_lr}
        return {**state, "group_base_lrs": [*self._group_base_lrs]} if self._group_base_lrs else state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave; an error changes nothing.

        Raises:
            ValueError: if it is the state of another schedule; for a last_epoch that is not a whole number of at least
                0, or a base_lr that the optimizer would refuse as its lr.
            TypeError: for something that is not a number where one belongs.
        """
        vars(self).update(self._checked_state(state))

    def _checked_state(self, state: Any) -> dict[str, Any]:
        """The attributes that `load_state_dict` sets, by name. Raises what it does."""
        if not isinstance(state, Mapping):
            raise TypeError(f"{type(self).__name__}: expected what state_dict() gave, got {state!r}")
        if state.get("schedule") != type(self).__name__:
            raise ValueError(f"this is the state of {state.get('schedule')!r}, not of {type(self).__name__!r}")
        bases = [state.get("base_lr"), *self._group_bases_in(state)]
        check = self.optimizer.settings["lr"]
        base_lr, *group_base_lrs = [check("base_lr", storage.json_number(base, "base_lr")) for base in bases]
        return {
            "last_epoch": storage.json_whole(state.get("last_epoch"), "last_epoch"),
            "base_lr": base_lr,
            "_group_base_lrs": group_base_lrs,
        }

    def _group_bases_in(self, state: Mapping[str, Any]) -> list[Any]:
        bases, expected = state.get("group_base_lrs", []), len(self._group_base_lrs)
        if not isinstance(bases, list) or len(bases) != expected:
            raise ValueError(f"group_base_lrs: expected a list of {expected} numbers, got {storage.kind(bases)}")
        return bases

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.settings)
        return f"{type(self).__name__}({settings}; epoch {self.last_epoch}, lr={self.optimizer.lr:.6g})"


class StepLR(Schedule):
    """lr times gamma after every `step_size` epochs: base_lr * gamma^floor(epoch / step_size)."""

    settings = ("step_size", "gamma")

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.step_size, self.gamma = count("step_size", step_size), at_least_0("gamma", gamma)
        super().__init__(optimizer)

    def rate(self, epoch: int, lr: float) -> float:
        return lr * self.gamma if epoch and epoch % self.step_size == 0 else lr


class CosineAnnealingLR(Schedule):
    """From base_lr at epoch 0 to eta_min at epoch T_max along half a cosine, and up again after it.

    eta_min + (base_lr - eta_min) * (1 + cos(pi * epoch / T_max)) / 2. Loshchilov, Hutter 2017, arXiv:1608.03983.
    """

    settings = ("T_max", "eta_min")

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        self.T_max, self.eta_min = count("T_max", T_max), at_least_0("eta_min", eta_min)
        super().__init__(optimizer)

    def rate(self, epoch: int, lr: float) -> float:
        if epoch == 0:
            return lr
        if (epoch - 1 - self.T_max) % (2 * self.T_max) == 0:  # from the bottom, where the ratio below is 0/0
            return lr + (self.base_lr - self.eta_min) * (1.0 - math.cos(math.pi / self.T_max)) / 2.0
        now, before = (1.0 + math.cos(math.pi * t / self.T_max) for t in (epoch, epoch - 1))
        return now / before * (lr - self.eta_min) + self.eta_min


class LinearLR(Schedule):
    """A warm-up: from base_lr * start_factor to base_lr * end_factor in `total_iters` equal steps, constant after."""

    settings = ("start_factor", "end_factor", "total_iters")

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5
    ) -> None:
        start_factor, end_factor = at_least_0("start_factor", start_factor), at_least_0("end_factor", end_factor)
        if not 0.0 < start_factor <= 1.0 or not end_factor <= 1.0:
            raise ValueError(f"start_factor is in (0, 1] and end_factor in [0, 1], got {start_factor} and {end_factor}")
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = count("total_iters", total_iters)
        super().__init__(optimizer)

    def rate(self, epoch: int, lr: float) -> float:
        if epoch == 0:
            return lr * self.start_factor
        if epoch > self.total_iters:
            return lr
        rise = self.end_factor - self.start_factor
        return lr * (1.0 + rise / (self.total_iters * self.start_factor + (epoch - 1) * rise))
