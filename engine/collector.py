"""Python's cyclic garbage collector, and graphs that grow.

A graph has no reference cycles: counting references frees it. But in search of cycles the collector walks everything
that lives, again whenever there is a quarter more of it. While a graph grows to a million nodes it does so some fifteen
times, and building takes several times as long a node as in a small graph. So while graphs are what grows, these full
collections wait. Young objects are still looked through, and the full ones return as soon as something else grows.
"""

from __future__ import annotations

import gc
from typing import Any

from engine.value import Value

PATIENCE = 1000  # collections of the middle generation from one full collection to the next; Python's default is 10
STRIDE = 13  # every 13th new object is looked at
SHARE = 8  # a node comes with its parents, its pullback and what that keeps: graphs grow if one in 8 is a Value

_before = PATIENCE  # the threshold that was raised


def wait_while_graphs_grow(phase: str, info: dict[str, Any]) -> None:
    """For `gc.callbacks`: raise the collector's third threshold while graphs are what grows, and set it back after."""
    global _before
    if phase != "start" or info["generation"] != 1:  # the next collection but a few may be a full one
        return
    kinds = [type(thing) for thing in gc.get_objects(generation=0)[::STRIDE]]
    growing = sum(issubclass(kind, Value) for kind in kinds) * SHARE > len(kinds)
    first, second, third = gc.get_threshold()
    if growing and third < PATIENCE:
        _before = third
        gc.set_threshold(first, second, PATIENCE)
    elif not growing and third == PATIENCE:
        gc.set_threshold(first, second, _before)
