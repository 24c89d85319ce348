"""Array operations that know the way back.

Every array operation of a lifted graph is a `Step` with a pullback, as every scalar one is a Value with a pullback, and
`Steps.adjoints` walks them from back to front. The pullback of a lifted primitive is the primitive's own rule, called
with arrays. What lifting adds has its pullback here: moving numbers about, and the matrix product, where the textbook's
``delta @ W`` and ``delta.T @ a`` come from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from engine.lifting.arrays import LEAVES, Array, ArrayGraph, Indices, Operand
from engine.lifting.patterns import Axis, Matrix, axes_of
from engine.primitives import Primitive

Result = TypeVar("Result")


class Piece:
    """A contribution to the adjoint of a part of an array."""

    __slots__ = ("array", "where")

    def __init__(self, where: Indices, array: Array) -> None:
        self.where = where
        self.array = array


class Step:
    """An array operation: its result, its operands, and its pullback from adjoint to contributions."""

    __slots__ = ("operands", "pullback", "result")

    def __init__(self, result: Array, operands: tuple[Operand, ...], pullback: Callable[[Array], Any]) -> None:
        self.result = result
        self.operands = operands
        self.pullback = pullback

    def is_broadcast(self) -> bool:
        """Whether an operand stands for several numbers of the result."""
        result, arrays = self.result, [operand for operand in self.operands if isinstance(operand, Array)]
        return any(array.size < result.size or array.batched < result.batched for array in arrays)


class Steps:
    """The array operations of a lifted graph, in order."""

    def __init__(self, graph: ArrayGraph) -> None:
        self.graph = graph
        self.steps: list[Step] = []
        self._results: set[Array] = set()

    def adjoints(self, output: Array, seed: Array) -> dict[Array, Array]:
        """The adjoint of everything the output depends on: the adjoint pass, from back to front."""
        graph = self.graph
        received: dict[Array, list[Any]] = defaultdict(list)
        received[output].append(seed)
        adjoint: dict[Array, Array] = {}
        for step in reversed(self.steps):
            if step.result in received:
                g = adjoint[step.result] = _total(graph, step.result, received.pop(step.result))
                if step.is_broadcast():  # one number for all would be summed only once
                    g = graph.broadcast(g, step.result.shape, step.result.batched)
                for operand, contribution in zip(step.operands, step.pullback(g), strict=True):
                    if isinstance(operand, Array) and isinstance(contribution, (Array, Piece)):
                        received[operand].append(contribution)
        leaves = [array for array in graph.arrays if array in received]  # in the order they were made
        return adjoint | {array: _total(graph, array, received[array]) for array in leaves}

    def times(self, u: Array, v: Array, s: int) -> Array:
        """v @ u.T: (..., s, k) by (..., r, k) gives (..., s, r)."""
        graph = self.graph
        if len(u.shape) == 2 and not (u.batched and v.batched):
            if u.batched:  # the same with the two exchanged, and the result transposed
                exchanged = self.times(v, u, u.shape[0])
                return self.transposed(self.reshaped(exchanged, (u.shape[0], s)))
            if s == 1:
                v = self.reshaped(v, (v.shape[-1],))
            result = graph.rows_times(v, graph.transpose(u))

            def rows_pullback(g: Array) -> tuple[Array, Array]:
                g = whole(g, result.shape)
                return graph.rows_outer(g, v), graph.rows_times(g, u)

            return self.step(result, (u, v), rows_pullback)
        result = graph.matmul(v, graph.transpose(u))

        def pullback(g: Array) -> tuple[Array, Array]:
            g = whole(g, result.shape)
            return graph.matmul(graph.transpose(g), v), graph.matmul(g, u)

        return self.step(result, (u, v), pullback)

    def step(self, result: Result, operands: tuple[Operand, ...], pullback: Callable[[Any], Any]) -> Result:
        """Note that `result` was computed from `operands`, with what becomes of its adjoint; return it.

        Once for each result: the pullbacks of lifting's own steps are the derivatives of the array operations, so an
        array that was computed before, or is a leaf, has its way back already.
        """
        if isinstance(result, Array) and result.op not in LEAVES and result not in self._results:
            self._results.add(result)
            self.steps.append(Step(result, operands, pullback))
        return result

    def primitive(self, op: Primitive, result: Array, operands: tuple[Operand, ...], pullback: Any) -> Array:
        """The same for a lifted primitive, whose pullback is what its rule says: of a user's, anything at all.

        It must not stand in for an equal array with another way back: relu(x) has the numbers of maximum(x, 0), and a
        primitive that stops or scales the gradient has those of its operand.
        """
        if not op.is_built_in or result.op in LEAVES or result in self._results:
            result = self.graph.alias(result)
        return self.step(result, operands, pullback)

    def sum(self, total: Operand, part: Operand, minus: bool) -> Operand:
        """total plus or minus part; the part alone where there is no total yet."""
        if total is None:
            return self.step(-part, (part,), lambda g: (-g,)) if minus else part
        if minus:
            return self.step(total - part, (total, part), lambda g: (g, -g))
        return self.step(total + part, (total, part), lambda g: (g, g))

    def product(self, u: Operand, v: Operand) -> Operand:
        """u * v, number by number."""
        return self.step(u * v, (u, v), lambda g: (g * v, g * u))

    def summed(self, x: Operand) -> Array:
        """The sums over the last axis, which is no more then; of a flat array, one number."""
        graph = self.graph
        result = self.step(graph.reduction("sum", x), (x,), lambda g: (g,))
        return self.reshaped(result, x.shape[:-1] or (1,))

    def reshaped(self, x: Array, shape: tuple[int, ...]) -> Array:
        """The same numbers in another shape."""
        if x.shape == shape:
            return x
        graph = self.graph

        def pullback(g: Array) -> tuple[Array]:
            if g.size == 1:  # one number for all: it stays one
                return (graph.reshape(g, (1,) * len(x.shape)),)
            return (graph.reshape(whole(g, shape), x.shape),)

        return self.step(graph.reshape(x, shape), (x,), pullback)

    def transposed(self, x: Array) -> Array:
        """The last two axes exchanged."""
        graph = self.graph
        result = graph.transpose(x)
        return self.step(result, (x,), lambda g: (graph.transpose(whole(g, result.shape)),))

    def broadcast(self, x: Operand, shape: tuple[int, ...], batched: bool = False) -> Array:
        """x repeated to a shape, and with `batched` for every row."""
        batched = batched or (isinstance(x, Array) and x.batched)
        if isinstance(x, Array) and x.shape == shape and x.batched == batched:
            return x
        return self.step(self.graph.broadcast(x, shape, batched), (x,), lambda g: (g,))

    def taken(self, x: Array, where: Matrix) -> Array:
        """The numbers of a flat array at the indices, in their shape: by moving axes about if they follow a pattern."""
        flat = where.reshape(-1)
        axes = axes_of(flat)
        view = None if axes is None else self._view(x, int(flat[0]), axes)
        if view is not None:
            return self.reshaped(view, where.shape)
        graph = self.graph
        return self.step(graph.take(x, where), (x,), lambda g: (Piece(flat, graph.flat(whole(g, where.shape))),))

    def _view(self, x: Array, start: int, axes: Sequence[Axis]) -> Array | None:
        """x[start + i * step_i + j * step_j + ...] by slices, reshapes, a permutation and a broadcast; None if not."""
        moving = [k for k, (_, step) in enumerate(axes) if step > 0]
        by_step = sorted(moving, key=lambda k: -axes[k][1])
        for place, k in enumerate(by_step[:-1]):  # split x into rows of `step` numbers, and go on in a part of the rows
            length, step = axes[k]
            covered = 1 + sum((axes[inner][0] - 1) * axes[inner][1] for inner in by_step[place + 1 :])
            first = start - start % step
            if start % step + covered > step:
                first = start
            if covered > step or first + length * step > x.shape[-1]:
                return None
            x = self._sliced(x, slice(first, first + length * step, 1))
            x = self.reshaped(x, (*x.shape[:-1], length, step))
            start -= first
        length, step = axes[by_step[-1]] if by_step else (1, 1)
        x = self._sliced(x, slice(start, start + (length - 1) * step + 1, step))
        x = self._permuted(x, tuple([by_step.index(k) for k in moving]) or (0,))
        if len(moving) == len(axes):
            return x
        x = self.reshaped(x, tuple([length if step > 0 else 1 for length, step in axes]) or (1,))
        return self.broadcast(x, tuple([length for length, _ in axes]) or (1,))

    def _sliced(self, x: Array, part: slice) -> Array:
        """A part of the last axis."""
        if part == slice(0, x.shape[-1], 1):
            return x
        result = self.graph.take(x, part)
        return self.step(result, (x,), lambda g: (Piece(part, whole(g, result.shape)),))

    def _permuted(self, x: Array, order: tuple[int, ...]) -> Array:
        """The axes in another order."""
        if order == tuple(range(len(order))):
            return x
        graph = self.graph
        back = tuple([order.index(axis) for axis in range(len(order))])
        result = graph.permute(x, order)
        return self.step(result, (x,), lambda g: (graph.permute(whole(g, result.shape), back),))

    def concatenated(self, arrays: list[Array]) -> Array:
        """Flat arrays one behind the other."""
        graph = self.graph
        ends = np.cumsum([array.size for array in arrays]).tolist()
        parts = [slice(end - array.size, end, 1) for array, end in zip(arrays, ends)]
        result = graph.concatenate(arrays)

        def pullback(g: Array) -> tuple[Array, ...]:
            g = whole(g, result.shape)
            return tuple([graph.take(g, part) for part in parts])

        return self.step(result, tuple(arrays), pullback)

    def segment_sums(self, x: Array, lengths: Sequence[int]) -> Array:
        """The sums of the segments of a flat array, of these lengths."""
        graph = self.graph
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        segment = np.repeat(np.arange(len(lengths)), lengths)
        result = graph.segment_sum(x, starts)
        return self.step(result, (x,), lambda g: (graph.take(whole(g, starts.shape), segment),))


def whole(g: Array, shape: tuple[int, ...]) -> Array:
    """An adjoint in the shape of the result it belongs to: until it matters it may be one number for many."""
    return g.graph.broadcast(g, shape, g.batched)


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
