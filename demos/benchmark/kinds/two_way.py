"""Two recurrent networks, one reading forwards and one backwards; at every turn a number is read from both states."""

from __future__ import annotations

from typing import Any

import numpy as np

from demos.benchmark.kinds.parts import dots
from engine import tanh

TITLE = "two-way RNN T=50"
SIZE = {"turns": 50, "inputs": 4, "width": 8}
SMALL = {"turns": 3, "inputs": 2, "width": 2}
WAYS = ("f", "b")


def problem(rng: Any, rows: int, *, turns: int, inputs: int, width: int) -> Any:
    parameters = {}
    for way in WAYS:
        parameters |= {
            f"W{way}": rng.normal(size=(width, inputs)) / 2,
            f"U{way}": rng.normal(size=(width, width)) / width**0.5,
            f"b{way}": rng.normal(size=width),
            f"v{way}": rng.normal(size=width),
        }
    return parameters, (rng.normal(size=(rows, turns, inputs)), rng.normal(size=(rows, turns)))


def scalar(p: Any, xs: Any, ys: Any) -> Any:
    def states(way: str, xs: Any) -> list[Any]:
        h, found = [0.0] * len(p[f"b{way}"]), []
        for x in xs:
            wx, uh = dots(p[f"W{way}"], x), dots(p[f"U{way}"], h)
            h = [tanh(a + b + bias) for a, b, bias in zip(wx, uh, p[f"b{way}"])]
            found.append(h)
        return found

    forwards, backwards = states("f", xs), states("b", xs[::-1])[::-1]
    cost = 0.0
    for ahead, behind, y in zip(forwards, backwards, ys):
        cost += (sum(v * h for v, h in zip((*p["vf"], *p["vb"]), (*ahead, *behind))) - y) ** 2
    return cost / len(ys)


def by_hand(p: Any, xs: Any, ys: Any) -> Any:
    rows, turns, inputs = xs.shape
    n = len(p["bf"])
    states = {}
    outputs = -ys
    for way in WAYS:
        seen = xs if way == "f" else xs[:, ::-1]
        projected = (seen @ p[f"W{way}"].T + p[f"b{way}"]).swapaxes(0, 1)
        hs = np.zeros((turns + 1, rows, n))
        for t in range(turns):
            hs[t + 1] = np.tanh(projected[t] + hs[t] @ p[f"U{way}"].T)
        states[way] = seen, hs
        read = (hs[1:] @ p[f"v{way}"]).T
        outputs = outputs + (read if way == "f" else read[:, ::-1])
    g = 2.0 / (rows * turns) * outputs
    gradient = {}
    for way in WAYS:
        seen, hs = states[way]
        to_read = (g if way == "f" else g[:, ::-1]).T
        deltas = np.empty((turns, rows, n))
        dh = np.zeros((rows, n))
        for t in reversed(range(turns)):
            deltas[t] = (dh + to_read[t][:, None] * p[f"v{way}"]) * (1.0 - hs[t + 1] * hs[t + 1])
            dh = deltas[t] @ p[f"U{way}"]
        flat = deltas.reshape(turns * rows, n)
        gradient |= {
            f"W{way}": flat.T @ seen.swapaxes(0, 1).reshape(turns * rows, inputs),
            f"U{way}": flat.T @ hs[:-1].reshape(turns * rows, n),
            f"b{way}": flat.sum(0),
            f"v{way}": to_read.reshape(-1) @ hs[1:].reshape(turns * rows, n),
        }
    return (outputs * outputs).mean(), gradient


def in_jax(p: Any, xs: Any, ys: Any) -> Any:
    import jax
    import jax.numpy as jnp

    outputs = -ys.T
    for way in WAYS:

        def turn(h: Any, projected: Any, way: str = way) -> Any:
            h = jnp.tanh(projected + h @ p[f"U{way}"].T)
            return h, h @ p[f"v{way}"]

        projected = (xs @ p[f"W{way}"].T + p[f"b{way}"]).swapaxes(0, 1)
        start = jnp.zeros((len(xs), len(p[f"b{way}"])))
        outputs = outputs + jax.lax.scan(turn, start, projected, reverse=way == "b")[1]
    return (outputs * outputs).mean()
