"""A call of native code for very many rows, in pieces: Python does not see Ctrl-C in the midst of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from engine.lifting.native.backend import NativeFunction
    from engine.lifting.native.emit import NativeText

MOST_OPERATIONS = 2 * 10**7  # of a piece: they take less than a tenth of a second


def rows_at_once(written: NativeText) -> int:
    """How many rows a piece has: so many that they fill the lanes."""
    return max(1, MOST_OPERATIONS // (max(1, written.operations) * written.lanes)) * written.lanes


def in_pieces(function: NativeFunction, parameters: Any, batch: list[Any], out: Any, rows: int) -> None:
    """Compute the rows into `out`: where each has outputs, those; else the mean over all, of the means of the pieces.

    Args:
        function: it.
        parameters: their numbers.
        batch: the numbers of each argument, row by row.
        out: where the results are put.
        rows: how many.
    """
    step, by_rows = function.rows_at_once, function.written.by_rows
    part = out if by_rows else np.empty_like(out)
    if not by_rows:
        out.fill(-0.0)
    for start in range(0, rows, step):
        count = min(step, rows - start)
        piece = [array[start : start + count] for array in batch]
        if by_rows:
            function(parameters, piece, out[start : start + count], count)
        else:
            function(parameters, piece, part, count)
            out += part * (count / rows)
