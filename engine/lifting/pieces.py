"""In how many pieces a large batch goes through a program.

What one operation computes the next one reads: from the processor's cache if there are few enough rows. But each call
of an operation takes its time however few the rows are, and so does adding up the parameters' gradients.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.lifting.program import Program

IN_CACHE = 2**20  # numbers, of all arrays together: those in use at one time are a part of them
MOST = 2**25  # numbers: what does not stay in the cache still fits into memory, 256 megabytes
CALL = 1000  # the call of an operation takes as long as computing so many numbers
GRADIENT = 4  # a parameter's share of adding up gradients, in the same measure
WORTH = 10  # how many times as long as its calls a piece computes, at least


def rows_at_once(program: Program) -> int:
    """How many rows a piece should have."""
    overhead = CALL * program.calls + GRADIENT * len(program.parameters)
    return max(1, min(max(IN_CACHE, WORTH * overhead), MOST) // program.numbers_per_row)


def pieces_of(batch: list[Any], at_once: int) -> list[list[Any]]:
    """A batch in pieces of about so many rows, all of about one size."""
    rows = len(batch[0])
    count = (2 * rows + at_once) // (2 * at_once)  # to the nearest
    if count <= 1:
        return [batch]
    ends = [rows * k // count for k in range(count + 1)]
    return [[array[start:end] for array in batch] for start, end in pairwise(ends)]
