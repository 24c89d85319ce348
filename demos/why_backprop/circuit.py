"""A graph as a list of steps, to be computed again from other numbers, of any kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from engine import Primitive, Value
from engine.graph import topological_order

Number = Any  # a float, or a Counted
Pullback = Callable[[Number], Sequence[Number]]


class Circuit(NamedTuple):
    """steps[k] is a primitive and where its operands come from, or None for a leaf. The last step is the loss C."""

    steps: list[tuple[Primitive, list[int]] | None]
    numbers: list[float]
    parameters: list[int]


def circuit_of(loss: Value, parameters: Sequence[Value]) -> Circuit:
    """The graph of a loss as a circuit; the numbers are those of its nodes now."""
    order = topological_order(loss)
    place = {node: k for k, node in enumerate(order)}
    return Circuit(
        [(node.op, [place[parent] for parent in node.parents]) if node.op else None for node in order],
        [node.data for node in order],
        [place[parameter] for parameter in parameters],
    )


def evaluate(circuit: Circuit, numbers: Sequence[Number]) -> tuple[list[Number], list[Pullback | None]]:
    """Every step's value, and its pullback, from the leaves among `numbers`."""
    values, pullbacks = [*numbers], [None] * len(numbers)
    for k, step in enumerate(circuit.steps):
        if step:
            operation, operands = step
            values[k], pullbacks[k] = operation.rule(*[values[i] for i in operands])
    return values, pullbacks


def local_derivatives(circuit: Circuit, numbers: Sequence[Number]) -> list[Sequence[Number]]:
    """For every step its derivative in each of its operands: what its pullback makes of the adjoint 1."""
    _, pullbacks = evaluate(circuit, numbers)
    return [pullback(1.0) if pullback else () for pullback in pullbacks]
