"""Grouping: which entries of a tape form one array operation. No arrays are made here, only lists of entries.

Entries with the same operation at the same depth, with operands from the same arrays, are one group. A group of sums is
a sum of parts, each of like terms; a part of products over the same vectors is a matrix product.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

import numpy as np

from engine import primitives
from engine.lifting.arrays import REDUCTIONS
from engine.lifting.loops.call import LoopCall
from engine.lifting.parameter_groups import ParameterGroup, ParameterGroups
from engine.lifting.patterns import Matrix, blocks_of, by_lengths, first_places, numbered_rows, sorted_cells
from engine.lifting.tape import Tape
from engine.primitives import Primitive
from engine.value import Value

PARAMETER, CONSTANT = -1, -2  # the group of an entry that is in none yet
_NOTHING = -3  # the group of the other factor of a term that is no product
REDUCING = frozenset(getattr(primitives, name) for name in REDUCTIONS)


@dataclass(frozen=True)
class InputGroup:
    """The numbers of one argument: its name, how many, and the entry of each one that is used, with its place."""

    name: str
    size: int
    entries: list[int]
    places: list[int]


@dataclass(frozen=True)
class OperationGroup:
    """Entries computed by one primitive: operands[i][k] is operand k of entry i."""

    op: Primitive
    entries: list[int]
    operands: Matrix


@dataclass(frozen=True)
class Terms:
    """A part of sums: entry i gets plus or minus the sum over k of u[i][k] * v[i][k]; of u[i][k] where v is None."""

    minus: bool
    u: Matrix
    v: Matrix | None


@dataclass(frozen=True)
class MatrixProduct:
    """A part of sums: entry i gets plus or minus number where[i] of the flat v @ u.T, of each block if there are some.

    u is r x k or blocks x r x k, v is s x k or blocks x s x k, and the product s x r or blocks x s x r.
    """

    minus: bool
    u: Matrix
    v: Matrix
    where: Matrix


@dataclass(frozen=True)
class RaggedTerms:
    """A part of sums of different lengths: the terms of all entries in one row, and how many each entry has."""

    minus: bool
    u: Matrix
    v: Matrix | None
    lengths: list[int]


Part = Terms | MatrixProduct | RaggedTerms


@dataclass(frozen=True)
class SumGroup:
    """Linear entries, each the sum of the same parts."""

    entries: list[int]
    parts: list[Part]


Group = InputGroup | ParameterGroup | OperationGroup | SumGroup
LikeTerms = tuple[bool, list[list[int]], "list[list[int]] | None"]  # minus, us and vs: a row of factors for each entry


def group(tape: Tape, inputs: Sequence[Sequence[Value]]) -> list[Group]:
    """The groups of a tape, each after those it needs: arguments, then parameters and operations in order of use."""
    return _Grouping(tape, inputs).groups


def levels_of(tape: Tape) -> list[list[int]]:
    """The entries that are computed, by the length of the longest path of operations from a leaf."""
    level = [0] * tape.length
    levels: list[list[int]] = []
    for entry in range(tape.length):
        operands = tape.operands(entry)
        if operands:
            deepest = max([level[operand] for operand in operands])
            level[entry] = deepest + 1
            if deepest == len(levels):
                levels.append([])
            levels[deepest].append(entry)
    return levels


class _Grouping:
    """The groups so far, and which of them each entry is in."""

    def __init__(self, tape: Tape, inputs: Sequence[Sequence[Value]]) -> None:
        self.groups: list[Group] = []
        self._tape = tape
        self._group_of = np.full(tape.length, PARAMETER, dtype=np.int64)
        self._source: list[int] = self._group_of.tolist()  # the same, for loops over single entries
        self._depends = {CONSTANT: (-2, 0), PARAMETER: (-1, 0)}  # by group: see _add
        for entry in tape.constants:
            self._group_of[entry] = self._source[entry] = CONSTANT
        self._parameters = ParameterGroups(tape, self._is_free, self._add)
        self._add_inputs(inputs)
        levels = levels_of(tape)
        for level in levels:
            self._parameters.form_weights(level)
            self._form_of_loops(level)
        for level in levels:
            self._add_level(level)
        self._need(np.array(tape.outputs, dtype=np.int64))

    def _add_inputs(self, inputs: Sequence[Sequence[Value]]) -> None:
        entry_of = {leaf: entry for entry, leaf in self._tape.leaves.items()}
        for number, values in enumerate(inputs):
            name = f"x{number + 1}" if len(inputs) > 1 else "x"
            used = [(entry_of[value], place) for place, value in enumerate(values) if value in entry_of]
            entries, places = [entry for entry, _ in used], [place for _, place in used]
            self._add(InputGroup(name, len(values), entries, places), batched=True)

    def _add(self, new: Group, batched: bool = False) -> None:
        """Add a group. In u * v the u is of the earlier group; what is the same for all rows comes first."""
        number = len(self.groups)
        self.groups.append(new)
        self._depends[number] = (int(batched), number)
        self._group_of[np.asarray(new.entries, dtype=np.int64)] = number
        for entry in new.entries:
            self._source[entry] = number

    def _is_free(self, entry: int) -> bool:
        """Whether an entry is a parameter that is in no group yet."""
        return self._source[entry] == PARAMETER and entry in self._tape.leaves

    def _is_batched(self, entries: Sequence[int]) -> bool:
        """Whether one of the entries depends on the arguments."""
        return any(self._depends[self._source[entry]][0] == 1 for entry in entries)

    def _need(self, entries: Matrix) -> None:
        """Form groups of the parameters among entries that are gathered as an array of that shape."""
        if (self._group_of[entries] == PARAMETER).any():
            self._parameters.form(entries.reshape(-1, entries.shape[-1] if entries.ndim > 1 else 1).tolist())

    def _form_of_loops(self, level: list[int]) -> None:
        """Groups of the parameters that a loop's turns use, as they are grouped in one turn."""
        for entry in level:
            op, operands = self._tape.operations.get(entry, (None, ()))
            if isinstance(op, LoopCall):
                for matrix in op.matrices(operands):
                    self._need(matrix)

    def _add_level(self, level: list[int]) -> None:
        operations: dict[Any, list[int]] = defaultdict(list)
        sums: dict[Any, list[tuple[int, list[tuple[Any, ...]]]]] = defaultdict(list)
        for entry in level:
            if entry in self._tape.operations:
                operations[self._operation_key(entry)].append(entry)
            else:
                terms = self._sorted_terms(entry)
                sums[tuple(dict.fromkeys([term[:3] for term in terms]))].append((entry, terms))
        for key, entries in operations.items():
            self._add_operation(key[0], entries)
        for parts, like in sums.items():
            for same_lengths in by_lengths(parts, like):
                self._add_sums(parts, same_lengths)

    # Operations -----------------------------------------------------------------------------------------------------

    def _operation_key(self, entry: int) -> tuple[Any, ...]:
        """What the entries of a group have in common: the operation, and where the operands come from."""
        op, operands = self._tape.operations[entry]
        sources = [self._source[operand] for operand in operands]
        if op in REDUCING or len(operands) > 3:
            return (op, len(operands), tuple(sorted({*sources})))
        return (op, len(operands), tuple(sources))

    def _add_operation(self, op: Primitive, entries: list[int]) -> None:
        operands = np.array([self._tape.operations[entry][1] for entry in entries], dtype=np.int64)
        if not isinstance(op, LoopCall):  # a loop's parameters are in groups already
            for needed in [as_row(operands)] if op in REDUCING else operands.T:
                self._need(needed)
        self._add(OperationGroup(op, entries, operands), self._is_batched(operands.reshape(-1).tolist()))

    # Sums -----------------------------------------------------------------------------------------------------------

    def _sorted_terms(self, entry: int) -> list[tuple[Any, ...]]:
        """(minus, group of u, group of v, v, u) for each term, in an order that is the same for like entries."""
        source, depends = self._source, self._depends
        terms = []
        for minus, u, v in self._tape.terms[entry]:
            source_u = source[u]
            if v < 0:
                terms.append((minus, source_u, _NOTHING, u, u))
                continue
            source_v = source[v]
            exchanged = source_u == source_v != PARAMETER and u > v  # of two parameters the first as written weighs
            if depends[source_u] > depends[source_v] or exchanged:
                u, v, source_u, source_v = v, u, source_v, source_u
            terms.append((minus, source_u, source_v, v, u))
        terms.sort()
        return terms

    def _add_sums(self, kinds: Sequence[tuple[Any, ...]], like: list[tuple[int, list[tuple[Any, ...]]]]) -> None:
        """Linear entries with terms of the same kinds: each kind is a part, or several."""
        terms_of: dict[Any, list[list[tuple[Any, ...]]]] = {kind: [] for kind in kinds}
        for _, terms in like:
            for kind, same in groupby(terms, key=itemgetter(0, 1, 2)):  # they are sorted
                terms_of[kind].append(list(same))
        columns: list[LikeTerms] = []
        for (minus, _, source_v), rows in terms_of.items():
            us = [[term[4] for term in terms] for terms in rows]
            vs = None if source_v == _NOTHING else [[term[3] for term in terms] for terms in rows]
            columns += self._by_parameter_group(minus, us, vs)
        entries = [entry for entry, _ in like]
        order = _order(columns, len(entries))
        if order is not None:
            entries = [entries[i] for i in order]
            columns = [
                (minus, [us[i] for i in order], None if vs is None else [vs[i] for i in order])
                for minus, us, vs in columns
            ]
        parts = []
        for column in sorted(columns, key=itemgetter(0)):  # what is subtracted comes last
            parts.append(part := _part(*column))
            self._need_factors(part)
        batched = self._is_batched([x for _, us, vs in columns for row in (*us, *(vs or ())) for x in row])
        self._add(SumGroup(entries, parts), batched)

    def _by_parameter_group(self, minus: bool, us: list[list[int]], vs: list[list[int]] | None) -> list[LikeTerms]:
        """Terms whose parameters lie in several groups, in one order for all entries: the terms of each group apart."""
        self._parameters.form(us)
        if len({len(row) for row in us}) > 1:
            return [(minus, us, vs)]
        numbers = self._group_of[np.array(us, dtype=np.int64)]
        if not (numbers == numbers[0]).all() or len(set(numbers[0].tolist())) == 1:
            return [(minus, us, vs)]
        result = []
        for number in dict.fromkeys(numbers[0].tolist()):
            ks = np.nonzero(numbers[0] == number)[0].tolist()
            result.append((minus, [[row[k] for k in ks] for row in us], vs and [[row[k] for k in ks] for row in vs]))
        return result

    def _need_factors(self, part: Part) -> None:
        """The parameters among a part's second factors; those among the first are in groups already."""
        if part.v is None:
            return
        if isinstance(part, Terms) and part.v.shape[1] == 1:
            self._need(part.v[:, 0])
        elif isinstance(part, MatrixProduct) and part.v.ndim == 2 and len(part.u) == len(part.v) == 1:
            self._need(part.v[0])
        else:
            self._need(part.v)


def as_row(entries: Matrix) -> Matrix:
    """A matrix of one row as that row."""
    return entries[0] if len(entries) == 1 else entries


def _order(columns: Sequence[LikeTerms], n: int) -> list[int] | None:
    """The order of a group's entries in which the longest full matrix product among its parts gives them."""
    best: tuple[int, list[int]] | None = None
    for _, us, vs in columns:
        if vs is None or len(us[0]) < (best[0] if best else 1) or n == 1:
            continue
        rows_u, rows_v = numbered_rows(us), numbered_rows(vs)
        blocks = blocks_of(rows_u, rows_v)
        if blocks is not None and (best is None or len(us[0]) > best[0]):
            order = [i for _, _, cells in blocks for i in sorted_cells(cells, rows_u, rows_v)]
            best = (len(us[0]), order)
    return None if best is None or best[1] == list(range(n)) else best[1]


def _part(minus: bool, us: list[list[int]], vs: list[list[int]] | None) -> Part:
    """The sum of each row's terms, in the form in which arrays compute it best."""
    lengths = [len(row) for row in us]
    if len({*lengths}) > 1:
        u = np.array(list(chain.from_iterable(us)), dtype=np.int64)
        v = None if vs is None else np.array(list(chain.from_iterable(vs)), dtype=np.int64)
        return RaggedTerms(minus, u, v, lengths)
    u = np.array(us, dtype=np.int64)
    if vs is None:
        return Terms(minus, u, None)
    v = np.array(vs, dtype=np.int64)
    return _matrix_product(minus, u, v) or Terms(minus, u, v)


def _matrix_product(minus: bool, u: Matrix, v: Matrix) -> MatrixProduct | None:
    """Rows of products as a matrix product, or as one for each block; None where they are neither."""
    n, k = u.shape
    if k == 1 and n == 1:
        return None
    rows_u, rows_v = numbered_rows(u.tolist()), numbered_rows(v.tolist())
    blocks = blocks_of(rows_u, rows_v, sparse=True)
    if blocks is None:
        return None
    if k == 1 and (len(blocks) > 1 or min(len(blocks[0][0]), len(blocks[0][1])) == 1):
        return None
    first_u, first_v = first_places(rows_u), first_places(rows_v)
    u_matrix = np.array([[u[first_u[r]] for r in of_u] for of_u, _, _ in blocks])  # blocks x r x k
    v_matrix = np.array([[v[first_v[s]] for s in of_v] for _, of_v, _ in blocks])  # blocks x s x k
    r, s = u_matrix.shape[1], v_matrix.shape[1]
    place = {}
    for b, (of_u, of_v, _) in enumerate(blocks):
        for j, row_v in enumerate(of_v):
            for i, row_u in enumerate(of_u):
                place[row_u, row_v] = (b * s + j) * r + i
    where = np.array([place[cell] for cell in zip(rows_u, rows_v)], dtype=np.int64)
    if len(blocks) == 1:
        u_matrix, v_matrix = u_matrix[0], v_matrix[0]
    return MatrixProduct(minus, u_matrix, v_matrix, where)
