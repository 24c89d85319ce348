"""Backpropagation of a relu network written by hand: what compiled programs are measured against.

Parameters are a list [W1, b1, W2, b2, ...] of arrays, x a batch with a row for each sample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Array = Any
Parameters = Sequence[Array]


def hinge_head(scores: Array, y: Array) -> tuple[float, Array]:
    """Mean of max(0, 1 - y s), and its gradient with respect to the scores s; y has one column of -1 and 1."""
    margin = 1.0 - y * scores
    return np.maximum(margin, 0.0).mean(), np.where(margin > 0.0, -y / len(y), 0.0)


def softmax_head(logits: Array, y: Array) -> tuple[float, Array]:
    """Mean cross-entropy with one-hot targets, and its gradient with respect to the logits: (p - y) / rows."""
    largest = logits.max(1, keepdims=True)
    e = np.exp(logits - largest)
    total = e.sum(1, keepdims=True)
    cost = (largest + np.log(total) - (logits * y).sum(1, keepdims=True)).mean()
    return cost, (e / total - y) / len(y)


def numpy_backprop(
    parameters: Parameters, x: Array, y: Array, head: Callable[[Array, Array], tuple[float, Array]]
) -> tuple[float, list[Array]]:
    """The mean cost of a batch and its gradient: forward, then delta from back to front."""
    activations, weighted = [x], []
    for l in range(0, len(parameters), 2):  # noqa: E741  the article's l
        z = activations[-1] @ parameters[l].T + parameters[l + 1]
        weighted.append(z)
        activations.append(np.maximum(z, 0.0) if l < len(parameters) - 2 else z)
    cost, delta = head(activations[-1], y)
    gradient: list[Array] = []
    for l in reversed(range(len(weighted))):  # noqa: E741
        gradient = [delta.T @ activations[l], delta.sum(0), *gradient]
        if l > 0:
            delta = (delta @ parameters[2 * l]) * (weighted[l - 1] > 0.0)
    return cost, gradient


def jax_softmax_network() -> Callable[[Parameters, Array, Array], Any]:
    """Value and gradient of the mean cross-entropy, hand-written forward in JAX, jitted."""
    import jax
    import jax.numpy as jnp

    def cost(parameters: Parameters, x: Array, y: Array) -> Array:
        a = x
        for l in range(0, len(parameters), 2):  # noqa: E741
            z = a @ parameters[l].T + parameters[l + 1]
            a = jnp.maximum(z, 0.0) if l < len(parameters) - 2 else z
        return (jax.nn.logsumexp(a, axis=1) - (a * y).sum(1)).mean()

    return jax.jit(jax.value_and_grad(cost))  # type: ignore[no-any-return]


def torch_hinge_network(parameters: Parameters, x: Array, y: Array) -> Callable[[], Any]:
    """A step of loss and gradient of the same network in PyTorch, eager."""
    import torch

    theta = [torch.tensor(p, requires_grad=True) for p in parameters]
    inputs, targets = torch.tensor(x), torch.tensor(y)

    def step() -> Any:
        for p in theta:
            p.grad = None
        a = inputs
        for l in range(0, len(theta), 2):  # noqa: E741
            z = a @ theta[l].T + theta[l + 1]
            a = torch.relu(z) if l < len(theta) - 2 else z
        loss = torch.relu(1.0 - targets * a).mean()
        loss.backward()
        return loss

    return step
