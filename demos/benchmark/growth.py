"""Time per node as a graph grows: a chain as deep as it has nodes, and independent terms side by side."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

import engine
from demos.benchmark.stopwatch import collector_as_new
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


def nanoseconds(build: Callable[[int], Any], n: int, *, collector: bool, repeat: int) -> tuple[float, float, float]:
    """Per node: to build the first one of n nodes; and of `repeat` more the best, to build and to run backward."""
    collector_as_new()
    if not collector:
        gc.disable()
    builds, backwards = [], []
    try:
        for _ in range(1 + repeat):
            began = perf_counter()
            y = build(n)
            builds.append(perf_counter() - began)
            if isinstance(y, Value):
                y.backward()
            backwards.append(perf_counter() - began - builds[-1])
            del y
            gc.collect()
    finally:
        gc.enable()
    first, *others = builds
    return first / n * 1e9, min(others) / n * 1e9, min(backwards) / n * 1e9


def lines(quick: bool) -> Iterator[str]:
    sizes = [10**3, 10**4] if quick else [10**3, 10**4, 10**5, 10**6]
    for build in (chain, terms, lists):
        rows: list[list[float]] = []
        for n in sizes:
            repeat = max(1 if quick else 3, min(20, 10**6 // n // (10 if quick else 1)))
            first, later, back = nanoseconds(build, n, collector=True, repeat=repeat)
            _, without, back_without = nanoseconds(build, n, collector=False, repeat=repeat)
            rows.append([first, later, without] + ([] if build is lists else [back, back_without]))
        titles = ("nodes", "first build", "build, ns", "gc off", "backward, ns", "gc off")
        yield f"{build.__name__}: {(build.__doc__ or '').rstrip('.')}"
        yield table(
            titles[: 1 + len(rows[0])],
            *[(f"{n:,}", *[f"{time:.0f}" for time in row]) for n, row in zip(sizes, rows)],
            ("last / first", *[f"{last / first:.2f}" for first, last in zip(rows[0], rows[-1])]),
        )
        yield ""
    yield "After the first large graph Python's collector expects more of them. The lists tell what it costs anything"
    yield "else; with it off, what fresh memory costs."
