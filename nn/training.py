"""Training: the pairs are fixed, the weights vary, and the network ends with the loss.

One step: zero the gradients, compute the mean loss of a batch and its gradient (`backward`), let the optimizer update
the weights. An epoch is a pass over all pairs.
"""

from __future__ import annotations

import math
import os
import random
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nn import storage
from nn.arguments import above_0, count, finite, function
from nn.clipping import clip_grad_norm_
from nn.data import Data, Pair, batches, pairs_of, split
from nn.history import History
from nn.initialization import Generator, Seed, generator_of
from nn.module import Module, assign, numbers_in_file
from nn.optim import Optimizer
from nn.progress import progress_bar
from nn.schedules import Schedule
from nn.steps import CompiledSteps, Loss, Means, Metrics, Steps, of_row


def fit(
    model: Module,
    data: Data,
    *,
    loss: Loss,
    optimizer: Optimizer,
    epochs: int,
    batch_size: int | None = None,
    shuffle: bool = True,
    seed: Seed = None,
    validation: float | Data | None = None,
    metrics: Sequence[Callable[[Any, Any], float]] | Metrics = (),
    schedule: Schedule | Sequence[Schedule] = (),
    clip_norm: float | None = None,
    progress: bool | None = None,
    on_epoch: Callable[[History], object] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    compiled: bool | str = False,
) -> History:
    """Train `model` on `data` and return how it went.

    Args:
        model: any `Module`; it is trained in place.
        data: a list of pairs (x, y), or a tuple (X, Y) of two lists or arrays.
        loss: (model(x), y) -> the cost of one pair; see `nn.losses`, or a function of your own.
        optimizer: of the model's parameters.
        epochs: how often to go over the data.
        batch_size: pairs for one step; None for all of them.
        shuffle: whether mini-batches are drawn anew every epoch.
        seed: for the shuffling and the validation split; None draws from Python's global `random`.
        validation: pairs to measure on, not to learn from: a fraction of the data to hold out, or pairs like `data`.
        metrics: functions (output, target) -> number, on plain numbers, such as `accuracy`; or a dict of them by name.
        schedule: learning-rate schedules of the optimizer, stepped after every epoch.
        clip_norm: the largest norm the gradient of a step may have; see `clip_grad_norm_`.
        progress: whether to show a bar; None for one where somebody is looking (a terminal, tqdm installed, not CI).
        on_epoch: called with the history after every epoch; training ends early if it returns True.
        checkpoint: a file that the whole state is saved to after every epoch. If it is there at the start, training
            goes on from it, to the same weights bit for bit as if it had never stopped. Needs a seed.
        compiled: True to run model and loss as a compiled array program, which learns the same thousands of times
            faster; or a backend's name, "numpy" or "jax". Needs inputs of one length. See `engine.compile`.

    Returns:
        The `History`. After Ctrl-C too: the model is then as the last whole step left it.

    Raises:
        ValueError, TypeError: before anything is learned, for data that is empty, not finite or not of the model's
            shape, settings out of range, an optimizer of another model, and a checkpoint of another training. A target
            that the loss refuses is an error with its row: the loss sees each once before the first epoch (beside the
            output for its x, or with `compiled` for the first x).
        OSError: for a checkpoint that cannot be read or written.

    >>> from nn import MLP, SGD, fit, squared_error
    >>> model = MLP(1, [1])
    >>> line = [([x], 3 * x - 1) for x in (-1.0, 0.0, 1.0, 2.0)]
    >>> history = fit(model, line, loss=squared_error, optimizer=SGD(model.parameters(), lr=0.2), epochs=100)
    >>> [round(p.data, 6) for p in model.parameters()]
    [3.0, -1.0]
    """
    _check_module("fit", model)
    function("loss", loss, "(output, target) -> cost, such as nn.squared_error")
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer is one of nn's, such as Adam(model.parameters()), got {optimizer!r}")
    if not isinstance(compiled, (bool, str)):
        raise TypeError(f'compiled is True, False or the name of a backend, "numpy" or "jax", got {compiled!r}')
    if on_epoch is not None:
        function("on_epoch", on_epoch, "that gets the history")
    clip_norm = None if clip_norm is None else above_0("clip_norm", clip_norm)
    epochs = count("epochs", epochs)
    batch_size = None if batch_size is None else count("batch_size", batch_size)
    if not {*optimizer.parameters} & {*model.parameters()}:
        raise ValueError(
            "the optimizer has none of this model's parameters: "
            f"make it with {type(optimizer).__name__}(model.parameters(), ...)"
        )
    if checkpoint is not None and seed is None:
        raise ValueError("a checkpoint needs a seed, so that the same data is drawn when training goes on")
    generator = generator_of(seed)
    named_data = _prepared(model, data, validation, generator)
    training, validates = named_data["data"], "validation" in named_data
    metrics = _by_name(metrics)
    schedules: list[Any] = [*schedule] if isinstance(schedule, (list, tuple)) else [schedule]
    for each in schedules:
        if not isinstance(each, Schedule):
            raise TypeError(f"schedule is one of nn's, such as StepLR(optimizer, 10), or a list of them, got {each!r}")
        if each.optimizer is not optimizer:
            raise ValueError(f"{each!r} is a schedule of another optimizer than the one given")
    history = History([*metrics])
    run = Run(model, optimizer, schedules, generator, history, validates)
    steps = (
        CompiledSteps(model, loss, named_data, metrics, compiled)
        if compiled
        else Steps(model, loss, named_data, metrics)
    )
    bar = progress_bar(epochs, progress)
    try:
        steps.prepare()
        if checkpoint is not None and os.path.exists(checkpoint):
            run.load(checkpoint)
        bar.update(len(history))
        while len(history) < epochs:
            means = Means(metrics)
            for rows in batches(len(training), batch_size, generator if shuffle and batch_size else None):
                optimizer.zero_grad()
                cost, outputs = steps.loss_and_backward(rows)
                if clip_norm is not None:
                    clip_grad_norm_(optimizer.parameters, clip_norm)
                optimizer.step()
                means.add(cost, outputs, [training[row][1] for row in rows])
            run.end_epoch(means, steps.measure("validation") if validates else None)
            if checkpoint is not None:
                run.save(checkpoint)
            bar.set_postfix_str(history.last())
            bar.update()
            if on_epoch is not None and on_epoch(history) is True:
                break
    except KeyboardInterrupt:
        history.interrupted = True
        history.drop_unfinished()
    finally:
        steps.close()
        bar.close()
    return history


def _check_module(name: str, model: Any) -> None:
    if not isinstance(model, Module):
        raise TypeError(
            f"{name} takes a Module, such as MLP(2, [16, 1]), got {model!r}: derive your own from nn.Module"
        )


def _by_name(metrics: Any) -> Metrics:
    """Metrics, given as a dict or one after another, by name."""
    if callable(metrics):
        raise TypeError(
            f"metrics is a list of functions or a dict of them by name, got {metrics!r}: write [...] around it"
        )
    if not isinstance(metrics, (Mapping, list, tuple)):
        raise TypeError(f"metrics is a list of functions or a dict of them by name, got {metrics!r}")
    named = metrics if isinstance(metrics, Mapping) else {getattr(m, "__name__", str(m)): m for m in metrics}
    for name, metric in named.items():
        function(f"metric {name!r}", metric, "(output, target) -> number, such as nn.accuracy")
    return named


def _prepared(
    model: Module, data: Data, validation: float | Data | None, generator: Generator
) -> dict[str, list[Pair]]:
    """The pairs to learn from, "data", and those to measure on, if any, "validation": every input checked."""
    named = {"data": pairs_of(data)}
    if validation is not None and not isinstance(validation, (int, float)):
        named["validation"] = pairs_of(validation, "validation")
    for name, pairs in named.items():
        for row, (x, _) in enumerate(pairs):
            try:
                model.check_input(x)
            except (TypeError, ValueError) as error:
                raise of_row(name, row, error) from error
    if isinstance(validation, (int, float)):
        named["data"], named["validation"] = split(named["data"], validation, generator)
    return named


def evaluate(
    model: Module, data: Data, loss: Loss, metrics: Sequence[Callable[[Any, Any], float]] | Metrics | None = None
) -> dict[str, float]:
    """The mean loss of a model over pairs, and the mean of each metric, by name. Builds no graph.

    Takes and raises what `fit` does.

    >>> from nn import MLP, evaluate, squared_error
    >>> evaluate(MLP(1, [1], init=lambda nin, nout, generator: 2.0), [([1.0], 1.0), ([2.0], 1.0)], squared_error)
    {'loss': 5.0}
    """
    _check_module("evaluate", model)
    function("loss", loss, "(output, target) -> cost, such as nn.squared_error")
    return Steps(model, loss, {"data": pairs_of(data)}, _by_name(metrics or {})).measure("data")


class Run:
    """A training run between two epochs: all that decides how it goes on, and whether it has a validation."""

    def __init__(
        self,
        model: Module,
        optimizer: Optimizer,
        schedules: list[Schedule],
        generator: Generator,
        history: History,
        validates: bool,
    ) -> None:
        self.model, self.optimizer, self.schedules = model, optimizer, schedules
        self.generator, self.history, self.validates = generator, history, validates

    def end_epoch(self, training: Means, validation: dict[str, float] | None) -> None:
        """Put the epoch into the history and step the schedules. A RuntimeWarning for the first that has diverged."""
        means, history = training.means(), self.history
        if not math.isfinite(means["loss"]) and all(map(math.isfinite, history.losses)):
            warnings.warn(
                f"the loss is {means['loss']} in epoch {len(history) + 1}: a smaller learning rate or clip_norm may "
                "help; engine.detect_anomaly() shows where it comes from",
                RuntimeWarning,
                stacklevel=3,
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
            schedule.step()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything to a JSON file; see `nn.storage`."""
        storage.write(
            path,
            {
                "model": repr(self.model),
                "parameters": self.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "schedules": [schedule.state_dict() for schedule in self.schedules],
                "history": self.history.state_dict(),
                "generator": self.generator.getstate(),
            },
        )

    def load(self, path: str | os.PathLike[str]) -> None:
        """Take everything from a file that `save` wrote; an error changes nothing.

        Raises:
            ValueError: if the file is not one, or is of another training; says what was expected.
            OSError: if it cannot be read.
        """
        try:
            document = storage.read(
                path, model=str, parameters=dict, optimizer=dict, schedules=list, history=dict, generator=list
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
        except OSError:
            raise
        except Exception as error:  # whatever a malformed file may lead to
            raise ValueError(f"{path} is not a checkpoint of this training: {error}") from None
        assign(numbers)  # all of it is right: from here on nothing can fail
        for thing, new in attributes:
            vars(thing).update(new)
        self.generator.setstate(generator)

    def _checked_history(self, state: Any) -> dict[str, Any]:
        attributes = self.history._checked_state(state)
        if bool(attributes["validation_losses"]) != self.validates:
            its, ours = ("without", "with") if self.validates else ("with", "without")
            raise ValueError(f"it is of a training {its} validation, and this one is {ours}")
        return attributes


def _generator_state(state: Any) -> tuple[Any, ...]:
    """What `random.Random.setstate` takes, from how JSON holds what `getstate` gave; tried on a generator of its own.

    Raises:
        ValueError: if it is anything else.
    """
    generator = random.Random()
    try:
        version, numbers, gauss = state
        given = version, tuple(numbers), None if gauss is None else finite("gauss", storage.number(gauss, "gauss"))
        generator.setstate(given)
        known = generator.getstate() == given  # not so for the versions of long ago, and numbers of more than 32 bits
    except (OverflowError, TypeError, ValueError):
        known = False
    if not known:
        raise ValueError(f"generator: expected what random.Random.getstate() gives, got {storage.kind(state)}")
    return given
