"""Causal attention (Vaswani et al. 2017): every token looks at itself and those before; a number is read from each."""

from __future__ import annotations

from typing import Any

import numpy as np

from demos.benchmark.kinds.parts import dots
from engine import exp

TITLE = "causal attention T=64"
SIZE = {"tokens": 64, "width": 8}
SMALL = {"tokens": 4, "width": 2}


def problem(rng: Any, rows: int, *, tokens: int, width: int) -> Any:
    parameters = {name: rng.normal(size=(width, width)) / width**0.5 for name in ("Q", "K", "V")}
    parameters["w"] = rng.normal(size=width)
    return parameters, (rng.normal(size=(rows, tokens, width)), rng.normal(size=(rows, tokens)))


def scalar(p: Any, xs: Any, ys: Any) -> Any:
    keys: list[Any] = []
    values: list[Any] = []
    cost = 0.0
    for x, y in zip(xs, ys):
        query = dots(p["Q"], x)
        keys.append(dots(p["K"], x))
        values.append(dots(p["V"], x))
        powers = [exp(sum(q * k for q, k in zip(query, key)) / len(x) ** 0.5) for key in keys]
        total = sum(powers)
        weights = [power / total for power in powers]
        mixed = [sum(a * value[j] for a, value in zip(weights, values)) for j in range(len(x))]
        cost += (sum(w * m for w, m in zip(p["w"], mixed)) - y) ** 2
    return cost / len(ys)


def by_hand(p: Any, x: Any, y: Any) -> Any:
    _, tokens, width = x.shape
    q, k, v = x @ p["Q"].T, x @ p["K"].T, x @ p["V"].T
    powers = np.exp(q @ k.swapaxes(1, 2) / width**0.5) * np.tri(tokens)
    a = powers / powers.sum(2, keepdims=True)
    mixed = a @ v
    error = mixed @ p["w"] - y
    g = 2.0 / error.size * error
    dmixed = g[..., None] * p["w"]
    da = dmixed @ v.swapaxes(1, 2)
    ds = a * (da - (da * a).sum(2, keepdims=True)) / width**0.5
    flat = x.reshape(-1, width)
    return (error * error).mean(), {
        "Q": (ds @ k).reshape(-1, width).T @ flat,
        "K": (ds.swapaxes(1, 2) @ q).reshape(-1, width).T @ flat,
        "V": (a.swapaxes(1, 2) @ dmixed).reshape(-1, width).T @ flat,
        "w": g.reshape(-1) @ mixed.reshape(-1, width),
    }


def in_jax(p: Any, x: Any, y: Any) -> Any:
    import jax
    import jax.numpy as jnp

    q, k, v = x @ p["Q"].T, x @ p["K"].T, x @ p["V"].T
    scores = q @ k.swapaxes(1, 2) / x.shape[2] ** 0.5
    a = jax.nn.softmax(jnp.where(jnp.tri(x.shape[1]) > 0.0, scores, -jnp.inf), axis=2)
    return ((a @ v @ p["w"] - y) ** 2).mean()
