"""Dropout: in training each number is left out at random, so that no unit can rely on another."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from engine import recording
from nn.arguments import real
from nn.initialization import Seed, generator_of
from nn.mode import generator_for, mask_source
from nn.module import Module
from nn.rows import is_row, plain_row


class Dropout(Module):
    """y_k = m_k x_k: in training m_k is 0 with the probability p, else 1 / (1 - p); in evaluation y = x.

    The factor 1 / (1 - p) keeps the mean of y_k at x_k. Every call draws a new mask. Srivastava et al. 2014, JMLR 15;
    `torch.nn.Dropout`. `fit` draws with its own generator, so a seed there decides the masks too; compiled training
    draws the same ones, and passes them to the compiled function as arguments. ``model.compile`` follows `train` and
    `eval`; `engine.compile` of a function that calls a model keeps the mode in which it was traced.

    Args:
        p: the probability of leaving a number out, in [0, 1].
        seed: for masks that are the same every time; None draws from Python's global `random`.

    Raises:
        ValueError: for a p outside [0, 1].

    >>> from nn import Dropout
    >>> dropout = Dropout(0.5, seed=2)
    >>> dropout([1.0, 2.0, 3.0, 4.0])
    [2.0, 4.0, 0.0, 0.0]
    >>> dropout.eval()([1.0, 2.0, 3.0, 4.0])
    [1.0, 2.0, 3.0, 4.0]
    """

    def __init__(self, p: float = 0.5, *, seed: Seed = None) -> None:
        self.p = real("p", p)
        if not 0.0 <= self.p <= 1.0:
            raise ValueError(f"p, the probability of leaving a number out, is in [0, 1], got {p}")
        generator = generator_of(seed)
        self._generator = generator if isinstance(generator, random.Random) else None

    def __call__(self, x: Any) -> Any:
        """y for numbers x: a list of them, in lists to any depth, or a single one.

        Raises:
            TraceError: a TypeError, in training, in a function that is compiled by itself: its mask would never change.
        """
        x = plain_row(x)
        if not self.training or self.p == 0.0:
            return x
        source = mask_source.get()
        if source is None and _is_traced():
            from engine.lifting.traced import TraceError

            raise TraceError(
                "Dropout in a compiled function would draw its mask once, when the function is traced, and use it for "
                "ever: compile the model that it is part of, as model.compile(loss) or fit(..., compiled=True), which "
                "draw a new mask for each row; or call eval() on it first"
            )
        return self._masked(x, Dropout.draw_factor if source is None else source)

    def _masked(self, x: Any, factor: Callable[[Dropout], Any]) -> Any:
        return [self._masked(x_k, factor) for x_k in x] if is_row(x) else x * factor(self)

    def draw_factor(self) -> float:
        """The factor of one number: 0.0 with the probability p, else 1 / (1 - p)."""
        return 0.0 if generator_for(self._generator).random() < self.p else 1.0 / (1.0 - self.p)

    def __repr__(self) -> str:
        return f"Dropout(p={self.p:g})"


def _is_traced() -> bool:
    now = recording.current.get()
    return now is not None and now.tracer is not None
