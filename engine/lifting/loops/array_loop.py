"""A loop among the arrays: of a lifted graph, or of its adjoint pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.lifting.arrays import LEAVES, Array, ArrayGraph, Operand, Shape
from engine.lifting.recorder import Recorder, in_full

if TYPE_CHECKING:
    from engine.lifting.lift import LiftedTurn
    from engine.lifting.loops.call import LoopCall

FINAL, STACKED, TOTAL = "final", "stacked", "total"
MOVING = {"alias", "one_row", "no_rows", "reshape", "transpose", "slice", "permute", "broadcast", "take", "neg"}
# what is done again where it is needed, as it costs no more than keeping its result for every turn
QUICK = {"add", "sub", "mul", "div", "number", "less", "maximum", "minimum", "where", "concatenate"}


@dataclass(frozen=True, eq=False)
class ArrayLoop:
    """A loop: what the arrays of one turn stand for outside.

    In the array graph it is one array of the operation "loop", that has no numbers itself. Its operands are what each
    state starts with, each sequence with the turns as its first axis, and what is shared. What comes out are arrays of
    the operation "of_loop": a state after the last turn (FINAL and which), an array of the turn in all turns (STACKED
    and which, with the turns as first axis), or the sum of one over the turns (TOTAL and which).

    In a turn all arrays that depend on a state or on a sequence have a batch axis. What has none is the same in all
    turns.

    Attributes:
        turns: how many.
        backwards: whether it goes from the last turn to the first.
        has_rows: whether it depends on the arguments; if not, it has the one row that a turn needs.
        states: the arrays of a turn that are states before it.
        after: what they are after it.
        sequences: the arrays of a turn that have other numbers in each.
        shared: those that are the same in all turns.
        sums: weighted inputs z among the arrays of a turn.
        results: activations a among them.
        deltas: adjoint -> the z it belongs to.
    """

    turns: int
    backwards: bool
    has_rows: bool
    states: list[Array]
    after: list[Array]
    sequences: list[Array]
    shared: list[Array]
    sums: list[Array] = field(default_factory=list)
    results: list[Array] = field(default_factory=list)
    deltas: dict[Array, Array] = field(default_factory=dict)

    @classmethod
    def of_call(cls, call: LoopCall) -> ArrayLoop:
        """The loop of a node, whose turn has been lifted."""
        lifted, n = call.lifted, call.turn.states
        m = n + call.turn.sequences
        shared = [*lifted.inputs[m:], *lifted.parameters]
        return cls(
            turns=call.turns,
            backwards=False,
            has_rows=call.has_rows,
            states=lifted.inputs[:n],
            after=lifted.outputs[:n],
            sequences=lifted.inputs[n:m],
            shared=shared,
            sums=lifted.sums,
            results=lifted.results,
        )

    @property
    def leaves(self) -> list[Array]:
        """The arrays that a turn is given, in the order of the loop's operands."""
        return [*self.states, *self.sequences, *self.shared]


@dataclass(frozen=True)
class Received:
    """The adjoint of something that came out of a loop."""

    detail: tuple[str, Any]
    adjoint: Array


def make_loop(recorder: Recorder, loop: ArrayLoop, operands: Sequence[Operand]) -> Array:
    """The array that stands for a loop, of operands in the form that its turn wants."""
    full = []
    for leaf, operand, is_sequence in zip(loop.leaves, operands, are_sequences(loop)):
        shape = (loop.turns, *leaf.shape) if is_sequence else leaf.shape
        if leaf.batched and not loop.has_rows:
            full.append(in_one_row(recorder, operand, shape))
        else:
            full.append(recorder.broadcast(operand, shape, leaf.batched))
    return recorder.graph.make("loop", tuple(full), loop, (), True)


def in_one_row(recorder: Recorder, x: Operand, shape: Shape) -> Array:
    """Numbers as the only row of a batch."""
    if isinstance(x, Array) and x.batched:
        return x
    x = recorder.broadcast(x, shape)
    result = recorder.graph.make("one_row", (x,), None, shape, True)
    return recorder.record(result, (x,), lambda g: (_without_rows(recorder.graph, in_full(g, shape)),))


def _without_rows(graph: ArrayGraph, x: Array) -> Array:
    """The numbers of a batch of one row."""
    return graph.make("no_rows", (x,), None, x.shape, False)


def are_sequences(loop: ArrayLoop) -> list[bool]:
    """Which of a loop's operands have other numbers in every turn."""
    n, m = len(loop.states), len(loop.sequences)
    return [False] * n + [True] * m + [False] * len(loop.shared)


def out_of(recorder: Recorder, loop: Array, what: str, which: Any) -> Array:
    """Something that comes out of a loop: see `ArrayLoop`."""
    of: ArrayLoop = loop.detail
    array = of.states[which] if what == FINAL else which
    shape: Shape = (of.turns, *array.shape) if what == STACKED else array.shape
    batched = True if what == STACKED else array.batched
    return recorder.graph.make("of_loop", (loop,), (what, which), shape, batched)


def add_loop(recorder: Recorder, loop: ArrayLoop, operands: Sequence[Operand], lifted: LiftedTurn) -> list[Array]:
    """Record a lifted loop; return its states after the last turn, then its results in all turns."""
    from engine.lifting.loops.differentiate import loop_pullback

    graph = recorder.graph
    array = make_loop(recorder, loop, operands)
    recorder.record(array, array.operands, lambda received: loop_pullback(recorder, array, lifted.recorder, received))
    count = len(loop.states)
    outputs = [(FINAL, which) for which in range(count)] + [(STACKED, which) for which in lifted.outputs[count:]]
    arrays = []
    for what, which in outputs:
        result = out_of(recorder, array, what, which)
        recorder.record(result, (array,), _received(result))
        if not loop.has_rows:
            result = recorder.record(_without_rows(graph, result), (result,), _row_of(recorder, result.shape))
        arrays.append(result)
    return arrays


def _row_of(recorder: Recorder, shape: Shape) -> Any:
    return lambda g: (in_one_row(recorder, g, shape),)


def _received(result: Array) -> Any:
    return lambda g: (Received(result.detail, in_full(g, result.shape)),)


def numbers_per_row(graph: ArrayGraph) -> int:
    """How many numbers the arrays of a graph have in a row of a batch, those of loops in all their turns."""
    numbers = 0
    for array in graph.arrays:
        if array.op == "loop":
            loop: ArrayLoop = array.detail
            if not loop.backwards:  # else the turn's arrays are those of the loop that it belongs to
                numbers += loop.turns * numbers_per_row(loop.states[0].graph)
        elif array.batched:
            numbers += array.size
    return numbers


def calls(graph: ArrayGraph) -> int:
    """How many calls of array operations a graph takes, those of loops in all their turns."""
    return _over_calls(graph, lambda _: 1)


def computed(graph: ArrayGraph) -> int:
    """How many numbers those calls compute for a row."""
    return _over_calls(graph, lambda array: array.size)


def _over_calls(graph: ArrayGraph, measure: Callable[[Array], int]) -> int:
    total = 0
    for array in graph.arrays:
        if array.op == "loop":
            loop: ArrayLoop = array.detail
            if not loop.backwards:
                total += loop.turns * _over_calls(loop.states[0].graph, measure)
        elif array.op not in LEAVES:
            total += measure(array)
    return total
