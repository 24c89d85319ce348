"""Compiled two moons: the lifted program beside NumPy by hand, PyTorch, the eager engine and micrograd."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from demos.benchmark.handwritten import hinge_head, numpy_backprop, torch_hinge_network
from demos.benchmark.moons import SEED, contestants, data_of
from demos.benchmark.stopwatch import best_blocks, best_of
from demos.benchmark.table import table
from engine.lifting.parameters import Store
from nn import MLP, hinge

TITLE = "Compiled: loss and gradient of MLP(2, [16, 16, 1]) through loss.backward"


def lines(quick: bool) -> Iterator[str]:
    hidden = 4 if quick else 16
    model = MLP(2, [hidden, hidden, 1], seed=SEED)
    loss = model.compile(hinge)
    rows = []
    compiled_at_100 = 0.0
    for batch in (1, 10) if quick else (1, 100, 1000, 10000):
        x, y = (np.array(side) for side in data_of(batch))
        loss.backward(x, y)
        program, column = loss.program, y.reshape(-1, 1)
        parameters = program.parameter_arrays()
        runs: dict[str, Callable[[], Any]] = {
            "by hand": lambda p=parameters, x=x, y=column: numpy_backprop(p, x, y, hinge_head),
            "program": lambda p=parameters, x=x, y=column, f=program.value_and_gradients: f(*p, x, y),
            "loss.backward": lambda x=x, y=y: loss.backward(x, y),
        }
        if importlib.util.find_spec("torch"):
            runs["PyTorch eager"] = torch_hinge_network(parameters, x, column)
        seconds = best_of(runs, quick=quick)
        with Store(model.parameters()):
            seconds |= best_of({"loss.backward, as in fit": runs["loss.backward"]}, quick=quick)
        if batch == 100:
            compiled_at_100 = seconds["loss.backward"]
        by_hand = seconds["by hand"]
        rows += [
            (f"{batch:,}" if name == "by hand" else "", name, f"{1e6 * s:.1f}", f"{s / by_hand:.2f}")
            for name, s in seconds.items()
        ]
    yield table(("rows", "", "microseconds", "times by hand"), *rows)
    yield ""
    yield f"The program: {loss.program!r}, value and gradient in {loss.program.operations[1]}."
    narrow, wide = (_operations(width) for width in ((2, 3) if quick else (4, 64)))
    yield f"Hidden layers of {'2 or 3' if quick else '4 or 64'} units: {narrow} and {wide} operations."
    if not quick:
        steps = contestants(data_of(100), hidden)
        eager = best_blocks(steps, blocks=2, steps=15)
        yield ""
        yield "At 100 rows, against a step of those that compute node by node:"
        yield table(
            ("", "milliseconds", "loss.backward is faster by"),
            *[(name, f"{1e3 * s:.1f}", f"{s / compiled_at_100:,.0f}") for name, s in eager.items()],
        )


def _operations(width: int) -> int:
    model = MLP(2, [width, width, 1], seed=SEED)
    loss = model.compile(hinge)
    loss([0.5, -0.5], 1.0)
    return loss.program.operations[1]
