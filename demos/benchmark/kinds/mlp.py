"""A network with two wide layers: z = Wx + b, a = tanh(z), and the squared error of one output."""

from __future__ import annotations

from typing import Any

import numpy as np

from demos.benchmark.kinds.parts import dots
from engine import tanh

TITLE = "MLP 2x128"
SIZE = {"width": 128, "inputs": 16}
SMALL = {"width": 5, "inputs": 3}


def problem(rng: Any, rows: int, *, width: int, inputs: int) -> Any:
    parameters = {
        "W1": rng.normal(size=(width, inputs)) / 4,
        "b1": rng.normal(size=width),
        "W2": rng.normal(size=(width, width)) / 11,
        "b2": rng.normal(size=width),
        "w3": rng.normal(size=width) / 11,
    }
    return parameters, (rng.normal(size=(rows, inputs)), rng.normal(size=rows))


def scalar(p: Any, x: Any, y: Any) -> Any:
    for W, b in ((p["W1"], p["b1"]), (p["W2"], p["b2"])):
        x = [tanh(z + b_j) for z, b_j in zip(dots(W, x), b)]
    [output] = dots([p["w3"]], x)
    return (output - y) ** 2


def by_hand(p: Any, x: Any, y: Any) -> Any:
    a1 = np.tanh(x @ p["W1"].T + p["b1"])
    a2 = np.tanh(a1 @ p["W2"].T + p["b2"])
    error = a2 @ p["w3"] - y
    g = 2.0 / len(y) * error
    d2 = np.outer(g, p["w3"]) * (1.0 - a2 * a2)
    d1 = d2 @ p["W2"] * (1.0 - a1 * a1)
    return (error * error).mean(), {
        "W1": d1.T @ x,
        "b1": d1.sum(0),
        "W2": d2.T @ a1,
        "b2": d2.sum(0),
        "w3": g @ a2,
    }


def in_jax(p: Any, x: Any, y: Any) -> Any:
    import jax.numpy as jnp

    a1 = jnp.tanh(x @ p["W1"].T + p["b1"])
    a2 = jnp.tanh(a1 @ p["W2"].T + p["b2"])
    return ((a2 @ p["w3"] - y) ** 2).mean()
