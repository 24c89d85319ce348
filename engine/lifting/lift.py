"""Lifting: from a tape of scalar operations to a graph of array operations.

Entries with the same operation at the same depth, with operands from the same arrays, become one array operation.
Where an operand's numbers stand in another order than they are needed, they are gathered; mostly the pattern of indices
is the identity, a slice or a broadcast, and needs no gather. Sums of products over the same vectors become matrix
products.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

import numpy as np

from engine.errors import check_count, not_a_rule
from engine.lifting.arrays import REDUCTIONS, Array, ArrayGraph, Operand
from engine.lifting.patterns import (
    Matrix,
    blocks_of,
    by_lengths,
    distinct,
    first_places,
    sorted_cells,
)
from engine.lifting.placement import Placement
from engine.lifting.steps import Steps
from engine.lifting.tape import Tape
from engine.primitives import OPERATIONS, Primitive
from engine.value import Value

_NOTHING = -3  # the array of the other factor of a term that is no product
_REDUCTIONS = frozenset(OPERATIONS[name] for name in REDUCTIONS)


class Lifting:
    """The array graph of a tape.

    Attributes:
        graph: its arrays.
        steps: how they are computed, and the way back.
        blocks: the parameters of each parameter array, as Values in the order of its numbers.
        parameters: the parameter arrays, named W1, b1, ... in order of use.
        inputs: the argument arrays.
        outputs: one array with the outputs' numbers.
        sums: the results of the groups of linear entries, the weighted inputs z; an ordered set.
        values: the results of the other groups, the activations a; an ordered set.
    """

    def __init__(self, tape: Tape, inputs: Sequence[Sequence[Value]]) -> None:
        self.tape = tape
        self.graph = ArrayGraph()
        self.steps = Steps(self.graph)
        self._placement = Placement(tape, self.steps, inputs)
        self._gathered = self._placement.gathered
        self.blocks = self._placement.blocks
        self.parameters = self._placement.parameters
        self.inputs = self._placement.inputs
        self.sums: dict[Array, None] = {}
        self.values: dict[Array, None] = {}
        levels = self._levels()
        for level in levels:
            self._placement.place_weights(level)
        for level in levels:
            self._lift_level(level)
        outputs = self._gathered(np.array(tape.outputs, dtype=np.int64))
        self.outputs = self.steps.broadcast(outputs, outputs.shape, batched=bool(inputs))

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

    # Groups ---------------------------------------------------------------------------------------------------------

    def _lift_level(self, level: list[int]) -> None:
        tape, source, rank = self.tape, self._placement.source, self._placement.rank
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
                        terms.append((minus, source_u, _NOTHING, u, u))
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
            for same_lengths in by_lengths(parts, group):
                self._lift_sums(parts, same_lengths)

    def _lift_operation(self, op: Primitive, entries: list[int]) -> None:
        operands = np.array([self.tape.operations[entry][1] for entry in entries], dtype=np.int64)
        n, arity = operands.shape
        if op in _REDUCTIONS:  # one array with the operands along its last axis stands for all of them
            arguments: list[Operand] = [self._gathered(_as_row(operands))]
        else:
            arguments = [self._gathered(operands[:, k], literal=True) for k in range(arity)]
        returned = self._call(op, op.rule, *arguments)
        if not isinstance(returned, (tuple, list)) or len(returned) != 2:
            raise not_a_rule(op, returned)
        value, pullback = returned
        value = self.graph.number(value)  # a comparison is a number of the graph like any other
        shape = (n, 1) if op in _REDUCTIONS and n > 1 else (n,)
        if not isinstance(value, Array):
            value = self.graph.broadcast(value, shape, any(isinstance(x, Array) and x.batched for x in arguments))

        def contributions(g: Array) -> Any:
            returned = self._call(op, pullback, g)
            check_count(op, returned, len(arguments))
            return returned

        result = self.steps.primitive(op, value, tuple(arguments), contributions)
        flat = self.steps.reshaped(self.steps.broadcast(result, shape), (n,))
        self.values[value if flat is result else flat] = None
        self._placement.place(entries, flat, np.arange(n))

    def _call(self, op: Primitive, function: Callable[..., Any], *arrays: Operand) -> Any:
        """A primitive's rule, or its pullback, on arrays."""
        self.graph.along_last_axis = op in _REDUCTIONS
        try:
            return function(*arrays)
        except TypeError as error:
            raise TypeError(
                f"the rule of the primitive {op.name} cannot be compiled, it failed on arrays: {error}. "
                "Write it with operators and engine's functions (engine.exp, not math.exp; engine.where, not if)"
            ) from error
        finally:
            self.graph.along_last_axis = False

    def _lift_sums(self, parts: Sequence[tuple[Any, ...]], group: list[tuple[int, list[tuple[Any, ...]]]]) -> None:
        """The entries of a group of linear ones: each the sum of the same parts, each part a sum of like terms."""
        entries = [entry for entry, _ in group]
        terms_of: dict[Any, list[list[tuple[Any, ...]]]] = {part: [] for part in parts}
        for _, terms in group:
            for part, like in groupby(terms, key=itemgetter(0, 1, 2)):  # they are sorted
                terms_of[part].append(list(like))
        columns: list[tuple[bool, list[list[int]], list[list[int]] | None]] = []
        for (minus, _, source_v), rows in terms_of.items():
            us = [[term[4] for term in terms] for terms in rows]
            vs = None if source_v == _NOTHING else [[term[3] for term in terms] for terms in rows]
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
            total = self.steps.sum(total, part, minus)
        if not isinstance(total, Array) or total.shape != (n,):
            total = self.steps.broadcast(total, (n,))
        self.sums[total] = None
        self._placement.place(entries, total, np.arange(n))

    def _by_parameter_array(
        self, minus: bool, us: list[list[int]], vs: list[list[int]] | None
    ) -> list[tuple[bool, list[list[int]], list[list[int]] | None]]:
        """A part whose parameters lie in several arrays, in one order for all entries, as one part for each array."""
        self._placement.place_parameters(us)
        if len({len(row) for row in us}) > 1:
            return [(minus, us, vs)]
        arrays = self._placement.array_of[np.array(us, dtype=np.int64)]
        if (arrays == arrays[0]).all() and len(set(arrays[0].tolist())) > 1:
            result = []
            for number in dict.fromkeys(arrays[0].tolist()):
                ks = np.nonzero(arrays[0] == number)[0].tolist()
                result.append(
                    (minus, [[row[k] for k in ks] for row in us], vs and [[row[k] for k in ks] for row in vs])
                )
            return result
        return [(minus, us, vs)]

    # Parts of sums --------------------------------------------------------------------------------------------------

    def _order(self, split: Sequence[Any], n: int) -> list[int] | None:
        """The order of a group's entries in which the longest full matrix product among its parts gives them."""
        best: tuple[int, list[int]] | None = None
        for _, us, vs in split:
            if vs is None or len(us[0]) < (best[0] if best else 1) or n == 1:
                continue
            rows_u, rows_v = distinct(us), distinct(vs)
            groups = blocks_of(rows_u, rows_v)
            if groups is not None and (best is None or len(us[0]) > best[0]):
                order = [i for _, _, cells in groups for i in sorted_cells(cells, rows_u, rows_v)]
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
            return self.steps.summed(self._gathered(_as_row(u)))
        v = np.array(vs, dtype=np.int64)
        product = self._matrix_product(u, v, us, vs)
        if product is not None:
            return product
        if k == 1:
            return self.steps.product(self._gathered(u[:, 0], literal=True), self._gathered(v[:, 0], literal=True))
        return self.steps.summed(self.steps.product(self._gathered(u, literal=True), self._gathered(v)))

    def _matrix_product(self, u: Matrix, v: Matrix, us: Any, vs: Any) -> Operand | None:
        """The part as a matrix product, or as one for each block, or None where it is neither."""
        n, k = u.shape
        if k == 1 and n == 1:
            return None
        rows_u, rows_v = distinct(us), distinct(vs)
        groups = blocks_of(rows_u, rows_v, sparse=True)
        if groups is None:
            return None
        if k == 1 and (len(groups) > 1 or min(len(groups[0][0]), len(groups[0][1])) == 1):
            return None
        first_u, first_v = first_places(rows_u), first_places(rows_v)
        u_matrix = np.array([[u[first_u[r]] for r in of_u] for of_u, _, _ in groups])  # blocks x r x k
        v_matrix = np.array([[v[first_v[s]] for s in of_v] for _, of_v, _ in groups])  # blocks x s x k
        blocks, r, s = len(groups), u_matrix.shape[1], v_matrix.shape[1]
        if blocks == 1:
            u_matrix, v_matrix = u_matrix[0], v_matrix[0]
        if blocks == r == s == 1:
            left, right = self._gathered(v_matrix[0]), self._gathered(u_matrix[0])
            if left.batched == right.batched:
                return self.steps.summed(self.steps.product(right, left))  # a scalar product, row by row
        left, right = self._gathered(v_matrix), self._gathered(u_matrix)
        product = self.steps.times(right, left, s)
        product = self.steps.reshaped(product, (blocks * r * s,))
        place = {}
        for b, (of_u, of_v, _) in enumerate(groups):
            at_u = {row: i for i, row in enumerate(of_u)}
            for j, row in enumerate(of_v):
                for row_u, i in at_u.items():
                    place[row_u, row] = (b * s + j) * r + i
        where = np.array([place[cell] for cell in zip(rows_u, rows_v)], dtype=np.int64)
        return self.steps.taken(product, where)

    def _ragged(self, us: list[list[int]], vs: list[list[int]] | None) -> Operand:
        """Sums of different lengths: all terms in one row, then the sums of its segments."""
        terms = self._gathered(np.array(list(chain.from_iterable(us)), dtype=np.int64))
        if vs is not None:
            others = self._gathered(np.array(list(chain.from_iterable(vs)), dtype=np.int64))
            terms = self.steps.product(terms, others)
        return self.steps.segment_sums(terms, [len(row) for row in us])


def _as_row(entries: Matrix) -> Matrix:
    """A matrix of one row as that row."""
    return entries[0] if len(entries) == 1 else entries
