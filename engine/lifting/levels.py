"""How deep each entry of a tape is: entries of one depth may be one array operation.

Mostly an entry is computed as soon as it can be. But alike entries that nothing needs before all are there, as the
logarithms of a matrix's pivots that are added up in the end, wait for one another and are one operation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from engine.lifting.loops.call import LoopCall, LoopResult
from engine.lifting.tape import Tape

FEWEST_DEPTHS = 4  # of alike entries that wait


def levels_of(tape: Tape) -> list[list[int]]:
    """The entries that are computed, by the length of the longest path of operations from a leaf; some come later."""
    operands = [tape.operands(entry) for entry in range(tape.length)]
    depth = [0] * tape.length
    for entry, some in enumerate(operands):
        if some:
            depth[entry] = max([depth[operand] for operand in some]) + 1
    if max(depth, default=0) > FEWEST_DEPTHS:
        _wait(tape, operands, depth)
    levels: list[list[int]] = [[] for _ in range(max(depth, default=0))]
    for entry, place in enumerate(depth):
        if place:
            levels[place - 1].append(entry)
    return [level for level in levels if level]


def _wait(tape: Tape, operands: list[Sequence[int]], depth: list[int]) -> None:
    """Move alike entries of several depths to just before the first that needs one of them.

    From the last depth to the first: all that need an entry have their places when it gets its own.
    """
    count = max(depth)
    read_at = [count + 1] * tape.length  # the least depth of those that need the entry
    to_come = [0] * tape.length  # how many of them have no place yet
    for some in operands:
        for operand in some:
            to_come[operand] += 1
    for entry in tape.outputs:
        read_at[entry] = depth[entry] + 1
    ready: list[list[int]] = [[] for _ in range(count + 1)]  # by the last depth where the entry may be
    for entry, place in enumerate(depth):
        if place and not to_come[entry]:
            ready[place].append(entry)
    for last in range(count, 0, -1):
        alike: dict[Any, list[int]] = defaultdict(list)
        for entry in ready[last]:
            alike[_form(tape, entry)].append(entry)
        for entries in alike.values():
            waits = len({depth[entry] for entry in entries}) >= FEWEST_DEPTHS
            for entry in entries:
                if waits:
                    depth[entry] = last
                place = depth[entry]
                for operand in operands[entry]:
                    if read_at[operand] > place:
                        read_at[operand] = place
                    to_come[operand] -= 1
                    if not to_come[operand] and depth[operand]:
                        ready[read_at[operand] - 1].append(operand)


def _form(tape: Tape, entry: int) -> Any:
    """What entries that wait for one another have in common; of a loop the entry itself, so that it never waits."""
    if entry in tape.operations:
        op, operands = tape.operations[entry]
        return entry if isinstance(op, (LoopCall, LoopResult)) else (op, len(operands))
    return tuple([(minus, v < 0) for minus, _, v in tape.terms[entry]])
