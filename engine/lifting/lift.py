"""Lifting: from the groups of a tape's entries to a graph of array operations.

Each group becomes one array. Where an operand's numbers stand in another order than they are needed, they are gathered;
mostly the pattern of indices is the identity, a slice or a broadcast, and needs no gather.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from engine.errors import check_count, not_a_rule
from engine.lifting.arrays import Array, ArrayGraph, Operand
from engine.lifting.grouping import FEW_TERMS, REDUCING, group
from engine.lifting.groups import (
    HOLE,
    InputGroup,
    LookupGroup,
    MaskedProduct,
    MatrixProduct,
    OperationGroup,
    Part,
    RaggedOperationGroup,
    RaggedTerms,
    SumGroup,
    Terms,
    WeightedTerms,
)
from engine.lifting.loops.array_loop import ArrayLoop, add_loop
from engine.lifting.loops.call import LoopCall, LoopResult, Turn
from engine.lifting.parameter_groups import ParameterGroup
from engine.lifting.patterns import as_row
from engine.lifting.placement import Placement
from engine.lifting.recorder import Recorder
from engine.lifting.syntax import FREE
from engine.lifting.tape import Tape
from engine.primitives import Primitive
from engine.value import Value

_MOST_STRETCHES = 4  # of numbers of one array that are put one behind the other


@dataclass(frozen=True)
class Lifted:
    """The array graph of a tape.

    Attributes:
        recorder: its array operations, in order, with their pullbacks.
        parameters: the parameter arrays, named W1, b1, ... in order of use.
        values: the parameters of each of them, as Values in the order of its numbers.
        inputs: the argument arrays.
        output: one array with the outputs' numbers.
        sums: the results of the groups of sums, the weighted inputs z, in order.
        results: the results of the other groups, the activations a, in order.
        placement: in which array, and where in it, every entry of the tape is.
        scalar_nodes: how many nodes the scalar graph had.
    """

    recorder: Recorder
    parameters: list[Array]
    values: list[list[Value]]
    inputs: list[Array]
    output: Array
    sums: list[Array]
    results: list[Array]
    placement: Placement
    scalar_nodes: int


def lift(tape: Tape, inputs: Sequence[Sequence[Value]], shared: AbstractSet[int] = frozenset()) -> Lifted:
    """The array graph of a tape.

    Args:
        tape: what is lifted.
        inputs: the Values that stand for each argument's numbers.
        shared: the numbers of the arguments that all rows of a batch share.
    """
    return _Lifting(tape).lifted(inputs, shared)


@dataclass(frozen=True)
class LiftedTurn:
    """The array graph of one turn of a loop.

    Attributes:
        recorder: its array operations, in order, with their pullbacks.
        parameters: its parameter arrays.
        values: the leaves of each of them.
        inputs: the arrays of its inputs.
        outputs: an array for each state after the turn, then for each result.
        sums: the results of its groups of sums.
        results: the results of its other groups.
    """

    recorder: Recorder
    parameters: list[Array]
    values: list[list[Value]]
    inputs: list[Array]
    outputs: list[Array]
    sums: list[Array]
    results: list[Array]

    @property
    def operations(self) -> int:
        """How many array operations it takes."""
        return sum(array.op not in FREE for array in self.recorder.graph.arrays)


def lift_turn(tape: Tape, turn: Turn) -> LiftedTurn:
    """The array graph of a loop's turn, whose tape that is."""
    return _Lifting(tape).lifted_turn(turn)


class _Lifting:
    """Makes the array of each group in turn."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._recorder = Recorder(ArrayGraph())
        self._placement = Placement(tape, self._recorder)
        self._gathered = self._placement.gathered
        self._parameters: list[Array] = []
        self._values: list[list[Value]] = []
        self._inputs: list[Array] = []
        self._sums: list[Array] = []
        self._results: list[Array] = []
        self._loops: dict[int, list[Array]] = {}  # the arrays that come out of each loop, by its entry
        self._of_state: list[bool] = []  # of a loop's turn: whether an entry depends on a state

    def lifted_turn(self, turn: Turn) -> LiftedTurn:
        states = {value for state in turn.graph.inputs[: turn.states] for value in state}
        for entry in range(self._tape.length):
            of_operands = [self._of_state[operand] for operand in self._tape.operands(entry)]
            self._of_state.append(any(of_operands) or self._tape.leaves.get(entry) in states)
        for each in group(self._tape, turn.graph.inputs):
            _LIFT_GROUP[type(each)](self, each)
        entries, outputs = iter(self._tape.outputs), []
        for size in turn.sizes:
            stretches = self._placement.stretches(np.array([*islice(entries, size)], dtype=np.int64))
            if len(stretches) > _MOST_STRETCHES:
                stretches = [np.concatenate(stretches)]
            arrays = [self._recorder.broadcast(self._gathered(each), each.shape, True) for each in stretches]
            outputs.append(arrays[0] if len(arrays) == 1 else self._recorder.concatenated(arrays))
        return LiftedTurn(
            self._recorder, self._parameters, self._values, self._inputs, outputs, self._sums, self._results
        )

    def lifted(self, inputs: Sequence[Sequence[Value]], shared: AbstractSet[int]) -> Lifted:
        for each in group(self._tape, inputs, shared):
            _LIFT_GROUP[type(each)](self, each)
        output = self._gathered(np.array(self._tape.outputs, dtype=np.int64))
        return Lifted(
            self._recorder,
            self._parameters,
            self._values,
            self._inputs,
            self._recorder.broadcast(output, output.shape, batched=any(array.batched for array in self._inputs)),
            self._sums,
            self._results,
            self._placement,
            self._tape.scalar_nodes,
        )

    def lift_input(self, of: InputGroup) -> None:
        array = self._recorder.graph.make("input", (), of.name, (of.size,), of.batched)
        self._inputs.append(array)
        self._placement.place(of.entries, array, of.places)

    def lift_parameters(self, of: ParameterGroup) -> None:
        array = self._recorder.graph.make("input", (), of.name, of.shape, False)
        self._parameters.append(array)
        self._values.append([self._tape.leaves[entry] for entry in of.entries])
        self._placement.place(of.entries, array, np.arange(len(of.entries)))

    # Operations -----------------------------------------------------------------------------------------------------

    def lift_any_operation(self, of: OperationGroup) -> None:
        if isinstance(of.op, LoopCall):
            self._lift_loop(of.op, of)
        elif isinstance(of.op, LoopResult):
            self._lift_result(of.op, of)
        else:
            self._lift_operation(of)

    def _lift_operation(self, of: OperationGroup) -> None:
        if of.op in REDUCING:  # one array with the operands along its last axis stands for all of them
            arguments: list[Operand] = [self._gathered(as_row(of.operands))]
        else:
            self._placement.join(of.operands.T)
            arguments = [self._gathered(column, literal=True) for column in of.operands.T]
        self._apply(of.op, of.entries, arguments, None)

    def lift_ragged_operation(self, of: RaggedOperationGroup) -> None:
        operands, mask = self._recorder.padded(self._gathered(of.operands), of.lengths)
        self._apply(of.op, of.entries, [operands], mask)

    def _apply(self, op: Primitive, entries: list[int], arguments: list[Operand], mask: Array | None) -> None:
        """The results of a primitive on arrays; with a mask, of a reduction over what it has in each row."""
        n, recorder = len(entries), self._recorder
        returned = self._call(op, op.rule, *arguments, mask=mask)
        if not isinstance(returned, (tuple, list)) or len(returned) != 2:
            raise not_a_rule(op, returned)
        value, pullback = returned
        value = recorder.graph.as_number(value)  # a comparison is a number of the graph like any other
        shape = (n, 1) if op in REDUCING and n > 1 else (n,)
        if not isinstance(value, Array):
            value = recorder.graph.broadcast(value, shape, any(isinstance(x, Array) and x.batched for x in arguments))

        contributions = _PullbackOnArrays(self._call, op, pullback, len(arguments), mask)
        result = recorder.primitive(op, value, tuple(arguments), contributions)
        flat = recorder.reshaped(recorder.broadcast(result, shape), (n,))
        self._results.append(value if flat is result else flat)
        self._placement.place(entries, flat, np.arange(n))

    def lift_lookup(self, of: LookupGroup) -> None:
        table, index = self._gathered(of.table), self._gathered(of.index)
        found = self._recorder.looked_up(table, index)
        size = found.size
        flat = self._recorder.reshaped(found, (size,))
        self._results.append(found if len(of.entries) == size else flat)
        self._placement.place(of.entries, flat, of.where)

    def _lift_loop(self, op: LoopCall, of: OperationGroup) -> None:
        loop = ArrayLoop.of_call(op)
        matrices = op.matrices(of.operands[0].tolist())
        operands = [self._gathered(matrix, literal=k < op.turn.states) for k, matrix in enumerate(matrices)]
        self._loops[of.entries[0]] = add_loop(self._recorder, loop, operands, op.lifted)

    def _lift_result(self, op: LoopResult, of: OperationGroup) -> None:
        array = self._loops[int(of.operands[0, 0])][op.part]
        places = [int(self._tape.constants[place]) for place in of.operands[:, 1].tolist()]
        self._placement.place(of.entries, self._recorder.reshaped(array, (array.size,)), places)

    def _call(self, op: Primitive, function: Callable[..., Any], *arrays: Operand, mask: Array | None = None) -> Any:
        """A primitive's rule, or its pullback, on arrays."""
        graph = self._recorder.graph
        graph.along_last_axis, graph.mask = op in REDUCING, mask
        try:
            return function(*arrays)
        except TypeError as error:
            raise TypeError(
                f"the rule of the primitive {op.name} cannot be compiled, it failed on arrays: {error}. "
                "Write it with operators and engine's functions (engine.exp, not math.exp; engine.where, not if)"
            ) from error
        finally:
            graph.along_last_axis, graph.mask = False, None

    # Sums -----------------------------------------------------------------------------------------------------------

    def lift_sums(self, of: SumGroup) -> None:
        n = len(of.entries)
        total: Operand = None
        factors = [x for part in of.parts if isinstance(part, Terms) for x in (part.u, part.v) if x is not None]
        factors += [part.x for part in of.parts if isinstance(part, WeightedTerms)]
        self._placement.join([column for each in factors for column in each.T])
        for part in sorted(of.parts, key=self._comes_late):
            total = self._recorder.sum(total, _LIFT_PART[type(part)](self, part), part.minus)
        if not isinstance(total, Array) or total.shape != (n,):
            total = self._recorder.broadcast(total, (n,))
        self._sums.append(total)
        self._placement.place(of.entries, total, np.arange(n))

    def _comes_late(self, part: Part) -> tuple[bool, bool]:
        """In a turn what depends on no state is added up first: that is then done for all turns at once."""
        factors = [part.x] if isinstance(part, WeightedTerms) else [part.u, part.v]
        entries = [entry for x in factors if x is not None for entry in x.reshape(-1).tolist() if entry != HOLE]
        return part.minus, bool(self._of_state) and any(self._of_state[entry] for entry in entries)

    def terms(self, part: Terms) -> Operand:
        recorder, (_, k) = self._recorder, part.u.shape
        if k == 1 or (k <= FEW_TERMS and self._are_columns_in_order(part)):
            total: Operand = None
            for column in range(k):
                term = self._gathered(part.u[:, column], literal=True)
                if part.v is not None:
                    term = recorder.product(term, self._gathered(part.v[:, column], literal=True))
                total = recorder.sum(total, term, False)
            return total
        if part.v is None:
            return recorder.summed(self._gathered(as_row(part.u)))
        return recorder.summed(recorder.product(self._gathered(part.u, literal=True), self._gathered(part.v)))

    def weighted_terms(self, part: WeightedTerms) -> Operand:
        recorder, total = self._recorder, None
        first, *others = part.x.T
        sources: list[Operand] = [self._gathered(first, literal=True)]
        in_order = np.argsort(first)
        for x in others:  # often the same entries, exchanged in pairs
            if sources[0].size == first.size and np.array_equal(np.sort(x), first[in_order]):
                sources.append(recorder.taken(sources[0], in_order[np.searchsorted(first, x, sorter=in_order)]))
            else:
                sources.append(self._gathered(x, literal=True))
        for x, numbers in zip(sources, part.coefficients.T):
            same = len({number.hex() for number in numbers.tolist()}) == 1
            minus = same and numbers[0] < 0.0 and total is not None  # x - 2 * y reads better than x + -2 * y
            factor: Operand = abs(float(numbers[0])) if minus else float(numbers[0])
            if not same:
                factor = recorder.graph.make("constant", (), numbers, numbers.shape, False)
            total = recorder.sum(total, recorder.product(factor, x), minus)
        return total

    def _are_columns_in_order(self, part: Terms) -> bool:
        """Whether each column of some terms is a part of an array, and all together they are not."""
        factors, in_order = [part.u] if part.v is None else [part.u, part.v], self._placement.is_in_order
        n, k = part.u.shape
        if n <= 2 * k or all(map(in_order, factors)):
            return False
        return all(in_order(column) for each in factors for column in each.T)

    def matrix_product(self, part: MatrixProduct) -> Operand:
        recorder = self._recorder
        if part.u.ndim == 2 and len(part.u) == len(part.v) == 1:
            left, right = self._gathered(part.v[0]), self._gathered(part.u[0])
            if left.batched == right.batched:
                return recorder.summed(recorder.product(right, left))  # a scalar product, row by row
        left, right = self._gathered(part.v), self._gathered(part.u)
        cells = part.v[..., 0].size * part.u.shape[-2]
        used = np.zeros(cells, dtype=bool)
        used[part.where] = True
        mask = None if used.all() else used.reshape(*part.v.shape[:-1], part.u.shape[-2])
        product = recorder.times(right, left, part.v.shape[-2], mask)
        return recorder.taken(recorder.reshaped(product, (cells,)), part.where)

    def masked_product(self, part: MaskedProduct) -> Operand:
        recorder, mask = self._recorder, part.u != HOLE
        terms = self._gathered(part.u[mask])
        numbers = np.where(mask.reshape(-1), np.cumsum(mask.reshape(-1)) - 1, HOLE)
        product = recorder.masked_times(
            recorder.spread(terms, numbers.reshape(mask.shape)), self._gathered(part.v), mask
        )
        return recorder.taken(recorder.reshaped(product, (product.size,)), part.where)

    def ragged_terms(self, part: RaggedTerms) -> Operand:
        terms = self._gathered(part.u)
        if part.v is not None:
            terms = self._recorder.product(terms, self._gathered(part.v))
        return self._recorder.segment_sums(terms, part.lengths)


class _PullbackOnArrays:
    """The pullback that a primitive's rule gave for arrays. With slots: there may be one for each of many arrays."""

    __slots__ = ("_call", "_count", "_mask", "_op", "_pullback")

    def __init__(self, call: Callable[..., Any], op: Primitive, pullback: Any, count: int, mask: Array | None) -> None:
        self._call, self._op, self._pullback, self._count, self._mask = call, op, pullback, count, mask

    def __call__(self, g: Array) -> Any:
        returned = self._call(self._op, self._pullback, g, mask=self._mask)
        check_count(self._op, returned, self._count)
        return returned


_LIFT_GROUP: Mapping[type, Callable[[_Lifting, Any], None]] = {
    InputGroup: _Lifting.lift_input,
    ParameterGroup: _Lifting.lift_parameters,
    OperationGroup: _Lifting.lift_any_operation,
    RaggedOperationGroup: _Lifting.lift_ragged_operation,
    LookupGroup: _Lifting.lift_lookup,
    SumGroup: _Lifting.lift_sums,
}
_LIFT_PART: Mapping[type, Callable[[_Lifting, Any], Operand]] = {
    Terms: _Lifting.terms,
    WeightedTerms: _Lifting.weighted_terms,
    MatrixProduct: _Lifting.matrix_product,
    RaggedTerms: _Lifting.ragged_terms,
    MaskedProduct: _Lifting.masked_product,
}
