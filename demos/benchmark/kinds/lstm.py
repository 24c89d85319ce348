"""An LSTM (Hochreiter, Schmidhuber 1997, with forget gates), and the squared error of a number read from its output."""

from __future__ import annotations

from typing import Any

import numpy as np

from demos.benchmark.kinds.parts import dots
from engine import sigmoid, tanh

TITLE = "LSTM T=50"
SIZE = {"turns": 50, "inputs": 4, "width": 16}
SMALL = {"turns": 3, "inputs": 2, "width": 2}


def problem(rng: Any, rows: int, *, turns: int, inputs: int, width: int) -> Any:
    parameters = {"v": rng.normal(size=width)}
    for gate in "ifog":
        parameters[f"W{gate}"] = rng.normal(size=(width, inputs)) / 2
        parameters[f"U{gate}"] = rng.normal(size=(width, width)) / width**0.5
        parameters[f"b{gate}"] = rng.normal(size=width)
    return parameters, (rng.normal(size=(rows, turns, inputs)), rng.normal(size=rows))


def scalar(p: Any, xs: Any, y: Any) -> Any:
    width = len(p["v"])
    h, c = [0.0] * width, [0.0] * width

    def gate(name: str, activation: Any, x: Any) -> list[Any]:
        wx, uh = dots(p[f"W{name}"], x), dots(p[f"U{name}"], h)
        return [activation(a + b + bias) for a, b, bias in zip(wx, uh, p[f"b{name}"])]

    for x in xs:
        i, f, o, g = gate("i", sigmoid, x), gate("f", sigmoid, x), gate("o", sigmoid, x), gate("g", tanh, x)
        c = [f_j * c_j + i_j * g_j for f_j, c_j, i_j, g_j in zip(f, c, i, g)]
        h = [o_j * tanh(c_j) for o_j, c_j in zip(o, c)]
    [output] = dots([p["v"]], h)
    return (output - y) ** 2


def by_hand(p: Any, xs: Any, y: Any) -> Any:
    rows, turns, inputs = xs.shape
    n = len(p["v"])
    W, U = (np.concatenate([p[f"{name}{gate}"] for gate in "ifog"]) for name in "WU")
    projected = (xs @ W.T + np.concatenate([p[f"b{gate}"] for gate in "ifog"])).swapaxes(0, 1)
    hs, cs = np.zeros((turns + 1, rows, n)), np.zeros((turns + 1, rows, n))
    gates, squashed = np.empty((turns, rows, 4 * n)), np.empty((turns, rows, n))
    for t in range(turns):
        z = projected[t] + hs[t] @ U.T
        gates[t, :, : 3 * n] = 1.0 / (1.0 + np.exp(-z[:, : 3 * n]))
        gates[t, :, 3 * n :] = np.tanh(z[:, 3 * n :])
        i, f, o, g = np.split(gates[t], 4, axis=1)
        cs[t + 1] = f * cs[t] + i * g
        squashed[t] = np.tanh(cs[t + 1])
        hs[t + 1] = o * squashed[t]
    error = hs[-1] @ p["v"] - y
    scale = 2.0 / rows * error
    deltas = np.empty_like(gates)
    dh, dc = np.outer(scale, p["v"]), np.zeros((rows, n))
    for t in reversed(range(turns)):
        i, f, o, g = np.split(gates[t], 4, axis=1)
        dc = dc + dh * o * (1.0 - squashed[t] * squashed[t])
        deltas[t, :, :n] = dc * g * i * (1.0 - i)
        deltas[t, :, n : 2 * n] = dc * cs[t] * f * (1.0 - f)
        deltas[t, :, 2 * n : 3 * n] = dh * squashed[t] * o * (1.0 - o)
        deltas[t, :, 3 * n :] = dc * i * (1.0 - g * g)
        dh, dc = deltas[t] @ U, dc * f
    flat = deltas.reshape(turns * rows, -1)
    dW = flat.T @ xs.swapaxes(0, 1).reshape(turns * rows, inputs)
    dU, db = flat.T @ hs[:-1].reshape(turns * rows, n), flat.sum(0)
    gradient = {"v": scale @ hs[-1]}
    for k, gate in enumerate("ifog"):
        part = slice(k * n, (k + 1) * n)
        gradient |= {f"W{gate}": dW[part], f"U{gate}": dU[part], f"b{gate}": db[part]}
    return (error * error).mean(), gradient


def in_jax(p: Any, xs: Any, y: Any) -> Any:
    import jax
    import jax.numpy as jnp

    n = len(p["v"])
    W, U, b = (jnp.concatenate([p[f"{name}{gate}"] for gate in "ifog"]) for name in "WUb")

    def turn(state: Any, projected: Any) -> Any:
        h, c = state
        z = projected + h @ U.T
        i, f, o = jnp.split(jax.nn.sigmoid(z[:, : 3 * n]), 3, axis=1)
        c = f * c + i * jnp.tanh(z[:, 3 * n :])
        return (o * jnp.tanh(c), c), None

    zeros = jnp.zeros((len(y), n))
    (h, _), _ = jax.lax.scan(turn, (zeros, zeros), (xs @ W.T + b).swapaxes(0, 1))
    return ((h @ p["v"] - y) ** 2).mean()
