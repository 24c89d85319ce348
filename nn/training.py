"""Training: the pairs are fixed, the weights vary, and the network ends with the loss.

One step: zero the gradients, compute the mean loss of a batch and its gradient (`backward`), let the optimizer update
the weights. An epoch is a pass over all pairs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from nn.arguments import count, flag, function
from nn.callbacks import Callback
from nn.checkpoint import Run, seed_shown
from nn.data import Data, is_source, pairs_of
from nn.epochs import Epochs, StepSettings, array_steps, in_training
from nn.fit_arguments import (
    callbacks_of,
    check_arguments,
    check_checkpoint,
    check_module,
    check_monitors,
    fingerprints,
    loss_shown,
    modules_shown,
    prepared,
    schedules_of,
)
from nn.history import History
from nn.initialization import Seed, generator_of
from nn.losses import Loss
from nn.metrics import Metric, Metrics, named_metrics
from nn.module import Module
from nn.objective import CompiledObjective, Objective
from nn.optim import Optimizer
from nn.progress import progress_bar
from nn.schedules import Schedule
from nn.watching import TrainingWatch


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
    watch: bool = False,
    on_epoch: Callback | Sequence[Callback] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    compiled: bool | str = False,
    dtype: str = "float64",
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
        watch: True to see losses, metrics and, of two inputs, the boundary while it runs: drawn again and again in a
            notebook or a terminal, at the cost of a fifth of the time at most. Also keeps what `History.animate` shows.
        on_epoch: a function, or several, called with the history after every epoch; training ends early if one returns
            True, as `EarlyStopping` does.
        checkpoint: a file that the whole state is saved to after every epoch. If it is there at the start, training
            goes on from it, to the same weights bit for bit as if it had never stopped: with the same data, seed, batch
            size, loss and settings of the optimizer, or it is refused. More epochs, other metrics' code, `compiled` and
            `dtype` are free. Needs a seed.
        compiled: True to run model and loss as a compiled array program, which learns the same thousands of times
            faster; or a backend's name, "numpy", "jax", "native" or "auto". Needs inputs of one length. See
            `engine.compile`.
        dtype: with `compiled`, "float32" to compute outputs and gradients in that. Parameters and the optimizer's state
            stay float64.

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
    check_arguments(model, loss, optimizer, compiled, dtype)
    check_checkpoint(checkpoint, seed, data)
    named, callbacks, schedules = named_metrics(metrics), callbacks_of(on_epoch), schedules_of(schedule, optimizer)
    epochs, step = count("epochs", epochs), StepSettings.checked(batch_size, shuffle, clip_norm)
    generator = generator_of(seed)
    started_with = {**modules_shown(model), "loss": loss_shown(loss), **step._asdict()}
    if checkpoint is not None:
        started_with["seed"] = seed_shown(seed)  # as it is before anything is drawn
    pairs, weights = prepared(model, data, validation, sample_weight, generator)
    if checkpoint is not None:
        started_with |= fingerprints(pairs, weights)
    history = History([*named], "validation" in pairs)
    check_monitors(callbacks, history)

    if compiled:
        backend = compiled if isinstance(compiled, str) else "numpy"
        objective: Objective = CompiledObjective(model, loss, pairs, named, weights, backend=backend, dtype=dtype)
    else:
        objective = Objective(model, loss, pairs, named, weights)
    run = Run(model, optimizer, schedules, generator, history, started_with)
    training = Epochs(run, objective, step, callbacks, checkpoint, data if is_source(data) else None)
    watching = TrainingWatch(model, pairs["data"], epochs) if flag("watch", watch) else None
    if watching is not None:
        callbacks.append(watching)
        progress = bool(progress)  # a bar in the same place only if it is asked for
    bar = progress_bar(epochs, progress)
    try:
        training.start()
        bar.update(len(history))
        with in_training(model, generator), array_steps(optimizer, compiled):
            goes_on = True
            while goes_on and len(history) < epochs:
                goes_on = training.epoch()
                bar.show(history.last)
                bar.update()
    except KeyboardInterrupt:
        history.interrupted = True
        history.drop_unfinished()
    finally:
        objective.close()
        bar.close()
        if watching is not None:
            watching.close(history)
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
    check_module("evaluate", model)
    function("loss", loss, "(output, target) -> cost, such as nn.squared_error")
    objective = Objective(model, loss, {"data": pairs_of(data)}, named_metrics(metrics or ()))
    objective.see_first_output("data")
    return objective.measure("data")
