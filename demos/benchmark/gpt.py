"""A scalar GPT, one product at a time, as micrograd's users write it: eager, and lifted."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from time import perf_counter

from demos.benchmark.stopwatch import best_of
from demos.benchmark.table import table
from engine import Value, compile

TITLE = "Compiled: a scalar GPT, and how lifting grows with the graph"

Vector = list[Value]
Matrix = list[Vector]


class ScalarGPT:
    """One transformer block (Radford et al. 2019) written with scalars alone: no list operation of the engine is used.

    Args:
        width: numbers for each token.
        heads: of the attention.
        block: tokens in a text.
        vocabulary: different tokens.
    """

    def __init__(self, width: int = 16, heads: int = 4, block: int = 8, vocabulary: int = 27, seed: int = 0) -> None:
        draw = random.Random(seed)

        def matrix(rows: int, columns: int) -> Matrix:
            return [[Value(draw.gauss(0.0, 0.08)) for _ in range(columns)] for _ in range(rows)]

        self.heads, self.block, self.vocabulary = heads, block, vocabulary
        self.tokens, self.places, self.output = (
            matrix(vocabulary, width),
            matrix(block, width),
            matrix(vocabulary, width),
        )
        self.query, self.key, self.value, self.mix = (matrix(width, width) for _ in range(4))
        self.wide, self.narrow = matrix(4 * width, width), matrix(width, 4 * width)

    def logits(self, token: int, place: int, keys: list[Vector], values: list[Vector]) -> Vector:
        """The scores of the next token; adds this place's key and value to those of the places before."""
        x = rms_norm([t + p for t, p in zip(self.tokens[token], self.places[place])])
        before, x = x, rms_norm(x)
        query = times(self.query, x)
        keys.append(times(self.key, x))
        values.append(times(self.value, x))
        mixed: Vector = []
        size = len(x) // self.heads
        for head in range(self.heads):
            part = slice(head * size, (head + 1) * size)
            scores = [sum(q * k for q, k in zip(query[part], key[part])) / size**0.5 for key in keys]
            weights = softmax(scores)
            mixed += [sum(w * v[part][j] for w, v in zip(weights, values)) for j in range(size)]
        x = [a + b for a, b in zip(times(self.mix, mixed), before)]
        before, x = x, rms_norm(x)
        x = times(self.narrow, [z.relu() for z in times(self.wide, x)])
        return times(self.output, [a + b for a, b in zip(x, before)])

    def loss(self, text: list[int]) -> Value:
        """The mean cost of predicting each token of a text from those before."""
        keys: list[Vector] = []
        values: list[Vector] = []
        costs = []
        for place, (token, following) in enumerate(pairwise(text)):
            costs.append(-softmax(self.logits(token, place, keys, values))[following].log())
        return sum(costs) * (1.0 / len(costs))

    def parameters(self) -> Vector:
        """All numbers it learns."""
        matrices = (
            self.tokens,
            self.places,
            self.output,
            self.query,
            self.key,
            self.value,
            self.mix,
            self.wide,
            self.narrow,
        )
        return [p for matrix in matrices for row in matrix for p in row]


def times(matrix: Matrix, x: Vector) -> Vector:
    """The product of a matrix and a vector, one product at a time."""
    return [sum(w * x_k for w, x_k in zip(row, x)) for row in matrix]


def rms_norm(x: Vector) -> Vector:
    """x divided by its root mean square."""
    mean_square = sum(x_k * x_k for x_k in x) / len(x)
    scale = (mean_square + 1e-5) ** -0.5
    return [x_k * scale for x_k in x]


def softmax(scores: Vector) -> Vector:
    """e^s_k over the sum of all e^s."""
    powers = [s.exp() for s in scores]
    total = sum(powers)
    return [p / total for p in powers]


def text(model: ScalarGPT, length: int) -> list[int]:
    """Some tokens."""
    draw = random.Random(1)
    return [draw.randrange(model.vocabulary) for _ in range(length + 1)]


def lines(quick: bool) -> Iterator[str]:
    model = ScalarGPT(width=4, heads=2, block=3, vocabulary=5) if quick else ScalarGPT()
    tokens = text(model, model.block)
    loss = model.loss(tokens)

    def eager() -> None:
        model.loss(tokens).backward()

    began = perf_counter()
    compiled = compile(loss)
    lifted = perf_counter() - began
    seconds = best_of({"eager": eager, "compiled": compiled.backward}, quick=quick)
    program = compiled.program
    yield (
        f"{program.scalar_nodes:,} nodes, {len(model.parameters()):,} parameters; lifted in {lifted:.2f} s "
        f"to {program.operations[0]} array operations, {program.operations[1]} with the gradient."
    )
    yield table(
        ("loss and gradient", "milliseconds", "times as fast"),
        *[(name, f"{1e3 * s:.3f}", f"{seconds['eager'] / s:,.0f}") for name, s in seconds.items()],
    )
    yield ""
    rows = []
    for texts in (1, 2) if quick else (1, 4, 15):
        total = sum(model.loss(tokens) for _ in range(texts))
        began = perf_counter()
        program = compile(total).program
        lifted = perf_counter() - began
        rows.append((f"{program.scalar_nodes:,}", f"{lifted:.2f}", f"{1e6 * lifted / program.scalar_nodes:.1f}"))
        del total
    yield "Lifting the loss of more and more texts:"
    yield table(("nodes", "seconds", "microseconds per node"), *rows)
