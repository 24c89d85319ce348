"""From a period to loops: which nodes are carried on from turn to turn, where a turn begins, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine import primitives
from engine.lifting.loops.components import reached, strong_components
from engine.lifting.loops.loop import CARRIED, OUTSIDE, SAME_TURN, Lane, Loop, Slot
from engine.lifting.loops.periods import FEWEST_TURNS, Period
from engine.lifting.loops.steps import Numbers, Steps

TURNS_BACK = (4, 12)  # how far back a state may reach; further only where no loop is found that reaches less far
_BEGINNINGS = 4  # of a turn that are compared
_SUMS = {primitives.add, primitives.sum, primitives.sub}


@dataclass(frozen=True)
class Edge:
    """Operand `slot` of node `user` of a turn is node `used`, made `distance` nodes before it."""

    user: int
    slot: int
    used: int
    distance: int


def recurrences(steps: Steps, period: Period, turns_back: int = TURNS_BACK[0]) -> list[Loop]:
    """The loops of a period, as long as each goes on: one that no argument has to do with, and one for each row."""
    middle = period.middle
    edges = _edges(steps, period, middle, turns_back)
    if not any(edge.distance > edge.user for edge in edges):  # none goes back over where this turn begins
        return []
    loops = []
    for core in _cores(steps, period.length, edges, middle):
        inner = [edge for edge in edges if edge.user in core and edge.used in core]
        found: Loop | None = None
        for beginning in _beginnings(steps, period.length, middle, core, inner):
            loop = _Turns(steps, period.length, middle, beginning, core, inner).loop()
            if loop is not None and (found is None or loop.turns > found.turns):
                found = loop
        if found is not None:
            loops.append(found)
    return loops


def _edges(steps: Steps, period: Period, middle: int, turns_back: int) -> list[Edge]:
    """The operands of a turn in the middle that move on with the turns."""
    length = period.length
    if middle + 2 * length > len(steps.nodes):
        return []
    operations, starts = steps.operations, steps.starts
    turn = np.arange(middle, middle + length)
    turn = turn[operations[turn] == operations[turn + length]]
    counts = starts[turn + 1] - starts[turn]
    users = np.repeat(turn, counts)
    slots = np.arange(len(users)) - np.repeat(np.cumsum(counts) - counts, counts)
    now, then = steps.operands[starts[users] + slots], steps.operands[starts[users + length] + slots]
    moves = (now >= period.first) & (then - now == length) & (users - now < turns_back * length)
    return [
        Edge(user - middle, slot, (used - middle) % length, user - used)
        for user, slot, used in zip(users[moves].tolist(), slots[moves].tolist(), now[moves].tolist())
    ]


def _cores(steps: Steps, length: int, edges: Sequence[Edge], middle: int) -> list[set[int]]:
    """What a turn has to do in order: what depends on an earlier turn and is needed by a later one.

    A sum that every turn adds to, and that nothing else reads, is not: its terms are added up in one go. What does not
    depend on the arguments is a loop of its own, which is run once for all rows.
    """
    cores = []
    for depends in (False, True):
        uses: list[list[int]] = [[] for _ in range(length)]
        used_by: list[list[int]] = [[] for _ in range(length)]
        for edge in edges:
            if steps.depends(middle + edge.user) == steps.depends(middle + edge.used) == depends:
                uses[edge.user].append(edge.used)
                used_by[edge.used].append(edge.user)
        starts = [
            k
            for component in strong_components(uses)
            if not _is_running_sum(steps, middle, component, edges)
            for k in component
        ]
        if starts:
            cores.append(reached(starts, uses) & reached(starts, used_by))
    return cores


def _is_running_sum(steps: Steps, middle: int, component: Sequence[int], edges: Sequence[Edge]) -> bool:
    members = set(component)
    for k in component:
        if steps.nodes[middle + k].op not in _SUMS or steps.uses[middle + k] != 1:
            return False
    return not any(
        edge.slot == 1 and steps.nodes[middle + edge.user].op is primitives.sub
        for edge in edges
        if edge.user in members and edge.used in members
    )


def _beginnings(steps: Steps, length: int, middle: int, core: set[int], inner: Sequence[Edge]) -> list[int]:
    """Where a turn may begin so that the fewest numbers are carried over: a few places among the nodes of a turn.

    Often there are many such places. The user's turn begins where the first one does, so those after that come first.
    """
    lifetime = dict.fromkeys(core, 0)
    for edge in inner:
        lifetime[edge.used] = max(lifetime[edge.used], edge.distance)
    change = np.zeros(2 * length + 1, dtype=np.int64)
    for made, life in lifetime.items():  # it is carried over every beginning from made + 1 to made + life
        change[made + 1] += 1
        change[made + 1 + life % length] -= 1
        change[[0, length]] += [life // length, -(life // length)]
    carried = np.cumsum(change[:-1])
    carried = carried[:length] + carried[length:]
    places = sorted(core)
    alike = middle + np.array(places, dtype=np.int64)
    kinds = steps.operations[alike]
    backwards = (alike - length * np.arange(middle // length + 2)[:, None])[:, ::-1].reshape(-1)
    expected = np.tile(kinds[::-1], len(backwards) // len(places))
    inside = backwards >= 0
    differs = np.nonzero(steps.operations[backwards[inside]] != expected[inside])[0]
    first = int(backwards[differs[0] - 1] if differs.size and differs[0] else backwards[inside][-1])
    fewest = min(carried[place] for place in places)
    best = [place for place in places if carried[place] == fewest]
    return sorted(best, key=lambda place: (middle + place - first) % length)[:_BEGINNINGS]


class _Turns:
    """The turns of a loop whose turns begin at a given node of the period."""

    def __init__(
        self, steps: Steps, length: int, middle: int, beginning: int, core: set[int], inner: Sequence[Edge]
    ) -> None:
        self._steps = steps
        self._length = length
        offsets = sorted((k - beginning) % length for k in core)
        place_of = {(offset + beginning) % length: place for place, offset in enumerate(offsets)}
        self._offsets: Numbers = np.array(offsets, dtype=np.int64)
        base = middle + beginning
        first, last = -(base // length), (len(steps.nodes) - 1 - base - offsets[-1]) // length
        self._middle = -first  # the turn in the middle among all that there is room for
        self._base = base + first * length
        self._nodes = self._base + self._offsets + length * np.arange(last - first + 1)[:, None]
        self._edges: list[tuple[int, int, int, int]] = []  # user, slot, used, turns back
        for edge in inner:
            user, used = place_of[edge.user], place_of[edge.used]
            back = (offsets[used] + edge.distance - offsets[user]) // length
            self._edges.append((user, edge.slot, used, back))

    def loop(self) -> Loop | None:
        if self._middle >= len(self._nodes):
            return None
        start, end = self._range()
        if end - start < max(FEWEST_TURNS, *(back for *_, back in self._edges)):
            return None
        nodes = self._nodes[start:end]
        lanes, slots = self._lanes(nodes)
        columns: dict[bytes, int] = {}
        for k, node in enumerate(nodes[0].tolist()):
            for slot in range(len(self._steps.operands_of(node))):
                if (k, slot) not in slots:
                    column = self._operands(nodes, k, slot)
                    slots[k, slot] = (OUTSIDE, columns.setdefault(column.tobytes(), len(columns)))
        counts = np.diff(self._steps.starts)[nodes[0]].tolist()
        return Loop(
            nodes,
            [[slots[k, slot] for slot in range(count)] for k, count in enumerate(counts)],
            lanes,
            [np.frombuffer(column, dtype=np.int64).tolist() for column in columns],
        )

    def _operands(self, nodes: Numbers, k: int, slot: int) -> Numbers:
        return self._steps.operands[self._steps.starts[nodes[:, k]] + slot]

    def _range(self) -> tuple[int, int]:
        """The first turn, and the one after the last: as far as all turns do the same as the one in the middle."""
        steps, nodes, middle = self._steps, self._nodes, self._middle
        same = (steps.operations[nodes] == steps.operations[nodes[middle]]).all(axis=1)
        most = max(back for *_, back in self._edges)
        agree = [same.copy() for _ in range(most + 1)]  # by turns back
        users, slots, used, backs = np.array(self._edges, dtype=np.int64).T
        for back in range(most + 1):
            of = backs == back
            places = np.minimum(steps.starts[nodes[:, users[of]]] + slots[of], len(steps.operands) - 1)
            agree[back] &= (steps.operands[places] == nodes[:, used[of]] - back * self._length).all(axis=1)
        everything = np.logical_and.reduce(agree)
        if not everything[middle]:
            return 0, 0
        wrong = np.nonzero(~everything)[0]
        end = int(min(wrong[wrong > middle], default=len(nodes)))
        all_agree = int(max(wrong[wrong < middle], default=-1)) + 1
        for start in range(max(0, all_agree - most), all_agree):
            if all(agree[back][min(start + back, all_agree) : all_agree].all() for back in range(most + 1)):
                return start, end
        return all_agree, end

    def _lanes(self, nodes: Numbers) -> tuple[list[Lane], dict[tuple[int, int], Slot]]:
        """The state, and where operands that are nodes of the loop come from.

        What is used several turns later moves on from lane to lane. Uses that begin with other numbers have lanes of
        their own.
        """
        lanes: list[Lane] = []
        slots: dict[tuple[int, int], Slot] = {}
        chains: dict[int, list[tuple[list[int], list[int]]]] = {}  # by node: what its lanes begin with, and the lanes
        for user, slot, used, back in sorted(self._edges, key=lambda edge: -edge[3]):
            if back == 0:
                slots[user, slot] = (SAME_TURN, used)
                continue
            starts = self._operands(nodes, user, slot)[:back].tolist()[::-1]  # of one turn back first
            numbers = next((lanes_of for begun, lanes_of in chains.setdefault(used, []) if begun[:back] == starts), [])
            if not numbers:
                for start in starts:
                    numbers.append(len(lanes))
                    lanes.append(Lane(start, (CARRIED, numbers[-2]) if len(numbers) > 1 else (SAME_TURN, used)))
                chains[used].append((starts, numbers))
            slots[user, slot] = (CARRIED, numbers[back - 1])
        return lanes, slots
