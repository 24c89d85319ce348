"""Terms: what native code computes, one number each, numbered so that each comes after its operands.

An equal term is the same one. A term is of one of three levels: those of level UNIFORM depend on parameters alone and
are computed once in a call; those of level ROW are computed for every row of a batch; those of level TOTAL depend on
sums over the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

UNIFORM, ROW, TOTAL = 0, 1, 2

COMPARISONS = {"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"}
TRUTHS = COMPARISONS | {"and", "or"}  # terms that are true or false
LEAVES = {"constant", "parameter", "input", "rows", "shared"}  # what nothing computes; operands say which
GATHERS = {"lookup", "scatter", "scatter_sum"}
SUMS = {"outer", "scatter_sum"}  # over the rows
KERNELS = {"matmul", "outer", "loop"} | GATHERS  # terms that stand for many numbers, of which each is an element
NO_CODE = LEAVES | KERNELS | {"element", "row_sum"}  # terms that are no operation of their own
CHAINS = ((16, 4), (8, 2), (0, 1))  # from how many terms on: in how many partial sums, which do not wait for each other


class Unsupported(Exception):  # noqa: N818  not an error: another backend takes the program
    """What there is no native code for; the text says what."""


@dataclass(frozen=True)
class Kernel:
    """A product of matrices, or lookups in a table, whose numbers are computed by loops and not written one by one.

    Of the operation "matmul" it is a (p x q) @ b (q x r). Of "outer" it is the sum of a.T @ b over the rows of a batch,
    for a (q x p) and b (q x r). Of "lookup" it is the rows of a (q x r) at the p indices b. Of "scatter" it is zeros
    (p x r) with the rows of a (q x r) added at the q indices b, of "scatter_sum" the same with those of all rows.

    Attributes:
        a: the terms of a, row by row.
        b: the terms of b.
        shape: p, q and r.
    """

    a: tuple[int, ...]
    b: tuple[int, ...]
    shape: tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Loop:
    """A loop whose turns are not written one by one. Its elements are the states after the last turn, then the stacks.

    In the terms of a turn the inputs of argument 0 are the states before it, those of the next ones a turn's part of
    each sequence, and after these what is the same in all turns and varies with the rows. What is the same in all rows
    too is a parameter, or "shared".

    Attributes:
        turns: how many.
        backwards: whether it goes from the last turn to the first.
        turn: the terms of a turn.
        after: the states after a turn, in that turn's terms.
        stacks: what is kept of every turn, array by array.
        starts: the states before the first turn, in the terms outside; so are the others.
        sequences: of each sequence the terms turn by turn.
        constant: what varies with the rows but not with the turns.
        shared: what "shared" stands for.
    """

    turns: int
    backwards: bool
    turn: Terms
    after: list[int]
    stacks: list[list[int]]
    starts: tuple[int, ...]
    sequences: list[tuple[int, ...]]
    constant: list[tuple[int, ...]]
    shared: tuple[int, ...]

    @property
    def sizes(self) -> list[int]:
        """The lengths of the arguments of a turn."""
        sequences = [len(sequence) // self.turns for sequence in self.sequences]
        return [len(self.starts), *sequences, *map(len, self.constant)]

    @property
    def length(self) -> int:
        """How many elements it has."""
        return len(self.after) + self.turns * sum(map(len, self.stacks))


class Terms:
    """The terms of a program.

    Attributes:
        ops: the operation of each.
        operands: the terms it is computed from; of a leaf which number it is.
        levels: UNIFORM, ROW or TOTAL.
        kernels: what the terms that are products of matrices compute.
        loops: the same of those that are loops.
        places: of each element of a kernel which it is.
    """

    def __init__(self) -> None:
        self.ops: list[str] = []
        self.operands: list[tuple[Any, ...]] = []
        self.levels: list[int] = []
        self.kernels: dict[int, Kernel] = {}
        self.loops: dict[int, Loop] = {}
        self.places: dict[int, int] = {}
        self._known: dict[object, int] = {}

    def constant(self, number: float) -> int:
        """The term of a plain number."""
        return self._entered(("constant", number.hex()), "constant", (number,), UNIFORM)

    def leaf(self, op: str, *which: int) -> int:
        """A number that is given: a parameter by its place, an input by its argument and place, the count of rows."""
        return self._entered((op, which), op, which, ROW if op == "input" else UNIFORM)

    def make(self, op: str, *operands: int) -> int:
        """The term of an operation."""
        if op == "where" and self.ops[operands[0]] == "constant":
            return operands[1] if self.operands[operands[0]][0] != 0.0 else operands[2]
        key = (op, operands)
        term = self._known.get(key)
        if term is None:
            levels = self.levels
            term = self._entered(key, op, operands, max([levels[x] for x in operands]))
        return term

    def kernel(self, op: str, kernel: Kernel) -> list[int]:
        """The elements of a kernel, row by row."""
        operands = kernel.a + kernel.b
        level = max([self.levels[x] for x in operands])
        if op in SUMS and level == TOTAL:
            raise Unsupported("a sum over the rows of what depends on such a sum")
        level = TOTAL if op in SUMS else level
        whole = self._entered((op, kernel), op, operands, level)
        self.kernels[whole] = kernel
        p, _, r = kernel.shape
        return self._elements(whole, p * r)

    def loop(self, loop: Loop) -> list[int]:
        """The elements of a loop."""
        operands = (*loop.starts, *loop.shared, *[x for part in (*loop.sequences, *loop.constant) for x in part])
        level = max([self.levels[x] for x in operands], default=UNIFORM)
        whole = self._entered(("loop", id(loop)), "loop", operands, level)
        self.loops[whole] = loop
        return self._elements(whole, loop.length)

    def _elements(self, whole: int, count: int) -> list[int]:
        level, elements = self.levels[whole], []
        for place in range(count):
            element = self._entered(("element", whole, place), "element", (whole,), level)
            self.places[element] = place
            elements.append(element)
        return elements

    def places_of(self, terms: Sequence[int]) -> list[int] | None:
        """Which numbers these are, of one array that is given or of one kernel; None if they are not of one."""
        first = terms[0]
        op, of = self.ops[first], self.operands[first]
        if op == "element":
            same = all(self.ops[x] == op and self.operands[x] == of for x in terms)
            return [self.places[x] for x in terms] if same else None
        if op not in ("parameter", "input", "shared"):
            return None
        same = all(self.ops[x] == op and self.operands[x][:-1] == of[:-1] for x in terms)
        return [self.operands[x][-1] for x in terms] if same else None

    def steps(self, terms: Sequence[int], shape: tuple[int, int]) -> tuple[int, int, int] | None:
        """Of a matrix of terms that lie evenly: which the first one is, and the steps along its rows and columns."""
        places = self.places_of(terms)
        if places is None:
            return None
        table = np.array(places).reshape(shape)
        down = int(table[1, 0] - table[0, 0]) if shape[0] > 1 else shape[1]
        along = int(table[0, 1] - table[0, 0]) if shape[1] > 1 else 1
        even = table[0, 0] + down * np.arange(shape[0])[:, None] + along * np.arange(shape[1])
        return (places[0], down, along) if (table == even).all() else None

    def number_of(self, term: int) -> float | None:
        """The number of a constant; None for anything else."""
        return self.operands[term][0] if self.ops[term] == "constant" else None

    def add(self, x: int, y: int) -> int:
        """x + y; of two sums over the rows the sum of both."""
        if self.ops[x] == self.ops[y] == "row_sum":
            return self._entered_row_sum((*self.operands[x], *self.operands[y]))
        return self.make("add", x, y)

    def sum(self, terms: Sequence[int], op: str = "add") -> int:
        """The sum of one or more terms."""
        if len(terms) > 1 and all(self.ops[x] == "row_sum" for x in terms):
            return self._entered_row_sum(tuple([x for term in terms for x in self.operands[term]]))
        chains = next(count for least, count in CHAINS if len(terms) >= least)
        totals = [*terms[:chains]]
        for k in range(chains, len(terms)):
            totals[k % chains] = self.make(op, totals[k % chains], terms[k])
        while len(totals) > 1:
            totals = [self.make(op, *totals[k : k + 2]) for k in range(0, len(totals), 2)]
        return totals[0]

    def products(self, xs: Iterable[int], ys: Iterable[int]) -> list[int]:
        """The products, to be summed: product and sum may be done in one rounding, as matrix products do."""
        return [self.make("product", x, y) for x, y in zip(xs, ys)]

    def dot(self, xs: Sequence[int], ys: Sequence[int]) -> int:
        """The sum of the products."""
        return self.sum(self.products(xs, ys), "add_product") if xs else self.constant(0.0)

    def row_sum(self, terms: Sequence[int]) -> int:
        """The sum of terms over the rows of a batch."""
        if any(self.levels[x] == TOTAL for x in terms):
            raise Unsupported("a sum over the rows of what depends on such a sum")
        same = [x for x in terms if self.levels[x] == UNIFORM]
        varying = tuple([x for x in terms if self.levels[x] == ROW])
        parts = [self.make("mul", self.sum(same), self.leaf("rows"))] if same else []
        if varying:
            parts.append(self._entered_row_sum(varying))
        return self.sum(parts)

    def _entered_row_sum(self, terms: tuple[int, ...]) -> int:
        return self._entered(("row_sum", terms), "row_sum", terms, TOTAL)

    def _entered(self, key: object, op: str, operands: tuple[Any, ...], level: int) -> int:
        term = self._known.setdefault(key, len(self.ops))
        if term == len(self.ops):
            self.ops.append(op)
            self.operands.append(operands)
            self.levels.append(level)
        return term

    def needed(self, outputs: Iterable[int]) -> bytearray:
        """For each term whether the outputs are computed from it, or are it."""
        found = bytearray(len(self.ops))
        for term in outputs:
            found[term] = 1
        for term in range(len(self.ops) - 1, -1, -1):
            if found[term] and self.ops[term] not in LEAVES:
                for operand in self.operands[term]:
                    found[operand] = 1
        return found
