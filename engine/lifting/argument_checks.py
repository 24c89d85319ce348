"""Checking what a function requires of its numbers, on every call of the compiled one; see `engine.requirements`."""

from __future__ import annotations

from collections.abc import Callable
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
    given = [(place_of[id(each.node)], each) for each in graph.requirements if id(each.node) in place_of]
    computed = [each for each in graph.requirements if id(each.node) not in place_of]
    program: Program | None = None
    backend = NumPy()
    if computed:
        nodes = [each.node for each in computed]
        program = program_of(replace(graph, outputs=nodes, requirements=()), numpy_namespace())

    def check(batch: list[Any], batched: bool) -> None:
        for (argument, place), requirement in given:
            _check(requirement, batch[argument][:, place], batched and argument not in graph.shared)
        if program is not None:
            for requirement, numbers in zip(computed, backend.values(program, batch).T):
                _check(requirement, numbers, batched)

    return check


def _check(requirement: Requirement, numbers: Any, batched: bool) -> None:
    with np.errstate(all="ignore"):
        allowed = np.asarray(requirement.allowed(numbers))
    if allowed.all():
        return
    row = int(np.argmin(allowed))
    error = requirement.refusal(float(numbers[row]))
    raise type(error)(f"row {row}: {error}") if batched else error
