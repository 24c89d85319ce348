"""How many array operations a program takes: as many at every size, and as few as an expert would write.

Every program is run as well: its value and its gradient are those of the graph that was written.
"""

import math
import random
from collections.abc import Callable

import numpy as np
import pytest

import engine
from engine import Value, compile
from engine.lifting.program import Program

rng = random.Random(0)
Task = tuple[Callable[..., Value], list[tuple[int, ...]]]  # a function, and the shapes of its arguments


def weights(*shape: int) -> list:
    """Nested lists of parameters."""
    if len(shape) == 1:
        return [Value(rng.uniform(-0.5, 0.5)) for _ in range(shape[0])]
    return [weights(*shape[1:]) for _ in range(shape[0])]


def compiled(task: Task) -> Program:
    """What a function is compiled to; value and gradient are checked against the eager ones."""
    f, shapes = task
    samples = [np.random.default_rng(1).uniform(0.1, 1.0, shape) for shape in shapes]
    function = compile(f)
    value, gradient = function.value_and_grad(*samples)
    y = f(*[sample.tolist() for sample in samples])
    for leaf in function.parameters:
        leaf.grad = None
    y.backward()
    expected = np.array([leaf.grad for leaf in function.parameters])
    assert value == pytest.approx(y.data, rel=2e-14)
    np.testing.assert_allclose(gradient, expected, rtol=1e-12, atol=1e-13 * abs(expected).max())
    return function.program


def linear(matrix: list, x: list) -> list:
    return [sum(w * xk for w, xk in zip(row, x)) for row in matrix]


def convolution(size: int, wraps: bool = False) -> Task:
    kernel, bias = weights(2, 3, 3), weights(2)
    out = size if wraps else size - 2

    def f(x: list) -> Value:
        maps = [
            engine.relu(sum(k[p][q] * x[(i + p) % size][(j + q) % size] for p in range(3) for q in range(3)) + b)
            for k, b in zip(kernel, bias)
            for i in range(out)
            for j in range(out)
        ]
        return engine.sum([a * a for a in maps])

    return f, [(size, size)]


@pytest.mark.parametrize("wraps", [False, True])
def test_a_convolution_is_a_matrix_product_whatever_the_size(wraps: bool) -> None:
    small, large = compiled(convolution(6, wraps)), compiled(convolution(11, wraps))
    assert small.operations == large.operations
    assert small.operations[0] <= 9
    assert "rows_times(take(x, i1), W1.T)" in small.source
    assert small.parameter_shapes == [(2, 9), (2,)]


def attention(tokens: int) -> Task:
    width = 4
    queries, keys = weights(width, width), weights(width, width)

    def f(x: list) -> Value:
        q, k = [linear(queries, row) for row in x], [linear(keys, row) for row in x]
        scores = [engine.dot(one, other) for one in q for other in k]
        return engine.sum([engine.tanh(score) for score in scores])

    return f, [(tokens, width)]


def test_queries_and_keys_of_one_array_are_multiplied_as_matrices() -> None:
    small, large = compiled(attention(4)), compiled(attention(9))
    assert small.operations == large.operations
    assert "take" not in small.source
    assert small.source.count("@") == 4  # q @ k.T, and its two in the adjoint pass: the value stands there twice


def neighbours(size: int, total: Callable[[list], Value] = sum) -> Task:
    scales = weights(size)

    def f(x: list) -> Value:
        sums = [total(x[max(0, i - 2) : i + 3]) for i in range(size)]
        return total([engine.tanh(scale * s) for scale, s in zip(scales, sums)])

    return f, [(size,)]


def test_sums_that_begin_alike_are_one_group() -> None:
    small, large = compiled(neighbours(10)), compiled(neighbours(20))
    assert small.operations == large.operations == compiled(neighbours(20, engine.sum)).operations
    assert small.operations[0] <= 17
    assert "0.0 +" not in small.source


def running(steps: int) -> Task:
    (start,) = weights(1)

    def f(x: list) -> Value:
        total = 0.0
        for xt in x:
            total = total + engine.tanh(start * xt + total)  # computed from the sum so far: a recurrence
        return total

    return f, [(steps,)]


def test_a_running_sum_that_feeds_its_summands_is_not_written_out() -> None:
    programs = [compiled(running(steps)) for steps in (10, 20)]
    assert programs[0].operations == programs[1].operations
    assert programs[0].operations[0] <= 10


@pytest.mark.parametrize("x", [-0.0, 0.0])
def test_a_zero_that_decides_a_sign_is_added(x: float) -> None:
    w = Value(1.0)
    for f in (lambda x: 1.0 / (0.0 + w * x), lambda x: engine.arctan2(0.0 + w * x, -1.0), lambda x: 1.0 / sum([w * x])):
        assert compile(f)(x) == f(x).data
    assert "0.0 +" not in str(compiled((lambda xs: engine.tanh(0.0 + w * xs[0]), [(1,)])).source)


def heat(cells: int, steps: int, wraps: bool = False) -> Task:
    """A rod whose ends keep their temperature; or a ring."""
    (rate,) = weights(1)

    def f(u: list) -> Value:
        u = list(u)
        for _ in range(steps):
            inner = range(cells) if wraps else range(1, cells - 1)
            new = [u[i] + rate * (u[i - 1] + u[(i + 1) % cells] - 2.0 * u[i]) for i in inner]
            u = new if wraps else [u[0], *new, u[-1]]
        return engine.sum([c * c for c in u])

    return f, [(cells,)]


@pytest.mark.parametrize("wraps", [False, True])
def test_a_stencil_takes_as_many_operations_at_every_step_and_width(wraps: bool) -> None:
    counts = [compiled(heat(12, steps, wraps)).operations for steps in (2, 3, 4)]
    assert counts[2][0] - counts[1][0] == counts[1][0] - counts[0][0] <= 11
    assert counts[2][1] - counts[1][1] == counts[1][1] - counts[0][1] <= 28
    large = compiled(heat(40, 4, wraps))
    assert large.operations == counts[2]
    assert "take" not in large.source


def test_a_stencil_reads_as_slices_of_one_array() -> None:
    lines = compiled(heat(12, 3)).source.splitlines()[1:10]
    assert lines[5:8] == [
        "    t4 = concatenate(t2, z2, t3)",
        "    z3 = t4[..., 0:10] + t4[..., 2:12] - 2.0 * z2",
        "    z4 = W1 * z3 + z2",
    ]


def plain_softmax(xs: list) -> list:
    powers = [engine.exp(x) for x in xs]
    total = sum(powers)
    return [power / total for power in powers]


def causal_attention(tokens: int, softmax: Callable[[list], list], width: int = 3) -> Task:
    queries, keys, values = weights(width, width), weights(width, width), weights(width, width)

    def f(x: list) -> Value:
        q, k, v = ([linear(matrix, row) for row in x] for matrix in (queries, keys, values))
        mixed = []
        for t in range(tokens):
            p = softmax([engine.dot(q[t], k[s]) for s in range(t + 1)])
            mixed += [sum(p[s] * v[s][c] for s in range(t + 1)) for c in range(width)]
        return engine.sum([y * y for y in mixed])

    return f, [(tokens, width)]


@pytest.mark.parametrize(("softmax", "most"), [(plain_softmax, (14, 40)), (engine.softmax, (20, 60))])
def test_attention_to_a_growing_context_takes_as_many_operations_at_every_length(softmax, most) -> None:
    small, large = compiled(causal_attention(5, softmax)), compiled(causal_attention(11, softmax))
    assert small.operations == large.operations
    assert all(map(int.__le__, small.operations, most))
    assert "masked_matmul(" in small.source


@pytest.mark.parametrize("backend", ["numpy", "native", pytest.param("jax", marks=pytest.mark.slow)])
@pytest.mark.parametrize("odd", [math.inf, -math.inf, math.nan])
def test_what_a_mask_leaves_out_may_be_infinite(backend: str, odd: float) -> None:
    tokens, gains = 6, weights(3)

    def f(x: list, v: list) -> list:
        return [
            gain * engine.exp(gain * sum(x[t][s] * v[s][c] for s in range(t + 1)))
            for t in range(tokens)
            for c, gain in enumerate(gains)
        ]

    x = [[0.1 * (s + 1) for s in range(tokens)] for _ in range(tokens)]
    v = [[0.5, 0.25, -0.5] for _ in range(tokens - 1)] + [[odd, 1.0, 1.0]]
    function = compile(f, backend=backend)
    got = function(x, v)
    assert "masked_matmul(" in str(function.program)
    np.testing.assert_allclose(got, [y.data for y in f(x, v)], rtol=1e-14)
    assert np.isfinite(got[:-3]).all()


@pytest.mark.parametrize("extreme", [engine.max, engine.min, engine.logsumexp])
def test_a_reduction_of_rows_of_different_lengths_is_one_operation(extreme) -> None:
    def f(size: int) -> Task:
        (gain,) = weights(1)
        return (lambda x: engine.sum([extreme([gain * v for v in x[: k + 1]]) for k in range(size)])), [(size,)]

    assert compiled(f(6)).operations == compiled(f(15)).operations
    for ties in ([2.0, 2.0, 1.0, 2.0, -1.0], [-math.inf] * 5, [math.inf, -math.inf, 0.0, 0.0, math.nan]):
        leaves = [Value(number) for number in ties]
        y = engine.sum([extreme(leaves[: k + 1]) for k in range(5)])
        y.backward()
        expected = [leaf.grad for leaf in leaves]
        for leaf in leaves:
            leaf.grad = None
        compile(y).backward()
        np.testing.assert_allclose([leaf.grad for leaf in leaves], expected, rtol=1e-14)


def experts(count: int, width: int = 3) -> Task:
    matrices = weights(count, 2, width)

    def f(x: list) -> Value:
        return engine.sum([engine.tanh(z) for matrix, row in zip(matrices, x) for z in linear(matrix, row)])

    return f, [(count, width)]


@pytest.mark.parametrize("backend", ["numpy", "native", pytest.param("jax", marks=pytest.mark.slow)])
def test_matrices_side_by_side_are_one_product_of_blocks(backend: str) -> None:
    small, large = compiled(experts(4)), compiled(experts(9))
    assert small.operations == large.operations
    assert "blocks_outer(" in small.source
    f, (shape,) = experts(5)
    batch = np.random.default_rng(2).normal(size=(7, *shape))
    function = compile(f, backend=backend)
    value, gradient = function.value_and_grad(batch)
    rows = [function.value_and_grad(row) for row in batch]
    assert value == pytest.approx(np.mean([of_row for of_row, _ in rows]), rel=1e-14)
    np.testing.assert_allclose(gradient, np.mean([of_row for _, of_row in rows], axis=0), rtol=1e-12)


def cholesky(size: int) -> Task:
    diagonal = weights(size)

    def f(a: list) -> Value:
        lower: list = [[] for _ in range(size)]
        for i in range(size):
            for j in range(i + 1):
                rest = a[max(i, j)][min(i, j)] - sum(lower[i][k] * lower[j][k] for k in range(j))
                lower[i].append(engine.sqrt(rest + size + diagonal[i]) if i == j else rest / lower[j][j])
        return engine.sum([engine.log(lower[i][i]) for i in range(size)])

    return f, [(size, size)]


def test_the_operations_of_cholesky_grow_with_its_columns_not_with_their_square() -> None:
    counts = [compiled(cholesky(size)).operations[0] for size in (6, 12, 18)]
    assert counts[2] - counts[1] <= 1.4 * (counts[1] - counts[0])


def test_the_adjoint_of_products_of_which_some_are_used_leaves_out_what_is_infinite() -> None:
    tokens, width = 5, 2
    gains = weights(tokens, width)

    def f(x: list, keys: list) -> Value:
        queries = [[gain * v for gain, v in zip(*rows)] for rows in zip(gains, x)]
        scores = [engine.dot(queries[t], keys[s]) for t in range(tokens) for s in range(t + 1)]
        return engine.sum([engine.tanh(score) for score in scores])

    x, keys = [[0.5, -0.25]] * tokens, [[0.5, 1.0]] * (tokens - 1) + [[math.inf, 1.0]]
    f(x, keys).backward()
    leaves = [gain for row in gains[:-1] for gain in row]  # the last one's gradient is 0 times infinity
    expected = [leaf.grad for leaf in leaves]
    for leaf in leaves:
        leaf.grad = None
    compiled = compile(f)
    compiled.backward(x, keys)
    assert "masked_matmul(" in str(compiled.program)
    np.testing.assert_allclose([leaf.grad for leaf in leaves], expected, rtol=1e-13)
    assert np.isfinite(expected).all()


def fourier(size: int) -> Task:
    gains = weights(size)

    def transform(re: list, im: list) -> tuple[list, list]:
        if len(re) == 1:
            return re, im
        even, odd = transform(re[::2], im[::2]), transform(re[1::2], im[1::2])
        turned = [[], []]
        for k, (a, b) in enumerate(zip(*odd)):
            c, s = math.cos(2 * math.pi * k / len(re)), math.sin(2 * math.pi * k / len(re))
            turned[0].append(c * a + s * b)
            turned[1].append(c * b - s * a)
        return tuple([[u + v for u, v in zip(*part)] + [u - v for u, v in zip(*part)] for part in zip(even, turned)])

    def f(x: list) -> Value:
        re, im = transform([gain * v for gain, v in zip(gains, x)], [0.0] * size)
        return engine.sum([(k + 1.0) * (a * a + b * b) for k, (a, b) in enumerate(zip(re, im))])

    return f, [(size,)]


def test_the_operations_of_a_fourier_transform_grow_with_its_depth() -> None:
    counts = [compiled(fourier(size)).operations[0] for size in (8, 16, 32)]
    assert counts[2] - counts[1] <= 50  # for 32 times 10 sums and products
