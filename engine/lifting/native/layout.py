"""Where everything is: which function computes a term, and the places in `work` through which functions pass numbers.

LLVM's time grows faster than the length of a function, so the terms are in functions of a few hundred.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.lifting.native.expand import Expansion
from engine.lifting.native.functions import OF_C, OWN
from engine.lifting.native.terms import KERNELS, NO_CODE, ROW, TOTAL, UNIFORM, Loop

CHUNK = 300  # terms in a function
TILE = 32  # vectors of an array that are kept before their outer products are computed
ALIGNED = 8  # numbers: where vectors begin
COST = dict.fromkeys([*OWN, *OF_C], 20)  # operations that a function is, about


@dataclass
class Chunk:
    """A function of a few hundred terms.

    Attributes:
        level: theirs.
        terms: what it computes.
        stores: terms that it only puts to a place: (place, term).
        sums: inputs that are added to sums over the rows.
    """

    level: int
    terms: list[int] = field(default_factory=list)
    stores: list[tuple[int, int]] = field(default_factory=list)
    sums: list[int] = field(default_factory=list)


@dataclass
class Call:
    """The call of a kernel: the term that it is."""

    level: int
    kernel: int


@dataclass
class Turns:
    """A loop: where its states are before it, its sequences, what is the same in all turns; the layout of a turn."""

    loop: Loop
    states: Matrix
    sequences: list[Matrix]
    constant: list[Matrix]
    turn: Layout


@dataclass(frozen=True)
class Matrix:
    """Where a matrix is: from a pointer and a place, with the steps along its rows and its columns.

    `varies` says whether it is one of vectors, a lane for each row of a batch.
    """

    pointer: str
    place: int
    steps: tuple[int, int]
    varies: bool


class Layout:
    """The parts of a function and the places of its numbers.

    Attributes:
        parts: chunks and calls of kernels, those of each level together.
        outers: the kernels that are outer products, summed over the rows.
        matrices: the two operands of each product of matrices.
        turns: the loops.
        kept: of each outer product where the vectors of its operands are kept.
        tile: the groups of rows that are kept before they are computed.
        scalars, vectors: where a term is that other parts need.
        copies: where else the numbers of a term are put: in the matrices of kernels.
        row_sums: the number of each sum over rows.
        summed: for each term of a row the sums that it is part of.
        elements: where the numbers of a kernel are.
        starts: where the inputs of each argument are.
        sums, totals: where the sums over the rows are, lane by lane and in all.
        outputs: where the outputs of rows are.
        work: how many numbers all this is, and what comes before.
        count: how many numbers are computed one by one.
        operations: about how many scalar operations are done for each row, with those of functions, of products, and of
            all turns of loops.
    """

    def __init__(self, expansion: Expansion, sizes: Sequence[int], lanes: int, begin: int = 0, shared: int = 0) -> None:
        self.terms = self._terms = expansion.terms
        self.lanes = self._lanes = lanes
        self._expansion = expansion
        self._shared = shared
        self.work = begin
        self.turns: dict[int, Turns] = {}
        self.matrices: dict[int, tuple[Matrix, Matrix]] = {}
        self.elements: dict[int, int] = {}
        self.copies: dict[int, list[int]] = {}
        self.outers: list[int] = []
        self._packs: dict[tuple[tuple[int, ...], bool], int] = {}
        self._needed = self._terms.needed(expansion.outputs)
        self.starts = [self._room(lanes * size) for size in sizes]
        self._number_row_sums()
        self.outputs = self._room(lanes * len(expansion.outputs) if expansion.by_rows else 0)
        self.parts = self._cut()
        self._place_terms()
        self._place_kept()
        self.count = sum(len(part.terms) for part in self.parts if isinstance(part, Chunk))
        self.operations = self._operations_of_rows()
        self.count += sum(turns.turn.count for turns in self.turns.values())

    def _operations_of_rows(self) -> int:
        terms = self.terms
        of_rows = [part for part in self.parts if part.level == ROW]
        total: int = sum(COST.get(terms.ops[x], 1) for part in of_rows if isinstance(part, Chunk) for x in part.terms)
        for kernel in [*self.outers, *(part.kernel for part in of_rows if isinstance(part, Call))]:
            turns = self.turns.get(kernel)
            total += turns.loop.turns * turns.turn.operations if turns else math.prod(terms.kernels[kernel].shape)
        return total

    def _room(self, length: int) -> int:
        """A place for so many numbers."""
        place = self.work
        self.work += -(-length // ALIGNED) * ALIGNED
        return place

    def _number_row_sums(self) -> None:
        """A number for each sum over the rows: those that are outputs in their order, so that they lie together."""
        terms = self._terms
        order = [*self._expansion.outputs, *np.nonzero(np.frombuffer(self._needed, dtype=np.uint8))[0].tolist()]
        sums = dict.fromkeys([term for term in order if terms.ops[term] == "row_sum"])
        self.row_sums = {term: number for number, term in enumerate(sums)}
        self.sums = self._room(self._lanes * len(sums))
        self.totals = self._room(len(sums))
        self.summed: dict[int, list[int]] = {}
        for term in sums:
            for operand in terms.operands[term]:
                self.summed.setdefault(operand, []).append(term)

    # Parts ----------------------------------------------------------------------------------------------------------

    def _cut(self) -> list[Chunk | Call]:
        terms = self._terms
        parts: dict[int, list[Chunk | Call]] = {UNIFORM: [], ROW: [], TOTAL: []}
        for term, is_needed in enumerate(self._needed):
            if not is_needed:
                continue
            op, level = terms.ops[term], terms.levels[term]
            if op == "loop":
                self._cut_loop(parts, term)
            elif op in KERNELS:
                self._cut_kernel(parts, term)
            elif op not in NO_CODE:
                last = parts[level][-1] if parts[level] else None
                if not isinstance(last, Chunk) or len(last.terms) >= CHUNK:
                    last = Chunk(level)
                    parts[level].append(last)
                last.terms.append(term)
        in_chunks = {term for part in parts[ROW] if isinstance(part, Chunk) for term in part.terms}
        sums = [term for term in self.summed if term not in in_chunks]
        parts[ROW] += [Chunk(ROW, sums=sums[k : k + CHUNK]) for k in range(0, len(sums), CHUNK)]
        if self._expansion.by_rows:
            places = []
            for k, term in enumerate(self._expansion.outputs):
                place = self.outputs + k * self._lanes
                if term in in_chunks:
                    self.copies.setdefault(term, []).append(place)
                else:
                    places.append((place, term))
            parts[ROW] += [Chunk(ROW, stores=places[k : k + CHUNK]) for k in range(0, len(places), CHUNK)]
        return parts[UNIFORM] + parts[ROW] + parts[TOTAL]

    def _cut_kernel(self, parts: dict[int, list[Chunk | Call]], term: int) -> None:
        """The call of a kernel, and before it what puts its operands where it takes them from."""
        terms, kernel = self._terms, self._terms.kernels[term]
        p, q, r = kernel.shape
        is_outer = terms.ops[term] == "outer"
        level = ROW if is_outer else terms.levels[term]
        matrices = []
        for of, shape in ((kernel.a, (q, p) if is_outer else (p, q)), (kernel.b, (q, r))):
            matrix = self._found(of, shape)
            if matrix is None or (is_outer and not (matrix.varies and matrix.steps[0] == shape[1] * self._lanes)):
                matrix = self._packed(of, shape, parts, level, is_outer)
            matrices.append(matrix)
        self.matrices[term] = matrices[0], matrices[1]
        varies = terms.levels[term] == ROW
        self.elements[term] = self._room(p * r * (self._lanes if varies else 1))
        if is_outer:
            self.outers.append(term)
        else:
            parts[level].append(Call(level, term))

    def _cut_loop(self, parts: dict[int, list[Chunk | Call]], term: int) -> None:
        """The call of a loop, and before it what puts its operands where it takes them from."""
        loop, level = self._terms.loops[term], self._terms.levels[term]
        varies = level == ROW
        lanes = self._lanes if varies else 1

        def matrix(of: tuple[int, ...], rows: int) -> Matrix:
            shape = rows, len(of) // rows
            found = self._found(of, shape)
            if found is None or found.varies != varies or found.steps[1] != lanes:
                found = self._packed(of, shape, parts, level, varies)
            return found

        states = matrix(loop.starts, 1)
        sequences = [matrix(sequence, loop.turns) for sequence in loop.sequences]
        constant = [matrix(array, 1) for array in loop.constant]
        shared = self._packed(loop.shared, (1, len(loop.shared)), parts, level, False).place if loop.shared else 0
        self.elements[term] = self._room(loop.length * lanes)
        outputs = [*loop.after, *(x for stack in loop.stacks for x in stack)]
        turn = Layout(Expansion(loop.turn, outputs, by_rows=True), loop.sizes, lanes, self.work, shared)
        self.work = turn.work
        self.turns[term] = Turns(loop, states, sequences, constant, turn)
        parts[level].append(Call(level, term))

    def _found(self, of: tuple[int, ...], shape: tuple[int, int]) -> Matrix | None:
        """The matrix if its terms lie in even steps somewhere already."""
        terms, first = self._terms, of[0]
        op = terms.ops[first]
        if op not in ("parameter", "input", "element", "shared") or any(terms.ops[x] != op for x in of):
            return None
        varies, pointer, start = op == "input" or terms.levels[first] == ROW, "%w", 0
        if op == "element":
            if any(terms.operands[x] != terms.operands[first] for x in of):
                return None
            places = np.array([terms.places[x] for x in of])
            start = self.elements[terms.operands[first][0]]
        elif op == "input":
            argument = terms.operands[first][0]
            if any(terms.operands[x][0] != argument for x in of):
                return None
            places, start = np.array([terms.operands[x][1] for x in of]), self.starts[argument]
        else:
            places = np.array([terms.operands[x][0] for x in of])
            pointer, start = ("%p", 0) if op == "parameter" else ("%w", self._shared)
        table = places.reshape(shape)
        down = int(table[1, 0] - table[0, 0]) if shape[0] > 1 else shape[1]
        along = int(table[0, 1] - table[0, 0]) if shape[1] > 1 else 1
        if (table != table[0, 0] + down * np.arange(shape[0])[:, None] + along * np.arange(shape[1])).any():
            return None
        step = self._lanes if varies else 1
        return Matrix(pointer, start + int(table[0, 0]) * step, (down * step, along * step), varies)

    def _packed(
        self,
        of: tuple[int, ...],
        shape: tuple[int, int],
        parts: dict[int, list[Chunk | Call]],
        level: int,
        as_vectors: bool,
    ) -> Matrix:
        """The matrix at a place of its own: its terms are put there when they are computed, or before the kernel."""
        terms = self._terms
        varies = as_vectors or any(terms.levels[x] == ROW for x in of)
        step = self._lanes if varies else 1
        place = self._packs.get((of, varies))
        if place is None:
            place = self._packs[of, varies] = self._room(step * len(of))
            stores = []
            for k, term in enumerate(of):
                if terms.ops[term] in NO_CODE or varies != (terms.levels[term] == ROW):
                    stores.append((place + k * step, term))
                else:
                    self.copies.setdefault(term, []).append(place + k * step)
            at = UNIFORM if level == ROW and not varies else level
            parts[at] += [Chunk(at, stores=stores[k : k + CHUNK]) for k in range(0, len(stores), CHUNK)]
        return Matrix("%w", place, (shape[1] * step, step), varies)

    # Places ---------------------------------------------------------------------------------------------------------

    def _place_terms(self) -> None:
        """Places for what one chunk needs of another, and for outputs."""
        terms, home = self._terms, {}
        for number, part in enumerate(self.parts):
            if isinstance(part, Chunk):
                home.update(dict.fromkeys(part.terms, number))
        last: dict[int, int] = {}  # the last other chunk that needs a term
        for number, part in enumerate(self.parts):
            if isinstance(part, Chunk):
                used = [operand for term in part.terms for operand in terms.operands[term]]
                for operand in (*used, *(term for _, term in part.stores), *part.sums):
                    if home.get(operand, number) != number:
                        last[operand] = number
        scalars = [] if self._expansion.by_rows else [x for x in self._expansion.outputs if x in home]  # in their order
        scalars += [x for x in last if terms.levels[x] != ROW]
        rows = terms.leaf("rows")
        if rows < len(self._needed) and self._needed[rows]:
            scalars.append(rows)
        start = self._room(len(scalars))
        self.scalars = {x: start + place for place, x in enumerate(dict.fromkeys(scalars))}
        numbers: dict[int, int] = {}
        free: list[int] = []
        ends: dict[int, list[int]] = {}
        count = 0
        for number, part in enumerate(self.parts):
            if isinstance(part, Chunk):
                for term in part.terms:
                    if term in last and terms.levels[term] == ROW:
                        if not free:
                            free.append(count)
                            count += 1
                        numbers[term] = free.pop()
                        ends.setdefault(last[term], []).append(numbers[term])
                free += ends.pop(number, [])
        start = self._room(self._lanes * count)
        self.vectors = {term: start + number * self._lanes for term, number in numbers.items()}

    def _place_kept(self) -> None:
        """Places for the operands of outer products, of several groups of rows."""
        depths = [self._terms.kernels[term].shape[1] for term in self.outers]
        self.tile = max(1, (TILE if self._lanes > 1 else 4) // max(depths, default=1))
        self.kept: dict[int, tuple[int, int]] = {}
        known: dict[tuple[int, int], int] = {}
        for term in self.outers:
            places = []
            kernel = self._terms.kernels[term]
            for side, (matrix, of) in enumerate(zip(self.matrices[term], (kernel.a, kernel.b))):
                key = side, matrix.place
                if key not in known:
                    known[key] = self._room(self.tile * self._lanes * len(of))
                places.append(known[key])
            self.kept[term] = places[0], places[1]

    def source(self, term: int) -> tuple[str, int]:
        """The pointer and the place where a number of one lane is."""
        terms = self._terms
        op = terms.ops[term]
        if op == "parameter":
            return "%p", terms.operands[term][0]
        if op == "shared":
            return "%w", self._shared + terms.operands[term][0]
        if op == "row_sum":
            return "%w", self.totals + self.row_sums[term]
        if op == "element":
            return "%w", self.elements[terms.operands[term][0]] + terms.places[term]
        return "%w", self.scalars[term]

    def vector(self, term: int) -> int | None:
        """The place where the vector of a term is; None if it has none."""
        terms = self._terms
        op = terms.ops[term]
        if op == "input":
            argument, place = terms.operands[term]
            return self.starts[int(argument)] + int(place) * self._lanes
        if op == "element" and terms.levels[term] == ROW:
            return self.elements[terms.operands[term][0]] + terms.places[term] * self._lanes
        return self.vectors.get(term)
