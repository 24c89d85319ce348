"""Time per node as a graph grows: a chain as deep as it has nodes, and independent terms side by side."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from time import perf_counter

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


def nanoseconds(build: object, n: int, *, repeat: int, collector: bool) -> tuple[float, float]:
    """Per node, to build and to run backward: the best of `repeat`."""
    best = [float("inf"), float("inf")]
    for _ in range(repeat):
        gc.collect()
        if not collector:
            gc.disable()
        try:
            began = perf_counter()
            y = build(n)  # type: ignore[operator]
            built = perf_counter()
            y.backward()
            done = perf_counter()
        finally:
            gc.enable()
        best = [min(best[0], built - began), min(best[1], done - built)]
        del y
    return best[0] / n * 1e9, best[1] / n * 1e9


def lines(quick: bool) -> Iterator[str]:
    sizes = [10**3, 10**4] if quick else [10**3, 10**4, 10**5, 10**6]
    for build in (chain, terms):
        rows = []
        for n in sizes:
            repeat = max(1 if quick else 3, min(20, 10**6 // n // (10 if quick else 1)))
            with_gc = nanoseconds(build, n, repeat=repeat, collector=True)
            without = nanoseconds(build, n, repeat=repeat, collector=False)
            rows.append((f"{n:,}", *(f"{t:.0f}" for t in (*with_gc, *without))))
        yield f"{build.__name__}: {(build.__doc__ or '').rstrip('.')}"
        yield table(("nodes", "build, ns", "backward, ns", "build, gc off", "backward, gc off"), *rows)
        yield ""
    yield "Python's garbage collector walks a growing graph again and again; with it off, what is left is the engine."
