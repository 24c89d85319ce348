"""Models of every kind of array operation: what the page computes of them is what `fit` does."""

import random

import pytest

from engine import Value, dot, exp, logsumexp, maximum, mean, norm2, prod, sigmoid, softmax, tanh, where
from engine import max as max_of
from engine import sum as sum_of
from nn import MLP, SGD, CausalSelfAttention, LayerNorm, Linear, Module, fit, squared_error

DRAW = random.Random(7)
PAIRS = [([DRAW.uniform(-1, 1) for _ in range(4)], DRAW.uniform(-1, 1)) for _ in range(12)]


class Model(Module):
    """What `compute` gives, of parameters w, 16 in all."""

    def __init__(self, compute):
        draw = random.Random(3)
        self.w = [[Value(draw.uniform(-1, 1)) for _ in range(4)] for _ in range(4)]
        self._compute = compute

    def __call__(self, x):
        return self._compute(self.w, x)


def z(w, x):
    return [dot(row, x) for row in w]


def ragged(w, x):
    return sum_of([tanh(sum_of([w[k][j] * x[j] for j in range(k + 1)])) for k in range(4)])


def matrices(w, x):
    """(W x x^T W^T)_ij summed with the softmax of its rows: products for each row of a batch."""
    h = [[w[i][j] * x[j] + x[i] for j in range(4)] for i in range(4)]
    products = [[sum_of([h[i][k] * h[j][k] for k in range(4)]) for j in range(4)] for i in range(4)]
    weights = [softmax(row) for row in products]
    return mean([sum_of([p * tanh(q) for p, q in zip(u, v)]) for u, v in zip(weights, h)])


COMPUTE = {
    "maximum": lambda w, x: max_of(z(w, x)),
    "norm": lambda w, x: norm2(z(w, x)),
    "product": lambda w, x: prod([1.0 + 0.1 * u for u in z(w, x)]),
    "logsumexp": lambda w, x: logsumexp(z(w, x)),
    "a choice": lambda w, x: sum_of([where(u < 0.1, sigmoid(u), maximum(u, x[0]) ** 2) for u in z(w, x)]),
    "parts": lambda w, x: sum_of([a * b for a, b in zip(z(w, x)[::-1], [*z(w, x)[1:], x[2]])]),
    "ragged": ragged,
    "matrices": matrices,
    "quotients": lambda w, x: sum_of([u / (2.0 + x[k] * x[k]) for k, u in enumerate(z(w, x))]),
}


@pytest.mark.parametrize("compute", COMPUTE)
def test_any_program(open_playground, compute):
    check(open_playground, Model(COMPUTE[compute]))


class Normal(Module):
    def __init__(self):
        self.first, self.norm, self.last = MLP(4, [5], seed=1), LayerNorm(5), MLP(5, [1], seed=2)

    def __call__(self, x):
        return self.last(self.norm([tanh(h) for h in self.first(x)]))


class Attending(Module):
    """Two positions of two numbers each."""

    def __init__(self):
        self.attention, self.last = CausalSelfAttention(2, 1, seed=1), MLP(2, [1], seed=2)

    def __call__(self, x):
        return self.last(self.attention([x[:2], x[2:]])[-1])


class GrowingContext(Module):
    """Six positions, each a mean of those up to it, weighed by hand: products with a mask."""

    def __init__(self):
        self.queries, self.keys, self.values = (Linear(3, 3, seed=k) for k in range(3))
        self.last = MLP(18, [1], seed=9)

    def __call__(self, x):
        positions = [[tanh(x[k % 4] * (k + 1)), x[(k + 1) % 4], x[(k + 2) % 4] - k] for k in range(6)]
        q, k, v = ([each(position) for position in positions] for each in (self.queries, self.keys, self.values))
        mixed = []
        for t in range(6):
            powers = [exp(dot(q[t], k[s])) for s in range(t + 1)]
            total = sum(powers)
            mixed += [sum(powers[s] / total * v[s][c] for s in range(t + 1)) for c in range(3)]
        return self.last([tanh(y) for y in mixed])


class Blocks(Module):
    """Four matrices, each for vectors of its own: products block by block."""

    def __init__(self):
        self.blocks = [Linear(3, 3, seed=k) for k in range(4)]
        self.last = MLP(24, [1], seed=9)

    def __call__(self, x):
        vectors = [
            [tanh(x[k] * (j + 1) + k), tanh(x[k - 1] * (j + 2)), tanh(x[k - 2] + j)] for k in range(4) for j in range(2)
        ]
        outputs = [self.blocks[k // 2](vector) for k, vector in enumerate(vectors)]
        return self.last([tanh(number) for output in outputs for number in output])


@pytest.mark.parametrize(
    ("kind", "operations"), [(GrowingContext, ["masked_matmul"]), (Blocks, ["blocks_times", "blocks_outer"])]
)
def test_products_of_other_kinds(open_playground, kind, operations):
    compiled = kind().compile(squared_error)
    compiled([x for x, _ in PAIRS], [y for _, y in PAIRS])
    program = str(compiled.program)
    assert all(operation in program for operation in operations)
    check(open_playground, kind())


@pytest.mark.parametrize("kind", [Normal, Attending])
def test_modules(open_playground, kind):
    check(open_playground, kind())


def check(open_playground, model):
    def optimizer():
        return SGD(model.parameters(), lr=0.02, momentum=0.5)

    run = open_playground(model, PAIRS, loss=squared_error, optimizer=optimizer())
    learned, loss = run(
        """for (let k = 0; k < 20; k++) trainer.advance();
        task.units.forEach((unit, k) => choose({ kind: "unit", unit: k }));
        return [Object.fromEntries(task.keys.map((key, k) => [key, trainer.theta[k]])), trainer.loss]"""
    )
    history = fit(model, PAIRS, loss=squared_error, optimizer=optimizer(), epochs=20, compiled=True)
    assert loss == pytest.approx(history.losses[-1], rel=1e-12)
    state = model.state_dict()
    for name, number in learned.items():
        assert number == pytest.approx(state[name], rel=1e-12, abs=1e-14), name
