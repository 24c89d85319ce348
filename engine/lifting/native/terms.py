"""Terms: what native code computes, one number each, numbered so that each comes after its operands.

An equal term is the same one. A term is of one of three levels: those of level UNIFORM depend on parameters alone and
are computed once in a call; those of level ROW are computed for every row of a batch; those of level TOTAL depend on
sums over the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

UNIFORM, ROW, TOTAL = 0, 1, 2

COMPARISONS = {"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"}
TRUTHS = COMPARISONS | {"and", "or"}  # terms that are true or false
LEAVES = {"constant", "parameter", "input", "rows"}  # what nothing computes; operands say which
KERNELS = {"matmul", "outer"}  # terms that stand for many numbers, of which each is an element
NO_CODE = LEAVES | KERNELS | {"element", "row_sum"}  # terms that are no operation of their own
CHAINS = ((16, 4), (8, 2), (0, 1))  # from how many terms on: in how many partial sums, which do not wait for each other


class Unsupported(Exception):  # noqa: N818  not an error: another backend takes the program
    """What there is no native code for; the text says what."""


@dataclass(frozen=True)
class Kernel:
    """A product of matrices whose numbers are computed by loops, and not written one by one.

    Of the operation "matmul" it is a (p x q) @ b (q x r). Of "outer" it is the sum of a.T @ b over the rows of a batch,
    for a (q x p) and b (q x r).

    Attributes:
        a: the terms of a, row by row.
        b: the terms of b.
        shape: p, q and r.
    """

    a: tuple[int, ...]
    b: tuple[int, ...]
    shape: tuple[int, int, int]


class Terms:
    """The terms of a program.

    Attributes:
        ops: the operation of each.
        operands: the terms it is computed from; of a leaf which number it is.
        levels: UNIFORM, ROW or TOTAL.
        kernels: what the terms that are kernels compute.
        places: of each element of a kernel which it is.
    """

    def __init__(self) -> None:
        self.ops: list[str] = []
        self.operands: list[tuple[Any, ...]] = []
        self.levels: list[int] = []
        self.kernels: dict[int, Kernel] = {}
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
        if op == "outer" and level == TOTAL:
            raise Unsupported("a sum over the rows of what depends on such a sum")
        level = TOTAL if op == "outer" else level
        whole = self._entered((op, kernel), op, operands, level)
        self.kernels[whole] = kernel
        p, _, r = kernel.shape
        elements = []
        for place in range(p * r):
            element = self._entered(("element", whole, place), "element", (whole,), level)
            self.places[element] = place
            elements.append(element)
        return elements

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
