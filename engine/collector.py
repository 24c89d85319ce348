"""Python's cyclic garbage collector, and large graphs.

A graph has no reference cycles: counting references frees it. But in search of cycles the collector walks everything
that lives, again whenever there is a quarter more of it: some fifteen times while a graph grows to a million nodes,
which then takes several times as long a node as a small one. Someone who makes a large graph makes more of that size,
one a training step. So once there was one, these full collections wait for as many new objects as a few of them have.
Young objects are looked through as ever. Garbage in cycles may take as much memory as those few graphs would.
"""

from __future__ import annotations

import gc

NODES = 500  # for one more collection of the middle generation to wait for: some six times what so many nodes bring


def expect_graphs_of(n: int) -> None:
    """Raise the third threshold of the collector for graphs of n nodes, if it is lower; it is never lowered."""
    first, second, third = gc.get_threshold()
    if n > NODES * third:
        gc.set_threshold(first, second, n // NODES)
