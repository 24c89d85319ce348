"""Fixed neighbours: what lies beside the numbers of a state and does not change, as the ends of a rod.

With them in the state's array every cell of a stencil gets its neighbours from one array, and all cells are one group.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from engine.lifting.loops.loop import CARRIED, OUTSIDE, Lane, Loop, Slot
from engine.lifting.loops.steps import Steps


def widened(loop: Loop, steps: Steps) -> Loop | None:
    """The loop with lanes for columns that are the same in all turns and stand beside lanes; None if there are none."""
    like: dict[tuple[int, int, int], list[Slot]] = defaultdict(list)  # the sources of one slot in like nodes, in order
    depths: list[int] = []
    for k, (number, slots) in enumerate(zip(loop.nodes[0].tolist(), loop.slots)):
        depths.append(1 + max([depths[which] for kind, which in slots if kind not in (CARRIED, OUTSIDE)], default=0))
        for place, slot in enumerate(slots):
            like[int(steps.operations[number]), depths[k], place].append(slot)
    lanes = [*loop.lanes]
    lane_of: dict[int, int] = {}  # the new lane of a column
    for sources in like.values():
        for place, (kind, which) in enumerate(sources):
            if kind != OUTSIDE or which in lane_of or len({*loop.columns[which]}) > 1:
                continue
            before, after = sources[place - 1] if place else None, sources[place + 1 : place + 2]
            if after and after[0][0] == CARRIED:
                beside, is_after = after[0][1], False
            elif before is not None and before[0] == CARRIED:
                beside, is_after = before[1], True
            else:
                continue
            lane_of[which] = len(lanes)
            lanes.append(Lane(loop.columns[which][0], (CARRIED, len(lanes)), beside, is_after))
    if not lane_of:
        return None

    def moved(slot: Slot) -> Slot:
        return (CARRIED, lane_of[slot[1]]) if slot[0] == OUTSIDE and slot[1] in lane_of else slot

    left = [which for which in range(len(loop.columns)) if which not in lane_of]
    place_of = {which: (OUTSIDE, place) for place, which in enumerate(left)}
    return replace(
        loop,
        slots=[
            [place_of[slot[1]] if slot[0] == OUTSIDE and slot[1] in place_of else moved(slot) for slot in slots]
            for slots in loop.slots
        ],
        lanes=lanes,
        columns=[loop.columns[which] for which in left],
    )
