"""Time per node as a graph grows: a chain as deep as it has nodes, and independent terms side by side."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

import engine
from demos.benchmark.table import table
from engine import Value

TITLE = "Growth: time per node from 10^3 to 10^6 nodes"


def chain(n: int) -> Value:
    """x * w + b, applied again and again: n nodes, n deep."""
    x, w, b = Value(0.5), Value(0.999), Value(0.001)
    for _ in range(n // 2):
        x = x * w + b
    return x


def terms(n: int) -> Value:
    """The sum of n/3 independent tanh(w * x + b): n nodes, 4 deep."""
    x, w, b = Value(0.5), Value(0.999), Value(0.001)
    return engine.sum([engine.tanh(w * x + b) for _ in range(n // 3)])  # type: ignore[no-any-return]


def lists(n: int) -> list[Any]:
    """n plain lists, each of the one before and some numbers: about as many bytes, and nothing computed."""
    x, before = 0.5, []
    for _ in range(n):
        x *= 0.999
        before = [before, [x], (x, x), (x, x)]
    return before


def nanoseconds(build: Callable[[int], Any], n: int, *, collector: bool, repeat: int) -> list[float]:
    """Per node, to build and, if it is a graph, to run backward: the best of `repeat`."""
    best = [float("inf")] * 2
    for _ in range(repeat):
        gc.collect()
        if not collector:
            gc.disable()
        try:
            began = perf_counter()
            y = build(n)
            built = perf_counter()
            if isinstance(y, Value):
                y.backward()
            done = perf_counter()
        finally:
            gc.enable()
        best = [min(best[0], built - began), min(best[1], done - built)]
        del y
    return [seconds / n * 1e9 for seconds in best]


def lines(quick: bool) -> Iterator[str]:
    sizes = [10**3, 10**4] if quick else [10**3, 10**4, 10**5, 10**6]
    for build in (chain, terms, lists):
        kinds = ("build",) if build is lists else ("build", "backward")
        rows: list[list[float]] = []
        for n in sizes:
            repeat = max(1 if quick else 3, min(20, 10**6 // n // (10 if quick else 1)))
            ways = [nanoseconds(build, n, collector=collector, repeat=repeat) for collector in (True, False)]
            rows.append([time for way in ways for time in way[: len(kinds)]])
        yield f"{build.__name__}: {(build.__doc__ or '').rstrip('.')}"
        yield table(
            ("nodes", *[f"{kind}, ns" for kind in kinds], *[f"{kind}, gc off" for kind in kinds]),
            *[(f"{n:,}", *[f"{time:.0f}" for time in row]) for n, row in zip(sizes, rows)],
            ("last / first", *[f"{last / first:.2f}" for first, last in zip(rows[0], rows[-1])]),
        )
        yield ""
    yield "The lists tell what fresh memory costs all that grows so large, and the collector all but graphs."
