"""Bytes per node of a whole graph after the forward pass."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import engine
from demos.benchmark.growth import chain, terms
from demos.benchmark.moons import SEED, data_of, micrograd_value, network_of, node_count
from demos.benchmark.scalar_network import ScalarMLP, loss_of
from demos.benchmark.table import table
from nn import hinge

TITLE = "Memory: the graph of the two-moons loss"


def bytes_of(build: Callable[[], Any]) -> tuple[int, int]:
    """Bytes that a graph holds beyond its parameters, and its nodes beyond them."""
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        loss = build()
        gc.collect()
        held = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    return held, node_count(loss)


def peak_of(build: Callable[[int], engine.Value], n: int) -> int:
    """The most bytes that are allocated at a time, for a graph of n nodes and its backward pass."""
    gc.collect()
    tracemalloc.start()
    try:
        build(n).backward()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def lines(quick: bool) -> Iterator[str]:
    data, hidden = (data_of(10), 4) if quick else (data_of(100), 16)
    sizes = [hidden, hidden, 1]
    builds: dict[str, Callable[[], Any]] = {}
    theirs = micrograd_value()
    if theirs:
        micrograd_model = ScalarMLP(theirs, 2, sizes, SEED)
        builds["micrograd"] = lambda: loss_of(micrograd_model, *data)
    scalars = ScalarMLP(engine.Value, 2, sizes, SEED)
    network = network_of(scalars)
    builds["the same scalar code, this engine"] = lambda: loss_of(scalars, *data)
    builds["nn.MLP"] = lambda: engine.mean([hinge(network(x), y) for x, y in zip(*data)])
    rows = []
    for name, build in builds.items():
        held, nodes = bytes_of(build)
        rows.append((name, f"{nodes:,}", f"{held / 2**20:.2f}", f"{held / nodes:.0f}"))
    yield "By tracemalloc, everything that building the graph left allocated: numbers, parents, pullbacks."
    yield ""
    yield table(("", "nodes", "MiB", "bytes per node"), *rows)

    yield ""
    n = 10**3 if quick else 10**6
    peaks = {build.__name__: peak_of(build, n) for build in (chain, terms)}
    yield f"The peak while a graph of {n:,} nodes is built and differentiated, deep and wide:"
    yield table(
        ("", "MiB", "bytes per node"),
        *[(name, f"{peak / 2**20:.1f}", f"{peak / n:.0f}") for name, peak in peaks.items()],
    )
