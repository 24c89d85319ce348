"""Lifting: from the groups of a tape's entries to a graph of array operations.

Each group becomes one array. Where an operand's numbers stand in another order than they are needed, they are gathered;
mostly the pattern of indices is the identity, a slice or a broadcast, and needs no gather.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import check_count, not_a_rule
from engine.lifting.arrays import Array, ArrayGraph, Operand
from engine.lifting.grouping import (
    REDUCING,
    InputGroup,
    MatrixProduct,
    OperationGroup,
    RaggedTerms,
    SumGroup,
    Terms,
    as_row,
    group,
)
from engine.lifting.parameter_groups import ParameterGroup
from engine.lifting.placement import Placement
from engine.lifting.recorder import Recorder
from engine.lifting.tape import Tape
from engine.primitives import Primitive
from engine.value import Value


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


def lift(tape: Tape, inputs: Sequence[Sequence[Value]]) -> Lifted:
    """The array graph of a tape; `inputs` are the Values that stand for each argument's numbers."""
    return _Lifting(tape).lifted(inputs)


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

    def lifted(self, inputs: Sequence[Sequence[Value]]) -> Lifted:
        for each in group(self._tape, inputs):
            _LIFT_GROUP[type(each)](self, each)
        output = self._gathered(np.array(self._tape.outputs, dtype=np.int64))
        return Lifted(
            self._recorder,
            self._parameters,
            self._values,
            self._inputs,
            self._recorder.broadcast(output, output.shape, batched=bool(inputs)),
            self._sums,
            self._results,
            self._placement,
            self._tape.scalar_nodes,
        )

    def lift_input(self, of: InputGroup) -> None:
        array = self._recorder.graph.make("input", (), of.name, (of.size,), True)
        self._inputs.append(array)
        self._placement.place(of.entries, array, of.places)

    def lift_parameters(self, of: ParameterGroup) -> None:
        array = self._recorder.graph.make("input", (), of.name, of.shape, False)
        self._parameters.append(array)
        self._values.append([self._tape.leaves[entry] for entry in of.entries])
        self._placement.place(of.entries, array, np.arange(len(of.entries)))

    # Operations -----------------------------------------------------------------------------------------------------

    def lift_operation(self, of: OperationGroup) -> None:
        op, n, recorder = of.op, len(of.entries), self._recorder
        if op in REDUCING:  # one array with the operands along its last axis stands for all of them
            arguments: list[Operand] = [self._gathered(as_row(of.operands))]
        else:
            arguments = [self._gathered(column, literal=True) for column in of.operands.T]
        returned = self._call(op, op.rule, *arguments)
        if not isinstance(returned, (tuple, list)) or len(returned) != 2:
            raise not_a_rule(op, returned)
        value, pullback = returned
        value = recorder.graph.as_number(value)  # a comparison is a number of the graph like any other
        shape = (n, 1) if op in REDUCING and n > 1 else (n,)
        if not isinstance(value, Array):
            value = recorder.graph.broadcast(value, shape, any(isinstance(x, Array) and x.batched for x in arguments))

        def contributions(g: Array) -> Any:
            returned = self._call(op, pullback, g)
            check_count(op, returned, len(arguments))
            return returned

        result = recorder.primitive(op, value, tuple(arguments), contributions)
        flat = recorder.reshaped(recorder.broadcast(result, shape), (n,))
        self._results.append(value if flat is result else flat)
        self._placement.place(of.entries, flat, np.arange(n))

    def _call(self, op: Primitive, function: Callable[..., Any], *arrays: Operand) -> Any:
        """A primitive's rule, or its pullback, on arrays."""
        graph = self._recorder.graph
        graph.along_last_axis = op in REDUCING
        try:
            return function(*arrays)
        except TypeError as error:
            raise TypeError(
                f"the rule of the primitive {op.name} cannot be compiled, it failed on arrays: {error}. "
                "Write it with operators and engine's functions (engine.exp, not math.exp; engine.where, not if)"
            ) from error
        finally:
            graph.along_last_axis = False

    # Sums -----------------------------------------------------------------------------------------------------------

    def lift_sums(self, of: SumGroup) -> None:
        n = len(of.entries)
        total: Operand = None
        for part in of.parts:
            total = self._recorder.sum(total, _LIFT_PART[type(part)](self, part), part.minus)
        if not isinstance(total, Array) or total.shape != (n,):
            total = self._recorder.broadcast(total, (n,))
        self._sums.append(total)
        self._placement.place(of.entries, total, np.arange(n))

    def terms(self, part: Terms) -> Operand:
        recorder, (_, k) = self._recorder, part.u.shape
        if part.v is None:
            if k == 1:
                return self._gathered(part.u[:, 0], literal=True)
            return recorder.summed(self._gathered(as_row(part.u)))
        if k == 1:
            u = self._gathered(part.u[:, 0], literal=True)
            return recorder.product(u, self._gathered(part.v[:, 0], literal=True))
        return recorder.summed(recorder.product(self._gathered(part.u, literal=True), self._gathered(part.v)))

    def matrix_product(self, part: MatrixProduct) -> Operand:
        recorder = self._recorder
        if part.u.ndim == 2 and len(part.u) == len(part.v) == 1:
            left, right = self._gathered(part.v[0]), self._gathered(part.u[0])
            if left.batched == right.batched:
                return recorder.summed(recorder.product(right, left))  # a scalar product, row by row
        left, right = self._gathered(part.v), self._gathered(part.u)
        product = recorder.times(right, left, part.v.shape[-2])
        cells = part.v[..., 0].size * part.u.shape[-2]
        return recorder.taken(recorder.reshaped(product, (cells,)), part.where)

    def ragged_terms(self, part: RaggedTerms) -> Operand:
        terms = self._gathered(part.u)
        if part.v is not None:
            terms = self._recorder.product(terms, self._gathered(part.v))
        return self._recorder.segment_sums(terms, part.lengths)


_LIFT_GROUP: Mapping[type, Callable[[_Lifting, Any], None]] = {
    InputGroup: _Lifting.lift_input,
    ParameterGroup: _Lifting.lift_parameters,
    OperationGroup: _Lifting.lift_operation,
    SumGroup: _Lifting.lift_sums,
}
_LIFT_PART: Mapping[type, Callable[[_Lifting, Any], Operand]] = {
    Terms: _Lifting.terms,
    MatrixProduct: _Lifting.matrix_product,
    RaggedTerms: _Lifting.ragged_terms,
}
