"""Taking turns: each contestant runs a block of steps, then the next, several times over.

So a machine that is slower for a while is slower for all. The best block of each counts. Python's garbage collector is
as it is by default, and collects before each block: a contestant pays for its own garbage alone. Within a block a
step's result stays alive until the next one replaces it, as a loss does in a training loop.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from time import perf_counter

from engine.collector import forget_graphs


def collector_as_new() -> None:
    """Leave no garbage, and Python's collector as it is in a new process: the engine changes it for large graphs."""
    forget_graphs()
    gc.collect()


def best_blocks(contestants: Mapping[str, Callable[[], object]], *, blocks: int, steps: int) -> dict[str, float]:
    """Seconds per step of each contestant, in its best block."""
    best: dict[str, float] = {}
    for _ in range(blocks):
        for name, step in contestants.items():
            collector_as_new()
            began = perf_counter()
            for _ in range(steps):
                result = step()  # kept alive until the next step's
            seconds = (perf_counter() - began) / steps
            del result
            best[name] = min(seconds, best.get(name, seconds))
    return best


def described(blocks: int, steps: int) -> str:
    """The method, for the report."""
    turns = f"best of {blocks} blocks of {steps} steps each, taking turns"
    return f"Measured: {turns}; before each block gc.collect(), and Python's gc at its defaults."


def best_of(contestants: Mapping[str, Callable[[], object]], *, quick: bool, rounds: int = 9) -> dict[str, float]:
    """Seconds per call of each contestant: the best of many short blocks, taking turns. For what makes no garbage."""
    best: dict[str, float] = {}
    for _ in range(1 if quick else rounds):
        for name, call in contestants.items():
            call()
            calls, seconds = 0, 0.0
            began = perf_counter()
            while seconds < (0.01 if quick else 0.1):
                call()
                calls += 1
                seconds = perf_counter() - began
            best[name] = min(seconds / calls, best.get(name, seconds))
    return best
