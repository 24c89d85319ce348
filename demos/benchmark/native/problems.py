"""The programs: what people write scalar by scalar, with arguments for some rows, and by hand where that is usual."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import engine
from demos.benchmark.handwritten import hinge_head, numpy_backprop, softmax_head
from demos.benchmark.kinds import cholesky, kalman, lstm
from demos.benchmark.moons import SEED, data_of
from demos.simulation import READINGS, first_guess, measure
from engine import Value
from nn import MLP, cross_entropy, hinge

Gradient = Any  # an array, in the order of a problem's parameters
Answer = tuple[float, Gradient]


@dataclass(frozen=True)
class Problem:
    """A program with its arguments.

    Attributes:
        title: what it computes.
        cost: the program, a function of one row's arguments.
        parameters: what it is differentiated with respect to.
        arguments: arrays with a row for each sample, or none.
        by_hand: the mean cost of so many first rows and its gradient, in NumPy; None where nobody writes that.
        in_c: which of the functions in C is the same program; "" for none.
    """

    title: str
    cost: Callable[..., Any]
    parameters: list[Value]
    arguments: tuple[Any, ...]
    by_hand: Callable[[int], Answer] | None = None
    in_c: str = ""

    def rows(self, count: int) -> tuple[Any, ...]:
        """The first rows as arrays; a single one as a caller has it: numbers in lists."""
        return tuple([a[0].tolist() for a in self.arguments] if count == 1 else [a[:count] for a in self.arguments])


def problems(quick: bool) -> Iterator[tuple[Problem, list[int]]]:
    """Each program and for how many rows it is measured; quickly at sizes for a test."""
    many = 5 if quick else 100
    yield _two_moons(many, 3 if quick else 16), [1, many]
    yield _black_scholes(many), [1, many]
    yield _horner(many, 5 if quick else 50), [1, many]
    yield _pendulum(4 if quick else 100), [1]
    for turns in (3, 5) if quick else (100, 1000):
        kind = kalman.problem(_rng(), many, turns=turns)
        yield of_kind(f"Kalman filter, {turns:,} steps", kalman, kind, in_c="kalman"), [1]
    n = 3 if quick else 8
    yield of_kind(f"Cholesky {n}x{n}", cholesky, cholesky.problem(_rng(), many, n=n)), [1, many]
    yield _classifier([4, 3, 2] if quick else [64, 32, 10], many), [1, many]
    turns, width = (3, 2) if quick else (200, 16)
    kind = lstm.problem(_rng(), 1, turns=turns, inputs=4, width=width)
    yield of_kind(f"LSTM, {turns} steps, {width} wide", lstm, kind, in_c="lstm"), [1]
    sizes, rows = ([4, 5, 5, 2], 7) if quick else ([64, 256, 256, 10], 1000)
    yield _classifier(sizes, rows), [rows]


def random_graph(nodes: int) -> Problem:
    """A graph without any pattern: each node computed from one or two of the fifty before it."""
    draw = random.Random(0)
    steps = [(draw.choice("+-*ts"), draw.randint(1, 50), draw.randint(1, 50)) for _ in range(nodes)]
    parameters = [Value(draw.gauss(0.0, 1.0)) for _ in range(50)]
    make: dict[str, Callable[[Any, Any], Any]] = {
        "+": lambda x, y: 0.5 * (x + y),
        "-": lambda x, y: x - y,
        "*": lambda x, y: engine.tanh(x * y),
        "t": lambda x, _: engine.tanh(x),
        "s": lambda x, _: engine.sin(x),
    }

    def cost() -> Any:
        values: list[Any] = [*parameters]
        for op, one, other in steps:
            values.append(make[op](values[-one], values[-other]))
        return engine.mean(values[-50:])

    return Problem(f"random graph, {nodes:,} nodes", cost, parameters, ())


def _rng() -> Any:
    return np.random.default_rng(0)


def _two_moons(rows: int, hidden: int) -> Problem:
    model = MLP(2, [hidden, hidden, 1], seed=SEED)
    x, y = (np.array(side) for side in data_of(rows))
    weights = _arrays(model)

    def by_hand(count: int) -> Answer:
        cost, gradient = numpy_backprop(weights, x[:count], y[:count, None], hinge_head)
        return cost, _flat(gradient)

    title = f"two moons, MLP(2, [{hidden}, {hidden}, 1])"
    return Problem(title, lambda x, y: hinge(model(x), y), _in_order(model), (x, y), by_hand)


def _classifier(sizes: list[int], rows: int) -> Problem:
    model = MLP(sizes[0], sizes[1:], init="he", seed=SEED)
    rng = _rng()
    x, y = rng.normal(size=(rows, sizes[0])), np.eye(sizes[-1])[rng.integers(0, sizes[-1], rows)]
    weights = _arrays(model)

    def by_hand(count: int) -> Answer:
        cost, gradient = numpy_backprop(weights, x[:count], y[:count], softmax_head)
        return cost, _flat(gradient)

    title = f"classifier {sizes}"
    return Problem(title, lambda x, y: cross_entropy(model(x), y), _in_order(model), (x, y), by_hand)


def _in_order(model: MLP) -> list[Value]:
    """The weights and then the biases of each layer, as the hand-written gradient has them."""
    return [p for layer in model.layers for p in (*(w for row in layer.weight for w in row), *layer.bias)]


def _arrays(model: MLP) -> list[Any]:
    return [
        np.array(part)
        for layer in model.layers
        for part in ([[w.data for w in row] for row in layer.weight], [b.data for b in layer.bias])
    ]


def _black_scholes(rows: int) -> Problem:
    """The price of a European call option; the derivatives are its sensitivities to rate and volatility."""
    rate, volatility = Value(0.03), Value(0.25)

    def price(spot: Any, strike: Any, years: Any) -> Any:
        width = volatility * engine.sqrt(years)
        d = (engine.log(spot / strike) + (rate + 0.5 * volatility**2) * years) / width

        def below(x: Any) -> Any:
            return 0.5 * engine.erfc(-x / math.sqrt(2.0))

        return spot * below(d) - strike * engine.exp(-rate * years) * below(d - width)

    limits = (80.0, 120.0), (90.0, 110.0), (0.1, 2.0)
    rng = _rng()
    arguments = tuple([rng.uniform(low, high, size=rows) for low, high in limits])
    return Problem("Black-Scholes", price, [rate, volatility], arguments)


def _horner(rows: int, degree: int) -> Problem:
    coefficients = [Value(float(c)) for c in _rng().normal(size=degree + 1)]

    def polynomial(x: Any) -> Any:
        total: Any = coefficients[0]
        for c in coefficients[1:]:
            total = total * x + c
        return total

    return Problem(f"Horner's rule, degree {degree}", polynomial, coefficients, (_rng().uniform(-1.0, 1.0, size=rows),))


def _pendulum(steps: int) -> Problem:
    """The simulation of `demos.simulation`, with a reading at every fourth step."""
    pendulum, readings = first_guess(), steps // 4

    def distance(measured: Any) -> Any:
        squares = [(angle - reading) ** 2 for angle, reading in zip(pendulum(steps)[3::4], measured)]
        return engine.sum(squares) / readings

    measured = np.resize(measure(), READINGS)[None, :readings]
    return Problem(f"pendulum, {steps} steps", distance, pendulum.parameters(), (measured,))


def of_kind(title: str, kind: Any, made: tuple[dict[str, Any], tuple[Any, ...]], in_c: str = "") -> Problem:
    """A kind of program of ``demos.benchmark kinds``."""
    arrays, arguments = made
    values = {name: _values(array.tolist()) for name, array in arrays.items()}

    def by_hand(count: int) -> Answer:
        cost, gradient = kind.by_hand(arrays, *[argument[:count] for argument in arguments])
        return cost, _flat([gradient[name] for name in arrays])

    parameters = [value for part in values.values() for value in _leaves(part)]
    return Problem(title, lambda *rows: kind.scalar(values, *rows), parameters, arguments, by_hand, in_c)


def _values(part: Any) -> Any:
    return [*map(_values, part)] if isinstance(part, list) else Value(part)


def _leaves(part: Any) -> Iterator[Value]:
    if isinstance(part, list):
        for each in part:
            yield from _leaves(each)
    else:
        yield part


def _flat(arrays: list[Any]) -> Gradient:
    return np.concatenate([np.ravel(array) for array in arrays])
