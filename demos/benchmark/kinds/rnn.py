"""A recurrent network: h <- tanh(Wx_t + Uh + b), and the squared error of a number read from the last state."""

from __future__ import annotations

from typing import Any

import numpy as np

from demos.benchmark.kinds.parts import dots
from engine import tanh

TITLE = "RNN T=200"
SIZE = {"turns": 200, "inputs": 4, "width": 8}
SMALL = {"turns": 4, "inputs": 2, "width": 3}


def problem(rng: Any, rows: int, *, turns: int, inputs: int, width: int) -> Any:
    parameters = {
        "W": rng.normal(size=(width, inputs)) / 2,
        "U": rng.normal(size=(width, width)) / width**0.5,
        "b": rng.normal(size=width),
        "v": rng.normal(size=width),
    }
    return parameters, (rng.normal(size=(rows, turns, inputs)), rng.normal(size=rows))


def scalar(p: Any, xs: Any, y: Any) -> Any:
    h = [0.0] * len(p["b"])
    for x in xs:
        h = [tanh(wx + uh + b) for wx, uh, b in zip(dots(p["W"], x), dots(p["U"], h), p["b"])]
    [output] = dots([p["v"]], h)
    return (output - y) ** 2


def by_hand(p: Any, xs: Any, y: Any) -> Any:
    rows, turns, _ = xs.shape
    projected = xs @ p["W"].T + p["b"]
    hs = np.zeros((turns + 1, rows, len(p["b"])))
    for t in range(turns):
        hs[t + 1] = np.tanh(projected[:, t] + hs[t] @ p["U"].T)
    error = hs[-1] @ p["v"] - y
    g = 2.0 / rows * error
    deltas = np.empty((turns, rows, len(p["b"])))
    dh = np.outer(g, p["v"])
    for t in reversed(range(turns)):
        deltas[t] = dh * (1.0 - hs[t + 1] * hs[t + 1])
        dh = deltas[t] @ p["U"]
    flat = deltas.reshape(turns * rows, -1)
    return (error * error).mean(), {
        "W": flat.T @ xs.swapaxes(0, 1).reshape(turns * rows, -1),
        "U": flat.T @ hs[:-1].reshape(turns * rows, -1),
        "b": flat.sum(0),
        "v": g @ hs[-1],
    }


def in_jax(p: Any, xs: Any, y: Any) -> Any:
    import jax
    import jax.numpy as jnp

    def turn(h: Any, projected: Any) -> Any:
        return jnp.tanh(projected + h @ p["U"].T), None

    h, _ = jax.lax.scan(turn, jnp.zeros((len(y), len(p["b"]))), (xs @ p["W"].T + p["b"]).swapaxes(0, 1))
    return ((h @ p["v"] - y) ** 2).mean()
