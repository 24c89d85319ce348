"""A Kalman filter (1960) of two states and one measurement a turn; the mean negative log-likelihood of measurements."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import exp, log

TITLE = "Kalman T=100"
SIZE = {"turns": 100}
SMALL = {"turns": 4}


def problem(rng: Any, rows: int, *, turns: int) -> Any:
    parameters = {"A": np.array([[1.0, 0.1], [-0.1, 0.9]]), "q": np.array([-2.0, -1.0]), "r": np.array([-0.5])}
    return parameters, (rng.normal(size=(rows, turns)),)


def scalar(p: Any, ys: Any) -> Any:
    A = p["A"]
    noise, measured = [exp(q) for q in p["q"]], exp(p["r"][0])
    m, P, cost = [0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]], 0.0
    both = range(2)
    for y in ys:
        m = [sum(A[i][k] * m[k] for k in both) for i in both]
        AP = [[sum(A[i][k] * P[k][j] for k in both) for j in both] for i in both]
        P = [[sum(AP[i][k] * A[j][k] for k in both) + (noise[i] if i == j else 0.0) for j in both] for i in both]
        S, error = P[0][0] + measured, y - m[0]
        gain = [P[i][0] / S for i in both]
        m = [m[i] + gain[i] * error for i in both]
        P = [[P[i][j] - gain[i] * P[0][j] for j in both] for i in both]
        cost += 0.5 * (log(S) + error * error / S)
    return cost / len(ys)


def by_hand(p: Any, ys: Any) -> Any:
    rows, turns = ys.shape
    A, noise, measured = p["A"], np.exp(p["q"]), np.exp(p["r"])
    m, P, cost = np.zeros((rows, 2)), np.eye(2), 0.0
    seen = []
    for t in range(turns):
        before = m, P
        m = m @ A.T
        P = A @ P @ A.T
        P[0, 0] += noise[0]
        P[1, 1] += noise[1]
        S, error = P[0, 0] + measured[0], ys[:, t] - m[:, 0]
        gain = P[:, 0] / S
        seen.append((*before, P, S, error, gain))
        m = m + error[:, None] * gain
        P = P - gain[:, None] * P[0]
        cost += 0.5 * (np.log(S) + (error @ error) / rows / S)
    share = 1.0 / (rows * turns)
    gA, gq, gr = np.zeros((2, 2)), np.zeros(2), 0.0
    gm, gP = np.zeros((rows, 2)), np.zeros((2, 2))
    for m, P, predicted, S, error, gain in reversed(seen):
        g_gain = error @ gm - gP @ predicted[0]
        g_error = gm @ gain + share * error / S
        gS = share * 0.5 * (rows / S - error @ error / (S * S)) - g_gain @ gain / S
        g = gP.copy()
        g[0] -= gP.T @ gain
        g[:, 0] += g_gain / S
        g[0, 0] += gS
        gr += gS
        gq += np.diag(g)
        gm = gm.copy()
        gm[:, 0] -= g_error
        gA += gm.T @ m + g @ A @ P.T + g.T @ A @ P
        gm, gP = gm @ A, A.T @ g @ A
    return cost / turns, {"A": gA, "q": gq * noise, "r": gr * measured}


def in_jax(p: Any, ys: Any) -> Any:
    import jax
    import jax.numpy as jnp

    A, noise, measured = p["A"], jnp.diag(jnp.exp(p["q"])), jnp.exp(p["r"])[0]

    def turn(state: Any, y: Any) -> Any:
        m, P = state
        m, P = m @ A.T, A @ P @ A.T + noise
        S, error = P[0, 0] + measured, y - m[:, 0]
        gain = P[:, 0] / S
        state = m + error[:, None] * gain, P - gain[:, None] * P[0]
        return state, 0.5 * (jnp.log(S) + (error * error).mean() / S)

    _, costs = jax.lax.scan(turn, (jnp.zeros((len(ys), 2)), jnp.eye(2)), ys.T)
    return costs.mean()
