"""A wider network, [64, 256, 256, 10] with softmax and cross-entropy: beside NumPy and JAX by hand."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

import numpy as np

from demos.benchmark.handwritten import jax_softmax_network, numpy_backprop, softmax_head
from demos.benchmark.stopwatch import best_of
from demos.benchmark.table import table
from engine.lifting.parameters import Store
from nn import MLP, cross_entropy

TITLE = "Compiled: MLP(64, [256, 256, 10]), softmax and cross-entropy"


def lines(quick: bool) -> Iterator[str]:
    hidden, batch = (8, 10) if quick else (256, 1000)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(batch, 64)), np.eye(10)[rng.integers(0, 10, batch)]
    model = MLP(64, [hidden, hidden, 10], init="he", seed=1)
    loss = model.compile(cross_entropy)
    began = perf_counter()
    loss(x[0], y[0])
    yield f"Traced and lifted in {perf_counter() - began:.2f} s: {loss.program!r}."
    parameters = loss.program.parameter_arrays()
    value_and_gradients = loss.program.value_and_gradients
    runs: dict[str, Callable[[], Any]] = {
        "NumPy by hand": lambda: numpy_backprop(parameters, x, y, softmax_head),
        "program": lambda: value_and_gradients(*parameters, x, y),
        "loss.backward": lambda: loss.backward(x, y),
    }
    seconds = best_of(runs, quick=quick)
    with Store(model.parameters()):
        seconds |= best_of({"loss.backward, as in fit": runs["loss.backward"]}, quick=quick)
    rows = [(name, f"{1e3 * s:.2f}", f"{s / seconds['NumPy by hand']:.2f}") for name, s in seconds.items()]
    if importlib.util.find_spec("jax"):
        import jax

        with_jax = model.compile(cross_entropy, backend="jax")
        with_jax.backward(x, y)
        with with_jax.backend.float64():
            by_hand = jax_softmax_network()
            theta, inputs, targets = jax.device_put((parameters, x, y))
            runs = {
                "JAX by hand, jit": lambda: jax.block_until_ready(by_hand(theta, inputs, targets)),
                "program, jax": with_jax.backend.ready(with_jax.program, [x, y]),
                "loss.backward, jax": lambda: with_jax.backward(x, y),
            }
            seconds |= best_of(runs, quick=quick)
        rows += [
            (name, f"{1e3 * seconds[name]:.2f}", f"{seconds[name] / seconds['JAX by hand, jit']:.2f}") for name in runs
        ]
    yield f"{batch} rows:"
    yield table(("", "milliseconds", "times by hand"), *rows)
