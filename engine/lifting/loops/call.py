"""A loop as one node of a scalar graph, and the nodes of what comes out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.lifting.patterns import Matrix
from engine.lifting.scalar_graph import ScalarGraph
from engine.primitives import Primitive
from engine.value import Value

if TYPE_CHECKING:
    from engine.lifting.lift import LiftedTurn
    from engine.lifting.tape import Tape


@dataclass(frozen=True)
class Turn:
    """One turn of a loop as a scalar graph of its own.

    Its inputs are arrays of stand-ins: first the states, then what has other numbers in every turn, then what the turns
    share. Its outputs are the states after the turn, then the results that leave the loop, one array behind the other.
    A leaf that is no input is a parameter: of the function, or a stand-in for what is computed from parameters alone.

    Attributes:
        graph: it.
        states: how many of its inputs are states.
        sequences: how many inputs have other numbers in every turn.
        results: how many numbers each result has.
        parameters: the leaves that are no inputs.
        lanes: which lane of the loop each number of the states is.
    """

    graph: ScalarGraph
    states: int
    sequences: int
    results: list[int]
    parameters: list[Value]
    lanes: list[int]

    @property
    def sizes(self) -> list[int]:
        """How many numbers each array has that the turn computes."""
        return [*(len(state) for state in self.graph.inputs[: self.states]), *self.results]


def _not_called(*_: Any) -> Any:
    """A loop is lifted as a whole: it has no rule for numbers."""
    raise AssertionError("the rule of a loop was called")


class LoopCall(Primitive):
    """A loop over the turns: the operation of a node that is no number, but all of the loop.

    Its operands are the numbers that the states start with, those of the sequences, turn by turn, what the turns share,
    and what its parameters are outside.
    """

    def __init__(self, turns: int, turn: Turn, has_rows: bool) -> None:
        super().__init__(_not_called, "loop")
        self.turns = turns
        self.has_rows = has_rows  # whether it depends on the arguments
        self.turn = turn
        self.lifted: LiftedTurn  # once it is; see `lift_turn`

    def matrices(self, operands: Sequence[int]) -> list[Matrix]:
        """The entries of the operands as arrays: for each input of the lifted turn, then for each of its parameters."""
        turn, turns = self.turn, self.turns
        shapes: list[tuple[int, ...]] = []
        for number, stand_ins in enumerate(turn.graph.inputs):
            is_sequence = turn.states <= number < turn.states + turn.sequences
            shapes.append((turns, len(stand_ins)) if is_sequence else (len(stand_ins),))
        ends = [0, *accumulate(int(np.prod(shape)) for shape in shapes)]
        entries = np.array(operands, dtype=np.int64)
        arrays = [entries[start:end].reshape(shape) for (start, end), shape in zip(pairwise(ends), shapes)]
        entry_of = dict(zip(turn.parameters, entries[ends[-1] :].tolist()))
        for array, leaves in zip(self.lifted.parameters, self.lifted.values):
            arrays.append(np.array([entry_of[leaf] for leaf in leaves], dtype=np.int64).reshape(array.shape))
        return arrays


def needed_without_rows(tape: Tape) -> set[int]:
    """What the loops of a tape take as the same for all rows, and what that is computed from.

    In one array with numbers that depend on the arguments it would have rows.
    """
    found: set[int] = set()
    stack: list[int] = []
    for op, operands in tape.operations.values():
        if isinstance(op, LoopCall):
            stack += operands[len(operands) - len(op.turn.parameters) :] if op.has_rows else operands
    while stack:
        entry = stack.pop()
        if entry not in found:
            found.add(entry)
            stack += tape.operands(entry)
    return found


class LoopResult(Primitive):
    """A number that leaves a loop: of the loop's node and a constant, its place among those of one output.

    Attributes:
        part: which: a state after the last turn, or then a result, turn by turn.
    """

    def __init__(self, part: int) -> None:
        super().__init__(_not_called, "result")
        self.part = part
