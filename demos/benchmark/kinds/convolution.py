"""A convolution with 3x3 filters and tanh over an image, the mean of each map, and the squared error of one output."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import tanh

TITLE = "convolution 28x28"
SIZE = {"side": 28, "filters": 2}
SMALL = {"side": 5, "filters": 2}


def problem(rng: Any, rows: int, *, side: int, filters: int) -> Any:
    parameters = {
        "F": rng.normal(size=(filters, 3, 3)) / 3,
        "b": rng.normal(size=filters),
        "v": rng.normal(size=filters),
    }
    return parameters, (rng.normal(size=(rows, side, side)), rng.normal(size=rows))


def scalar(p: Any, image: Any, y: Any) -> Any:
    places = range(len(image) - 2)
    output = 0.0
    for weights, bias, v in zip(p["F"], p["b"], p["v"]):
        total = 0.0
        for i in places:
            for j in places:
                total += tanh(sum(weights[r][c] * image[i + r][j + c] for r in range(3) for c in range(3)) + bias)
        output += v * (total / len(places) ** 2)
    return (output - y) ** 2


def by_hand(p: Any, image: Any, y: Any) -> Any:
    rows, filters = len(y), len(p["b"])
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3), axis=(1, 2)).reshape(-1, 9)
    a = np.tanh(windows @ p["F"].reshape(filters, 9).T + p["b"])
    size = len(windows) // rows
    means = a.reshape(rows, size, filters).mean(1)
    error = means @ p["v"] - y
    g = 2.0 / rows * error
    delta = np.repeat(np.outer(g, p["v"]) / size, size, axis=0) * (1.0 - a * a)
    return (error * error).mean(), {
        "F": (delta.T @ windows).reshape(filters, 3, 3),
        "b": delta.sum(0),
        "v": g @ means,
    }


def in_jax(p: Any, image: Any, y: Any) -> Any:
    import jax
    import jax.numpy as jnp

    z = jax.lax.conv_general_dilated(image[:, None], p["F"][:, None], (1, 1), "VALID")
    return ((jnp.tanh(z + p["b"][:, None, None]).mean((2, 3)) @ p["v"] - y) ** 2).mean()
