"""A loop found in a graph's steps, and its replay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.lifting.loops.steps import Numbers, Steps

SAME_TURN, CARRIED, OUTSIDE = 0, 1, 2
Slot = tuple[int, int]  # SAME_TURN and which node of the turn, CARRIED and which lane, OUTSIDE and which column


@dataclass(frozen=True)
class Lane:
    """One number of the state that is carried from turn to turn.

    Attributes:
        start: the number of the node, or the leaf, that it is before the first turn.
        becomes: what it is after a turn, as the slot of an operand.
        beside: of a lane that stays what it is: an earlier lane that it lies beside.
        is_after: whether it lies after that, or else before.
    """

    start: int
    becomes: Slot
    beside: int | None = None
    is_after: bool = False


@dataclass(frozen=True, eq=False)
class Loop:
    """The nodes of a loop: those that depend on the turn before, and that the next turn needs.

    Attributes:
        nodes: turns x nodes of a turn: the number of each.
        slots: for each node of a turn, where its operands come from.
        lanes: of the state.
        columns: numbers from outside that some operand is, one for each turn.
    """

    nodes: Numbers
    slots: list[list[Slot]]
    lanes: list[Lane]
    columns: list[list[int]]

    @property
    def turns(self) -> int:
        return len(self.nodes)


def replay(loop: Loop, steps: Steps) -> bool:
    """Whether the loop, run, makes exactly the nodes that it stands for, each from what made it, and each once."""
    nodes, operations = loop.nodes, steps.operations
    if np.bincount(nodes.reshape(-1)).max() > 1 or (operations[nodes] != operations[nodes[0]]).any():
        return False
    if any(len(column) != loop.turns for column in loop.columns):
        return False
    columns = [np.array(column, dtype=np.int64) for column in loop.columns]
    state = [_before_each_turn(loop, lane, columns) for lane in range(len(loop.lanes))]
    sources = ([*nodes.T], state, columns)
    starts = steps.starts
    for k, slots in enumerate(loop.slots):
        places = starts[nodes[:, k]]
        if starts[nodes[0, k] + 1] - places[0] != len(slots):
            return False
        for place, (kind, which) in enumerate(slots):
            if kind == SAME_TURN and which >= k:
                return False
            if (steps.operands[places + place] != sources[kind][which]).any():
                return False
    return True


def _before_each_turn(loop: Loop, number: int, columns: Sequence[Numbers]) -> Numbers:
    """What a lane of the state is before each turn: for some turns what others started with, then what is made."""
    path = [number]  # the lanes that its number came by, the latest first
    while len(path) < loop.turns and loop.lanes[path[-1]].becomes[0] == CARRIED:
        path.append(loop.lanes[path[-1]].becomes[1])
    begins = np.array([loop.lanes[lane].start for lane in path], dtype=np.int64)
    if len(path) == loop.turns:
        return begins
    kind, which = loop.lanes[path[-1]].becomes
    made = columns[which] if kind == OUTSIDE else loop.nodes[:, which]
    return np.concatenate([begins, made[: loop.turns - len(path)]])
