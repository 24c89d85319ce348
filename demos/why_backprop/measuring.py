"""What every method costs, at every width."""

from __future__ import annotations

import random
from collections.abc import Sequence
from time import perf_counter
from typing import NamedTuple

from demos.why_backprop.circuit import Circuit, Number, circuit_of
from demos.why_backprop.counting import multiplications
from demos.why_backprop.four_ways import METHODS, Method, backpropagation
from nn import MLP, squared_error

HIDDEN_LAYERS = 4
WIDTHS = (2, 4, 8, 16, 32, 64, 128)
PATIENCE = 300_000  # a method that took more multiplications than this is not tried at the next width


def network(width: int) -> Circuit:
    """An MLP of four hidden layers of `width` tanh neurons and as many inputs, and its squared error for one pair."""
    model = MLP(width, [width] * HIDDEN_LAYERS + [1], "tanh", init="xavier", seed=1)
    generator = random.Random(1)
    x = [generator.uniform(-1.0, 1.0) for _ in range(width)]
    return circuit_of(squared_error(model(x), 1.0), model.parameters())


class Measured(NamedTuple):
    """What one gradient cost, and how far it is from that of backpropagation, relative to the largest entry."""

    method: str
    width: int
    parameters: int
    multiplications: int
    seconds: float
    error: float


def measure(widths: Sequence[int] = WIDTHS, patience: int = PATIENCE) -> list[Measured]:
    """Every method at every width, each until it takes more than `patience` multiplications."""
    measured: list[Measured] = []
    tired: set[str] = set()
    for width in widths:
        circuit = network(width)
        true = backpropagation(circuit, circuit.numbers)
        for name, method in METHODS.items():
            if name in tired:
                continue
            count = multiplications(method, circuit)
            if count > patience:
                tired.add(name)
            runs = [_timed(method, circuit) for _ in range(max(1, min(20, patience // count)))]  # short ones vary most
            seconds, gradient = min(runs)
            error = max(abs(a - b) for a, b in zip(gradient, true)) / max(map(abs, true))
            measured.append(Measured(name, width, len(true), count, seconds, error))
    return measured


def _timed(method: Method, circuit: Circuit) -> tuple[float, list[Number]]:
    began = perf_counter()
    gradient = method(circuit, circuit.numbers)
    return perf_counter() - began, gradient
