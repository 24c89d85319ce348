"""Python's cyclic garbage collector, and large graphs.

A graph has no reference cycles: counting references frees it. But in search of cycles the collector walks everything
that lives, again whenever there is a quarter more of it: some fifteen times while a graph grows to a million nodes,
which then takes several times as long a node as a small one. Someone who differentiates a large graph makes more of
that size, one a training step. So after that, whenever what was made lately is mostly nodes, these full collections
wait for as many new objects as a few such graphs have. Young objects are looked through as ever.

The collector belongs to the whole process, whose other objects may well be garbage in cycles. So this is decided again
at each collection of young objects, some 7,000 objects apart: as soon as they are other objects, full collections come
as they did before. And when the process has gone on for as long as a few such graphs take without making any more
nodes, nothing is left of this but what it was.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

NODES = 500  # for one more collection of the middle generation to wait for: some six times what so many nodes bring
SHARE = 10  # of young objects one in so many is a node while a graph is built; with parents and pullback it is one in 3


def expect_graphs_of(n: int) -> None:
    """Expect more graphs of n nodes: called whenever one has been walked. Small ones change nothing."""
    if n > NODES * _watch.usual_third > 0:
        _watch.begin(n)


def forget_graphs() -> None:
    """Leave the collector as it is in a process that has made no large graph."""
    _watch.end()


@contextmanager
def no_collections() -> Iterator[None]:
    """Within the block the collector waits: for work that makes many objects, all of which are needed to its end."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Watch:
    """Raises the third threshold of the collector while nodes are made, and lowers it again.

    Attributes:
        third: what the largest graph there was asks for.
        raised: what the threshold was raised to.
        before: what it was before that; None while it is not raised.
        idle: how many collections of young objects in turn found no nodes.
    """

    def __init__(self) -> None:
        self.third = self.raised = 0
        self.before: int | None = None
        self.idle = 0
        self._node: type = object

    @property
    def usual_third(self) -> int:
        """The third threshold as it is without us."""
        return gc.get_threshold()[2] if self.before is None else self.before

    def begin(self, n: int) -> None:
        """Look at what is made from here on."""
        from engine.value import Value  # here, since graph.py is imported by what value.py imports

        self._node = Value
        self.third = max(self.third, n // NODES)
        self.idle = 0
        if self.look not in gc.callbacks:
            gc.callbacks.append(self.look)

    def look(self, phase: str, info: dict[str, int]) -> None:
        """Called by the collector before and after each of its collections."""
        if phase != "start" or info["generation"] == 0:
            return
        if self._are_nodes():
            self.idle = 0
            self._raise()
            return
        self.restore()
        self.idle += 1
        if self.idle > self.third:
            self.end()

    def _are_nodes(self) -> bool:
        """Whether the young objects are those of a graph."""
        young = gc.get_objects(generation=0)
        return [*map(type, young)].count(self._node) * SHARE > len(young)

    def _raise(self) -> None:
        first, second, third = gc.get_threshold()
        if self.before is None and 0 < third < self.third:
            self.before, self.raised = third, self.third
            gc.set_threshold(first, second, self.raised)
        elif self.before is not None and third == self.raised < self.third:  # for a larger graph than it was raised for
            self.raised = self.third
            gc.set_threshold(first, second, self.raised)

    def restore(self) -> None:
        """Put the third threshold back to what it was, unless someone else has set it since."""
        first, second, third = gc.get_threshold()
        if self.before is not None and third == self.raised:
            gc.set_threshold(first, second, self.before)
        self.before = None

    def end(self) -> None:
        """Leave the collector as it was."""
        self.restore()
        self.third = self.idle = 0
        if self.look in gc.callbacks:
            gc.callbacks.remove(self.look)


_watch = _Watch()
