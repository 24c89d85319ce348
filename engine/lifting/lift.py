"""Lifting: from a tape of scalar operations to a graph of array operations.

Entries with the same operation at the same depth, with operands from the same arrays, become one array operation.
Where an operand's numbers stand in another order than they are needed, they are gathered; mostly the pattern of indices
is the identity, a slice or a broadcast, and needs no gather. Sums of products over the same vectors become matrix
products.

Every array operation is a `Step` with a pullback, as every scalar one is a Value with a pullback; `adjoints` walks the
steps from back to front. The pullback of a lifted primitive is the primitive's own rule, called with arrays. Only what
lifting adds has pullbacks here: gathering, and the matrix product, where the textbook's ``delta @ W`` and
``delta.T @ a`` come from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, TypeVar

import numpy as np

from engine import primitives
from engine.lifting.arrays import REDUCTIONS, Array, ArrayGraph, Indices, Operand
from engine.lifting.tape import Tape
from engine.primitives import Primitive
from engine.value import Value

Matrix = Any  # np.ndarray of entry numbers
Result = TypeVar("Result")

_PARAMETER, _CONSTANT = -1, -2  # the array of an entry that is in none yet
_REDUCTIONS = frozenset(getattr(primitives, name) for name in REDUCTIONS)
RAGGED_LIMIT = 3  # sums of up to so many different lengths are lifted length by length, each as a matrix product


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


class Lifting:
    """The array graph of a tape.

    Attributes:
        graph: its arrays.
        blocks: the parameters of each parameter array, as Values in the order of its numbers.
        parameters: the parameter arrays, named W1, b1, ... in order of use.
        inputs: the argument arrays.
        outputs: one array with the outputs' numbers.
    """

    def __init__(self, tape: Tape, inputs: Sequence[Sequence[Value]]) -> None:
        self.tape = tape
        self.graph = ArrayGraph()
        self.steps: list[Step] = []
        self.arrays: list[Array] = []  # by number
        self.blocks: list[list[Value]] = []
        self.parameters: list[Array] = []
        self.inputs: list[Array] = []
        self._array_of = np.full(tape.length, _PARAMETER, dtype=np.int64)
        self._place_of = np.zeros(tape.length, dtype=np.int64)
        self._source: list[int] = self._array_of.tolist()  # the same as a list, for the loops over single entries
        self.sums: dict[Array, None] = {}  # the results of linear groups: the weighted inputs z
        self.values: dict[Array, None] = {}  # the results of the others: the activations a
        self.deltas: dict[Array, Array] = {}  # adjoint of a weighted input -> that weighted input
        self._names = {"W": 0, "b": 0}
        self._rank = {
            _CONSTANT: -(10**10),
            _PARAMETER: -(10**9) - 1,
        }  # of a factor's array: in u * v what is the same for all rows is u
        for entry in tape.constants:
            self._array_of[entry] = self._source[entry] = _CONSTANT
        self._add_inputs(inputs)
        levels = self._levels()
        for level in levels:
            self._place_weights(level)
        for level in levels:
            self._lift_level(level)
        outputs = self._gathered(np.array(tape.outputs, dtype=np.int64))
        self.outputs = self._broadcast(outputs, outputs.shape, batched=bool(inputs))

    def _add_inputs(self, inputs: Sequence[Sequence[Value]]) -> None:
        entry_of = {leaf: entry for entry, leaf in self.tape.leaves.items()}
        for number, values in enumerate(inputs):
            name = f"x{number + 1}" if len(inputs) > 1 else "x"
            array = self.graph.make("input", (), name, (len(values),), True)
            self.inputs.append(array)
            used = [(entry_of[value], place) for place, value in enumerate(values) if value in entry_of]
            self._place([entry for entry, _ in used], array, [place for _, place in used])

    def _place(self, entries: Sequence[int], array: Array, places: Any) -> None:
        """Note that the entries' numbers are those of `array` at `places`."""
        number = len(self.arrays)
        self.arrays.append(array)
        self._rank[number] = number if array.batched else number - 10**9
        indices = np.asarray(entries, dtype=np.int64)
        self._array_of[indices] = number
        self._place_of[indices] = places
        source = self._source
        for entry in entries:
            source[entry] = number

    def _levels(self) -> list[list[int]]:
        """The entries that are computed, by the length of the longest path of operations from a leaf."""
        tape = self.tape
        level = [0] * tape.length
        levels: list[list[int]] = []
        for entry in range(tape.length):
            if entry in tape.absorbed:
                continue
            if entry in tape.operations:
                deepest = max([level[operand] for operand in tape.operations[entry][1]])
            elif entry in tape.terms:
                deepest = 0
                for _, u, v in tape.terms[entry]:
                    if level[u] > deepest:
                        deepest = level[u]
                    if v >= 0 and level[v] > deepest:
                        deepest = level[v]
            else:
                continue
            level[entry] = deepest + 1
            if deepest == len(levels):
                levels.append([])
            levels[deepest].append(entry)
        return levels

    def _place_weights(self, level: list[int]) -> None:
        """Make matrices of the parameters that weigh what is not a parameter, and vectors of those added to it.

        First of all, so that a layer's weights become W and its biases b, in the order of its units, even if something
        else, such as a sum of all squared weights, uses the parameters one by one.
        """
        source, leaves, constants = self._source, self.tape.leaves, self.tape.constants
        matrices: dict[int, list[list[int]]] = defaultdict(list)
        vector: list[list[int]] = []
        for entry in level:
            weighed = []
            for _, u, v in self.tape.terms.get(entry, ()):
                if u in leaves and source[u] == _PARAMETER:
                    if v < 0:
                        vector.append([u])
                    elif not (v in leaves and source[v] == _PARAMETER) and v not in constants:
                        weighed.append((v, u))
                elif v in leaves and source[v] == _PARAMETER and u not in constants:
                    weighed.append((u, v))
            if len(weighed) > 1:
                matrices[len(weighed)].append([weight for _, weight in sorted(weighed)])
        for rows in matrices.values():
            self._place_parameters(rows)
        self._place_parameters(vector)

    # Groups ---------------------------------------------------------------------------------------------------------

    def _lift_level(self, level: list[int]) -> None:
        tape, source, rank = self.tape, self._source, self._rank
        operations: dict[Any, list[int]] = defaultdict(list)
        sums: dict[Any, list[tuple[int, list[tuple[Any, ...]]]]] = defaultdict(list)
        for entry in level:
            if entry in tape.operations:
                op, operands = tape.operations[entry]
                if op in _REDUCTIONS or len(operands) > 3:
                    operations[op, len(operands), tuple(sorted({source[x] for x in operands}))].append(entry)
                else:
                    operations[op, len(operands), tuple([source[x] for x in operands])].append(entry)
            else:
                terms = []
                for minus, u, v in tape.terms[entry]:
                    source_u = source[u]
                    if v < 0:
                        terms.append((minus, source_u, -3, u, u))
                        continue
                    source_v = source[v]
                    if rank[source_u] > rank[source_v] or (source_u == source_v and u > v):
                        u, v, source_u, source_v = v, u, source_v, source_u
                    terms.append((minus, source_u, source_v, v, u))
                terms.sort()
                sums[tuple(dict.fromkeys([term[:3] for term in terms]))].append((entry, terms))
        for key, entries in operations.items():
            self._lift_operation(key[0], entries)
        for parts, group in sums.items():
            for same_lengths in _by_lengths(parts, group):
                self._lift_sums(parts, same_lengths)

    def _lift_operation(self, op: Primitive, entries: list[int]) -> None:
        operands = np.array([self.tape.operations[entry][1] for entry in entries], dtype=np.int64)
        n, arity = operands.shape
        if op in _REDUCTIONS:  # one array with the operands along its last axis stands for all of them
            arguments: list[Operand] = [self._gathered(operands)]
        else:
            arguments = [self._gathered(operands[:, k], literal=True) for k in range(arity)]
        try:
            value, pullback = op.rule(*arguments)
        except TypeError as error:
            raise TypeError(
                f"the rule of the primitive {op.name} cannot be compiled, it failed on arrays: {error}. "
                "Write it with operators and engine's functions (engine.exp, not math.exp; engine.where, not if)"
            ) from error
        value = self.graph.number(value)  # a comparison is a number of the graph like any other
        self._step(value, tuple(arguments), pullback)
        shape = (n, 1) if op in _REDUCTIONS else (n,)
        flat = self._reshaped(self._broadcast(value, shape), (n,))
        self.values[flat] = None
        self._place(entries, flat, np.arange(n))

    def _lift_sums(self, parts: Sequence[tuple[Any, ...]], group: list[tuple[int, list[tuple[Any, ...]]]]) -> None:
        """The entries of a group of linear ones: each the sum of the same parts, each part a sum of like terms."""
        entries = [entry for entry, _ in group]
        columns: list[tuple[bool, list[list[int]], list[list[int]] | None]] = []
        for minus, source_u, source_v in parts:
            picked = (
                [[t for t in terms if t[:3] == (minus, source_u, source_v)] for _, terms in group]
                if len(parts) > 1
                else [terms for _, terms in group]
            )
            us = [[t[4] for t in terms] for terms in picked]
            vs = None if source_v == -3 else [[t[3] for t in terms] for terms in picked]
            columns.append((minus, us, vs))
        split = list(chain.from_iterable(self._by_parameter_array(*column) for column in columns))
        order = self._order(split, len(entries))
        if order is not None:
            entries = [entries[i] for i in order]
            split = [
                (minus, [us[i] for i in order], None if vs is None else [vs[i] for i in order])
                for minus, us, vs in split
            ]
        n = len(entries)
        total: Operand = None
        for minus, us, vs in sorted(split, key=lambda column: column[0]):
            part = self._part(us, vs)
            total = self._sum(total, part, minus)
        if not isinstance(total, Array) or total.shape != (n,):
            total = self._broadcast(total, (n,))
        self.sums[total] = None
        self._place(entries, total, np.arange(n))

    def _by_parameter_array(
        self, minus: bool, us: list[list[int]], vs: list[list[int]] | None
    ) -> list[tuple[bool, list[list[int]], list[list[int]] | None]]:
        """A part whose parameters lie in several arrays, in one order for all entries, as one part for each array."""
        self._place_parameters(us)
        if len({len(row) for row in us}) > 1:
            return [(minus, us, vs)]
        arrays = self._array_of[np.array(us, dtype=np.int64)]
        if (arrays == arrays[0]).all() and len(set(arrays[0].tolist())) > 1:
            result = []
            for number in dict.fromkeys(arrays[0].tolist()):
                ks = np.nonzero(arrays[0] == number)[0].tolist()
                result.append(
                    (minus, [[row[k] for k in ks] for row in us], vs and [[row[k] for k in ks] for row in vs])
                )
            return result
        return [(minus, us, vs)]

    def _place_parameters(self, rows: Sequence[Sequence[int]]) -> None:
        """Give parameters that are in no array yet one of their own: a matrix if the rows are, else a vector."""
        source = self._source
        new_rows = [row for row in dict.fromkeys(map(tuple, rows)) if any(source[e] == _PARAMETER for e in row)]
        new = list(dict.fromkeys(e for e in chain.from_iterable(new_rows) if source[e] == _PARAMETER))
        if not new:
            return
        width = len(new_rows[0])
        matrix = width > 1 and len(new) == width * len(new_rows) == sum(map(len, new_rows))
        kind = "W" if matrix else "b"
        self._names[kind] += 1
        shape = (len(new_rows), width) if matrix else (len(new),)
        array = self.graph.make("input", (), f"{kind}{self._names[kind]}", shape, False)
        self.parameters.append(array)
        self.blocks.append([self.tape.leaves[entry] for entry in new])
        self._place(new, array, np.arange(len(new)))

    # Parts of sums --------------------------------------------------------------------------------------------------

    def _order(self, split: Sequence[Any], n: int) -> list[int] | None:
        """The order of a group's entries in which the longest full matrix product among its parts gives them."""
        best: tuple[int, list[int]] | None = None
        for _, us, vs in split:
            if vs is None or len(us[0]) < (best[0] if best else 1) or n == 1:
                continue
            rows_u, rows_v = _distinct(us), _distinct(vs)
            groups = _blocks_of(rows_u, rows_v)
            if groups is not None and (best is None or len(us[0]) > best[0]):
                order = [i for _, _, cells in groups for i in _sorted_cells(cells, rows_u, rows_v)]
                best = (len(us[0]), order)
        return None if best is None or best[1] == list(range(n)) else best[1]

    def _part(self, us: list[list[int]], vs: list[list[int]] | None) -> Operand:
        """The sum of each row's terms: of the numbers u, or of the products u * v."""
        lengths = {len(row) for row in us}
        if len(lengths) > 1:
            return self._ragged(us, vs)
        (k,) = lengths
        u = np.array(us, dtype=np.int64)
        if vs is None:
            if k == 1:
                return self._gathered(u[:, 0], literal=True)
            return self._summed(self._gathered(u))
        v = np.array(vs, dtype=np.int64)
        product = self._matrix_product(u, v, us, vs)
        if product is not None:
            return product
        if k == 1:
            return self._product(self._gathered(u[:, 0], literal=True), self._gathered(v[:, 0], literal=True))
        return self._summed(self._product(self._gathered(u, literal=True), self._gathered(v)))

    def _matrix_product(self, u: Matrix, v: Matrix, us: Any, vs: Any) -> Operand | None:
        """The part as a matrix product, or as one for each block, or None where it is neither."""
        n, k = u.shape
        if k == 1 and n == 1:
            return None
        rows_u, rows_v = _distinct(us), _distinct(vs)
        groups = _blocks_of(rows_u, rows_v, sparse=True)
        if groups is None:
            return None
        if k == 1 and (len(groups) > 1 or min(len(groups[0][0]), len(groups[0][1])) == 1):
            return None
        first_u, first_v = _first_places(rows_u), _first_places(rows_v)
        u_matrix = np.array([[u[first_u[r]] for r in of_u] for of_u, _, _ in groups])  # blocks x r x k
        v_matrix = np.array([[v[first_v[s]] for s in of_v] for _, of_v, _ in groups])  # blocks x s x k
        blocks, r, s = len(groups), u_matrix.shape[1], v_matrix.shape[1]
        if blocks == 1:
            u_matrix, v_matrix = u_matrix[0], v_matrix[0]
        left, right = self._gathered(v_matrix), self._gathered(u_matrix)
        if blocks == r == s == 1 and left.batched == right.batched:
            return self._summed(self._product(right, left))  # a scalar product, row by row
        product = self._times(right, left, s)
        product = self._reshaped(product, (blocks * r * s,))
        place = {}
        for b, (of_u, of_v, _) in enumerate(groups):
            at_u = {row: i for i, row in enumerate(of_u)}
            for j, row in enumerate(of_v):
                for row_u, i in at_u.items():
                    place[row_u, row] = (b * s + j) * r + i
        where = np.array([place[cell] for cell in zip(rows_u, rows_v)], dtype=np.int64)
        return self._taken(product, where)

    def _times(self, u: Array, v: Array, s: int) -> Array:
        """v @ u.T: (..., s, k) by (..., r, k) gives (..., s, r)."""
        graph = self.graph
        if len(u.shape) == 2 and not (u.batched and v.batched):
            if u.batched:  # the same with the two exchanged, and the result transposed
                exchanged = self._times(v, u, u.shape[0])
                return self._transposed(self._reshaped(exchanged, (u.shape[0], s)))
            if s == 1:
                v = self._reshaped(v, (v.shape[-1],))
            result = graph.rows_times(v, graph.transpose(u))
            flat_v = v

            def rows_pullback(g: Array) -> tuple[Array, Array]:
                g = whole(g, result.shape)
                return graph.rows_outer(g, flat_v), graph.rows_times(g, u)

            return self._step(result, (u, v), rows_pullback)
        result = graph.matmul(v, graph.transpose(u))

        def pullback(g: Array) -> tuple[Array, Array]:
            g = whole(g, result.shape)
            return graph.matmul(graph.transpose(g), v), graph.matmul(g, u)

        return self._step(result, (u, v), pullback)

    def _ragged(self, us: list[list[int]], vs: list[list[int]] | None) -> Operand:
        """Sums of different lengths: all terms in one row, then the sums of its segments."""
        terms = self._gathered(np.array(list(chain.from_iterable(us)), dtype=np.int64))
        if vs is not None:
            others = self._gathered(np.array(list(chain.from_iterable(vs)), dtype=np.int64))
            terms = self._product(terms, others)
        lengths = np.array([len(row) for row in us], dtype=np.int64)
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        segment = np.repeat(np.arange(len(us)), lengths)
        graph = self.graph
        result = graph.segment_sum(terms, starts)
        return self._step(result, (terms,), lambda g: (graph.take(whole(g, starts.shape), segment),))

    # Steps ----------------------------------------------------------------------------------------------------------

    def _step(self, result: Result, operands: tuple[Operand, ...], pullback: Callable[[Any], Any]) -> Result:
        if isinstance(result, Array):
            self.steps.append(Step(result, operands, pullback))
        return result

    def _sum(self, total: Operand, part: Operand, minus: bool) -> Operand:
        if total is None:
            return self._step(-part, (part,), lambda g: (-g,)) if minus else part
        if minus:
            return self._step(total - part, (total, part), lambda g: (g, -g))
        return self._step(total + part, (total, part), lambda g: (g, g))

    def _product(self, u: Operand, v: Operand) -> Operand:
        return self._step(u * v, (u, v), lambda g: (g * v, g * u))

    def _summed(self, x: Operand) -> Array:
        graph = self.graph
        result = self._step(graph.reduction("sum", x), (x,), lambda g: (g,))
        return self._reshaped(result, x.shape[:-1])

    def _reshaped(self, x: Array, shape: tuple[int, ...]) -> Array:
        if x.shape == shape:
            return x
        graph = self.graph

        def pullback(g: Array) -> tuple[Array]:
            if g.size == 1:  # one number for all: it stays one
                return (graph.reshape(g, (1,) * len(x.shape)),)
            return (graph.reshape(whole(g, shape), x.shape),)

        return self._step(graph.reshape(x, shape), (x,), pullback)

    def _transposed(self, x: Array) -> Array:
        graph = self.graph
        result = graph.transpose(x)
        return self._step(result, (x,), lambda g: (graph.transpose(whole(g, result.shape)),))

    def _broadcast(self, x: Operand, shape: tuple[int, ...], batched: bool = False) -> Array:
        batched = batched or (isinstance(x, Array) and x.batched)
        if isinstance(x, Array) and x.shape == shape and x.batched == batched:
            return x
        return self._step(self.graph.broadcast(x, shape, batched), (x,), lambda g: (g,))  # `adjoints` sums over it

    def _taken(self, x: Array, where: Matrix) -> Array:
        """The numbers of a flat array at the indices, as a slice if they are one."""
        graph = self.graph
        flat = where.reshape(-1)
        indices = _as_slice(flat)
        if isinstance(indices, slice):
            if indices == slice(0, x.size, 1):
                return self._reshaped(x, where.shape)
            result = self._step(graph.take(x, indices), (x,), lambda g: (Piece(indices, whole(g, flat.shape)),))
            return self._reshaped(result, where.shape)
        if where.ndim > 1:
            order = _as_slice(np.swapaxes(where, -1, -2).reshape(-1))
            if isinstance(order, slice):
                return self._transposed(self._taken(x, np.swapaxes(where, -1, -2)))
        return self._step(graph.take(x, where), (x,), lambda g: (Piece(flat, graph.flat(whole(g, where.shape))),))

    def _gathered(self, entries: Matrix, literal: bool = False) -> Any:
        """The numbers of entries, in that shape. With `literal`, equal numbers as one that is broadcast."""
        if (self._array_of[entries] == _PARAMETER).any():
            self._place_parameters(entries.reshape(-1, entries.shape[-1] if entries.ndim > 1 else 1).tolist())
        numbers = self._array_of[entries]
        first = int(numbers.flat[0])
        if (numbers == first).all():
            if first == _CONSTANT:
                return self._constants(entries, literal)
            places = self._place_of[entries]
            if literal and places.size > 1 and (places == places.flat[0]).all():
                places = places.reshape(-1)[:1].reshape((1,) * places.ndim)
            array = self.arrays[first]
            if array.shape == places.shape and _is_identity(places, array.size):
                return array
            return self._taken(self._reshaped(array, (array.size,)), places)
        # from several arrays: one behind the other, then as from one
        sources, offsets, total = [], {}, 0
        for number in dict.fromkeys(numbers.reshape(-1).tolist()):
            if number == _CONSTANT:
                constant_entries = np.unique(entries[numbers == _CONSTANT])
                array = self._constants(constant_entries, False)
            else:
                array = self._reshaped(self.arrays[number], (self.arrays[number].size,))
            offsets[number] = total
            sources.append(array)
            total += array.size
        places = self._place_of[entries] + np.vectorize(offsets.__getitem__, otypes=[np.int64])(numbers)
        if _CONSTANT in offsets:
            chosen = numbers == _CONSTANT
            places[chosen] = offsets[_CONSTANT] + np.searchsorted(constant_entries, entries[chosen])
        return self._taken(self._concatenated(sources), places)

    def _concatenated(self, arrays: list[Array]) -> Array:
        graph = self.graph
        ends = np.cumsum([array.size for array in arrays]).tolist()
        parts = [slice(end - array.size, end, 1) for array, end in zip(arrays, ends)]
        result = graph.concatenate(arrays)

        def pullback(g: Array) -> tuple[Array, ...]:
            g = whole(g, result.shape)
            return tuple([graph.take(g, part) for part in parts])

        return self._step(result, tuple(arrays), pullback)

    def _constants(self, entries: Matrix, literal: bool) -> Any:
        numbers = np.vectorize(self.tape.constants.__getitem__, otypes=[float])(entries)
        if literal and len({number.hex() for number in numbers.reshape(-1).tolist()}) == 1:
            return float(numbers.flat[0])
        return self.graph.make("constant", (), numbers, numbers.shape, False)


def whole(g: Array, shape: tuple[int, ...]) -> Array:
    """An adjoint in the shape of the result it belongs to: until it matters it may be one number for many."""
    return g.graph.broadcast(g, shape, g.batched)


def adjoints(lifting: Lifting, output: Array, seed: Array, wanted: Iterable[Array]) -> list[Array]:
    """The adjoints of the wanted arrays: the adjoint pass over the steps, from back to front."""
    graph = lifting.graph
    received: dict[Array, list[Any]] = defaultdict(list)
    received[output].append(seed)
    for step in reversed(lifting.steps):
        if step.result in received:
            adjoint = _total(graph, step.result, received.pop(step.result))
            if step.result in lifting.sums:
                lifting.deltas[adjoint] = step.result
            for operand, contribution in zip(step.operands, step.pullback(adjoint), strict=True):
                if isinstance(operand, Array) and isinstance(contribution, (Array, Piece)):
                    received[operand].append(contribution)
    return [
        graph.broadcast(_total(graph, array, received[array]) if received[array] else 0.0, array.shape, array.batched)
        for array in wanted
    ]


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
        assembled = graph.reshape(graph.assemble(array.size, pieces), array.shape)
        total = assembled if total is None else total + assembled
    return total  # type: ignore[no-any-return]


def _like(graph: ArrayGraph, array: Array, contribution: Array) -> Array:
    if not array.batched:
        contribution = graph.row_sum(contribution)
    if len(contribution.shape) == len(array.shape):
        for axis, (have, want) in enumerate(zip(contribution.shape, array.shape)):
            if want == 1 and have != 1:
                assert axis == len(array.shape) - 1 or contribution.shape[-1] == 1
                contribution = _summed_over(graph, contribution, axis)
    return contribution


def _summed_over(graph: ArrayGraph, x: Array, axis: int) -> Array:
    if axis == len(x.shape) - 1:
        return graph.reduction("sum", x)
    moved = graph.reshape(x, (*x.shape[:axis], *x.shape[axis + 1 :]))  # the last axis has length 1
    return graph.reshape(graph.reduction("sum", moved), (*x.shape[:axis], 1, *x.shape[axis + 1 :]))


def _by_lengths(parts: Sequence[Any], group: list[Any]) -> list[list[Any]]:
    """A group of sums by the number of terms in each part; as it is where there are many different numbers."""
    by_lengths: dict[Any, list[Any]] = defaultdict(list)
    for entry, terms in group:
        counts: dict[Any, int] = defaultdict(int)
        for term in terms:
            counts[term[:3]] += 1
        by_lengths[tuple(counts[part] for part in parts)].append((entry, terms))
    return [group] if len(by_lengths) > RAGGED_LIMIT else list(by_lengths.values())


def _distinct(rows: Sequence[Sequence[int]]) -> list[int]:
    """The number of each row among the distinct ones, in order of first appearance."""
    known: dict[tuple[int, ...], int] = {}
    return [known.setdefault(tuple(row), len(known)) for row in rows]


def _first_places(numbers: Sequence[int]) -> dict[int, int]:
    first: dict[int, int] = {}
    for place, number in enumerate(numbers):
        first.setdefault(number, place)
    return first


Block = tuple[
    list[int], list[int], list[int]
]  # rows of u, rows of v, the entries that are products of one with another


def _blocks_of(rows_u: Sequence[int], rows_v: Sequence[int], sparse: bool = False) -> list[Block] | None:
    """Entries (row of u, row of v) as the cells of one matrix or of several of one size; None if they are not.

    With `sparse` a third of the cells is enough: computing some too many costs less than gathering the others.
    """
    leader = {r: r for r in rows_u} | {~s: ~s for s in rows_v}  # union-find; ~s: rows of v, apart from those of u

    def find(x: int) -> int:
        while leader[x] != x:
            leader[x] = leader[leader[x]]
            x = leader[x]
        return x

    for r, s in zip(rows_u, rows_v):
        leader[find(r)] = find(~s)
    blocks: dict[int, Block] = {}
    for place, (r, s) in enumerate(zip(rows_u, rows_v)):
        of_u, of_v, cells = blocks.setdefault(find(r), ([], [], []))
        cells.append(place)
        of_u.append(r)
        of_v.append(s)
    result = [(list(dict.fromkeys(u)), list(dict.fromkeys(v)), cells) for u, v, cells in blocks.values()]
    sizes = {(len(u), len(v)) for u, v, _ in result}
    if len(sizes) > 1:
        return None
    ((r_size, s_size),) = sizes
    if len(result) > 1 and r_size == s_size == 1:
        return None  # one by one: elementwise products
    cells_needed = r_size * s_size / (3 if sparse else 1)
    distinct_cells = len(set(zip(rows_u, rows_v)))
    return result if distinct_cells >= cells_needed * len(result) else None


def _sorted_cells(cells: Sequence[int], rows_u: Sequence[int], rows_v: Sequence[int]) -> list[int]:
    rank_u = {row: i for i, row in enumerate(dict.fromkeys(rows_u[c] for c in cells))}
    rank_v = {row: i for i, row in enumerate(dict.fromkeys(rows_v[c] for c in cells))}
    return sorted(cells, key=lambda c: (rank_v[rows_v[c]], rank_u[rows_u[c]]))


def _as_slice(indices: Matrix) -> Indices:
    """Indices at one distance from each other as a slice, others as they are."""
    if indices.size == 1:
        return slice(int(indices[0]), int(indices[0]) + 1, 1)
    step = int(indices[1] - indices[0])
    if step > 0 and (np.diff(indices) == step).all():
        return slice(int(indices[0]), int(indices[-1]) + 1, step)
    return indices


def _is_identity(places: Matrix, size: int) -> bool:
    return bool(places.size == size and (places.reshape(-1) == np.arange(size)).all())
