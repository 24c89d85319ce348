"""The programs of a compiled function, of which it keeps those that were used last."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.lifting.pipeline import CompiledGraph

MOST_PROGRAMS = 64  # of a compiled function: one takes 50 kB to some megabytes


class ProgramCache:
    """Programs by what they are for. The one more than `MOST_PROGRAMS` takes the place of the one not used longest.

    Attributes:
        dropped: how many have been dropped so far.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._programs: OrderedDict[Any, CompiledGraph] = OrderedDict()

    def get(self, key: Any) -> CompiledGraph | None:
        """The program for that, if it is there."""
        programs = self._programs
        try:
            programs.move_to_end(key)
            return programs[key]
        except KeyError:  # or dropped by another thread in between
            return None

    def add(self, key: Any, program: CompiledGraph) -> CompiledGraph | None:
        """Keep a program; return the one that was dropped for it, if one was. Not for two threads at a time."""
        self._programs[key] = program
        if len(self._programs) <= MOST_PROGRAMS:
            return None
        self.dropped += 1
        return self._programs.popitem(last=False)[1]

    def __len__(self) -> int:
        return len(self._programs)
