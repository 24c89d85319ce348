"""Checking what a function requires of its numbers, on every call of the compiled one; see `engine.requirements`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from engine.lifting.backends import NumPy
from engine.lifting.namespaces import Namespace, numpy_namespace
from engine.lifting.program import Program
from engine.lifting.scalar_graph import Requirement, ScalarGraph

FEW = 16  # numbers that are looked at sooner one at a time than as an array

Check = Callable[[list[Any], bool], None]  # (arguments, whether they are a batch)


def check_of(graph: ScalarGraph, program_of: Callable[[ScalarGraph, Namespace], Program]) -> Check:
    """The check of a graph's requirements.

    Those of an argument's numbers look at the argument. Those of computed numbers have a program of their own, run with
    NumPy before the program itself.
    """
    place_of = {id(value): (k, place) for k, values in enumerate(graph.inputs) for place, value in enumerate(values)}
    given = [(place_of[id(each.node)], each) for each in graph.requirements if id(each.node) in place_of]
    alike: dict[tuple[int, Callable[[Any], Any]], list[int]] = {}  # the places in an argument of what is required alike
    for (argument, place), requirement in given:
        alike.setdefault((argument, requirement.allowed), []).append(place)
    places = {key: _as_index(each, len(graph.inputs[key[0]])) for key, each in alike.items()}
    computed = [each for each in graph.requirements if id(each.node) not in place_of]
    values: Callable[[list[Any]], Any] | None = None
    if computed:
        nodes = [each.node for each in computed]
        program = program_of(replace(graph, outputs=nodes, requirements=()), numpy_namespace())
        values = partial(NumPy().values, program)
    shared = graph.shared  # a program's check does not keep its graph

    def check(batch: list[Any], batched: bool) -> None:
        if not all(_are_allowed(allowed, batch[k][:, where]) for (k, allowed), where in places.items()):
            for (argument, place), requirement in given:  # one at a time, to name the first that is refused
                _check(requirement, batch[argument][:, place], batched and argument not in shared)
        if values is not None:
            for requirement, numbers in zip(computed, values(batch).T):
                _check(requirement, numbers, batched)

    return check


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
