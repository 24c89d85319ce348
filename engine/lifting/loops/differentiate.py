"""The adjoint of a loop: a loop over the same turns, from the last to the first.

The adjoint of what a state is after a turn is what the loop from back to front carries. A turn of it is the adjoint
pass over the operations of a turn; what that needs of the turn itself has been kept, turn by turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from engine.lifting.arrays import LEAVES, Array
from engine.lifting.loops.array_loop import FINAL, MOVING, QUICK, STACKED, TOTAL, ArrayLoop, Received, make_loop, out_of
from engine.lifting.recorder import Recorder


def loop_pullback(recorder: Recorder, loop: Array, turn: Recorder, received: Sequence[Received]) -> list[Any]:
    """What a loop passes on to its operands.

    Args:
        recorder: whose operation the loop is.
        loop: the loop.
        turn: the operations of one turn.
        received: the adjoints of what came out of it.
    """
    from engine.lifting.differentiate import adjoints

    forward: ArrayLoop = loop.detail
    inner = turn.graph
    before = len(inner.arrays)  # what the adjoint pass makes comes after
    came_out = _collected(received)
    states = [_leaf(turn, state) for state in forward.states]  # the adjoints that are carried
    given = {_leaf(turn, which): g for (what, which), g in came_out.items() if what == STACKED}
    stacked = [which for what, which in came_out if what == STACKED]
    seeds: dict[Array, Array] = {}
    for array, seed in (*zip(forward.after, states), *zip(stacked, given)):
        seeds[array] = seeds[array] + seed if array in seeds else seed
    adjoint = adjoints(turn, seeds)
    wanted = {leaf: adjoint[leaf] for leaf in forward.leaves if leaf in adjoint}
    made = set(inner.arrays[before:])
    after = [inner.broadcast(wanted.get(state, 0.0), state.shape, True) for state in forward.states]
    outside = dict(zip(forward.leaves, loop.operands))
    shared: dict[Array, Array] = {}
    for array in _needed_of_turn([*after, *wanted.values()], made, forward):
        if array in forward.shared:
            shared[array] = outside[array]
        elif array in forward.sequences:
            given[array] = outside[array]
        else:
            given[array] = out_of(recorder, loop, STACKED, array)
    backward = ArrayLoop(
        forward.turns,
        not forward.backwards,
        forward.has_rows,
        states,
        after,
        [*given],
        [*shared],
        deltas={adjoint[z]: z for z in forward.sums if z in adjoint},
    )
    starts = [came_out.get((FINAL, which), 0.0) for which in range(len(states))]
    result = make_loop(recorder, backward, [*starts, *given.values(), *shared.values()])

    def passed(what: str, leaf: Array) -> Array | None:
        if leaf not in wanted:
            return None
        full = inner.broadcast(wanted[leaf], leaf.shape, leaf.batched)  # until it matters it may be one number for many
        return out_of(recorder, result, what, full)

    return [
        *(out_of(recorder, result, FINAL, which) for which in range(len(states))),
        *(passed(STACKED, leaf) for leaf in forward.sequences),
        *(passed(TOTAL, leaf) for leaf in forward.shared),
    ]


def _collected(received: Iterable[Received]) -> dict[tuple[str, Any], Array]:
    """The sum of the adjoints of each thing that came out."""
    total: dict[tuple[str, Any], Array] = {}
    for each in received:
        total[each.detail] = total[each.detail] + each.adjoint if each.detail in total else each.adjoint
    return total


def _leaf(turn: Recorder, like: Array) -> Array:
    """A new array of a turn that the loop from back to front is given."""
    return turn.graph.make("input", (), object(), like.shape, True)


def _needed_of_turn(wanted: Sequence[Array], made: set[Array], forward: ArrayLoop) -> list[Array]:
    """Which arrays of the turn itself the adjoint pass needs.

    What is moved about only is moved again. What is quickly computed from others that are kept is computed again, for
    all turns at once: keeping it would take an operation in every turn.
    """
    given = {*forward.leaves}

    def needed(again: set[Array]) -> list[Array]:
        found: set[Array] = set()
        met: set[Array] = set()
        stack = list(wanted)
        while stack:
            array = stack.pop()
            if array in met:
                continue
            met.add(array)
            of_turn = array.operands[0] not in made if array.op == "of_loop" else array not in made
            is_free = array.op in MOVING or array.op in LEAVES or not array.batched or array in again
            if array in given or (of_turn and not is_free):
                found.add(array)
            elif array.op not in LEAVES:
                stack.extend(operand for operand in array.operands if isinstance(operand, Array))
        return [array for array in forward.states[0].graph.arrays if array in found]

    kept = {array for array in needed(set()) if array in given or array.op not in QUICK}
    again: set[Array] = set()
    for array in forward.states[0].graph.arrays:
        if array in given or array in kept or array in made:
            continue
        if not array.batched or array.op in MOVING or array.op in LEAVES or array.op in QUICK:
            operands = [operand for operand in array.operands if isinstance(operand, Array)]
            if all(operand in again or operand in kept or operand in given for operand in operands):
                again.add(array)
    return needed(again)
