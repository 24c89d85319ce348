"""Micrograd's neural network and the loss of its demo, operation by operation, for any class of scalar.

One product and one sum at a time, so that two engines do the same work.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

Scalar = Any
Row = Sequence[float]
ALPHA = 1e-4  # of the L2 regularisation
LEARNING_RATE = 0.1


class ScalarMLP:
    """`nouts[-1]` outputs of `nin` inputs, hidden layers of relu, weights uniform in [-1, 1] from a seed.

    Attributes:
        layers: layers[l][j] is (w, b) of neuron j: a list of nin scalars, and a scalar.
    """

    def __init__(self, scalar: type, nin: int, nouts: Sequence[int], seed: int) -> None:
        draw = random.Random(seed)
        sizes = [nin, *nouts]
        self.scalar = scalar
        self.layers = [
            [([scalar(draw.uniform(-1, 1)) for _ in range(n)], scalar(0)) for _ in range(m)] for n, m in pairwise(sizes)
        ]

    def parameters(self) -> list[Scalar]:
        """All weights and biases, neuron by neuron."""
        return [p for layer in self.layers for w, b in layer for p in (*w, b)]

    def __call__(self, x: Row) -> Scalar:
        """The first output for the inputs x."""
        a = [self.scalar(x_k) for x_k in x]
        for number, layer in enumerate(self.layers, 1):
            z = [sum((w_k * a_k for w_k, a_k in zip(w, a)), b) for w, b in layer]
            a = z if number == len(self.layers) else [z_j.relu() for z_j in z]
        return a[0]


def loss_of(model: ScalarMLP, rows: Sequence[Row], targets: Row) -> Scalar:
    """Mean hinge loss with L2 regularisation, as in micrograd's demo."""
    losses = [(1 + -y * model(x)).relu() for x, y in zip(rows, targets)]
    return sum(losses) * (1.0 / len(losses)) + ALPHA * sum(p * p for p in model.parameters())


def step(model: ScalarMLP, rows: Sequence[Row], targets: Row) -> Scalar:
    """One step of gradient descent; returns the loss before it, with its graph."""
    for p in model.parameters():
        p.grad = 0
    loss = loss_of(model, rows, targets)
    loss.backward()
    for p in model.parameters():
        p.data -= LEARNING_RATE * p.grad
    return loss
