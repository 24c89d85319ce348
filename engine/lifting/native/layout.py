"""Where everything is: which function computes a term, and the places in `work` through which functions pass numbers.

LLVM's time grows faster than the length of a function, so the terms are in functions of a few hundred.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.lifting.native.expand import Expansion
from engine.lifting.native.functions import OF_C, OWN
from engine.lifting.native.layout_parts import Call, Chunk, Copy, Matrix, Part, Surroundings, Turns
from engine.lifting.native.terms import GATHERS, KERNELS, NO_CODE, ROW, TOTAL, UNIFORM, Kernel, Terms

CHUNK = 300  # terms in a function
MOST_IN_REGISTERS = 600  # terms of a turn whose states are not in memory
FEWEST_COLUMNS = 4  # of a matrix from which on they are put side by side
TILE = 32  # vectors of an array that are kept before their outer products are computed
ALIGNED = 8  # numbers: where vectors begin
COST = dict.fromkeys(OF_C, 60) | dict.fromkeys(OWN, 20)  # operations that a function takes as long as, about


class Layout:
    """The parts of a function and the places of its numbers.

    Attributes:
        parts: chunks and calls of kernels, those of each level together.
        outers: the kernels that are outer products, summed over the rows.
        scatter_sums: the kernels that add to rows of a table for all rows of a batch.
        matrices: the two operands of each product of matrices.
        turns: the loops.
        kept: of each outer product where the vectors of its operands are kept.
        tile: the groups of rows that are kept before they are computed.
        scalars, vectors: where a term is that other parts need.
        copies: where else the numbers of a term are put: in the matrices of kernels.
        row_sums: the number of each sum over rows.
        summed: for each term of a row the sums that it is part of.
        elements: where the numbers of a kernel are.
        tables: the plain numbers that lie in memory, in hexadecimal, and of each list of them its number.
        in_registers: whether it is that of a turn that is one chunk, with its states in registers.
        is_map: whether several of its turns may be computed at once: they lie side by side, and none needs another.
        starts: where the inputs of each argument are; none in a turn of that kind, which takes them where they are.
        sums, totals: where the sums over the rows are, lane by lane and in all.
        outputs: where the outputs of rows are.
        work: how many numbers all this is, and what comes before.
        count: how many numbers are computed one by one.
        operations: about how many scalar operations are done for each row, with those of functions, of products, and of
            all turns of loops.
    """

    def __init__(
        self, expansion: Expansion, sizes: Sequence[int], lanes: int, surroundings: Surroundings | None = None
    ) -> None:
        around = surroundings or Surroundings()
        self.terms = self._terms = expansion.terms
        self.lanes = self._lanes = lanes
        self._expansion = expansion
        self._shared = around.shared
        self._is_turn = surroundings is not None
        self._copied: dict[tuple[Any, ...], int] = {}
        self.work = around.begin
        self.tables = around.tables
        self.turns: dict[int, Turns] = {}
        self.matrices: dict[int, tuple[Matrix, Matrix]] = {}
        self.elements: dict[int, int] = {}
        self.copies: dict[int, list[int]] = {}
        self.outers: list[int] = []
        self.scatter_sums: list[int] = []
        self._packs: dict[tuple[tuple[int, ...], bool], int] = {}
        self._needed = self._terms.needed(expansion.outputs)
        self._given = around.given
        self.in_registers = bool(around.given)
        self.is_map = self.in_registers and lanes == 1 and all(each.steps[0] == 1 for each in around.given[1:])
        self.is_map = self.is_map and sizes[0] == 0 and max(sizes) == 1
        self.starts = [] if self.in_registers else [self._room(lanes * size) for size in sizes]
        self._number_row_sums()
        self._stores_outputs = expansion.by_rows and not self.in_registers
        self.outputs = self._room(lanes * len(expansion.outputs) if self._stores_outputs else 0)
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

    def _cut(self) -> list[Part]:
        terms = self._terms
        parts: dict[int, list[Part]] = {UNIFORM: [], ROW: [], TOTAL: []}
        most = MOST_IN_REGISTERS if self.in_registers else CHUNK
        for term, is_needed in enumerate(self._needed):
            if not is_needed:
                continue
            op, level = terms.ops[term], terms.levels[term]
            if op == "loop":
                self._cut_loop(parts, term)
            elif op in GATHERS:
                self._cut_gather(parts, term)
            elif op in KERNELS:
                self._cut_kernel(parts, term)
            elif op not in NO_CODE:
                last = parts[level][-1] if parts[level] else None
                if not isinstance(last, Chunk) or len(last.terms) >= most:
                    last = Chunk(level)
                    parts[level].append(last)
                last.terms.append(term)
        in_chunks = {term for part in parts[ROW] if isinstance(part, Chunk) for term in part.terms}
        sums = [term for term in self.summed if term not in in_chunks]
        parts[ROW] += [Chunk(ROW, sums=sums[k : k + CHUNK]) for k in range(0, len(sums), CHUNK)]
        if self._stores_outputs:
            places = []
            for k, term in enumerate(self._expansion.outputs):
                place = self.outputs + k * self._lanes
                if term in in_chunks:
                    self.copies.setdefault(term, []).append(place)
                else:
                    places.append((place, term))
            parts[ROW] += [Chunk(ROW, stores=places[k : k + CHUNK]) for k in range(0, len(places), CHUNK)]
        return parts[UNIFORM] + parts[ROW] + parts[TOTAL]

    def _cut_kernel(self, parts: dict[int, list[Part]], term: int) -> None:
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
        if not is_outer and (level != ROW or self._lanes == 1):
            matrices[1] = self._side_by_side(matrices[1], kernel, parts)
        self.matrices[term] = matrices[0], matrices[1]
        varies = terms.levels[term] == ROW
        self.elements[term] = self._room(p * r * (self._lanes if varies else 1))
        if is_outer:
            self.outers.append(term)
        else:
            parts[level].append(Call(level, term))

    def _cut_gather(self, parts: dict[int, list[Part]], term: int) -> None:
        """The same of lookups in a table, or of what they add back."""
        terms, kernel, op = self._terms, self._terms.kernels[term], self._terms.ops[term]
        p, q, r = kernel.shape
        level = ROW if op == "scatter_sum" else terms.levels[term]
        shapes = (q, r), (1, p if op == "lookup" else q)
        a, index = [
            self._found(of, shape) or self._packed(of, shape, parts, level, False)
            for of, shape in zip((kernel.a, kernel.b), shapes)
        ]
        self.matrices[term] = a, index
        self.elements[term] = self._room(p * r * (self._lanes if terms.levels[term] == ROW else 1))
        if op == "scatter_sum":
            self.scatter_sums.append(term)
        parts[level].append(Call(level, term))

    def _side_by_side(self, b: Matrix, kernel: Kernel, parts: dict[int, list[Part]]) -> Matrix:
        """The second operand of a product for one row; a copy if its columns lie apart and much is computed with it."""
        p, q, r = kernel.shape
        is_same = all(self._terms.levels[x] == UNIFORM for x in kernel.b)
        if not is_same or b.steps[1] == 1 or r < FEWEST_COLUMNS or not (self._is_turn or p >= FEWEST_COLUMNS):
            return b
        key = b.pointer, b.place, b.steps, q, r
        place = self._copied.get(key)
        if place is None:
            place = self._copied[key] = self._room(q * r)
            parts[UNIFORM].append(Copy(UNIFORM, b, place, q, r))
        return Matrix("%w", place, (r, 1), False)

    def _cut_loop(self, parts: dict[int, list[Part]], term: int) -> None:
        """The call of a loop, and before it what puts its operands where it takes them from."""
        loop, level = self._terms.loops[term], self._terms.levels[term]
        varies = level == ROW
        lanes = self._lanes if varies else 1

        outputs = [*loop.after, *(x for stack in loop.stacks for x in stack)]
        in_registers = _is_small(loop.turn, outputs)

        def matrix(of: tuple[int, ...], rows: int, in_place: bool = in_registers) -> Matrix:
            shape = rows, len(of) // rows
            if not of:
                return Matrix("%w", 0, (0, lanes), varies)
            found = self._found(of, shape)
            if found is None or (not in_place and (found.varies != varies or found.steps[1] != lanes)):
                found = self._packed(of, shape, parts, level, varies and not in_place)
            return found

        states = matrix(loop.starts, 1, in_place=False)
        sequences = [matrix(sequence, loop.turns) for sequence in loop.sequences]
        constant = [matrix(array, 1) for array in loop.constant]
        shared = self._packed(loop.shared, (1, len(loop.shared)), parts, level, False).place if loop.shared else 0
        self.elements[term] = self._room(loop.length * lanes)
        given = [states, *sequences, *constant]
        of_turn = Expansion(loop.turn, outputs, by_rows=True)
        around = Surroundings(self.work, shared, given if in_registers else [], self.tables)
        turn = Layout(of_turn, loop.sizes, lanes, around)
        self.work = turn.work
        self.turns[term] = Turns(loop, states, sequences, constant, turn)
        parts[level].append(Call(level, term))

    def _found(self, of: tuple[int, ...], shape: tuple[int, int]) -> Matrix | None:
        """The matrix if its terms lie in even steps somewhere already."""
        terms, first = self._terms, of[0]
        op = terms.ops[first]
        if op == "constant" and all(terms.ops[x] == op for x in of):
            same = all(x == first for x in of)
            constants = tuple([terms.operands[x][0].hex() for x in (of[:1] if same else of)])
            number = self.tables.setdefault(constants, len(self.tables))
            return Matrix(f"@table{number}", 0, (0, 0) if same else (shape[1], 1), False)
        steps = terms.steps(of, shape)
        if steps is None:
            return None
        place, down, along = steps
        varies, pointer = op == "input" or terms.levels[first] == ROW, "%w"
        if op == "element":
            start = self.elements[terms.operands[first][0]]
        elif op == "input":
            start = self.starts[terms.operands[first][0]]
        else:
            pointer, start = ("%p", 0) if op == "parameter" else ("%w", self._shared)
        step = self._lanes if varies else 1
        return Matrix(pointer, start + place * step, (down * step, along * step), varies)

    def _packed(
        self,
        of: tuple[int, ...],
        shape: tuple[int, int],
        parts: dict[int, list[Part]],
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
        if op == "input":
            return self._place_in_turn(*terms.operands[term])
        if op == "shared":
            return "%w", self._shared + terms.operands[term][0]
        if op == "row_sum":
            return "%w", self.totals + self.row_sums[term]
        if op == "element":
            return "%w", self.elements[terms.operands[term][0]] + terms.places[term]
        return "%w", self.scalars[term]

    def _place_in_turn(self, argument: int, place: int) -> tuple[str, int]:
        """Where a number of a turn's argument is, of a turn that takes it where it is."""
        return f"%part{argument}", place * self._given[argument].steps[1]

    def vector(self, term: int) -> tuple[str, int] | None:
        """The pointer and the place where the vector of a term is; None if it has none."""
        terms = self._terms
        op = terms.ops[term]
        if op == "input":
            argument, place = terms.operands[term]
            if self.in_registers:
                is_vector = self.is_map or self._given[argument].varies
                return self._place_in_turn(argument, place) if is_vector else None
            return "%w", self.starts[argument] + place * self._lanes
        if op == "element" and terms.levels[term] == ROW:
            return "%w", self.elements[terms.operands[term][0]] + terms.places[term] * self._lanes
        return ("%w", self.vectors[term]) if term in self.vectors else None


def _is_small(turn: Terms, outputs: Sequence[int]) -> bool:
    """Whether the terms of a turn can be one chunk."""
    ops = [op for op, is_needed in zip(turn.ops, turn.needed(outputs)) if is_needed]
    return len(ops) <= MOST_IN_REGISTERS and not any(op in KERNELS for op in ops)
