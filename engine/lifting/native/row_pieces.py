"""A call of native code for very many rows, in pieces: on several processors, and with a look at Ctrl-C in between.

How many pieces there are depends on the rows and on the program alone, and they are added up in order. So the numbers
are the same bit for bit, on however many threads. The environment variable ``LIFTGRAD_THREADS`` says on how many; else
it is as many as there are processors.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from engine.lifting.native.backend import NativeFunction
    from engine.lifting.native.emit import NativeText

SWITCH = "LIFTGRAD_THREADS"
MOST_OPERATIONS = 2 * 10**8  # of a piece: some ten milliseconds, at most two hundred

_pools: dict[int, ThreadPoolExecutor] = {}  # by how many threads
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pools.clear)  # their threads are not there


def rows_at_once(written: NativeText) -> int:
    """How many rows a piece has at most; they fill the lanes."""
    if not written.operations:
        return sys.maxsize  # nothing is done for a row
    return max(1, MOST_OPERATIONS // (written.operations * written.lanes)) * written.lanes


def in_pieces(function: NativeFunction, parameters: Any, batch: list[Any], out: Any, rows: int) -> None:
    """Compute the rows into `out`: where each has outputs, those; else the mean over all, of the means of the pieces.

    Args:
        function: it.
        parameters: their numbers.
        batch: the numbers of each argument, row by row.
        out: where the results are put.
        rows: how many.
    """
    lanes, by_rows = function.written.lanes, function.written.by_rows
    count = -(-rows // function.rows_at_once)
    step = -(-rows // (count * lanes)) * lanes  # all pieces are alike

    def piece(start: int) -> Any:
        length = min(step, rows - start)
        part = out[start : start + length] if by_rows else np.empty_like(out)
        function(parameters, [array[start : start + length] for array in batch], part, length)
        return part if by_rows else np.multiply(part, length / rows, out=part)

    parts = _on_threads(piece, range(0, rows, step))
    total = next(parts)
    for part in parts:
        if not by_rows:
            total += part
    if not by_rows:
        out[:] = total


def threads() -> int:
    """On how many threads the pieces are computed."""
    chosen = os.environ.get(SWITCH, "")
    if chosen.isdecimal():
        return max(1, int(chosen))
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _on_threads(compute: Callable[[int], Any], starts: Iterable[int]) -> Iterator[Any]:
    """What is computed for each start, in order."""
    count = threads()
    if count > 1:
        try:
            pool = _pools.get(count) or _pools.setdefault(count, ThreadPoolExecutor(count, "liftgrad"))
            return pool.map(compute, starts)
        except RuntimeError:  # there can be no more threads, as when the interpreter ends
            pass
    return map(compute, starts)
