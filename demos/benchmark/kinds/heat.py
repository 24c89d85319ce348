"""The heat equation by explicit steps, with a conductivity for each inner cell and both ends held."""

from __future__ import annotations

from typing import Any

import numpy as np

TITLE = "heat equation, 32 cells, T=50"
SIZE = {"cells": 32, "turns": 50}
SMALL = {"cells": 5, "turns": 3}
SETTINGS = ("turns",)


def problem(rng: Any, rows: int, *, cells: int) -> Any:
    parameters = {"k": rng.uniform(0.1, 0.4, size=cells - 2)}
    return parameters, (rng.normal(size=(rows, cells)), rng.normal(size=(rows, cells)))


def scalar(p: Any, u: Any, target: Any, *, turns: int) -> Any:
    for _ in range(turns):
        inner = [u[i] + p["k"][i - 1] * (u[i - 1] - 2.0 * u[i] + u[i + 1]) for i in range(1, len(u) - 1)]
        u = [u[0], *inner, u[-1]]
    return sum((u_i - y_i) ** 2 for u_i, y_i in zip(u, target)) / len(u)


def by_hand(p: Any, u: Any, target: Any, *, turns: int) -> Any:
    k = p["k"]
    u = u.copy()
    curvatures = np.empty((turns, len(u), len(k)))
    for t in range(turns):
        curvatures[t] = u[:, :-2] - 2.0 * u[:, 1:-1] + u[:, 2:]
        u[:, 1:-1] += k * curvatures[t]
    error = u - target
    g = 2.0 / error.size * error
    dk = np.zeros_like(k)
    for t in reversed(range(turns)):
        inner = g[:, 1:-1]
        dk += (inner * curvatures[t]).sum(0)
        flow = inner * k
        g = g.copy()
        g[:, 1:-1] -= 2.0 * flow
        g[:, :-2] += flow
        g[:, 2:] += flow
    return (error * error).mean(), {"k": dk}


def in_jax(p: Any, u: Any, target: Any, *, turns: int) -> Any:
    import jax

    def turn(u: Any, _: Any) -> Any:
        return u.at[:, 1:-1].add(p["k"] * (u[:, :-2] - 2.0 * u[:, 1:-1] + u[:, 2:])), None

    u, _ = jax.lax.scan(turn, u, None, length=turns)
    return ((u - target) ** 2).mean()
