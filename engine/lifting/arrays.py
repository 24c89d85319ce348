"""The array graph: what a scalar graph is lifted into.

An `Array` stands for an array of numbers that will be computed: its operation, its operands and its shape, no numbers
yet. It is an operand (`engine.operand`): the primitives' own rules, called with Arrays, give the array form of a value
and of its pullback. Derivatives are written nowhere else.

Shapes leave out the batch axis. A *batched* array, one that depends on the arguments, has it in front:
``(rows, *shape)``.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.lifting.gathering import gathered_pieces
from engine.operand import Operators
from engine.primitives import OPERATIONS, Elementary, Primitive

Shape = tuple[int, ...]
Operand = Any  # an Array, or a float that is the same for all elements
Indices = Any  # a slice with whole numbers, or an array of indices

ELEMENTARY = {
    name: operation
    for name, operation in OPERATIONS.items()
    if isinstance(operation, Elementary) and operation.in_arrays is None
}
TRUTHS = {name for name, operation in ELEMENTARY.items() if operation.is_truth}  # results are arrays of truth values
REDUCTIONS = {name for name, operation in ELEMENTARY.items() if operation.takes_any_number} - {"dot", "weighted_sum"}
# over the last axis, which stays with length 1

NEUTRAL = {"max": -np.inf, "min": np.inf, "logsumexp": -np.inf}  # what changes no result; 0 for the others

LEAVES = {"input", "constant"}  # what nothing computes


class Array(Operators):
    """An array that will be computed.

    Attributes:
        op: what computes it: an operation that `engine.lifting.syntax` can write; "input" or "constant" for a leaf.
        operands: Arrays and floats.
        detail: what else the operation needs to know: a name, a shape, a slice, indices.
        shape: without the batch axis.
        batched: whether there is a batch axis in front.
    """

    __slots__ = ("batched", "detail", "graph", "op", "operands", "shape")

    def __init__(
        self, graph: ArrayGraph, op: str, operands: tuple[Operand, ...], detail: Any, shape: Shape, batched: bool
    ) -> None:
        self.graph = graph
        self.op = op
        self.operands = operands
        self.detail = detail
        self.shape = shape
        self.batched = batched

    @property
    def size(self) -> int:
        """Numbers in a row."""
        size = 1
        for length in self.shape:
            size *= length
        return size

    def __repr__(self) -> str:
        return f"<array {self.op} {'rows x ' if self.batched else ''}{self.shape}>"

    def __primitive__(self, primitive: Primitive, operands: tuple[Operand, ...]) -> Operand:
        name = primitive.name
        if not isinstance(primitive, Elementary) or not primitive.is_built_in:
            return primitive.rule(*operands)[0]  # composed of elementary ones
        if primitive.in_arrays is not None:
            return primitive.in_arrays(*operands)
        if name in REDUCTIONS:
            return self.graph.reduction_of(name, operands)
        if primitive.takes_any_number:  # dot and weighted_sum
            n = len(operands) // 2
            products = map(operator.mul, operands[:n], operands[n:])  # ends with the shorter: b is left
            return functools.reduce(operator.add, products, *operands[2 * n :])
        return self.graph.elementwise(name, *operands)


class ArrayGraph:
    """Makes Arrays; an equal one is the same one, and what changes nothing is not made.

    Attributes:
        arrays: all of them, each after its operands.
        along_last_axis: whether the rule being called is that of a reduction, given its operands as one array; every
            other rule is given an array for each operand.
        mask: where that array has operands, if its rows are of different lengths; the rest counts for nothing.
    """

    def __init__(self) -> None:
        self.arrays: list[Array] = []
        self.along_last_axis = False
        self.mask: Array | None = None
        self._known: dict[object, Array] = {}

    def make(self, op: str, operands: tuple[Operand, ...], detail: Any, shape: Shape, batched: bool) -> Array:
        same = operands
        if any(isinstance(operand, float) for operand in operands):  # of which 0.0 and -0.0 are equal
            same = tuple([operand.hex() if isinstance(operand, float) else operand for operand in operands])
        key = (op, same, _key(detail), shape)
        array = self._known.get(key)
        if array is None:
            array = self._known[key] = Array(self, op, operands, detail, shape, batched)
            self.arrays.append(array)
        return array

    def release(self) -> None:
        """Forget which arrays are equal: no more are made."""
        self._known.clear()

    # Elementwise

    def elementwise(self, name: str, *operands: Operand) -> Operand:
        """An operation on each number; operands of different shapes are broadcast."""
        same = _unchanged(name, operands)
        if same is not None:
            return same
        if name in ("add", "sub") and isinstance(operands[1], Array) and operands[1].op == "neg":  # x + -y is x - y
            return self.elementwise("sub" if name == "add" else "add", operands[0], operands[1].operands[0])
        if name == "add" and isinstance(operands[0], Array) and operands[0].op == "neg":  # -x + y is y - x
            return self.elementwise("sub", operands[1], operands[0].operands[0])
        if name in ("mul", "div") and any(
            isinstance(x, Array) and x.op == "neg" for x in operands
        ):  # -x * y is -(x * y)
            signs = [isinstance(x, Array) and x.op == "neg" for x in operands]
            positive = [x.operands[0] if sign else x for x, sign in zip(operands, signs)]
            result = self.elementwise(name, *positive)
            return result if all(signs) else self.elementwise("neg", result)
        if name != "where":
            operands = tuple([self.as_number(operand) for operand in operands])
        else:
            operands = (operands[0], self.as_number(operands[1]), self.as_number(operands[2]))
        if name == "where" and self._is_rectifier(operands):
            return self.elementwise("maximum", 0.0, operands[2])  # of two zeros the second, with the sign of x
        shape, batched = _together(operands)
        if shape and any(isinstance(operand, Array) and operand.op == "broadcast" for operand in operands):
            for k, operand in enumerate(operands):  # an operation broadcasts its operands itself
                if isinstance(operand, Array) and operand.op == "broadcast" and isinstance(operand.operands[0], Array):
                    others = (*operands[:k], operand.operands[0], *operands[k + 1 :])
                    if _together(others) == (shape, batched):
                        operands = others
        return self.make(name, operands, None, shape, batched)

    @staticmethod
    def _is_rectifier(operands: tuple[Operand, ...]) -> bool:
        """Whether it is where(x < 0, 0, x): the same as maximum(0, x), which reads better and runs faster."""
        condition, zero, x = operands
        return (
            isinstance(condition, Array) and condition.op == "less" and zero == 0.0 and condition.operands == (x, 0.0)
        )

    def as_number(self, operand: Operand) -> Operand:
        """Truth values as 1.0 and 0.0; numbers as they are."""
        if isinstance(operand, Array):
            if operand.op in TRUTHS:
                return self.make("number", (operand,), None, operand.shape, operand.batched)
            return operand
        return float(operand)

    def reduction(self, name: str, x: Array) -> Array:
        """Over the last axis, which stays with length 1."""
        if self.mask is not None:
            x = self.elementwise("where", self.mask, x, NEUTRAL.get(name, 0.0))
        return self.make(name, (self.as_number(x),), None, (*x.shape[:-1], 1), x.batched)

    def reduction_of(self, name: str, operands: tuple[Operand, ...]) -> Array:
        """What a rule asks for: over the last axis of its one array, or over several arrays number by number."""
        if self.along_last_axis:
            (x,) = operands
            return self.reduction(name, x)
        shape = np.broadcast_shapes(*[x.shape for x in operands if isinstance(x, Array)])
        arrays = [
            self.flat(self.broadcast(self.as_number(x), shape, isinstance(x, Array) and x.batched)) for x in operands
        ]
        size = arrays[0].size
        stacked = self.reshape(self.concatenate(arrays), (len(arrays), size))
        return self.reshape(self.reduction(name, self.transpose(stacked)), shape)

    # Moving numbers about

    def alias(self, x: Array) -> Array:
        """The same numbers as an array of its own, never equal to another: for what has a pullback of its own."""
        array = Array(self, "alias", (x,), None, x.shape, x.batched)
        self.arrays.append(array)
        return array

    def reshape(self, x: Array, shape: Shape) -> Array:
        if x.shape == shape:
            return x
        if x.op == "reshape":
            return self.reshape(x.operands[0], shape)
        return self.make("reshape", (x,), shape, shape, x.batched)

    def flat(self, x: Array) -> Array:
        return self.reshape(x, (x.size,))

    def transpose(self, x: Array) -> Array:
        """The last two axes exchanged."""
        if x.op == "transpose":
            return x.operands[0]  # type: ignore[no-any-return]
        if x.op == "permute":
            order = (*x.detail[:-2], x.detail[-1], x.detail[-2])
            return x.operands[0] if order == tuple(range(len(order))) else self.permute(x.operands[0], order)
        if 1 in x.shape[-2:] and (x.batched or len(x.shape) > 2):  # W.T reads better
            return self.reshape(x, (*x.shape[:-2], x.shape[-1], x.shape[-2]))
        return self.make("transpose", (x,), None, (*x.shape[:-2], x.shape[-1], x.shape[-2]), x.batched)

    def take(self, x: Array, where: Indices) -> Array:
        """The numbers at `where` of a flat array; or a slice of the last axis."""
        if isinstance(where, slice):
            length = x.shape[-1]
            if where == slice(0, length, 1):
                return x
            return self.make("slice", (x,), where, (*x.shape[:-1], len(range(length)[where])), x.batched)
        return self.make("take", (x,), where, where.shape, x.batched)

    def spread(self, x: Array, where: np.ndarray) -> Array:
        """The numbers at `where` of a flat array, and 0 where the index is -1."""
        return self.make("spread", (x,), where, where.shape, x.batched)

    def permute(self, x: Array, order: tuple[int, ...]) -> Array:
        """The axes in another order."""
        return self.make("permute", (x,), order, tuple([x.shape[axis] for axis in order]), x.batched)

    def assemble(self, shape: Shape, pieces: Sequence[tuple[Indices, Array]]) -> Array:
        """Zeros with every piece added at its indices of the last axis: what `take` is to values, to adjoints."""
        pieces = sorted(pieces, key=lambda piece: piece[0].start if isinstance(piece[0], slice) else -1)
        arrays = tuple([array for _, array in pieces])
        if _side_by_side([where for where, _ in pieces], shape[-1]):
            return self.concatenate(arrays)
        batched = any(array.batched for array in arrays)
        if len(pieces) == 1 and len(shape) == 1 and not isinstance(pieces[0][0], slice):
            ((where, piece),) = pieces
            steps = np.diff(where)
            if where[0] == 0 and where[-1] == shape[0] - 1 and ((steps == 0) | (steps == 1)).all():
                return self.segment_sum(piece, np.nonzero(np.diff(where, prepend=-1))[0])
        if len(shape) == 1:
            gathered = gathered_pieces(self, shape[0], pieces)
            if gathered is not None:
                return gathered
        return self.make("assemble", arrays, tuple([where for where, _ in pieces]), shape, batched)

    def broadcast(self, x: Operand, shape: Shape, batched: bool) -> Array:
        """x, repeated to a shape; a number too."""
        if isinstance(x, Array) and x.shape == shape and x.batched == batched:
            return x
        return self.make("broadcast", (x,), (batched, *shape), shape, batched)

    def concatenate(self, arrays: Sequence[Array]) -> Array:
        """Arrays one behind the other, along the last axis."""
        batched = any(array.batched for array in arrays)
        wide = tuple([self.broadcast(array, array.shape, batched) for array in arrays])
        shape = (*wide[0].shape[:-1], sum(array.shape[-1] for array in wide))
        return wide[0] if len(wide) == 1 else self.make("concatenate", wide, None, shape, batched)

    def share(self, shape: Shape, batched: bool) -> Array:
        """What each row's adjoint starts from, for the mean over the rows: 1 / rows."""
        return self.make("share", (), (batched, *shape), shape, batched)

    def row_sum(self, x: Array) -> Array:
        """The sum over the batch axis."""
        return self.make("row_sum", (x,), None, x.shape, False) if x.batched else x

    # Products of matrices

    def rows_times(self, v: Array, m: Array) -> Array:
        """v @ m for an m without a batch axis: the last axis of v, (..., k) by (k, r)."""
        return self.make("rows_times", (v, m), None, (*v.shape[:-1], m.shape[-1]), v.batched)

    def rows_outer(self, g: Array, v: Array) -> Array:
        """The sum over all rows of the outer product: (..., r) and (..., k) give (r, k), without a batch axis."""
        batched = g.batched or v.batched
        g, v = self.broadcast(g, g.shape, batched), self.broadcast(v, v.shape, batched)
        return self.make("rows_outer", (g, v), None, (g.shape[-1], v.shape[-1]), False)

    def blocks_times(self, v: Array, m: Array) -> Array:
        """v @ m for each block, for an m without a batch axis: (blocks, s, k) by (blocks, k, r)."""
        return self.make("blocks_times", (v, m), None, (*v.shape[:-1], m.shape[-1]), v.batched)

    def blocks_outer(self, g: Array, v: Array) -> Array:
        """The sum over all rows of g.T @ v for each block: (blocks, s, r) and (blocks, s, k) give (blocks, r, k)."""
        batched = g.batched or v.batched
        g, v = self.broadcast(g, g.shape, batched), self.broadcast(v, v.shape, batched)
        return self.make("blocks_outer", (g, v), None, (g.shape[0], g.shape[-1], v.shape[-1]), False)

    def matmul(self, a: Array, b: Array) -> Array:
        """a @ b for each of the leading indices: (..., p, q) by (..., q, r)."""
        return self.make("matmul", (a, b), None, (*a.shape[:-1], b.shape[-1]), a.batched or b.batched)

    def masked_matmul(self, a: Array, b: Array, mask: np.ndarray) -> Array:
        """a @ b without the terms that `mask`, of the shape of a, leaves out; a is 0 there."""
        return self.make("masked_matmul", (a, b), mask, (*a.shape[:-1], b.shape[-1]), a.batched or b.batched)

    def segment_sum(self, x: Array, starts: np.ndarray) -> Array:
        """The sums of a flat array's segments, each from one of `starts` to the next."""
        return self.make("segment_sum", (x,), starts, starts.shape, x.batched)


def _together(operands: Sequence[Operand]) -> tuple[Shape, bool]:
    """The shape of an operation's result, and whether it is batched."""
    arrays = [operand for operand in operands if isinstance(operand, Array)]
    shape = arrays[0].shape
    if any(array.shape != shape for array in arrays):
        shape = np.broadcast_shapes(*[array.shape for array in arrays])
    return shape, any(array.batched for array in arrays)


def _key(detail: Any) -> object:
    if isinstance(detail, np.ndarray):
        return (detail.shape, detail.dtype.str, detail.tobytes())
    if isinstance(detail, slice):
        return ("slice", detail.start, detail.stop, detail.step)
    if isinstance(detail, tuple):
        return tuple([_key(part) for part in detail])
    return detail


def _side_by_side(parts: Sequence[Indices], length: int) -> bool:
    """Whether slices, in order, cover a length with nothing in between or twice."""
    end = 0
    for part in parts:
        if not isinstance(part, slice) or (part.start, part.step) != (end, 1):
            return False
        end = part.stop
    return end == length


def _unchanged(name: str, operands: tuple[Operand, ...]) -> Operand | None:
    """The operand that the operation leaves exactly as it is, if there is one."""
    last = operands[-1]
    if name in ("mul", "div", "pow") and isinstance(last, float) and last == 1.0:
        return operands[0]
    if name == "mul" and isinstance(operands[0], float) and operands[0] == 1.0:
        return last
    if name == "mul" and _are_ones(operands[0], last):
        return last
    if name == "neg" and isinstance(last, Array) and last.op == "neg":
        return last.operands[0]
    if name == "where" and isinstance(operands[0], float):  # decided: a condition on constants alone
        return operands[1] if operands[0] != 0.0 else operands[2]
    if not any(isinstance(operand, Array) for operand in operands):
        return _of_floats(name, operands)
    return None


def _are_ones(ones: Operand, x: Operand) -> bool:
    """Whether an array is 1 everywhere, and no larger than x."""
    if not isinstance(ones, Array) or not isinstance(x, Array) or ones.op != "broadcast" or ones.operands != (1.0,):
        return False
    return ones.shape == x.shape and ones.batched <= x.batched


def _of_floats(name: str, operands: tuple[float, ...]) -> float:
    return OPERATIONS[name](*operands)
