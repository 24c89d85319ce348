"""How deep each entry of a tape is."""

from __future__ import annotations

from engine.lifting.tape import Tape


def levels_of(tape: Tape) -> list[list[int]]:
    """The entries that are computed, by the length of the longest path of operations from a leaf."""
    level = [0] * tape.length
    levels: list[list[int]] = []
    for entry in range(tape.length):
        operands = tape.operands(entry)
        if operands:
            deepest = max([level[operand] for operand in operands])
            level[entry] = deepest + 1
            if deepest == len(levels):
                levels.append([])
            levels[deepest].append(entry)
    return levels
