"""A training run between two epochs, and the file that it goes on from."""

from __future__ import annotations

import hashlib
import math
import os
import random
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from nn import storage
from nn.arguments import finite
from nn.history import History
from nn.initialization import Generator, Seed
from nn.metrics import Means
from nn.module import Module, assign, numbers_in_file
from nn.optim import Optimizer
from nn.schedules import Schedule
from nn.warning import warn_user

Settings = dict[str, Any]  # what decides how a run goes, by what it is called in errors


class Run:
    """All that decides how a training goes on from one epoch to the next.

    Attributes:
        settings: what it was started with: data, batch size, seed and the like. A checkpoint of others is refused.
    """

    def __init__(
        self,
        model: Module,
        optimizer: Optimizer,
        schedules: Sequence[Schedule],
        generator: Generator,
        history: History,
        settings: Settings,
    ) -> None:
        self.model, self.optimizer, self.schedules = model, optimizer, [*schedules]
        self.generator, self.history = generator, history
        self.settings = {**settings, **self._of_optimizer()}
        self._told_of_saving = False

    def end_epoch(self, training: Means, validation: dict[str, float] | None) -> None:
        """Put the epoch into the history and step the schedules. A RuntimeWarning for the first that has diverged."""
        means, history = training.means(), self.history
        if not math.isfinite(means["loss"]) and all(map(math.isfinite, history.losses)):
            warn_user(
                f"the loss is {means['loss']} in epoch {len(history) + 1}: a smaller learning rate or clip_norm may "
                "help; engine.detect_anomaly() shows where it comes from"
            )
        if validation is not None:
            history.validation_losses.append(validation.pop("loss"))
            for name, value in validation.items():
                history.validation_metrics[name].append(value)
        for name, series in history.metrics.items():
            series.append(means[name])
        history.learning_rates.append(self.optimizer.lr)
        history.losses.append(means["loss"])
        for schedule in self.schedules:
            schedule.end_epoch(history)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything to a JSON file; see `nn.storage`."""
        storage.write_json(
            path,
            {
                "model": repr(self.model),
                "parameters": self.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "schedules": [schedule.state_dict() for schedule in self.schedules],
                "history": self.history.state_dict(),
                "generator": self.generator.getstate(),
                "settings": self.settings,
            },
        )

    def save_if_possible(self, path: str | os.PathLike[str]) -> None:
        """`save`, with a RuntimeWarning if it fails: the training is worth more than its file."""
        try:
            self.save(path)
        except OSError as error:
            if not self._told_of_saving:
                warn_user(f"the checkpoint cannot be written, and the training goes on without: {error}")
            self._told_of_saving = True

    def load(self, path: str | os.PathLike[str]) -> None:
        """Take everything from a file that `save` wrote; an error changes nothing.

        Raises:
            ValueError: if the file is not one, or is of another training, or of this one with other settings; says
                what differs.
            OSError: if it cannot be read.
        """
        try:
            document = storage.read_json(
                path,
                model=str,
                parameters=dict,
                optimizer=dict,
                schedules=list,
                history=dict,
                generator=list,
                settings=dict,
            )
            states = document["schedules"]
            if len(states) != len(self.schedules):
                raise ValueError(f"expected {len(self.schedules)} schedules, got {len(states)}")
            numbers = numbers_in_file(self.model, document)
            attributes = [
                (self.optimizer, self.optimizer._checked_state(document["optimizer"])),
                *((schedule, schedule._checked_state(state)) for schedule, state in zip(self.schedules, states)),
                (self.history, self._checked_history(document["history"])),
            ]
            generator = _generator_state(document["generator"])
            self._check_settings(document["settings"], document["optimizer"], path)
        except OSError:
            raise
        except Exception as error:  # whatever a malformed file may lead to
            raise ValueError(f"{path} is not a checkpoint of this training: {error}") from None
        assign(numbers)  # all of it is right: from here on nothing can fail
        for thing, new in attributes:
            vars(thing).update(new)
        self.generator.setstate(generator)
        self.settings["optimizer"] = document["settings"]["optimizer"]  # as at the very start

    def _of_optimizer(self) -> Settings:
        """The settings of the optimizer and of the schedules, as they are now."""
        return {
            "optimizer": _as_json(_settings_in(self.optimizer.state_dict())),
            "schedules": _as_json(
                [{name: getattr(schedule, name) for name in schedule.settings} for schedule in self.schedules]
            ),
        }

    def _check_settings(self, settings: Mapping[str, Any], optimizer: Any, path: str | os.PathLike[str]) -> None:
        """Compare the settings in a file with those of this run.

        The optimizer may be as it was at the start, or as it is in the file: the very one that went so far.
        """
        theirs = {name: settings.get(name) for name in self.settings}
        if self.settings["optimizer"] == _as_json(_settings_in(optimizer)):
            theirs["optimizer"] = self.settings["optimizer"]
        before, now = _one_by_one(theirs), _one_by_one(self.settings)
        for name, setting in now.items():
            if before.get(name) != setting:
                raise ValueError(
                    f"the {name} was {_shown(before.get(name))} and is {_shown(setting)} now: give what it was; or, to "
                    f"train on as it is now, take the weights, model.load({os.fspath(path)!r}), and start another "
                    "checkpoint"
                )

    def _checked_history(self, state: Any) -> dict[str, Any]:
        attributes = self.history._checked_state(state)
        validates = self.history.validates
        if attributes["losses"] and bool(attributes["validation_losses"]) != validates:
            its, ours = ("without", "with") if validates else ("with", "without")
            raise ValueError(f"it is of a training {its} validation, and this one is {ours}")
        return attributes


def seed_shown(seed: Seed) -> int | str:
    """A seed as it is; of a generator a short text that another state of it does not have."""
    if isinstance(seed, (random.Random, ModuleType)):
        return hashlib.sha256(repr(seed.getstate()).encode()).hexdigest()[:16]
    return int(seed)  # type: ignore[arg-type]


def _settings_in(state: Any) -> Settings:
    return {**state["settings"], "parameter groups": state["groups"]}


def _one_by_one(settings: Settings) -> Settings:
    """The settings with each of the optimizer's by itself."""
    optimizer = settings["optimizer"]
    if not isinstance(optimizer, dict):
        return settings
    return {**settings, "optimizer": None, **{f"optimizer's {name}": each for name, each in optimizer.items()}}


def _as_json(part: Any) -> Any:
    """`part` as it comes back from a file: nan and infinities as strings, tuples as lists."""
    if isinstance(part, dict):
        return {name: _as_json(each) for name, each in part.items()}
    if isinstance(part, (list, tuple)):
        return [_as_json(each) for each in part]
    return str(part) if isinstance(part, float) and not math.isfinite(part) else part


def _shown(setting: Any) -> str:
    return storage.kind(setting).rpartition(" of type ")[0]


def _generator_state(state: Any) -> tuple[Any, ...]:
    """What `random.Random.setstate` takes, from how JSON holds what `getstate` gave; tried on a generator of its own.

    Raises:
        ValueError: if it is anything else.
    """
    generator = random.Random()
    try:
        version, numbers, gauss = state
        given = version, tuple(numbers), None if gauss is None else finite("gauss", storage.json_number(gauss, "gauss"))
        generator.setstate(given)
        known = generator.getstate() == given  # not so for the versions of long ago, and numbers of more than 32 bits
    except (OverflowError, TypeError, ValueError):
        known = False
    if not known:
        raise ValueError(f"generator: expected what random.Random.getstate() gives, got {storage.kind(state)}")
    return given
