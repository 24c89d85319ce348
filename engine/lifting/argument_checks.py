"""Checking what a function requires of its numbers, on every call of the compiled one; see `engine.requirements`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from engine.lifting.backends import Namespace, NumPy, numpy_namespace
from engine.lifting.program import Program
from engine.lifting.scalar_graph import Requirement, ScalarGraph

Check = Callable[[list[Any], bool], None]  # (arguments, whether they are a batch)


def check_of(graph: ScalarGraph, program_of: Callable[[ScalarGraph, Namespace], Program]) -> Check:
    """The check of a graph's requirements.

    Those of an argument's numbers look at the argument. Those of computed numbers have a program of their own, run with
    NumPy before the program itself.
    """
    place_of = {id(value): (k, place) for k, values in enumerate(graph.inputs) for place, value in enumerate(values)}
    given: dict[Any, list[tuple[int, Requirement]]] = {}  # by argument and what is required, which is checked at once
    for each in graph.requirements:
        if id(each.node) in place_of:
            argument, place = place_of[id(each.node)]
            given.setdefault((argument, each.allowed), []).append((place, each))
    alike = [(argument, *map(list, zip(*some))) for (argument, _), some in given.items()]
    computed = [each for each in graph.requirements if id(each.node) not in place_of]
    program: Program | None = None
    backend = NumPy()
    if computed:
        nodes = [each.node for each in computed]
        program = program_of(replace(graph, outputs=nodes, requirements=()), numpy_namespace())

    def check(batch: list[Any], batched: bool) -> None:
        for argument, places, requirements in alike:
            _check(requirements, batch[argument][:, places], batched and argument not in graph.shared)
        if program is not None:
            numbers = backend.values(program, batch)
            for k, requirement in enumerate(computed):
                _check([requirement], numbers[:, k : k + 1], batched)

    return check


def _check(requirements: Sequence[Requirement], numbers: Any, batched: bool) -> None:
    """Check numbers, rows x requirements, that are all to be of one kind."""
    with np.errstate(all="ignore"):
        allowed = np.asarray(requirements[0].allowed(numbers))
    if allowed.all():
        return
    row, k = divmod(int(np.argmin(allowed)), len(requirements))
    error = requirements[k].refusal(float(numbers[row, k]))
    raise type(error)(f"row {row}: {error}") if batched else error
