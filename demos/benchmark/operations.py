"""What one operation costs: building a node, and its share of the backward pass, beside the leanest class there is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import engine
from demos.benchmark.bare import Bare, total
from demos.benchmark.stopwatch import best_blocks
from demos.benchmark.table import table

TITLE = "One operation: microseconds a node, beside a bare class of slots and tuples"
NODES = 1000  # of one operation, under one sum: building is measured without the sum, both passes with it
BLOCKS = 150

OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "a + b": lambda a, b: a + b,
    "a * b": lambda a, b: a * b,
    "a + 1.0": lambda a, b: a + 1.0,
    "2 * a": lambda a, b: 2 * a,
    "a ** 2": lambda a, b: a**2,
    "-a": lambda a, b: -a,
    "a.relu()": lambda a, b: a.relu(),
    "a.exp()": lambda a, b: a.exp(),
    "a.log()": lambda a, b: a.log(),
    "a.tanh()": lambda a, b: a.tanh(),
}


def lines(quick: bool) -> Iterator[str]:
    """A row for each operation; the geometric mean; a function beside its method."""
    rows: list[list[object]] = [["", "build: bare", "here", "build + backward: bare", "here", "bare / here"]]
    ratios = []
    for name, operation in OPERATIONS.items():
        seconds = best_blocks(
            {
                "bare, build": lambda f=operation: _build(Bare, f),
                "here, build": lambda f=operation: _build(engine.Value, f),
                "bare, both": lambda f=operation: total(_build(Bare, f)).backward(),
                "here, both": lambda f=operation: engine.sum(_build(engine.Value, f)).backward(),
            },
            blocks=3 if quick else BLOCKS,
            steps=1,
        )
        ratios.append(seconds["bare, both"] / seconds["here, both"])
        shown = [
            f"{seconds[key] / NODES * 1e6:.2f}" for key in ("bare, build", "here, build", "bare, both", "here, both")
        ]
        rows.append([name, *shown, f"{ratios[-1]:.2f}"])
    yield table(*rows)
    mean = math.prod(ratios) ** (1 / len(ratios))
    yield f"geometric mean of the ratios {mean:.2f}, least {min(ratios):.2f}"
    tanh = engine.tanh
    seconds = best_blocks(
        {
            "method": lambda: _build(engine.Value, lambda a, b: a.tanh()),
            "function": lambda: _build(engine.Value, lambda a, b: tanh(a)),
        },
        blocks=3 if quick else BLOCKS,
        steps=1,
    )
    yield f"tanh(v) takes {seconds['function'] / seconds['method']:.2f} times as long as v.tanh()"


def _build(scalar: type, operation: Callable[[Any, Any], Any]) -> list[Any]:
    a, b = scalar(0.7), scalar(1.3)
    return [operation(a, b) for _ in range(NODES)]
