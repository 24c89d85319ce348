"""From a loop to the scalar graph of one turn, and the operation of the node that stands for the loop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain
from typing import Any

from engine.lifting.loops.call import LoopCall, LoopResult, Turn
from engine.lifting.loops.loop import SAME_TURN, Loop, Slot
from engine.lifting.loops.steps import Steps
from engine.lifting.scalar_graph import ScalarGraph
from engine.lifting.traced import traced_node
from engine.value import Value


@dataclass(frozen=True)
class Results:
    """What comes out of a loop, by node of a turn.

    Attributes:
        finals: of the last turn alone: the operation, and the place among its numbers.
        stacked: of all turns: the operation, the place, and how many numbers a turn has there.
    """

    finals: dict[int, tuple[LoopResult, int]]
    stacked: dict[int, tuple[LoopResult, int, int]]


def call_of(
    loop: Loop,
    steps: Steps,
    graph: ScalarGraph,
    needed: Mapping[int, AbstractSet[int]],
    kinds: Sequence[int] = (),
) -> tuple[LoopCall, list[int], Results]:
    """The operation of a loop's node, the numbers of its operands, and what comes out of it.

    Args:
        loop: the loop.
        steps: where it was found.
        graph: whose steps they are.
        needed: of which nodes of a turn the number is needed outside: in which turns.
        kinds: a number for each lane; lanes with different ones are not in one array.
    """
    return _Turn(loop, steps, graph, kinds or [0] * len(loop.lanes)).call(needed)


class _Turn:
    """The graph of a turn, while it is made."""

    def __init__(self, loop: Loop, steps: Steps, graph: ScalarGraph, kinds: Sequence[int]) -> None:
        self._kinds = kinds
        self._loop = loop
        self._steps = steps
        self._graph = graph
        self._pattern: list[int] = loop.nodes[loop.turns // 2].tolist()
        self._columns: list[Value] = [*self._leaves()]
        self._depth = self._depths()

    def call(self, needed: Mapping[int, AbstractSet[int]]) -> tuple[LoopCall, list[int], Results]:
        loop, steps = self._loop, self._steps
        states = self._states()
        sequences, shared, outside = self._from_outside()
        stand_ins = [traced_node(None, ()) for _ in loop.lanes]
        made: list[Value] = []
        sources: tuple[list[Value], ...] = (made, stand_ins, self._columns)
        for number, slots in zip(self._pattern, loop.slots):
            parents = tuple([sources[kind][which] for kind, which in slots])
            made.append(traced_node(steps.nodes[number].op, parents))

        def value_of(slot: Slot) -> Value:
            return sources[slot[0]][slot[1]]

        results, groups = self._results(states, needed)
        outputs = [value_of(loop.lanes[lane].becomes) for lane in chain.from_iterable(states)]
        outputs += [made[k] for k in chain.from_iterable(groups)]
        inputs = [[stand_ins[lane] for lane in state] for state in states]
        inputs += [[self._columns[column] for column in group] for group in (*sequences, *shared)]
        turn = Turn(
            ScalarGraph(outputs, inputs, constants=self._graph.constants, made=made),
            len(states),
            len(sequences),
            [len(group) for group in groups],
            [self._columns[column] for column in outside],
            [*chain.from_iterable(states)],
        )
        operands = [loop.lanes[lane].start for lane in chain.from_iterable(states)]
        for group in sequences:
            operands += chain.from_iterable(zip(*[loop.columns[column] for column in group]))
        operands += [loop.columns[column][0] for column in (*chain.from_iterable(shared), *outside)]
        return LoopCall(loop.turns, turn, steps.depends(self._pattern[0])), operands, results

    def _leaves(self) -> Sequence[Value]:
        """What stands for each column in a turn: a stand-in, but a number or a parameter that all share itself."""
        leaves = []
        for column in self._loop.columns:
            first = self._steps.node(column[0])
            is_shared = len({*column}) == 1 and column[0] not in self._steps.arguments
            leaves.append(first if is_shared and not first._parents else traced_node(None, ()))
        return leaves

    def _depths(self) -> list[int]:
        """How many nodes of its turn each node comes after."""
        depths: list[int] = []
        for slots in self._loop.slots:
            depths.append(1 + max([depths[k] for kind, k in slots if kind == SAME_TURN], default=0))
        return depths

    def _role(self, k: int) -> tuple[Any, ...]:
        """What nodes of a turn have in common that stand for the numbers of one array."""
        return (int(self._steps.operations[self._pattern[k]]), self._depth[k])

    def _states(self) -> list[list[int]]:
        """The lanes of the state as arrays: those that like nodes make, in order, with those that lie beside them."""
        lanes, groups = self._loop.lanes, defaultdict(list)
        made_by: list[tuple[int, int]] = []  # the node that makes what a lane is, and how many turns ago
        seen: dict[tuple[int, int], int] = defaultdict(int)
        of_lane: dict[int, tuple[Any, ...]] = {}
        for lane in lanes:
            kind, which = lane.becomes
            if kind == SAME_TURN:
                made_by.append((which, 1))
            elif lane.beside is not None:  # it stays what it is
                made_by.append(made_by[lane.beside])
            else:
                made_by.append((made_by[which][0], made_by[which][1] + 1))
        for number, (k, turns) in enumerate(made_by):
            beside = lanes[number].beside
            if beside is None:
                key = (*self._role(k), turns, seen[k, turns], self._kinds[number])
                seen[k, turns] += 1
                groups[key].append((k, 0, number))
                of_lane[number] = key
            else:
                groups[of_lane[beside]].append((k, 1 if lanes[number].is_after else -1, number))
        return [
            [number for *_, number in sorted(group)] for _, group in sorted(groups.items(), key=lambda item: item[1])
        ]

    def _from_outside(self) -> tuple[list[list[int]], list[list[int]], list[int]]:
        """The columns as arrays: with other numbers in every turn, shared, and shared but without arguments."""
        steps = self._steps
        sequences: dict[Any, list[tuple[Any, int]]] = defaultdict(list)
        shared: dict[Any, list[tuple[Any, int]]] = defaultdict(list)
        outside = []
        for number, column in enumerate(self._loop.columns):
            middle = column[len(column) // 2]
            if middle in steps.arguments:
                argument, place = steps.arguments[middle]
                key, order = ("argument", argument), place
            elif middle < 0:
                key, order = ("leaf", steps.is_plain(steps.node(middle))), -middle
            else:
                key, order = ("node", int(steps.operations[middle])), middle
            if len({*column}) > 1:
                sequences[key].append((order, number))
            elif steps.depends(middle):
                shared[key].append((order, number))
            elif middle >= 0 or not steps.is_plain(steps.node(middle)):
                outside.append(number)
        sort = [[[number for _, number in sorted(group)] for group in each.values()] for each in (sequences, shared)]
        return sort[0], sort[1], outside

    def _results(
        self, states: Sequence[Sequence[int]], needed: Mapping[int, AbstractSet[int]]
    ) -> tuple[Results, list[list[int]]]:
        """What comes out of the loop: of the last turn alone as a state, where nothing else is needed."""
        loop = self._loop
        finals: dict[int, tuple[LoopResult, int]] = {}
        for part, state in enumerate(states):
            op = LoopResult(part)
            for place, lane in enumerate(state):
                kind, which = loop.lanes[lane].becomes
                if kind == SAME_TURN and which not in finals:
                    finals[which] = (op, place)
        last = {loop.turns - 1}
        groups: dict[Any, list[int]] = defaultdict(list)
        for k, turns in sorted(needed.items()):
            if turns != last or k not in finals:
                groups[finals[k][0] if k in finals else self._role(k)].append(k)
        stacked: dict[int, tuple[LoopResult, int, int]] = {}
        for part, group in enumerate(groups.values()):
            op = LoopResult(len(states) + part)
            for place, k in enumerate(group):
                stacked[k] = (op, place, len(group))
        return Results(finals, stacked), [*groups.values()]
