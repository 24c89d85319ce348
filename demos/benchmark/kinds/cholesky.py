"""Cholesky's factor of a covariance with noise, and the Gaussian negative log-likelihood of a vector under it."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import exp, log, sqrt

TITLE = "Cholesky 16"
SIZE = {"n": 16}
SMALL = {"n": 4}


def problem(rng: Any, rows: int, *, n: int) -> Any:
    factor = rng.normal(size=(rows, n, n))
    return {"d": rng.normal(size=n) / 2}, (factor @ factor.swapaxes(1, 2) / n, rng.normal(size=(rows, n)))


def scalar(p: Any, S: Any, y: Any) -> Any:
    n = len(y)
    L: list[list[Any]] = [[0.0] * n for _ in range(n)]
    z: list[Any] = []
    cost = 0.0
    for i in range(n):
        for j in range(i + 1):
            rest = S[i][j] - sum(L[i][k] * L[j][k] for k in range(j))
            L[i][j] = sqrt(rest + exp(p["d"][i])) if i == j else rest / L[j][j]
        z.append((y[i] - sum(L[i][k] * z[k] for k in range(i))) / L[i][i])
        cost += log(L[i][i]) + 0.5 * z[i] * z[i]
    return cost


def by_hand(p: Any, S: Any, y: Any) -> Any:
    noise = np.exp(p["d"])
    A = S + np.diag(noise)
    logs = np.log(np.linalg.cholesky(A).diagonal(0, 1, 2)).sum(1)
    inverse = np.linalg.inv(A)
    alpha = (inverse @ y[..., None])[..., 0]
    gradient = 0.5 * (inverse.diagonal(0, 1, 2) - alpha * alpha).mean(0) * noise
    return (logs + 0.5 * (y * alpha).sum(1)).mean(), {"d": gradient}


def in_jax(p: Any, S: Any, y: Any) -> Any:
    import jax
    import jax.numpy as jnp

    L = jnp.linalg.cholesky(S + jnp.diag(jnp.exp(p["d"])))
    z = jax.scipy.linalg.solve_triangular(L, y[..., None], lower=True)[..., 0]
    return (jnp.log(jnp.diagonal(L, 0, 1, 2)).sum(1) + 0.5 * (z * z).sum(1)).mean()
