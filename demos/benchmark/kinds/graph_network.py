"""A graph network (Scarselli et al. 2009): h_i <- tanh(W h_i + N sum of the neighbours' h + b), a few rounds."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from demos.benchmark.kinds.parts import dots
from engine import tanh

TITLE = "graph network, 20 nodes"
SIZE = {"nodes": 20, "width": 4}
SMALL = {"nodes": 5, "width": 2}
ROUNDS = 3


def neighbours(nodes: int) -> list[list[int]]:
    """A ring with some chords."""
    draw = random.Random(0)
    edges = {(i, (i + 1) % nodes) for i in range(nodes)}
    edges |= {tuple(sorted(draw.sample(range(nodes), 2))) for _ in range(nodes // 2)}  # type: ignore[misc]
    return [sorted({j for a, b in edges for j in (a, b) if i in (a, b) and j != i}) for i in range(nodes)]


def adjacency(nodes: int) -> Any:
    """The same as a matrix of 0 and 1."""
    matrix = np.zeros((nodes, nodes))
    for i, others in enumerate(neighbours(nodes)):
        matrix[i, others] = 1.0
    return matrix


def problem(rng: Any, rows: int, *, nodes: int, width: int) -> Any:
    parameters = {
        "W": rng.normal(size=(width, width)) / 2,
        "N": rng.normal(size=(width, width)) / 4,
        "b": rng.normal(size=width),
        "v": rng.normal(size=width),
    }
    return parameters, (rng.normal(size=(rows, nodes, width)), rng.normal(size=rows))


def scalar(p: Any, h: Any, y: Any) -> Any:
    graph = neighbours(len(h))
    for _ in range(ROUNDS):
        sums = [[sum(h[j][k] for j in others) for k in range(len(p["b"]))] for others in graph]
        h = [
            [tanh(own + near + b) for own, near, b in zip(dots(p["W"], h_i), dots(p["N"], s_i), p["b"])]
            for h_i, s_i in zip(h, sums)
        ]
    means = [sum(h_i[k] for h_i in h) / len(h) for k in range(len(p["b"]))]
    return (sum(v * m for v, m in zip(p["v"], means)) - y) ** 2


def by_hand(p: Any, x: Any, y: Any) -> Any:
    rows, nodes, width = x.shape
    A = adjacency(nodes)
    hs, sums = [x], []
    for _ in range(ROUNDS):
        sums.append(A @ hs[-1])
        hs.append(np.tanh(hs[-1] @ p["W"].T + sums[-1] @ p["N"].T + p["b"]))
    means = hs[-1].mean(1)
    error = means @ p["v"] - y
    g = 2.0 / rows * error
    dh = np.broadcast_to(np.outer(g, p["v"])[:, None] / nodes, x.shape)
    dW, dN, db = np.zeros((width, width)), np.zeros((width, width)), np.zeros(width)
    for t in reversed(range(ROUNDS)):
        delta = dh * (1.0 - hs[t + 1] * hs[t + 1])
        flat = delta.reshape(-1, width)
        dW += flat.T @ hs[t].reshape(-1, width)
        dN += flat.T @ sums[t].reshape(-1, width)
        db += flat.sum(0)
        if t:
            dh = delta @ p["W"] + A.T @ (delta @ p["N"])
    return (error * error).mean(), {"W": dW, "N": dN, "b": db, "v": g @ means}


def in_jax(p: Any, h: Any, y: Any) -> Any:
    import jax.numpy as jnp

    A = adjacency(h.shape[1])
    for _ in range(ROUNDS):
        h = jnp.tanh(h @ p["W"].T + A @ h @ p["N"].T + p["b"])
    return ((h.mean(1) @ p["v"] - y) ** 2).mean()
