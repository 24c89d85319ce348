"""Soft dynamic time warping (Cuturi, Blondel 2017) between a signal and a learned one: dynamic programming."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import logsumexp

TITLE = "soft-DTW 16"
SIZE = {"n": 16}
SMALL = {"n": 4}
FAR = 1e30


def problem(rng: Any, rows: int, *, n: int) -> Any:
    return {"p": rng.normal(size=n)}, (rng.normal(size=(rows, n)),)


def scalar(p: Any, x: Any) -> Any:
    reached: dict[tuple[int, int], Any] = {}
    for i, x_i in enumerate(x):
        for j, p_j in enumerate(p["p"]):
            before = [reached[at] for at in ((i - 1, j), (i, j - 1), (i - 1, j - 1)) if at in reached]
            cost = (x_i - p_j) ** 2
            if len(before) == 1:
                cost += before[0]
            elif before:
                cost -= logsumexp([-each for each in before])
            reached[i, j] = cost
    return reached[len(x) - 1, len(p["p"]) - 1]


def by_hand(p: Any, x: Any) -> Any:
    rows, n = x.shape
    apart = x[:, :, None] - p["p"]
    D = apart * apart
    R = np.full((rows, n + 2, n + 2), FAR)
    R[:, 0, 0] = 0.0
    fronts = [(i := np.arange(max(1, d - n), min(n, d - 1) + 1), d - i) for d in range(2, 2 * n + 1)]
    for i, j in fronts:
        a, b, c = R[:, i - 1, j], R[:, i, j - 1], R[:, i - 1, j - 1]
        least = np.minimum(np.minimum(a, b), c)
        total = np.exp(least - a) + np.exp(least - b) + np.exp(least - c)
        R[:, i, j] = D[:, i - 1, j - 1] + least - np.log(total)
    E, before = np.zeros((rows, n + 2, n + 2)), np.full((rows, n + 2, n + 2), -FAR)
    before[:, 1 : n + 1, 1 : n + 1] = R[:, 1 : n + 1, 1 : n + 1] - D  # the soft minimum of what was before
    E[:, n, n] = 1.0 / rows
    for i, j in reversed(fronts[:-1]):
        here = R[:, i, j]
        E[:, i, j] = (
            E[:, i + 1, j] * np.exp(before[:, i + 1, j] - here)
            + E[:, i, j + 1] * np.exp(before[:, i, j + 1] - here)
            + E[:, i + 1, j + 1] * np.exp(before[:, i + 1, j + 1] - here)
        )
    return R[:, n, n].mean(), {"p": (-2.0 * apart * E[:, 1 : n + 1, 1 : n + 1]).sum((0, 1))}


def in_jax(p: Any, x: Any) -> Any:
    import jax
    import jax.numpy as jnp

    rows, n = x.shape
    i = np.arange(n + 1)
    j = np.arange(2, 2 * n + 1)[:, None] - i  # of front d in 2 ... 2n, at row i
    inside = (i >= 1) & (j >= 1) & (j <= n)
    D = (x[:, :, None] - p["p"]) ** 2
    skewed = D[:, np.clip(i - 1, 0, n - 1), np.clip(j - 1, 0, n - 1)].swapaxes(0, 1)

    def turn(state: Any, front: Any) -> Any:
        older, last = state
        cost, known = front
        far = jnp.full((rows, 1), FAR)
        above = jnp.concatenate([far, last[:, :-1]], 1)
        across = jnp.concatenate([far, older[:, :-1]], 1)
        here = cost - jax.nn.logsumexp(-jnp.stack([above, last, across]), axis=0)
        here = jnp.where(known, here, FAR)
        return (last, here), None

    start = jnp.full((rows, n + 1), FAR)
    (_, last), _ = jax.lax.scan(turn, (start.at[:, 0].set(0.0), start), (skewed, inside))
    return last[:, n].mean()
