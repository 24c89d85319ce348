"""Differentiating: the adjoint pass over a lifted graph, from back to front, as a graph of arrays as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.adjoint_pass import adjoint_pass
from engine.lifting.arrays import Array, ArrayGraph, Operand
from engine.lifting.lift import Lifted
from engine.lifting.loops.array_loop import Received
from engine.lifting.recorder import Operation, Piece, Recorder


@dataclass(frozen=True)
class Derivatives:
    """What the adjoint pass computes.

    Attributes:
        of: the arrays that it differentiates with respect to: the parameters, or some of the arguments.
        gradients: the gradient of each of them.
        deltas: the adjoints of the weighted inputs: adjoint -> the z it belongs to.
    """

    of: list[Array]
    gradients: list[Array]
    deltas: dict[Array, Array]


def differentiate(lifted: Lifted, argnums: Sequence[int] | None = None) -> Derivatives:
    """The gradient of the only output: with respect to the parameters of its mean over the rows.

    With respect to arguments, if some are asked for by number, it is that of each row's own value.
    """
    graph, output = lifted.recorder.graph, lifted.output
    of = lifted.parameters if argnums is None else [lifted.inputs[k] for k in argnums]
    if any(each.batched for each in of):
        seed = graph.broadcast(1.0, output.shape, output.batched)
    else:
        seed = graph.share(output.shape, output.batched)
    adjoint = adjoints(lifted.recorder, {output: seed}, of)
    gradients = [graph.broadcast(adjoint.get(each, 0.0), each.shape, each.batched) for each in of]
    return Derivatives(of, gradients, {adjoint[z]: z for z in lifted.sums if z in adjoint})


def adjoints(recorder: Recorder, seeds: Mapping[Array, Array], of: Sequence[Array] | None = None) -> dict[Array, Array]:
    """The adjoint of everything that the seeded arrays depend on; of a loop those of what came out of it.

    If only those of some arrays are wanted, it is of what depends on them.
    """
    graph = recorder.graph
    wanted = set(graph.arrays if of is None else of)
    if of is not None:
        for operation in recorder.operations:
            if not wanted.isdisjoint(operation.operands):
                wanted.add(operation.result)
    operation_of = {operation.result: operation for operation in recorder.operations}
    leaves = [array for array in graph.arrays if array not in operation_of]

    def contributions(array: Array, g: Array) -> list[tuple[Array, Any]]:
        operation = operation_of.get(array)
        if operation is None:
            return []
        if array.op != "loop" and _is_broadcast(operation):  # one number for all would be summed only once
            g = graph.broadcast(g, array.shape, array.batched)
        passed = zip(operation.operands, operation.pullback(g), strict=True)
        return [(to, what) for to, what in passed if to in wanted and isinstance(what, (Array, Piece, Received))]

    order = [*reversed(leaves), *operation_of]  # so the leaves' sums are written in the order of the leaves
    return adjoint_pass(order, seeds, contributions, lambda array, received: _total(graph, array, received))


def _is_broadcast(operation: Operation) -> bool:
    """Whether an operand stands for several numbers of the result."""
    result, arrays = operation.result, [operand for operand in operation.operands if isinstance(operand, Array)]
    return any(array.size < result.size or array.batched < result.batched for array in arrays)


def _total(graph: ArrayGraph, array: Array, contributions: list[Any]) -> Any:
    """The sum of what an array received, each where the array itself was broadcast summed over that first."""
    if array.op == "loop":
        return contributions
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
    return total


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
