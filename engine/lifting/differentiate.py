"""Differentiating: the adjoint pass over a lifted graph, from back to front, as a graph of arrays as well."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from engine.lifting.arrays import Array, ArrayGraph, Operand
from engine.lifting.lift import Lifted
from engine.lifting.recorder import Operation, Piece, Recorder


@dataclass(frozen=True)
class Derivatives:
    """What the adjoint pass computes.

    Attributes:
        gradients: the gradient of each parameter array.
        deltas: the adjoints of the weighted inputs: adjoint -> the z it belongs to.
    """

    gradients: list[Array]
    deltas: dict[Array, Array]


def differentiate(lifted: Lifted) -> Derivatives:
    """The gradient of the mean over the rows of the only output."""
    graph, output = lifted.recorder.graph, lifted.output
    adjoint = adjoints(lifted.recorder, output, graph.share(output.shape, output.batched))
    gradients = [graph.broadcast(adjoint.get(each, 0.0), each.shape, batched=False) for each in lifted.parameters]
    return Derivatives(gradients, {adjoint[z]: z for z in lifted.sums if z in adjoint})


def adjoints(recorder: Recorder, output: Array, seed: Array) -> dict[Array, Array]:
    """The adjoint of everything the output depends on."""
    graph = recorder.graph
    received: dict[Array, list[Any]] = defaultdict(list)
    received[output].append(seed)
    adjoint: dict[Array, Array] = {}
    for operation in reversed(recorder.operations):
        result = operation.result
        if result in received:
            g = adjoint[result] = _total(graph, result, received.pop(result))
            if _is_broadcast(operation):  # one number for all would be summed only once
                g = graph.broadcast(g, result.shape, result.batched)
            for operand, contribution in zip(operation.operands, operation.pullback(g), strict=True):
                if isinstance(operand, Array) and isinstance(contribution, (Array, Piece)):
                    received[operand].append(contribution)
    leaves = [array for array in graph.arrays if array in received]  # in the order they were made
    return adjoint | {array: _total(graph, array, received[array]) for array in leaves}


def _is_broadcast(operation: Operation) -> bool:
    """Whether an operand stands for several numbers of the result."""
    result, arrays = operation.result, [operand for operand in operation.operands if isinstance(operand, Array)]
    return any(array.size < result.size or array.batched < result.batched for array in arrays)


def _total(graph: ArrayGraph, array: Array, contributions: list[Any]) -> Array:
    """The sum of what an array received, each where the array itself was broadcast summed over that first."""
    total: Operand = None
    pieces = []
    for contribution in contributions:
        if isinstance(contribution, Piece):
            piece = contribution.array
            pieces.append((contribution.where, piece if array.batched else graph.row_sum(piece)))
        else:
            shaped = _like(graph, array, contribution)
            total = shaped if total is None else total + shaped
    if pieces:
        assembled = graph.assemble(array.shape, pieces)
        total = assembled if total is None else total + assembled
    return total  # type: ignore[no-any-return]


def _like(graph: ArrayGraph, array: Array, contribution: Array) -> Array:
    if not array.batched:
        contribution = graph.row_sum(contribution)
    for axis, (have, want) in enumerate(zip(contribution.shape, array.shape)):
        if want == 1 and have != 1:
            contribution = _summed_over(graph, contribution, axis)
    return contribution


def _summed_over(graph: ArrayGraph, x: Array, axis: int) -> Array:
    """The sum over an axis, which stays with length 1."""
    last = len(x.shape) - 1
    if axis == last:
        return graph.reduction("sum", x)
    order = (*[k for k in range(last + 1) if k != axis], axis)
    total = graph.reduction("sum", graph.permute(x, order))
    return graph.reshape(total, (*x.shape[:axis], 1, *x.shape[axis + 1 :]))
