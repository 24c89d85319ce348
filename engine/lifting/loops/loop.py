"""A loop found in a graph's steps, and its replay."""

from __future__ import annotations

from dataclasses import dataclass

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
    if len({*loop.nodes.reshape(-1).tolist()}) != loop.nodes.size:
        return False
    operations = steps.operations
    if not (operations[loop.nodes] == operations[loop.nodes[0]]).all():
        return False
    if any(len(column) != loop.turns for column in loop.columns):
        return False
    state = [lane.start for lane in loop.lanes]
    for turn, nodes in enumerate(loop.nodes.tolist()):
        sources = (nodes, state, [column[turn] for column in loop.columns])
        for k, (node, slots) in enumerate(zip(nodes, loop.slots)):
            if any(kind == SAME_TURN and which >= k for kind, which in slots):
                return False
            if steps.operands_of(node) != [sources[kind][which] for kind, which in slots]:
                return False
        state = [sources[kind][which] for kind, which in [lane.becomes for lane in loop.lanes]]
    return True
