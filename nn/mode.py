"""Training and evaluation: what a module that works differently in the two asks, and who answers.

`Module.train` and `Module.eval` set the mode of a model. `predict`, `evaluate`, and `fit` while it measures, evaluate
whatever the mode is: they say so in a context variable, so that another thread, which may be training the same model,
does not notice.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nn.dropout import Dropout
    from nn.initialization import Generator

is_evaluating: ContextVar[bool] = ContextVar("is_evaluating", default=False)

# Where a Dropout gets the factor of a unit from; None: it draws one.
mask_source: ContextVar[Callable[[Dropout], Any] | None] = ContextVar("mask_source", default=None)

# What it draws with; None: its own generator.
mask_generator: ContextVar[Generator | None] = ContextVar("mask_generator", default=None)


@contextlib.contextmanager
def set_to(variable: ContextVar[Any], setting: Any) -> Iterator[None]:
    """`variable` at this setting inside the block."""
    token = variable.set(setting)
    try:
        yield
    finally:
        variable.reset(token)


def generator_for(own: Generator | None) -> Generator:
    """What a mask is drawn with: the training run's generator, the layer's own, or Python's global one."""
    return mask_generator.get() or own or random
