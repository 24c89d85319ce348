"""Until the first gradient: what tracing and compiling take for each node of a graph, as it grows."""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections.abc import Callable, Iterator
from time import process_time
from typing import Any

import engine
from demos.benchmark.stopwatch import collector_as_new
from demos.benchmark.table import table
from engine import Value, compile
from engine.lifting.trace import trace
from nn import MLP

TITLE = "Compile time: tracing, and until the first gradient, for each node of the scalar graph"

Program = tuple[Callable[..., Any], list[Any]]  # a function, and arguments for it


def layers(n: int) -> Program:
    """An MLP, its batch written out."""
    model = MLP(2, [16, 16, 1])
    rows = [[0.1 * k, 0.2] for k in range(n // 66)]  # each makes 33 weighted sums and as many activations
    return lambda rows: engine.sum([model(row) for row in rows]), [rows]


def recurrent(n: int, width: int = 8) -> Program:
    """A recurrent network."""
    draw = random.Random(1)
    u = [Value(draw.gauss(0.0, 0.3)) for _ in range(width)]
    w = [[Value(draw.gauss(0.0, 0.3)) for _ in range(width)] for _ in range(width)]

    def f(xs: list[Value]) -> Value:
        h: list[Any] = [0.0] * width
        for x in xs:
            h = [engine.tanh(engine.dot(row, h) + v * x) for row, v in zip(w, u)]
        return sum(h)  # type: ignore[no-any-return]

    return f, [[0.1] * (n // (4 * width))]


def kalman(n: int) -> Program:
    """A Kalman filter of one state."""
    q, r = Value(0.1), Value(0.2)

    def f(zs: list[Value]) -> Any:
        x: Any = 0.0
        p: Any = 1.0
        loss: Any = 0.0
        for z in zs:
            p = p + q
            k, e = p / (p + r), z - x
            loss, x, p = loss + e * e / (p + r), x + k * e, (1.0 - k) * p
        return loss

    return f, [[0.1] * (n // 12)]


def chain(n: int) -> Program:
    """A chain of one step, x * w + b."""
    w, b = Value(0.999), Value(0.001)

    def f(x: Value) -> Value:
        for _ in range(n // 2):
            x = x * w + b
        return x

    return f, [0.5]


def mixed(n: int) -> Program:
    """A chain of operations drawn at random."""
    w, draw = Value(0.9), random.Random(2)
    operations: list[Callable[[Value], Value]] = [
        engine.sin, engine.cos, engine.tanh, engine.sigmoid, engine.softplus,
        lambda x: x * x, lambda x: x * 0.5, lambda x: x + 1.5,
    ]  # fmt: skip
    chosen = [draw.choice(operations) for _ in range(n)]

    def f(x: Value) -> Value:
        x = x * w
        for operation in chosen:
            x = operation(x)
        return x

    return f, [0.5]


def grid(n: int) -> Program:
    """The sums of every x and every y."""
    side, w = int(n**0.5), Value(0.5)
    return lambda xs, ys: w * engine.sum([x + y for x in xs for y in ys]), [[0.1] * side, [0.2] * side]


PROGRAMS = (layers, recurrent, kalman, chain, mixed, grid)


def microseconds(program: Program, repeat: int) -> tuple[int, float, float]:
    """How many nodes a program has, and for each of them what tracing takes, and all until the first gradient.

    It is the time of this process: what else the machine does counts less.
    """
    f, arguments = program
    traces, all_of_it, nodes = [], [], 0
    for _ in range(repeat):
        collector_as_new()
        began = process_time()
        nodes = len(trace(f, arguments).made)
        traces.append(process_time() - began)
        began = process_time()
        compile(f).value_and_grad(*arguments)
        all_of_it.append(process_time() - began)
    return nodes, min(traces) / nodes * 1e6, min(all_of_it) / nodes * 1e6


def peak(program: Program) -> int:
    """The most bytes that are allocated at a time until the first gradient."""
    f, arguments = program
    gc.collect()
    tracemalloc.start()
    try:
        compile(f).value_and_grad(*arguments)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def lines(quick: bool) -> Iterator[str]:
    sizes, repeat = ([120, 240], 1) if quick else ([10**4, 10**5], 2)
    microseconds(chain(100), 1)  # imports
    rows = []
    for build in PROGRAMS:
        _, _, small = microseconds(build(sizes[0]), repeat)
        nodes, tracing, large = microseconds(build(sizes[1]), repeat)
        name, held = (build.__doc__ or "").rstrip("."), peak(build(sizes[0])) / sizes[0]
        rows.append((name, f"{nodes:,}", f"{tracing:.1f}", f"{large:.1f}", f"{large / small:.2f}", f"{held:,.0f}"))
    yield table(("", "nodes", "tracing, us", "all, us", "large / small", "bytes"), *rows)
    if not quick:
        nodes, tracing, large = microseconds(chain(10**6), 1)
        yield f"The chain of one step, {nodes:,} nodes deep: tracing {tracing:.1f} us a node, all {large:.1f} us."
    yield "Bytes: the peak by tracemalloc for each node of the small one; the scalar graph is a part of it."
