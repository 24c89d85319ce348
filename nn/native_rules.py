"""The optimizers' update rules as native code, while `fit` trains with that: a step in a microsecond.

A rule is written once, in `nn.update_rules`, and read here with terms. It gives what it gives for floats, to the last
bit, and for all parameters at once: theta and what the rule keeps are updated where they lie.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from engine.lifting.native.array_rule import ArrayRule, NeverEqual
from engine.lifting.native.machine import CannotCompile
from engine.lifting.parameters import StoredParameters
from nn.optim import Optimizer
from nn.update_rules import SGD, Adam, AdamW, RMSprop

# One's own rule, or one put into the place of these, may do more than arithmetic
RULES: dict[type[Any], Any] = {kind: kind.update for kind in (SGD, Adam, AdamW, RMSprop)}
MOST = 200_000  # parameters: for more, other threads of Python should run meanwhile

Settings = tuple[tuple[str, Any], ...]  # but the learning rate, by name


@contextlib.contextmanager
def native_steps(optimizer: Optimizer) -> Iterator[None]:
    """An optimizer whose steps are native code for a while, if it is one of ours and its parameters are in a store."""
    if type(optimizer) in RULES:
        optimizer.array_step = NativeSteps(optimizer)
    try:
        yield
    finally:
        optimizer.array_step = None


class NativeSteps:
    """Takes the steps of an optimizer; called, it says whether it has taken one."""

    def __init__(self, optimizer: Optimizer) -> None:
        self._optimizer = optimizer
        self._view: StoredParameters | None = None
        self._places = list[slice]()  # of each group in it
        self._steps, self._buffers = list[int](), list[Any]()  # the optimizer's own, as long as they are these
        self._step = 0
        self._pointers = list[Any]()  # of each group: where its part of each array is
        self._settings = list[Any]()  # of each group: the step, the learning rate, and the last step that was done
        self._addresses = list[tuple[int, int]]()  # of both

    def __deepcopy__(self, _: object) -> None:
        """Nothing: a copy of the optimizer is not the one that is trained with."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()

    def __call__(self, arrays: Any) -> bool:
        if not isinstance(arrays, StoredParameters) or arrays.size > MOST:
            return False
        reached = arrays.store.reached[arrays.places] if arrays.parts is None else arrays.parts[2]
        if np.count_nonzero(reached) < arrays.size:
            return False  # a parameter that no backward pass has reached stays as it is
        optimizer = self._optimizer
        if getattr(optimizer.update, "__func__", None) is not RULES[type(optimizer)]:
            return False
        rules = optimizer._rules()
        places = [part for _, part in rules]
        if places[-1].stop != arrays.size:
            return False  # somebody has changed the groups
        is_kept = arrays is self._view and places == self._places
        if not (is_kept and optimizer._steps is self._steps and optimizer._buffers is self._buffers):
            if len({*optimizer._steps}) > 1:
                return False
            self._begin(arrays, places)
        calls = []
        for k, (rule, part) in enumerate(rules):
            settings = tuple([(name, getattr(rule, name)) for name in rule.settings if name != "lr"])
            kind: Any = type(rule)
            try:
                update = array_rules(kind, settings, arrays.parts is None)[self._step > 0]
            except CannotCompile:
                return False
            own = self._settings[k]
            own[:2] = self._step + 1, rule.lr
            calls.append((update, own, self._addresses[k], part.stop - part.start))
        self._step += 1
        self._steps = [self._step] * arrays.size
        try:
            self._take(calls)
        except BaseException:  # interrupted, by Ctrl-C: the whole step is taken
            self._take(calls)
            raise
        return True

    def _take(self, calls: list[tuple[ArrayRule, Any, tuple[int, int], int]]) -> None:
        """Update each group that has not been yet."""
        for update, settings, addresses, count in calls:
            if settings[2] != self._step:
                update(*addresses, count)
        self._optimizer._steps = self._steps

    def _begin(self, view: StoredParameters, places: list[slice]) -> None:
        """Find where everything is: with other arrays than at the last step, or at the first."""
        optimizer = self._optimizer
        optimizer._buffers = [np.array(buffer, dtype=float) for buffer in optimizer._buffers]
        self._view, self._places = view, places
        self._steps, self._buffers = optimizer._steps, optimizer._buffers
        self._step = self._steps[0]
        if view.parts is None:  # where an index says
            shared, own = [view.store.data, view.store.grad], [*self._buffers, view.places]
        else:
            shared, own = [], [*view.parts[:2], *self._buffers]
        where = [np.array([array.ctypes.data for array in part], dtype=np.uintp) for part in (shared, own)]
        self._pointers = [np.concatenate([where[0], where[1] + np.uintp(8 * part.start)]) for part in places]
        self._settings = [np.array([0.0, 0.0, -1.0]) for _ in places]
        self._addresses = [(own.ctypes.data, of.ctypes.data) for own, of in zip(self._settings, self._pointers)]


@functools.lru_cache(16)
def array_rules(kind: type[Any], settings: Settings, indexed: bool = False) -> tuple[ArrayRule, ArrayRule]:
    """The rule for the first step and for later ones, of (theta, gradient, what the rule keeps...), in place.

    With `indexed` theta and the gradient are in other arrays, at places that an index says.
    """
    step: NeverEqual | None = None

    def reading(is_first: bool) -> Callable[[list[Any], list[Any]], list[Any]]:
        def rule(given: list[Any], numbers: list[Any]) -> list[Any]:
            nonlocal step
            optimizer = object.__new__(kind)
            vars(optimizer).update({**dict(settings), "lr": given[1]})
            step = NeverEqual(given[0].numbers)
            theta, g, *kept = numbers
            theta, *kept = optimizer.update(theta, g, 1 if is_first else step, *kept)
            return [theta, g, *kept]

        return rule

    form = 2, 2 + kind.buffers, 2 if indexed else 0
    later = ArrayRule(reading(False), *form)
    differs = step is not None and step.compared
    return (ArrayRule(reading(True), *form) if differs else later), later
