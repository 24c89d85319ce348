"""Random programs over lists, as people write them with loops, give the same numbers eagerly and compiled.

Each layer makes a list from those before: stencils with edges of their own, windows, growing contexts, reductions, sums
of products with weights, cells that are treated otherwise than the rest. The compiler joins, masks and sorts these.
"""

import math
import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from random_graphs import nudged

import engine
from engine import Value, compile

LAYERS = {
    "stencil": lambda a, b, w, n: [
        a[0],
        *[a[i] + w[0] * (a[i - 1] + b[i + 1] - 2.0 * a[i]) for i in range(1, n - 1)],
        b[-1],
    ],
    "ring": lambda a, b, w, n: [w[i % 2] * a[i - 1] - b[(i + 1) % n] * a[i] for i in range(n)],
    "window": lambda a, b, w, n: [sum(a[max(0, i - 2) : i + 2]) * w[0] for i in range(n)],
    "windows of products": lambda a, b, w, n: [
        sum(w[j - i + 3] * a[j] for j in range(max(0, i - 2), i + 1)) for i in range(n)
    ],
    "context": lambda a, b, w, n: [sum(engine.sin(a[i] * b[s]) * b[s] for s in range(i + 1)) for i in range(n)],
    "running": lambda a, b, w, n: [engine.sum(a[: i + 1]) - w[0] for i in range(n)],
    "running max": lambda a, b, w, n: [engine.max(a[: i + 1]) + b[i] for i in range(n)],
    "running logsumexp": lambda a, b, w, n: [engine.logsumexp([x * w[1] for x in a[i:]]) for i in range(n)],
    "softmax": lambda a, b, w, n: [engine.softmax(a[: i + 1])[-1] * b[0] for i in range(n)],
    "matrix": lambda a, b, w, n: [sum((w[(i * n + k) % len(w)] * a[k] for k in range(n)), b[i]) for i in range(n)],
    "correlation": lambda a, b, w, n: [sum(a[k] * b[(k + i) % n] for k in range(n)) for i in range(n)],
    "triangle": lambda a, b, w, n: [sum((a[k] * b[i - k] for k in range(i)), 0.0) - w[i % 2] for i in range(n)],
    "one cell": lambda a, b, w, n: [*a[: n // 2], engine.tanh(b[0]) * w[0], *a[n // 2 + 1 :]],
    "edges": lambda a, b, w, n: [x * y if 0 < i < n - 1 else 0.5 * y for i, (x, y) in enumerate(zip(a, b))],
    "tanh": lambda a, b, w, n: [engine.tanh(x) for x in a],
    "joined": lambda a, b, w, n: [engine.exp(-(x * x)) for x in [*a[1:], b[2]]],
    "scan": lambda a, b, w, n: scan(a, w),
}


def scan(a: list, w: list) -> list:
    state, states = 0.0, []
    for x in a:
        state = state + w[0] * engine.tanh(x + state)
        states.append(state)
    return states


layers = st.lists(st.tuples(st.sampled_from([*LAYERS]), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=5)


def run(program: list, x: list, w: list) -> Value:
    n = len(x)
    lists = [[v * w[-1] for v in x], [0.5 * v + w[-2] for v in reversed(x)]]
    for name, i, j in program:
        lists.append(LAYERS[name](lists[-1 - i % len(lists)], lists[-1 - j % len(lists)], w, n))
    scale = 1.0 / n
    return sum(scale * engine.tanh(v) for some in lists[-2:] for v in some)


@settings(max_examples=120, deadline=None)
@given(layers, st.integers(4, 9), st.integers(0, 2**20))
def test_programs_over_lists(program: list, size: int, seed: int) -> None:
    rng = random.Random(seed)
    w = [Value(rng.uniform(-0.7, 0.7)) for _ in range(12)]
    rows = [[rng.uniform(-1.0, 1.0) for _ in range(size)] for _ in range(2)]
    compiled = compile(lambda x: run(program, x, w))
    values = compiled(rows)
    for row, value in zip(rows, values):
        assert math.isclose(value, run(program, row, w).data, rel_tol=1e-12, abs_tol=1e-13)
    compiled.backward(rows)
    got = [leaf.grad or 0.0 for leaf in w]
    for leaf in w:
        leaf.grad = None
    engine.mean([run(program, row, w) for row in rows]).backward()
    expected = np.array([leaf.grad or 0.0 for leaf in w])
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12 * max(1.0, abs(expected).max()))


@settings(max_examples=60, deadline=None)
@given(layers, st.integers(4, 7), st.integers(0, 20), st.sampled_from([math.inf, -math.inf, math.nan, 1e300]))
def test_odd_numbers_go_where_they_go_eagerly(program: list, size: int, where: int, odd: float) -> None:
    rng = random.Random(where)
    w = [Value(rng.uniform(-0.7, 0.7)) for _ in range(12)]
    x = [rng.uniform(-1.0, 1.0) for _ in range(size)]
    x[where % size] = odd

    def last(x: list) -> list:
        lists = [[v * w[-1] for v in x], [0.5 * v + w[-2] for v in reversed(x)]]
        for name, i, j in program:
            lists.append(LAYERS[name](lists[-1 - i % len(lists)], lists[-1 - j % len(lists)], w, size))
        return [v + w[0] for v in lists[-1]]

    got, expected, other = compile(last)(x), (v.data for v in last(x)), (v.data for v in last(nudged(x)))
    for number, true, differently_rounded in zip(got, expected, other):  # the sine of 1e299 is another one
        noise = abs(true - differently_rounded) if math.isfinite(differently_rounded - true) else 0.0
        np.testing.assert_allclose(number, true, rtol=1e-9, atol=1e-12 + 10.0 * noise)
