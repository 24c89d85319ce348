"""One epoch of training after another."""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from engine import recording
from nn.arguments import above_0, count, flag
from nn.callbacks import Callback
from nn.checkpoint import Run
from nn.clipping import clip_step
from nn.data import Data, batches, pairs_from
from nn.fit_arguments import checked_inputs
from nn.initialization import Generator
from nn.metrics import Means, total_of
from nn.mode import mask_generator, set_to
from nn.module import Module
from nn.objective import Objective
from nn.optim import Optimizer
from nn.parameters import modules_of


class StepSettings(NamedTuple):
    """How the steps of an epoch are taken; see `fit`."""

    batch_size: int | None
    shuffle: bool
    clip_norm: float | None

    @classmethod
    def checked(cls, batch_size: Any, shuffle: Any, clip_norm: Any) -> StepSettings:
        """The settings as they are kept. TypeError or ValueError for one out of range."""
        return cls(
            None if batch_size is None else count("batch_size", batch_size),
            flag("shuffle", shuffle),
            None if clip_norm is None else above_0("clip_norm", clip_norm),
        )


class Epochs:
    """A training run, epoch by epoch: its steps, what is measured, and the book-keeping.

    Args:
        run: what goes on from epoch to epoch.
        objective: the loss and its gradient.
        settings: how the steps are taken.
        callbacks: what is called after every epoch.
        checkpoint: the file that the run is saved to, or None.
        source: what gives the pairs of every epoch; None if they stay the same.
    """

    def __init__(
        self,
        run: Run,
        objective: Objective,
        settings: StepSettings,
        callbacks: Sequence[Callback],
        checkpoint: str | os.PathLike[str] | None,
        source: Callable[[], Data] | None,
    ) -> None:
        self.run, self.objective, self.settings = run, objective, settings
        self.callbacks, self.checkpoint, self.source = callbacks, checkpoint, source

    def start(self) -> None:
        """Check every target, and go on from the checkpoint if there is one. Raises what `fit` does."""
        self.objective.prepare()
        if self.checkpoint is None:
            return
        if os.path.exists(self.checkpoint):
            self.run.load(self.checkpoint)
        else:
            self.run.save(self.checkpoint)  # so that one that cannot be written is told before anything is learned

    def epoch(self) -> bool:
        """Take the steps of an epoch and keep the books; return whether the training goes on."""
        run, history = self.run, self.run.history
        if self.source is not None and len(history):
            pairs = pairs_from(self.source, len(history) + 1)
            self.objective.renew(checked_inputs(run.model, "data", pairs))
        means = self._steps()
        run.end_epoch(means, self.objective.measure("validation") if history.validates else None)
        if self.checkpoint is not None:
            run.save_if_possible(self.checkpoint)
        answers = [callback(history) for callback in self.callbacks]  # all are called, whatever the first one says
        return not any(answer is True for answer in answers)

    def _steps(self) -> Means:
        """A step for each batch; the means of the loss and of the metrics over all of them."""
        objective, optimizer, (batch_size, shuffle, clip_norm) = self.objective, self.run.optimizer, self.settings
        pairs, means = objective.data["data"], Means(objective.metrics)
        for rows in batches(len(pairs), batch_size, self.run.generator if shuffle and batch_size else None):
            optimizer.zero_grad()
            cost, outputs = objective.loss_and_backward(rows)
            if clip_norm is not None:
                clip_step(optimizer, clip_norm)
            optimizer.step()
            weight = None if objective.weights is None else total_of([objective.weights[row] for row in rows])
            targets = [pairs[row][1] for row in rows] if means.metrics else rows  # only metrics look at them
            means.add(cost, outputs, targets, weight)
        return means


@contextlib.contextmanager
def in_training(model: Module, generator: Generator) -> Iterator[None]:
    """A model in evaluation in training for a while; one in training as it is, with parts that may be in evaluation.

    Masks are drawn from the generator. Graphs are recorded, even inside `no_grad`.
    """
    before = [(module, module.training) for module in modules_of(model)]
    if not model.training:
        model.train()
    recorded = recording.enable_grad() if recording.current.get() is not None else contextlib.nullcontext()
    try:
        with recorded, set_to(mask_generator, generator):
            yield
    finally:
        for module, training in before:
            if module.training != training:
                module.training = training


def array_steps(optimizer: Optimizer, compiled: bool | str) -> contextlib.AbstractContextManager[None]:
    """A block in which the optimizer's steps are native code, if the loss is that may be."""
    if compiled not in ("native", "auto") or not importlib.util.find_spec("llvmlite"):
        return contextlib.nullcontext()
    from nn.native_rules import native_steps

    return native_steps(optimizer)
