"""Checking what a function requires of its numbers, on every call of the compiled one; see `engine.requirements`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from engine.lifting.backends import NumPy
from engine.lifting.namespaces import Namespace, numpy_namespace
from engine.lifting.program import Program
from engine.lifting.scalar_graph import Requirement, ScalarGraph

FEW = 16  # numbers that are looked at sooner one at a time than as an array


class Check:
    """Checks what a graph requires of its numbers.

    Requirements of an argument's numbers look at the argument. Those of computed numbers have a program of their own,
    run with NumPy before the program itself.

    Attributes:
        given: of an argument's numbers: (argument, place) of each, and what is required of it.
        computed: of computed numbers.
        program: computes those; None without any.
    """

    def __init__(self, graph: ScalarGraph, program_of: Callable[[ScalarGraph, Namespace], Program]) -> None:
        place_of = {
            id(value): (k, place) for k, values in enumerate(graph.inputs) for place, value in enumerate(values)
        }
        self.given = [(place_of[id(each.node)], each) for each in graph.requirements if id(each.node) in place_of]
        self.computed = [each for each in graph.requirements if id(each.node) not in place_of]
        self.program: Program | None = None
        alike: dict[tuple[int, Callable[[Any], Any]], list[int]] = {}  # the places in an argument required alike
        for (argument, place), requirement in self.given:
            alike.setdefault((argument, requirement.allowed), []).append(place)
        self._places = {key: _as_index(each, len(graph.inputs[key[0]])) for key, each in alike.items()}
        self._shared = graph.shared
        self._backend = NumPy()
        if self.computed:
            nodes = [each.node for each in self.computed]
            self.program = program_of(replace(graph, outputs=nodes, requirements=()), numpy_namespace())

    def __call__(self, batch: list[Any], batched: bool) -> None:
        """Raise the error of the first number that is not allowed, among the arguments of a sample or of a batch."""
        if not all(_are_allowed(allowed, batch[k][:, where]) for (k, allowed), where in self._places.items()):
            for (argument, place), requirement in self.given:  # one at a time, to name the first that is refused
                _check(requirement, batch[argument][:, place], batched and argument not in self._shared)
        if self.program is not None:
            for requirement, numbers in zip(self.computed, self._backend.values(self.program, batch).T):
                _check(requirement, numbers, batched)


def _as_index(places: list[int], size: int) -> Any:
    """Places among so many, as an index of an axis: all of them as a slice, which takes no copy."""
    return slice(None) if places == [*range(size)] else places


def _are_allowed(allowed: Callable[[Any], Any], numbers: Any) -> bool:
    if numbers.size <= FEW:
        return all(map(allowed, numbers.reshape(-1).tolist()))
    with np.errstate(all="ignore"):
        return bool(np.asarray(allowed(numbers)).all())


def _check(requirement: Requirement, numbers: Any, batched: bool) -> None:
    """Raise the error of the first number that is not allowed."""
    if _are_allowed(requirement.allowed, numbers):
        return
    with np.errstate(all="ignore"):
        row = int(np.argmin(requirement.allowed(numbers)))
    error = requirement.refusal(float(numbers[row]))
    raise type(error)(f"row {row}: {error}") if batched else error
