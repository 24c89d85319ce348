"""Rolling: a scalar graph with one node in place of the nodes of each loop."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np

from engine.lifting.grouping import group
from engine.lifting.lift import lift_turn
from engine.lifting.loops.call import LoopCall
from engine.lifting.loops.loop import CARRIED, OUTSIDE, SAME_TURN, Loop, replay
from engine.lifting.loops.periods import FEWEST_TURNS, periods
from engine.lifting.loops.recurrence import TURNS_BACK, recurrences
from engine.lifting.loops.steps import Numbers, Steps
from engine.lifting.loops.turn import Results, call_of
from engine.lifting.loops.widen import widened
from engine.lifting.scalar_graph import ScalarGraph
from engine.lifting.tape import Tape, flatten
from engine.lifting.traced import traced_node
from engine.value import Constant, Value

MOST_STEPS = 3  # how many times as many array operations a loop may take, one after the other, as its turns without
MOST_CUTS = 3  # of a period in which loops are found one after the other
MOST_COUNTED = 100  # turns whose operations are counted one by one
MOST_ALIKE = 4  # more loops that do the same, side by side, are better grouped turn by turn


_LARGE = 50_000  # nodes: of a graph of more that was not traced, looking at another order takes too long
FEWEST_INSIDE = 16  # turns of a loop in a loop: with fewer it is slower than its turns one after the other


def rolled(graph: ScalarGraph, fewest_turns: int = FEWEST_TURNS) -> ScalarGraph:
    """The graph with its loops rolled up; as it is if it has none of so many turns."""
    steps, loops = _found(graph, fewest_turns)
    while loops:
        steps.depend_together(loop.nodes.reshape(-1) for loop in loops)
        try:
            return _Rolling(graph, steps, loops).graph()
        except _Circle as circle:  # a loop needs what comes out of it, maybe by way of another loop
            loops.remove(circle.loop)
    return graph


def _found(graph: ScalarGraph, fewest_turns: int) -> tuple[Steps, list[Loop]]:
    """The loops of a graph, and its steps; where their order is not known, in the order in which most is in loops."""

    def found(by_depth: bool) -> tuple[Steps, list[Loop]]:
        steps = Steps(graph, by_depth)
        return steps, [loop for loop in loops_of(steps) if loop.turns >= fewest_turns]

    first = found(by_depth=False)
    if graph.made or len(first[0].nodes) > _LARGE:
        return first
    return max(first, found(by_depth=True), key=lambda each: sum(loop.nodes.size for loop in each[1]))


def loops_of(steps: Steps) -> list[Loop]:
    """The loops of a graph that are no slower than their turns written out, none inside another one."""
    found: list[Loop] = []
    taken = np.zeros(len(steps.nodes), dtype=bool)

    def take(loops: Sequence[Loop]) -> list[int]:
        """Take what is free of such loops; from which node they go on, and to which."""
        loops = [shorter for loop in loops if (shorter := _before(loop, taken)) is not None]
        loops = [
            loop for loop in loops if replay(loop, steps) and _is_apart(loop, steps) and _is_of_one_reach(loop, steps)
        ]
        found.extend([loop for loop in loops if _pays(loop, steps)])
        inside = [int(number) for loop in loops for number in (loop.nodes.min(), loop.nodes.max() + 1)]
        if inside:  # what lies inside is written out with one that does not pay
            taken[min(inside) : max(inside)] = True
        return [min(inside), max(inside)] if inside else []

    guesses = [*periods(steps)]
    for turns_back in TURNS_BACK:
        short: list[list[Loop]] = []  # shorter than they seemed: where two loops meet there may be another, by chance
        for period in guesses:
            parts = [(period, MOST_CUTS)]
            while parts:
                part, cuts = parts.pop()
                loops = [] if taken[part.middle] else recurrences(steps, part, turns_back)
                short.append([loop for loop in loops if 2 * loop.turns < part.times])
                where = take([loop for loop in loops if 2 * loop.turns >= part.times])
                if cuts:  # like loops, one after the other, are one period
                    parts += [
                        (each, cuts - 1) for each in part.parts(where or [part.middle]) if each.times < part.times
                    ]
        for loops in short:
            take(loops)
    alike = Counter(_kind(steps, loop) for loop in found)
    return [loop for loop in found if alike[_kind(steps, loop)] <= MOST_ALIKE]


def _is_apart(loop: Loop, steps: Steps) -> bool:
    """Whether a loop needs nothing that it computes itself, by way of other nodes: else its state reaches further."""
    given = np.array([*(lane.start for lane in loop.lanes), *chain.from_iterable(loop.columns)], dtype=np.int64)
    own, first = np.zeros(len(steps.nodes), dtype=bool), int(loop.nodes.min())
    own[loop.nodes] = True
    seen: set[int] = set()
    stack = given[given >= first].tolist()
    while stack:
        number = stack.pop()
        if own[number]:
            return False
        if number not in seen:
            seen.add(number)
            stack += [operand for operand in steps.operands_of(number) if operand >= first]
    return True


def _before(loop: Loop, taken: Numbers) -> Loop | None:
    """The turns of a loop before the first that is in another loop; None if they are too few."""
    met = np.nonzero(taken[loop.nodes].any(axis=1))[0]
    if not met.size:
        return loop
    turns = int(met[0])
    if turns < FEWEST_TURNS:
        return None
    return replace(loop, nodes=loop.nodes[:turns], columns=[column[:turns] for column in loop.columns])


def _is_of_one_reach(loop: Loop, steps: Steps) -> bool:
    """Whether adjoints reach all that is carried on or comes out of a loop, or nothing: it may lie in one array."""
    used = Counter(chain.from_iterable(loop.slots))
    inside = [used[SAME_TURN, k] for k in range(len(loop.slots))]
    out = set()
    for number, (kind, which) in enumerate([lane.becomes for lane in loop.lanes]):
        if kind == SAME_TURN:
            out.add(which)
            inside[which] += used[CARRIED, number]
    out |= {k for k, number in enumerate(loop.nodes[loop.turns // 2].tolist()) if steps.uses[number] > inside[k]}
    numbers = loop.nodes[:, sorted(out)]
    reached = steps.is_reached[numbers][steps.is_live[numbers]]
    return bool(reached.all() or not reached.any())


def _pays(loop: Loop, steps: Steps) -> bool:
    """Whether a loop is no slower than its turns one after the other: not if each has weights of its own, as a layer.

    And if all that it starts from and is given are plain numbers, there is nothing to compute in the program.
    """
    leaves = [*(lane.start for lane in loop.lanes), *chain.from_iterable(loop.columns)]
    if all(number < 0 and steps.is_plain(steps.node(number)) for number in leaves):
        return False
    in_loop = _steps_in_loop(loop, steps)
    if in_loop > MOST_STEPS * _steps_without(loop, steps, in_loop / MOST_STEPS):
        return False
    weights = [column for column in loop.columns if len({*column}) > 1 and not any(map(steps.depends, column))]
    weights = [column for column in weights if not all(n < 0 and steps.is_plain(steps.node(n)) for n in column)]
    return len(weights) <= 2 * len(loop.lanes)


def _steps_in_loop(loop: Loop, steps: Steps) -> int:
    """How many array operations the turns take one after the other: those of a turn that come one after the other."""
    operations, depths = steps.operations[loop.nodes[0]].tolist(), [0] * len(loop.slots)
    for k, slots in enumerate(loop.slots):
        depths[k] = 1 + max([depths[which] for kind, which in slots if kind == SAME_TURN], default=0)
    return loop.turns * len({*zip(operations, depths)})


def _steps_without(loop: Loop, steps: Steps, enough: float) -> float:
    """How many they take if what can be is done at the same time, whatever its turn: a table by its diagonals.

    They are counted as far as there are `enough`; of many turns, it is how many more each takes in the end.
    """
    operations = steps.operations[loop.nodes[0]].tolist()
    done: set[tuple[int, int]] = set()
    after: list[int] = [0]  # each turn
    state = [0] * len(loop.lanes)
    for _ in range(min(loop.turns, MOST_COUNTED)):
        depths: list[int] = []
        sources = (depths, state)
        for operation, slots in zip(operations, loop.slots):
            depths.append(1 + max([sources[kind][which] for kind, which in slots if kind != OUTSIDE], default=0))
            done.add((operation, depths[-1]))
        state = [sources[kind][which] for kind, which in [lane.becomes for lane in loop.lanes]]
        after.append(len(done))
        if len(done) >= enough:
            return len(done)
    half = len(after) // 2
    return after[-1] + (loop.turns - len(after) + 1) * (after[-1] - after[half]) / (len(after) - 1 - half)


def _kind(steps: Steps, loop: Loop) -> Any:
    return (loop.turns, steps.operations[loop.nodes[0]].tobytes())


def _made_together(call: LoopCall, tape: Tape, turn: ScalarGraph) -> list[int]:
    """For each lane of a loop's state the group of entries in which it is made."""
    group_of = {entry: number for number, each in enumerate(group(tape, turn.inputs)) for entry in each.entries}
    kinds = [0] * len(call.turn.lanes)
    for lane, entry in zip(call.turn.lanes, tape.outputs):
        kinds[lane] = group_of[entry]
    return kinds


class _Circle(Exception):  # noqa: N818  no error: another try follows
    def __init__(self, loop: Loop) -> None:
        self.loop = loop


class _Rolling:
    """Makes the graph anew, with loops for their nodes."""

    def __init__(self, graph: ScalarGraph, steps: Steps, loops: Sequence[Loop]) -> None:
        self._graph = graph
        self._steps = steps
        self._loops = loops
        self._loop_of = np.full(len(steps.nodes), -1, dtype=np.int64)  # which loop a node is in, -1: in none
        self._turn_of, self._node_of = np.zeros((2, len(steps.nodes)), dtype=np.int64)  # and where in there
        for number, loop in enumerate(loops):
            self._loop_of[loop.nodes] = number
            self._turn_of[loop.nodes] = np.arange(loop.turns)[:, None]
            self._node_of[loop.nodes] = np.arange(loop.nodes.shape[1])
        self._made: dict[int, Value] = {}  # the new nodes, by the number of the old one
        self._calls: dict[int, tuple[Value, Results]] = {}  # the node of each loop, and what comes out, by its id

    def graph(self) -> ScalarGraph:
        outputs = [self._new(number) for number in self._steps.outputs]
        return replace(self._graph, outputs=outputs, made=())

    def _new(self, wanted: int) -> Value:
        """The new node for an old one, after those that it needs; without recursion."""
        steps, made = self._steps, self._made
        stack: list[Any] = [wanted]
        open_loops: set[int] = set()
        while stack:
            number = stack[-1]
            if isinstance(number, Loop):
                stack.pop()
                self._close(number)
                open_loops.discard(id(number))
            elif number in made:
                stack.pop()
            elif number < 0:
                made[number] = steps.node(number)
            elif self._loop_of[number] >= 0:
                loop = self._loops[self._loop_of[number]]
                if id(loop) in self._calls:
                    made[number] = self._result(loop, int(self._turn_of[number]), int(self._node_of[number]))
                elif id(loop) in open_loops:
                    raise _Circle(loop)
                else:
                    open_loops.add(id(loop))
                    stack += [loop, *chain.from_iterable(loop.columns), *(lane.start for lane in loop.lanes)]
            else:
                missing = [operand for operand in steps.operands_of(number) if operand not in made]
                if missing:
                    stack += missing
                else:
                    made[number] = self._like(number)
        return made[wanted]

    def _like(self, number: int) -> Value:
        node = self._steps.nodes[number]
        parents = tuple([self._made[operand] for operand in self._steps.operands_of(number)])
        if all(one is other for one, other in zip(parents, node._parents)):
            return node
        assert node.op is not None
        return traced_node(node.op, parents)

    def _close(self, loop: Loop) -> None:
        """The node of a loop, now that all that it needs has been made."""
        call, operands, results = self._best_call(loop)
        node = traced_node(call, tuple([self._made[operand] for operand in operands]))
        self._calls[id(loop)] = (node, results)

    def _best_call(self, loop: Loop) -> tuple[LoopCall, list[int], Results]:
        """The loop with its state in those arrays with which a turn takes the fewest operations."""
        needed, best = self._needed(loop), None
        wide = widened(loop, self._steps)
        for each in [loop] if wide is None else [loop, wide]:
            kinds: list[int] = []
            for _ in range(2):
                way = call_of(each, self._steps, self._graph, needed, kinds)
                call = way[0]
                turn = rolled(call.turn.graph, FEWEST_INSIDE)
                tape = flatten(turn.outputs, turn.constants, turn.made)
                call.lifted = lift_turn(tape, call.turn)
                if best is None or call.lifted.operations < best[0].lifted.operations:
                    best = way
                kinds = _made_together(call, tape, turn)
        assert best is not None
        return best

    def _needed(self, loop: Loop) -> dict[int, set[int]]:
        """Which of a loop's nodes are used outside: for each node of a turn, in which turns."""
        steps, loop_of, which = self._steps, self._loop_of, self._loops.index(loop)
        users = np.repeat(loop_of, np.diff(steps.starts))
        are_used = np.repeat(steps.is_live | (loop_of >= 0), np.diff(steps.starts))  # a loop takes all its turns
        used = np.concatenate([steps.operands[are_used & (users != which)], np.array(steps.outputs, dtype=np.int64)])
        used = np.unique(used[used >= 0])
        used = used[loop_of[used] == which]
        needed: dict[int, set[int]] = defaultdict(set)
        for k, turn in zip(self._node_of[used].tolist(), self._turn_of[used].tolist()):
            needed[k].add(turn)
        return needed

    def _result(self, loop: Loop, turn: int, k: int) -> Value:
        node, results = self._calls[id(loop)]
        if k in results.stacked:
            op, lane, width = results.stacked[k]
            return traced_node(op, (node, Constant(float(turn * width + lane))))
        op, lane = results.finals[k]
        return traced_node(op, (node, Constant(float(lane))))
