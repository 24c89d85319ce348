"""The arguments of `fit`: what is wrong with them, before anything is learned, and the shape it works with."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from typing import Any

from engine.primitives import is_real
from nn.arguments import at_least_0, function
from nn.callbacks import Callback, EarlyStopping
from nn.data import Data, Pair, fingerprint, is_source, pairs_of, split
from nn.history import History
from nn.initialization import Generator, Seed
from nn.losses import Loss
from nn.metrics import name_of
from nn.module import Module, as_built
from nn.objective import of_row
from nn.optim import Optimizer
from nn.parameters import named_modules_of
from nn.rows import is_row, plain_row
from nn.schedules import Schedule


def check_arguments(model: Module, loss: Loss, optimizer: Optimizer, compiled: bool | str, dtype: str) -> None:
    """TypeError for what is none of these, ValueError for an optimizer of another model."""
    check_module("fit", model)
    function("loss", loss, "(output, target) -> cost, such as nn.squared_error")
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer is one of nn's, such as Adam(model.parameters()), got {optimizer!r}")
    if not isinstance(compiled, (bool, str)):
        names = '"numpy", "jax", "native" or "auto"'
        raise TypeError(f"compiled is True, False or the name of a backend, {names}, got {compiled!r}")
    if not compiled and dtype != "float64":
        raise ValueError(f"dtype={dtype!r} is for compiled training: set compiled=True as well")
    if {*map(id, optimizer.parameters)}.isdisjoint(map(id, model.parameters())):
        raise ValueError(
            "the optimizer has none of this model's parameters: "
            f"make it with {type(optimizer).__name__}(model.parameters(), ...)"
        )


def check_module(name: str, model: Any) -> None:
    """TypeError if the model, which `name` takes, is none."""
    if not isinstance(model, Module):
        raise TypeError(
            f"{name} takes a Module, such as MLP(2, [16, 1]), got {model!r}: derive your own from nn.Module"
        )


def check_checkpoint(checkpoint: str | os.PathLike[str] | None, seed: Seed, data: Any) -> None:
    """ValueError for a checkpoint of a training that could not be the same when it goes on."""
    if checkpoint is None:
        return
    if seed is None:
        raise ValueError("a checkpoint needs a seed, so that the same data is drawn when training goes on")
    if is_source(data):
        raise ValueError("a checkpoint needs data that are the same when training goes on: give pairs, not a function")


def callbacks_of(on_epoch: Any) -> list[Callback]:
    """The callbacks, one or several, as a list. TypeError for one that is no function."""
    if on_epoch is None:
        return []
    callbacks = [*on_epoch] if isinstance(on_epoch, (list, tuple)) else [on_epoch]
    return [function("on_epoch", callback, "that gets the history") for callback in callbacks]


def schedules_of(schedule: Any, optimizer: Optimizer) -> list[Schedule]:
    """The schedules, one or several, as a list. TypeError or ValueError for one that is none of this optimizer."""
    schedules: list[Any] = [*schedule] if isinstance(schedule, (list, tuple)) else [schedule]
    for each in schedules:
        if not isinstance(each, Schedule):
            raise TypeError(f"schedule is one of nn's, such as StepLR(optimizer, 10), or a list of them, got {each!r}")
        if each.optimizer is not optimizer:
            raise ValueError(f"{each!r} is a schedule of another optimizer than the one given")
    return schedules


def prepared(
    model: Module, data: Any, validation: float | Data | None, sample_weight: Any, generator: Generator
) -> tuple[dict[str, list[Pair]], list[float] | None]:
    """The pairs to learn from, "data", and those to measure on, if any, "validation"; and the weights of the former."""
    named = {"data": checked_inputs(model, "data", pairs_of(data() if is_source(data) else data))}
    weights = _weights(sample_weight, len(named["data"]), data)
    if is_real(validation):
        if is_source(data):
            raise ValueError("validation is a fraction of the data, which are new in each epoch: give it pairs")
        rows, held_out = split([*range(len(named["data"]))], validation, generator)
        named = {"data": [named["data"][k] for k in rows], "validation": [named["data"][k] for k in held_out]}
        weights = None if weights is None else [weights[k] for k in rows]
    elif validation is not None:
        named["validation"] = checked_inputs(model, "validation", pairs_of(validation, "validation"))
    return named, weights


def checked_inputs(model: Module, name: str, pairs: list[Pair]) -> list[Pair]:
    """The pairs, every input of which the model takes."""
    for row, (x, y) in enumerate(pairs):
        try:
            model.check_input(x)
        except (TypeError, ValueError) as error:
            if is_row(x) and is_row(y) and len(x) == len(y) and all(map(is_row, x)):
                raise ValueError(
                    f"{name}: row {row} looks like a batch of {len(x)} pairs: give the pairs one by one, as a "
                    "DataLoader does with batch_size=None; fit makes the batches"
                ) from error
            raise of_row(name, row, error) from error
    return pairs


def _weights(sample_weight: Any, n: int, data: Any) -> list[float] | None:
    if sample_weight is None:
        return None
    if is_source(data):
        raise ValueError(
            "sample_weight goes with pairs, not with a function: put the weight into the target, for your loss"
        )
    weights = [at_least_0(f"sample_weight {k}", w) for k, w in enumerate(plain_row(sample_weight))]
    if len(weights) != n:
        raise ValueError(f"sample_weight has a number for each pair: expected {n}, got {len(weights)}")
    if not any(weights):
        raise ValueError("sample_weight: all are 0, so that there is nothing to learn from")
    return weights


def check_monitors(callbacks: Sequence[Callback], history: History) -> None:
    """ValueError for an `EarlyStopping` that watches a series which this history will not have."""
    for callback in callbacks:
        if isinstance(callback, EarlyStopping):
            callback.check(history.columns())


def loss_shown(loss: Loss) -> str:
    """What a loss is called, with the arguments that a partial function has."""
    if not isinstance(loss, functools.partial):
        return name_of(loss)
    arguments = [*map(repr, loss.args), *(f"{name}={setting!r}" for name, setting in loss.keywords.items())]
    return as_built(f"{name_of(loss)}({', '.join(arguments)})")


def modules_shown(model: Module) -> dict[str, str]:
    """How a model and every module within it were built, and which of them stay in evaluation, by name."""
    return {
        f"module {name}" if name else "model": as_built(repr(module))
        + (" in evaluation" if model.training and not module.training else "")
        for name, module in named_modules_of(model)
    }


def fingerprints(pairs: dict[str, list[Pair]], weights: list[float] | None) -> dict[str, str | None]:
    """What tells whether a checkpoint is of the same data."""
    return {
        "data": fingerprint(pairs["data"]),
        "validation": fingerprint(pairs["validation"]) if "validation" in pairs else None,
        "sample_weight": None if weights is None else fingerprint([(weight, None) for weight in weights]),
    }
