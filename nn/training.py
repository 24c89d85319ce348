"""Training: the pairs are fixed, the weights vary, and the network ends with the loss.

One step: zero the gradients, compute the mean loss of a batch and its gradient (`backward`), let the optimizer update
the weights. An epoch is a pass over all pairs.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine import recording
from engine.primitives import is_real
from nn.arguments import above_0, at_least_0, count, flag, function
from nn.callbacks import Callback, EarlyStopping
from nn.checkpoint import Run, Settings, seed_shown
from nn.clipping import clip_grad_norm_
from nn.data import Data, Pair, batches, fingerprint, is_source, pairs_from, pairs_of, split
from nn.history import History
from nn.initialization import Generator, Seed, generator_of
from nn.losses import Loss
from nn.metrics import Means, Metric, Metrics, name_of, named_metrics, total_of
from nn.mode import mask_generator, set_to
from nn.module import Module
from nn.objective import CompiledObjective, Objective, of_row
from nn.optim import Optimizer
from nn.parameters import modules_of
from nn.progress import progress_bar
from nn.rows import plain_row
from nn.schedules import Schedule


def fit(
    model: Module,
    data: Data | Callable[[], Data],
    *,
    loss: Loss,
    optimizer: Optimizer,
    epochs: int,
    batch_size: int | None = None,
    shuffle: bool = True,
    seed: Seed = None,
    sample_weight: Sequence[float] | None = None,
    validation: float | Data | None = None,
    metrics: Sequence[Metric] | Metrics = (),
    schedule: Schedule | Sequence[Schedule] = (),
    clip_norm: float | None = None,
    progress: bool | None = None,
    on_epoch: Callback | Sequence[Callback] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    compiled: bool | str = False,
) -> History:
    """Train `model` on `data` and return how it went.

    Args:
        model: any `Module`; it is trained in place.
        data: pairs (x, y), in a list or anything that gives them one after another, or a tuple (X, Y) of two lists,
            arrays, tensors or frames; they are gone through once and kept. Or a function without arguments that gives
            such data anew for each epoch: with other noise, another part of a stream.
        loss: (model(x), y) -> the cost of one pair; see `nn.losses`, or a function of your own.
        optimizer: of the model's parameters.
        epochs: how often to go over the data.
        batch_size: pairs for one step; None for all of them.
        shuffle: whether mini-batches are drawn anew every epoch.
        seed: for the shuffling, the validation split and the masks of `Dropout`; None draws from Python's global
            `random`.
        sample_weight: how much each pair counts, a number of at least 0 for each: the loss of a batch is
            sum_i w_i C_i / sum_i w_i, so a pair of weight 2 counts as two. Metrics and the validation are not weighted.
        validation: pairs to measure on, not to learn from: a fraction of the data to hold out, or pairs like `data`.
        metrics: functions (output, target) -> number, on plain numbers, such as `accuracy`; or a dict of them by name.
            Each is tried on one pair before anything is learned; if it fails later, it is nan from there on.
        schedule: learning-rate schedules of the optimizer, stepped after every epoch.
        clip_norm: the largest norm the gradient of a step may have; see `clip_grad_norm_`.
        progress: whether to show a bar; None for one where somebody is looking (a terminal, tqdm installed, not CI).
        on_epoch: a function, or several, called with the history after every epoch; training ends early if one returns
            True, as `EarlyStopping` does.
        checkpoint: a file that the whole state is saved to after every epoch. If it is there at the start, training
            goes on from it, to the same weights bit for bit as if it had never stopped: with the same data, seed, batch
            size, loss and settings of the optimizer, or it is refused. More epochs, other metrics' code, and `compiled`
            are free. Needs a seed.
        compiled: True to run model and loss as a compiled array program, which learns the same thousands of times
            faster; or a backend's name, "numpy" or "jax". Needs inputs of one length. See `engine.compile`.

    Returns:
        The `History`. After Ctrl-C too: the model is then as the last whole step left it. A model in evaluation is in
        training meanwhile.

    Raises:
        ValueError, TypeError: before anything is learned, for data that is empty, not finite or not of the model's
            shape, settings out of range, an optimizer of another model, and a checkpoint of another training. A target
            that the loss refuses is an error with its row: the loss sees each once before the first epoch (beside the
            output for its x, or with `compiled` for the first x).
        OSError: for a checkpoint that cannot be read or written at the start. (Later, training goes on without it, with
            a RuntimeWarning.)

    >>> from nn import MLP, SGD, fit, squared_error
    >>> model = MLP(1, [1])
    >>> line = [([x], 3 * x - 1) for x in (-1.0, 0.0, 1.0, 2.0)]
    >>> history = fit(model, line, loss=squared_error, optimizer=SGD(model.parameters(), lr=0.2), epochs=100)
    >>> [round(p.data, 6) for p in model.parameters()]
    [3.0, -1.0]
    """
    _check_arguments(model, loss, optimizer, compiled)
    clip_norm = None if clip_norm is None else above_0("clip_norm", clip_norm)
    epochs = count("epochs", epochs)
    batch_size = None if batch_size is None else count("batch_size", batch_size)
    callbacks = _callbacks(on_epoch)
    schedules = _schedules(schedule, optimizer)
    named = named_metrics(metrics)
    _check_checkpoint(checkpoint, seed, data)
    generator = generator_of(seed)
    settings: Settings = {
        "seed": seed_shown(seed) if checkpoint is not None else None,
        "batch size": batch_size,
        "shuffle": flag("shuffle", shuffle),
        "clip_norm": clip_norm,
        "loss": name_of(loss),
    }
    pairs, weights = _prepared(model, data, validation, sample_weight, generator)
    if checkpoint is not None:
        settings |= {name: fingerprint(pairs[name]) if name in pairs else None for name in ("data", "validation")}
        settings["sample_weight"] = None if weights is None else fingerprint([(w, None) for w in weights])
    history = History([*named])
    series = ["loss", *named]
    for callback in callbacks:
        if isinstance(callback, EarlyStopping):
            callback.check([*series, *(f"validation_{name}" for name in series if "validation" in pairs)])
    run = Run(model, optimizer, schedules, generator, history, settings)
    objective = Objective(model, loss, pairs, named, weights)
    if compiled:
        backend = compiled if isinstance(compiled, str) else "numpy"
        objective = CompiledObjective(model, loss, pairs, named, weights, backend=backend)
    bar = progress_bar(epochs, progress)
    try:
        objective.prepare()
        if checkpoint is not None:
            run.load(checkpoint) if os.path.exists(checkpoint) else run.save(checkpoint)
        bar.update(len(history))
        with _in_training(model), set_to(mask_generator, generator):
            while len(history) < epochs:
                if is_source(data) and len(history):
                    objective.renew(_checked(model, "data", pairs_from(data, len(history) + 1)))
                drawn = batches(len(objective.data["data"]), batch_size, generator if shuffle and batch_size else None)
                means = _epoch(objective, optimizer, drawn, clip_norm)
                run.end_epoch(means, objective.measure("validation") if "validation" in pairs else None)
                if checkpoint is not None:
                    run.save_if_possible(checkpoint)
                bar.set_postfix_str(history.last())
                bar.update()
                answers = [callback(history) for callback in callbacks]
                if any(answer is True for answer in answers):
                    break
    except KeyboardInterrupt:
        history.interrupted = True
        history.drop_unfinished()
    finally:
        bar.close()
    return history


def evaluate(
    model: Module, data: Data, loss: Loss, metrics: Sequence[Metric] | Metrics | None = None
) -> dict[str, float]:
    """The mean loss of a model over pairs, and the mean of each metric, by name. Builds no graph.

    Takes and raises what `fit` does. A model in training is in evaluation meanwhile.

    >>> from nn import MLP, evaluate, squared_error
    >>> evaluate(MLP(1, [1], init=lambda *_: 2.0), [([1.0], 1.0), ([2.0], 1.0)], squared_error)
    {'loss': 5.0}
    """
    _check_module("evaluate", model)
    function("loss", loss, "(output, target) -> cost, such as nn.squared_error")
    objective = Objective(model, loss, {"data": pairs_of(data)}, named_metrics(metrics or ()))
    objective.see_first_output("data")
    return objective.measure("data")


def _epoch(objective: Objective, optimizer: Optimizer, drawn: Iterator[list[int]], clip_norm: float | None) -> Means:
    """A step for each batch; the means of the loss and of the metrics over all of them."""
    means = Means(objective.metrics)
    for rows in drawn:
        optimizer.zero_grad()
        cost, outputs = objective.loss_and_backward(rows)
        if clip_norm is not None:
            clip_grad_norm_(optimizer.parameters, clip_norm)
        optimizer.step()
        weight = None if objective.weights is None else total_of([objective.weights[row] for row in rows])
        means.add(cost, outputs, [objective.data["data"][row][1] for row in rows], weight)
    return means


@contextlib.contextmanager
def _in_training(model: Module) -> Iterator[None]:
    """A model in evaluation in training for a while; one in training as it is, with parts that may be in evaluation.

    Graphs are recorded, even if `fit` is called inside `no_grad`.
    """
    before = [(module, module.training) for module in modules_of(model)]
    if not model.training:
        model.train()
    recorded = recording.enable_grad() if recording.current.get() is not None else contextlib.nullcontext()
    try:
        with recorded:
            yield
    finally:
        for module, training in before:
            if module.training != training:
                module.training = training


# Checks, and bringing the arguments into shape


def _check_arguments(model: Module, loss: Loss, optimizer: Optimizer, compiled: bool | str) -> None:
    _check_module("fit", model)
    function("loss", loss, "(output, target) -> cost, such as nn.squared_error")
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer is one of nn's, such as Adam(model.parameters()), got {optimizer!r}")
    if not isinstance(compiled, (bool, str)):
        raise TypeError(f'compiled is True, False or the name of a backend, "numpy" or "jax", got {compiled!r}')
    if {*map(id, optimizer.parameters)}.isdisjoint(map(id, model.parameters())):
        raise ValueError(
            "the optimizer has none of this model's parameters: "
            f"make it with {type(optimizer).__name__}(model.parameters(), ...)"
        )


def _check_module(name: str, model: Any) -> None:
    if not isinstance(model, Module):
        raise TypeError(
            f"{name} takes a Module, such as MLP(2, [16, 1]), got {model!r}: derive your own from nn.Module"
        )


def _check_checkpoint(checkpoint: str | os.PathLike[str] | None, seed: Seed, data: Any) -> None:
    if checkpoint is None:
        return
    if seed is None:
        raise ValueError("a checkpoint needs a seed, so that the same data is drawn when training goes on")
    if is_source(data):
        raise ValueError("a checkpoint needs data that are the same when training goes on: give pairs, not a function")


def _callbacks(on_epoch: Any) -> list[Callback]:
    if on_epoch is None:
        return []
    callbacks = [*on_epoch] if isinstance(on_epoch, (list, tuple)) else [on_epoch]
    return [function("on_epoch", callback, "that gets the history") for callback in callbacks]


def _schedules(schedule: Any, optimizer: Optimizer) -> list[Schedule]:
    schedules: list[Any] = [*schedule] if isinstance(schedule, (list, tuple)) else [schedule]
    for each in schedules:
        if not isinstance(each, Schedule):
            raise TypeError(f"schedule is one of nn's, such as StepLR(optimizer, 10), or a list of them, got {each!r}")
        if each.optimizer is not optimizer:
            raise ValueError(f"{each!r} is a schedule of another optimizer than the one given")
    return schedules


def _prepared(
    model: Module, data: Any, validation: float | Data | None, sample_weight: Any, generator: Generator
) -> tuple[dict[str, list[Pair]], list[float] | None]:
    """The pairs to learn from, "data", and those to measure on, if any, "validation"; and the weights of the former."""
    named = {"data": _checked(model, "data", pairs_of(data() if is_source(data) else data))}
    weights = _weights(sample_weight, len(named["data"]), data)
    if is_real(validation):
        if is_source(data):
            raise ValueError("validation is a fraction of the data, which are new in each epoch: give it pairs")
        rows, held_out = split([*range(len(named["data"]))], validation, generator)
        named = {"data": [named["data"][k] for k in rows], "validation": [named["data"][k] for k in held_out]}
        weights = None if weights is None else [weights[k] for k in rows]
    elif validation is not None:
        named["validation"] = _checked(model, "validation", pairs_of(validation, "validation"))
    return named, weights


def _checked(model: Module, name: str, pairs: list[Pair]) -> list[Pair]:
    """The pairs, every input of which the model takes."""
    for row, (x, _) in enumerate(pairs):
        try:
            model.check_input(x)
        except (TypeError, ValueError) as error:
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
