"""Expanding: each number of an array graph as a term; what moves numbers about costs nothing."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.lifting.arrays import ELEMENTARY, REDUCTIONS, Array, Operand
from engine.lifting.loops.array_loop import FINAL, STACKED, TOTAL, ArrayLoop, are_sequences
from engine.lifting.loops.stages import needed_of_turn
from engine.lifting.native.array_terms import WRITERS, Where
from engine.lifting.native.functions import OWN
from engine.lifting.native.numbers import Namespace, Numbers, as_numbers
from engine.lifting.native.terms import ROW, SUMS, UNIFORM, Kernel, Loop, Terms, Unsupported
from engine.lifting.program import ArrayProgram
from engine.lifting.write import needed

FEWEST_PRODUCTS = 64  # from so many on a product of matrices is a loop
FEWEST_CALLS = 16  # from so many numbers on a function of each is called in a loop
FEWEST_MAPPED = 64  # from so many numbers on an operation on each is a loop
MOST_UNROLLED = 300  # terms: of more a loop stays one


@dataclass(frozen=True)
class Expansion:
    """A function of a program, number by number.

    Attributes:
        terms: all of them.
        outputs: what it returns: of the function `value` each row's outputs, of `value_and_gradients` the mean of the
            value and then the gradients.
        by_rows: whether the outputs are those of each row.
    """

    terms: Terms
    outputs: list[int]
    by_rows: bool


def expand_value(program: ArrayProgram) -> Expansion:
    """The outputs of every row."""
    writer = Expander(program)
    return Expansion(writer.terms, writer.numbers([program.output])[0], by_rows=program.output.batched)


def expand_row_gradients(program: ArrayProgram) -> Expansion:
    """The only output of every row, then its gradient with respect to that row's arguments."""
    writer = Expander(program)
    assert program.gradients is not None
    numbers = writer.numbers([program.output, *program.gradients])
    return Expansion(writer.terms, [term for each in numbers for term in each], by_rows=True)


def expand_gradients(program: ArrayProgram) -> Expansion:
    """The mean of the only output over the rows, then its gradient."""
    writer = Expander(program)
    assert program.gradients is not None
    (value,), *gradients = writer.numbers([program.output, *program.gradients])
    terms = writer.terms
    if terms.levels[value] == ROW:
        value = terms.make("div", terms.row_sum([value]), terms.leaf("rows"))
    return Expansion(terms, [value, *(term for gradient in gradients for term in gradient)], by_rows=False)


class Expander:
    """Writes array after array; `found` has the terms of each."""

    is_turn = False  # in a turn what is summed over the rows is found again term by term, and summed after all turns

    def __init__(self, program: ArrayProgram) -> None:
        self.terms = Terms()
        self.namespace = Namespace(self.terms)
        self.found: dict[Array, Where] = {}
        self.has_one_row = False  # in a loop that does not depend on the arguments
        place = 0
        for array in (*program.parameters, *program.shared):
            places = np.arange(place, place + array.size).tolist()
            self.found[array] = np.array([self.terms.leaf("parameter", k) for k in places], int).reshape(array.shape)
            place += array.size
        for argument, array in enumerate(program.with_rows):
            self.found[array] = np.array([self.terms.leaf("input", argument, k) for k in range(array.size)], dtype=int)

    def numbers(self, outputs: Sequence[Array]) -> list[list[int]]:
        """The terms of each output."""
        self._expand(needed(outputs))
        return [self.found[output].reshape(-1).tolist() for output in outputs]

    def _expand(self, order: Sequence[Array]) -> None:
        for array in order:
            if array in self.found:
                continue
            if array.op == "loop":
                self._expand_loop(array, [x for x in order if x.op == "of_loop" and x.operands[0] is array])
                continue
            where = self._written(array)
            self.found[array] = where if where.shape == array.shape else np.broadcast_to(where, array.shape)

    def _written(self, array: Array) -> Where:
        if array.size >= FEWEST_CALLS and array.op in ELEMENTARY and array.op not in REDUCTIONS:
            given = [self.found[x] if isinstance(x, Array) else x for x in array.operands]
            mapped = self._mapped(ELEMENTARY[array.op].on, given, array.shape)
            if mapped is not None:
                return mapped
        write = WRITERS.get(array.op)
        if write is not None:
            return write(self, array, [self._where(operand) for operand in array.operands])
        if array.op not in ELEMENTARY:
            raise Unsupported(f"the array operation {array.op}")
        operands = [Numbers(self.terms, self._where(x)) if isinstance(x, Array) else x for x in array.operands]
        result = ELEMENTARY[array.op].on(self.namespace)(*operands)
        return self._where(result) if isinstance(result, float) else result.where

    def _where(self, operand: Operand) -> Where:
        return self.found[operand] if isinstance(operand, Array) else np.asarray(self.terms.constant(float(operand)))

    def _mapped(self, formula: Callable[..., Any], operands: Sequence[Any], shape: tuple[int, ...]) -> Where | None:
        """A formula of very many numbers as a loop over them, in vectors; None if that is not worth it.

        It is where a function is called, or where the numbers of each operand lie evenly and need not be moved.
        """
        size = math.prod(shape)
        turns = shape[0] if len(shape) > 1 and shape[0] >= FEWEST_MAPPED else size
        inner, sequences = Terms(), dict[tuple[int, ...], Where]()
        shared: list[int] = []
        given: list[Any] = []
        lie_evenly = True
        for operand in operands:
            where = operand if isinstance(operand, float) else np.broadcast_to(operand, shape).reshape(turns, -1)
            if isinstance(where, float):
                given.append(where)
            elif (where == where[0, 0]).all() and self.terms.levels[where[0, 0]] == UNIFORM:
                number = self.terms.number_of(int(where[0, 0]))
                leaf = inner.leaf("shared", len(shared)) if number is None else inner.constant(number)
                shared += [int(where[0, 0])] if number is None else []
                given.append(Numbers(inner, np.broadcast_to(leaf, where.shape[1:])))
            else:
                flat = tuple(where.reshape(-1).tolist())
                are_constants = all(self.terms.ops[x] == "constant" for x in flat)  # in a table
                lie_evenly = lie_evenly and (are_constants or self.terms.steps(flat, where.shape) is not None)
                leaves = [inner.leaf("input", len(sequences) + 1, k) for k in range(where.shape[1])]
                given.append(Numbers(inner, sequences.setdefault(flat, np.array(leaves))))
        result = formula(Namespace(inner))(*given) if sequences else None
        if not isinstance(result, Numbers):
            return None
        if OWN.keys().isdisjoint(inner.ops) and not (lie_evenly and size >= FEWEST_MAPPED):
            return None
        stack = as_numbers(inner, np.broadcast_to(result.where, (size // turns,))).reshape(-1).tolist()
        elements = self.terms.loop(Loop(turns, False, inner, [], [stack], (), [*sequences], [], tuple(shared)))
        return np.array(elements, dtype=int).reshape(shape)

    # Products and sums ----------------------------------------------------------------------------------------------

    def matmul(self, a: Where, b: Where, mask: Any = None) -> Where:
        """a @ b, of the terms that the mask lets through."""
        lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        (p, q), r = a.shape[-2:], b.shape[-1]
        of_a = np.broadcast_to(a, (*lead, p, q)).reshape(-1, p, q)
        of_b = np.broadcast_to(b, (*lead, q, r)).reshape(-1, q, r)
        if mask is not None:
            products = map(self._masked_product, of_a, of_b, np.broadcast_to(mask, (*lead, p, q)).reshape(-1, p, q))
        else:
            products = map(self._product, of_a, of_b)
        return np.array([*products], dtype=int).reshape(*lead, p, r)

    def _product(self, a: Where, b: Where) -> list[int]:
        (p, q), r = a.shape, b.shape[1]
        rows, columns = a.tolist(), b.T.tolist()
        if p * q * r < FEWEST_PRODUCTS or q == 0:
            return [self.terms.dot(row, column) for row in rows for column in columns]
        return self.terms.kernel("matmul", Kernel((*a.flat,), (*b.flat,), (p, q, r)))

    def _masked_product(self, a: Where, b: Where, mask: Any) -> list[int]:
        """Row by row: the terms of a row that are let through, mostly one behind the other, are a row of their own."""
        numbers: list[int] = []
        for row, chosen in zip(a, mask):
            which = np.nonzero(chosen)[0]
            if which.size and which[-1] - which[0] + 1 == which.size:
                numbers += self._product(row[None, which], b[which])
            else:
                numbers += [self.terms.dot(row[which].tolist(), column[which].tolist()) for column in b.T]
        return numbers

    def outer(self, g: Where, v: Where, over_rows: bool) -> Where:
        """The sum of outer products: (s, r) and (s, k) give (r, k); of those of all rows too."""
        if not over_rows or self.has_one_row:
            return self.matmul(g.T, v)
        terms, ((s, r), k) = self.terms, (g.shape, v.shape[1])
        varies = any(terms.levels[x] == ROW for x in (*g.flat, *v.flat))
        if s * r * k >= FEWEST_PRODUCTS and varies:
            elements = terms.kernel("outer", Kernel((*g.flat,), (*v.flat,), (r, s, k)))
            return np.array(elements, dtype=int).reshape(r, k)
        columns = v.T.tolist()
        return np.array([[terms.row_sum(terms.products(x, y)) for y in columns] for x in g.T.tolist()], dtype=int)

    def row_sum(self, x: Where) -> Where:
        """The sum over the rows."""
        if self.has_one_row:
            return x
        summed = self._row_sum_at_once(x) if x.size >= FEWEST_MAPPED and not self.is_turn else None
        if summed is not None:
            return summed
        return np.reshape([self.terms.row_sum([term]) for term in x.reshape(-1).tolist()], x.shape)

    def _row_sum_at_once(self, x: Where) -> Where | None:
        """The same of very many numbers that lie evenly; None if they do not, or are of several levels."""
        terms = self.terms
        levels = {terms.levels[term] for term in x.flat}
        if levels == {UNIFORM}:
            return self._mapped(lambda _: operator.mul, [x, np.asarray(terms.leaf("rows"))], x.shape)
        if levels != {ROW} or not terms.steps([*x.flat], (1, x.size)):
            return None
        ones = Kernel(
            (terms.constant(1.0),), (*x.flat,), (1, 1, x.size)
        )  # a sum of outer products, with 1 for each row
        return np.array(terms.kernel("outer", ones), dtype=int).reshape(x.shape)

    def sums(self, rows: Sequence[Sequence[int]]) -> Where:
        """The sum of each row of terms; 0 of none."""
        return np.array([self.terms.sum(row) if row else self.terms.constant(0.0) for row in rows], dtype=int)

    # Loops ----------------------------------------------------------------------------------------------------------

    def _expand_loop(self, array: Array, results: Sequence[Array]) -> None:
        """A loop: turn after turn, or as a loop if that is long."""
        loop: ArrayLoop = array.detail
        operands = [self._where(operand) for operand in array.operands]
        totals = [which for what, which in [result.detail for result in results] if what == TOTAL]
        outer_products = {which for which in totals if which.op == "rows_outer"}
        totals = [which for which in totals if which not in outer_products]
        stacked = [which for what, which in [result.detail for result in results] if what == STACKED]
        stacked = [*dict.fromkeys([*stacked, *(x for which in outer_products for x in which.operands)])]
        kept = [*dict.fromkeys([*stacked, *totals])]
        had_one_row = self.has_one_row
        self.has_one_row = had_one_row or not loop.has_rows
        order = needed_of_turn([*loop.after, *kept], {*loop.leaves})
        rolled = self._rolled(loop, operands, order, stacked, totals)
        finals, stacks, sums = rolled or self._unrolled(loop, operands, order, kept)
        for result in results:
            what, which = result.detail
            if what == FINAL:
                self.found[result] = finals[which]
            elif what == STACKED:
                self.found[result] = stacks[which]
            elif which in outer_products:  # one product over all turns
                g, v = (stacks[x].reshape(-1, x.shape[-1]) for x in which.operands)
                self.found[result] = self.outer(g, v, which.operands[0].batched)
            elif rolled:
                self.found[result] = sums[which]
            else:
                flat = stacks[which].reshape(loop.turns, -1).T.tolist()
                self.found[result] = self.sums(flat).reshape(result.shape)
        self.has_one_row = had_one_row

    def _unrolled(
        self, loop: ArrayLoop, operands: list[Where], order: Sequence[Array], kept: Sequence[Array]
    ) -> tuple[list[Where], dict[Array, Where], dict[Array, Where]]:
        """The states after the last turn, and what is kept of all turns."""
        states = operands[: len(loop.states)]
        of_turns: dict[Array, list[Where]] = {each: [] for each in kept}
        found = self.found
        for turn in reversed(range(loop.turns)) if loop.backwards else range(loop.turns):
            given = [x[turn] if is_sequence else x for x, is_sequence in zip(operands, are_sequences(loop))]
            self.found = dict(zip(loop.leaves, [*states, *given[len(states) :]]))
            self._expand(order)
            states = [self.found[after] for after in loop.after]
            for each, turns in of_turns.items():
                turns.append(self.found[each])
        self.found = found
        stacks = {each: np.stack(turns[::-1] if loop.backwards else turns) for each, turns in of_turns.items()}
        return states, stacks, {}

    def _rolled(
        self,
        loop: ArrayLoop,
        operands: list[Where],
        order: Sequence[Array],
        stacked: Sequence[Array],
        totals: Sequence[Array],
    ) -> tuple[list[Where], dict[Array, Where], dict[Array, Where]] | None:
        """The same as a loop, with sums over the turns as states of their own; None if that is not worth it."""
        inner = _Turn(self, loop, operands)
        inner._expand(order)
        terms = inner.terms
        added: list[list[int]] = []  # what is summed over the turns, before the sum over the rows if there is one
        for which in totals:
            flat = inner.found[which].reshape(-1).tolist()
            parts = [_before_row_sum(terms, x) if self._is_row_sum(which) else [x] for x in flat]
            if any(part is None for part in parts):
                return None
            added.append([terms.sum(part) if part else terms.constant(0.0) for part in parts])
        after = [x for each in loop.after for x in inner.found[each].reshape(-1).tolist()]
        starts = [x for each in operands[: len(loop.states)] for x in each.reshape(-1).tolist()]
        for numbers in added:
            for x in numbers:
                state = terms.leaf("input", 0, len(after))
                after.append(terms.make("add", state, x))
                starts.append(self.terms.constant(-0.0))
        stacks = [inner.found[each].reshape(-1).tolist() for each in stacked]
        needed_terms = terms.needed([*after, *(x for stack in stacks for x in stack)])
        ops = {terms.ops[x] for x, is_needed in enumerate(needed_terms) if is_needed}
        count = sum(map(bool, needed_terms)) - len(after)
        if loop.turns * count <= MOST_UNROLLED or ops & {"row_sum", "rows", *SUMS}:
            return None
        elements = iter(
            self.terms.loop(
                Loop(
                    loop.turns, loop.backwards, terms, after, stacks, tuple(starts), inner.sequences, inner.constant,
                    tuple(inner.shared),
                )
            )
        )  # fmt: skip

        def taken(shape: tuple[int, ...]) -> Where:
            return np.array([next(elements) for _ in range(math.prod(shape))], dtype=int).reshape(shape)

        finals = [taken(state.shape) for state in loop.states]
        sums = {}
        for which in totals:
            total = taken(which.shape)
            sums[which] = self.row_sum(total) if self._is_row_sum(which) else total
        return finals, {each: taken((loop.turns, *each.shape)) for each in stacked}, sums

    def _is_row_sum(self, total: Array) -> bool:
        """Whether what a loop sums over its turns is the same for all rows, so that it is summed over them too."""
        return not total.batched and not self.has_one_row


def _before_row_sum(terms: Terms, x: int) -> list[int] | None:
    """Of a sum over the rows what is summed, each in every row; None if a term is more than that."""
    op, operands = terms.ops[x], terms.operands[x]
    if op == "row_sum":
        return [*operands]
    if op == "mul" and terms.ops[operands[1]] == "rows":
        return [operands[0]]
    if op in ("add", "sub", "neg"):
        parts = [_before_row_sum(terms, operand) for operand in operands]
        if op != "add" and parts[-1] is not None:
            parts[-1] = [terms.make("neg", each) for each in parts[-1]]
        found = [each for part in parts if part is not None for each in part]
        return None if None in parts else found
    return [] if terms.number_of(x) == 0.0 else None


class _Turn(Expander):
    """Writes one turn of a loop, for a loop that stays one; what it is given is leaves.

    `sequences`, `constant` and `shared` have what those stand for outside; see `Loop`.
    """

    is_turn = True

    def __init__(self, outside: Expander, loop: ArrayLoop, operands: list[Where]) -> None:
        self.terms = Terms()
        self.namespace = Namespace(self.terms)
        self.has_one_row = outside.has_one_row
        self.found = {}
        self.sequences: list[tuple[int, ...]] = []
        self.constant: list[tuple[int, ...]] = []
        self.shared: list[int] = []
        self._known: dict[int, int] = {}
        states, place = len(loop.states), 0
        for state in loop.states:
            self.found[state] = self._inputs(0, state.size, place).reshape(state.shape)
            place += state.size
        flat = [tuple(x.reshape(-1).tolist()) for x in operands]
        for leaf, sequence in zip(loop.sequences, flat[states:]):
            self.sequences.append(sequence)
            self.found[leaf] = self._inputs(len(self.sequences), leaf.size, 0).reshape(leaf.shape)
        before = 1 + len(self.sequences)
        for leaf, given in zip(loop.shared, flat[states + len(loop.sequences) :]):
            if any(outside.terms.levels[x] != UNIFORM for x in given):
                self.found[leaf] = self._inputs(before + len(self.constant), leaf.size, 0).reshape(leaf.shape)
                self.constant.append(given)
            else:
                self.found[leaf] = np.reshape([self._same(outside.terms, x) for x in given], leaf.shape)

    def _inputs(self, argument: int, size: int, start: int) -> Where:
        return np.array([self.terms.leaf("input", argument, start + k) for k in range(size)], dtype=int)

    def _same(self, outside: Terms, x: int) -> int:
        """What is the same in all rows and turns."""
        if outside.ops[x] == "constant":
            return self.terms.constant(outside.operands[x][0])
        if outside.ops[x] == "parameter":
            return self.terms.leaf("parameter", *outside.operands[x])
        if x not in self._known:
            self._known[x] = self.terms.leaf("shared", len(self.shared))
            self.shared.append(x)
        return self._known[x]
