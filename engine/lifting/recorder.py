"""Array operations with their pullbacks.

Every array operation of a lifted graph is recorded with its pullback, as every scalar one is a Value with a pullback.
The pullback of a lifted primitive is the primitive's own rule, called with arrays. What lifting adds has its pullback
here: moving numbers about, and the matrix product, where the textbook's ``delta @ W`` and ``delta.T @ a`` come from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from engine.lifting.arrays import LEAVES, Array, ArrayGraph, Indices, Operand
from engine.lifting.patterns import Axis, Matrix, axes_of, splits_of
from engine.primitives import Primitive

Result = TypeVar("Result")

SHORTEST = 16  # numbers side by side that are copied in one go; fewer are gathered one by one


class Piece:
    """A contribution to the adjoint of a part of an array."""

    __slots__ = ("array", "where")

    def __init__(self, where: Indices, array: Array) -> None:
        self.where = where
        self.array = array


class Operation:
    """An array operation: its result, its operands, and its pullback from adjoint to contributions."""

    __slots__ = ("operands", "pullback", "result")

    def __init__(self, result: Array, operands: tuple[Operand, ...], pullback: Callable[[Array], Any]) -> None:
        self.result = result
        self.operands = operands
        self.pullback = pullback


class Recorder:
    """Computes arrays from arrays, and records how.

    Attributes:
        graph: makes the arrays.
        operations: what was recorded, each operation after those it needs.
    """

    def __init__(self, graph: ArrayGraph) -> None:
        self.graph = graph
        self.operations: list[Operation] = []
        self._results: set[Array] = set()

    def times(self, u: Array, v: Array, s: int, used: Any = None) -> Array:
        """v @ u.T: (..., s, k) by (..., r, k) gives (..., s, r); `used` says of which cells there is an adjoint."""
        graph = self.graph
        if u.batched == v.batched and (u.batched or len(u.shape) > 2):
            result = graph.matmul(v, graph.transpose(u))

            def pullback(g: Array) -> tuple[Array, Array]:
                g = in_full(g, result.shape)
                if used is None:
                    return graph.matmul(graph.transpose(g), v), graph.matmul(g, u)
                to_u = graph.masked_matmul(graph.transpose(g), v, np.swapaxes(used, -1, -2))
                return to_u, graph.masked_matmul(g, u, used)

            return self.record(result, (u, v), pullback)
        if u.batched:  # the same with the two exchanged, and the result transposed
            r = u.shape[-2]
            exchanged = self.times(v, u, r)
            return self.transposed(self.reshaped(exchanged, (*u.shape[:-2], r, s)))
        if len(u.shape) > 2:
            times, outer = graph.blocks_times, graph.blocks_outer
        else:
            times, outer = graph.rows_times, graph.rows_outer
            if s == 1:
                v = self.reshaped(v, (v.shape[-1],))
        product = times(v, graph.transpose(u))

        def pullback_to_one(g: Array) -> tuple[Array, Array]:  # u is one for all rows: its adjoint is their sum
            g = in_full(g, product.shape)
            return outer(g, v), times(g, u)

        return self.record(product, (u, v), pullback_to_one)

    def record(self, result: Result, operands: tuple[Operand, ...], pullback: Callable[[Any], Any]) -> Result:
        """Note that `result` was computed from `operands`, with what becomes of its adjoint; return it.

        Once for each result: the pullbacks of lifting's own operations are the derivatives of the array operations, so
        an array that was computed before, or is a leaf, has its pullback already.
        """
        if isinstance(result, Array) and result.op not in LEAVES and result not in self._results:
            self._results.add(result)
            self.operations.append(Operation(result, operands, pullback))
        return result

    def primitive(self, op: Primitive, result: Array, operands: tuple[Operand, ...], pullback: Any) -> Array:
        """The same for a lifted primitive, whose pullback is what its rule says: of a user's, anything at all.

        It must not stand in for an equal array with another pullback: relu(x) has the numbers of maximum(x, 0), and a
        primitive that stops or scales the gradient has those of its operand.
        """
        if not op.is_built_in or result.op in LEAVES or result in self._results:
            result = self.graph.alias(result)
        return self.record(result, operands, pullback)

    def release(self) -> None:
        """Forget how the arrays were computed, which takes about 600 bytes an array, before the program is loaded."""
        self.operations.clear()
        self._results.clear()
        self.graph.release()

    def sum(self, total: Operand, part: Operand, minus: bool) -> Operand:
        """total plus or minus part; the part alone where there is no total yet."""
        if total is None:
            return self.record(-part, (part,), lambda g: (-g,)) if minus else part
        if minus:
            return self.record(total - part, (total, part), lambda g: (g, -g))
        return self.record(total + part, (total, part), lambda g: (g, g))

    def product(self, u: Operand, v: Operand) -> Operand:
        """u * v, number by number."""
        return self.record(u * v, (u, v), lambda g: (g * v, g * u))

    def summed(self, x: Operand) -> Array:
        """The sums over the last axis, which is no more then; of a flat array, one number."""
        graph = self.graph
        result = self.record(graph.reduction("sum", x), (x,), lambda g: (g,))
        return self.reshaped(result, x.shape[:-1] or (1,))

    def reshaped(self, x: Array, shape: tuple[int, ...]) -> Array:
        """The same numbers in another shape."""
        if x.shape == shape:
            return x
        graph = self.graph

        def pullback(g: Array) -> tuple[Array]:
            if g.size == 1:  # one number for all: it stays one
                return (graph.reshape(g, (1,) * len(x.shape)),)
            return (graph.reshape(in_full(g, shape), x.shape),)

        return self.record(graph.reshape(x, shape), (x,), pullback)

    def transposed(self, x: Array) -> Array:
        """The last two axes exchanged."""
        graph = self.graph
        result = graph.transpose(x)
        return self.record(result, (x,), lambda g: (graph.transpose(in_full(g, result.shape)),))

    def broadcast(self, x: Operand, shape: tuple[int, ...], batched: bool = False) -> Array:
        """x repeated to a shape, and with `batched` for every row."""
        batched = batched or (isinstance(x, Array) and x.batched)
        if isinstance(x, Array) and x.shape == shape and x.batched == batched:
            return x
        return self.record(self.graph.broadcast(x, shape, batched), (x,), lambda g: (g,))

    def taken(self, x: Array, where: Matrix) -> Array:
        """The numbers of a flat array at the indices, in their shape: by moving axes about if they follow a pattern."""
        flat = where.reshape(-1)
        axes = axes_of(flat)
        finely = x.batched and where.ndim == 1 and axes is not None and _is_finely_divided(axes)
        view = None if axes is None or finely else self._view(x, int(flat[0]), axes)
        if view is not None:
            return self.reshaped(view, where.shape)
        graph = self.graph
        return self.record(graph.take(x, where), (x,), lambda g: (Piece(flat, graph.flat(in_full(g, where.shape))),))

    def _view(self, x: Array, start: int, axes: Sequence[Axis]) -> Array | None:
        """x[start + i * step_i + j * step_j + ...] by slices, reshapes, a permutation and a broadcast; None if not."""
        splits = splits_of(start, axes, x.shape[-1])
        if splits is None:
            return None
        for first, length, step in splits[:-1]:
            x = self._sliced(x, slice(first, first + length * step, 1))
            x = self.reshaped(x, (*x.shape[:-1], length, step))
        first, length, step = splits[-1]
        x = self._sliced(x, slice(first, first + (length - 1) * step + 1, step))
        moving = [k for k, (_, step) in enumerate(axes) if step > 0]
        by_step = sorted(moving, key=lambda k: -axes[k][1])
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
        return self.record(result, (x,), lambda g: (Piece(part, in_full(g, result.shape)),))

    def _permuted(self, x: Array, order: tuple[int, ...]) -> Array:
        """The axes in another order."""
        if order == tuple(range(len(order))):
            return x
        graph = self.graph
        back = tuple([order.index(axis) for axis in range(len(order))])
        result = graph.permute(x, order)
        return self.record(result, (x,), lambda g: (graph.permute(in_full(g, result.shape), back),))

    def concatenated(self, arrays: list[Array]) -> Array:
        """Flat arrays one behind the other."""
        graph = self.graph
        ends = np.cumsum([array.size for array in arrays]).tolist()
        parts = [slice(end - array.size, end, 1) for array, end in zip(arrays, ends)]
        result = graph.concatenate(arrays)

        def pullback(g: Array) -> tuple[Array, ...]:
            g = in_full(g, result.shape)
            return tuple([graph.take(g, part) for part in parts])

        return self.record(result, tuple(arrays), pullback)

    def masked_times(self, w: Array, v: Array, mask: Any) -> Array:
        """w @ v.T of the terms that the mask lets through; w is 0 where it does not."""
        graph = self.graph
        result = graph.masked_matmul(w, graph.transpose(v), mask)

        def pullback(g: Array) -> tuple[Array, Array]:
            g = in_full(g, result.shape)
            back = graph.masked_matmul(graph.transpose(w), g, np.swapaxes(mask, -1, -2))
            return graph.matmul(g, v), graph.transpose(back)

        return self.record(result, (w, v), pullback)

    def looked_up(self, table: Array, index: Array) -> Array:
        """The rows of a table, n x c, at p indices: p x c. What a row receives is the sum of its adjoints."""
        graph = self.graph
        batched = table.batched or index.batched
        result = graph.make("lookup", (table, index), None, (*index.shape, table.shape[1]), batched)

        def pullback(g: Array) -> tuple[Array, float]:
            g = in_full(g, result.shape)
            if not table.batched and not index.batched:
                g = graph.row_sum(g)
            elif not g.batched:
                g = graph.broadcast(g, g.shape, True)
            name = "scatter_add_rows" if table.batched else "scatter_add"
            return graph.make(name, (g, index), len_of_table, table.shape, table.batched), 0.0

        len_of_table = table.shape[0]
        return self.record(result, (table, index), pullback)

    def spread(self, x: Array, where: Matrix) -> Array:
        """Some numbers of a flat array, each once, and 0 where the index is -1."""
        graph = self.graph
        kept = np.argsort(where.reshape(-1), kind="stable")[-x.size :]
        result = graph.spread(x, where)
        return self.record(result, (x,), lambda g: (graph.take(graph.flat(in_full(g, where.shape)), kept),))

    def padded(self, x: Array, lengths: Sequence[int]) -> tuple[Array, Array]:
        """The segments of a flat array as rows of one length, and where in the rows they are; the rest is anything."""
        graph = self.graph
        ends, columns = np.cumsum(lengths), np.arange(max(lengths))
        mask = columns < np.array(lengths)[:, None]
        starts = (ends - lengths)[:, None]
        where, kept = np.where(mask, starts + columns, starts), np.nonzero(mask.reshape(-1))[0]
        result = graph.take(x, where)
        self.record(result, (x,), lambda g: (graph.take(graph.flat(in_full(g, where.shape)), kept),))
        return result, graph.make("constant", (), mask, mask.shape, False)

    def segment_sums(self, x: Array, lengths: Sequence[int]) -> Array:
        """The sums of the segments of a flat array, of these lengths."""
        graph = self.graph
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        segment = np.repeat(np.arange(len(lengths)), lengths)
        result = graph.segment_sum(x, starts)
        return self.record(result, (x,), lambda g: (graph.take(in_full(g, starts.shape), segment),))


def _is_finely_divided(axes: Sequence[Axis]) -> bool:
    """Whether many short stretches follow one another: to copy each of them takes longer than to gather the numbers."""
    return len(axes) > 1 and all(step > 0 for _, step in axes) and axes[-1][1] == 1 and axes[-1][0] < SHORTEST


def in_full(g: Array, shape: tuple[int, ...]) -> Array:
    """An adjoint in the shape of the result it belongs to: until it matters it may be one number for many."""
    return g.graph.broadcast(g, shape, g.batched)
