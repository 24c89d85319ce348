"""Any graph of primitives gives the same numbers eagerly, lifted to NumPy, and lifted to JAX."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine import Value, compile, grad, primitives
from engine.primitives import Primitive

OPERATIONS = [
    operation
    for operation in vars(primitives).values()
    if isinstance(operation, Primitive) and operation not in (primitives.sign, primitives.equal)
]
choices = st.tuples(st.sampled_from(OPERATIONS), st.lists(st.integers(0, 10**6), min_size=9, max_size=9))


def arity(operation: Primitive, pick: int) -> int:
    """How many operands to give an operation; a starred one from 2 to 4, in its own form."""
    names = operation.operand_names
    if not names[-1].startswith("*"):
        return len(names)
    n = 2 + pick % 3
    return {"dot": 2 * n, "weighted_sum": 2 * n + 1}.get(operation.name, n)


def compute(steps: list, xs: list, last: int = 3):
    """The sum of the last few results of a sequence of operations, each on earlier results."""
    nodes = list(xs)
    for operation, picks in steps:
        count = arity(operation, picks[0])
        nodes.append(operation(*[nodes[pick % len(nodes)] for pick in picks[:count]]))
    return engine.sum(nodes[-last:])


def agree(a: float, b: float, noise: float) -> bool:
    """Equal to 1e-12, or to what rounding the inputs differently would change."""
    if math.isnan(a) or math.isnan(b) or math.isinf(a) or math.isinf(b):
        return a == b or (a != a and b != b) or not math.isfinite(noise) or noise > 1e290
    return abs(a - b) <= 1e-12 * max(abs(a), abs(b)) + 1e3 * noise + 1e-300


def eager(steps: list, numbers: list[float]) -> tuple[float, list[float]]:
    leaves = [Value(number) for number in numbers]
    y = compute(steps, leaves)
    if not isinstance(y, Value):
        return y, [0.0] * len(leaves)
    y.backward()
    return y.data, [leaf.grad for leaf in leaves]


@pytest.mark.parametrize("backend", ["numpy", pytest.param("jax", marks=pytest.mark.slow)])
def test_compiled_equals_eager(backend: str) -> None:
    @settings(max_examples=150 if backend == "numpy" else 25, deadline=None, derandomize=True)
    @given(st.lists(choices, min_size=1, max_size=25), st.integers(0, 10**9))
    def check(steps: list, seed: int) -> None:
        rng = random.Random(seed)
        rows = [[rng.choice([-1.0, 1.0]) * rng.uniform(0.2, 2.0) for _ in range(4)] for _ in range(3)]
        fixed = [Value(number) for number in rows[0]]
        compiled = compile(lambda x: compute(steps, x), backend=backend)
        values = compiled(rows)
        for row, value in zip(rows, values):
            expected, _ = eager(steps, row)
            nudged, _ = eager(steps, [number * (1 + 1e-15) for number in row])
            assert agree(value, expected, abs(expected - nudged))
        on_parameters = compile(lambda: compute(steps, fixed) + 0.0, backend=backend)
        on_parameters.backward()
        _, slopes = eager(steps, rows[0])
        _, nudged_slopes = eager(steps, [number * (1 + 1e-15) for number in rows[0]])
        for leaf, slope, nudged_slope in zip(fixed, slopes, nudged_slopes):
            assert agree(leaf.grad, slope, abs(slope - nudged_slope))

    check()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(choices, min_size=1, max_size=12), st.integers(0, 10**9))
def test_second_derivatives_compile(steps: list, seed: int) -> None:
    rng = random.Random(seed)
    numbers = [rng.choice([-1.0, 1.0]) * rng.uniform(0.2, 2.0) for _ in range(3)]

    def curvature(x: list) -> Value:
        first = grad(engine.sum([compute(steps, x), x[0] * x[0]]), x[0])
        return grad(first, x[0]) + 0.0

    def at(numbers: list[float]) -> float:
        return curvature([Value(number) for number in numbers]).data

    expected, nudged = at(numbers), at([number * (1 + 1e-15) for number in numbers])
    assert agree(compile(curvature)(numbers), expected, abs(expected - nudged))


EDGES = "-inf -1e308 -710 -1 -1e-300 -0.0 0.0 1e-300 0.3 1 2 800 1e308 inf nan".split()


def assert_same(number: float, expected: float, backend: str, what: str) -> None:
    """Equal to 1e-12. XLA's tanh may differ in its last bit, which 1 - tanh(x)^2 brings to the front."""
    smallest = 1e-15 if backend == "jax" else 0.0
    np.testing.assert_allclose(number, expected, rtol=1e-12, atol=smallest, err_msg=what)


@pytest.mark.parametrize("backend", ["numpy", pytest.param("jax", marks=pytest.mark.slow)])
def test_parity_at_the_edges(backend: str) -> None:
    """Every primitive of one or two numbers, on every pair of odd numbers, with its derivatives."""
    edges = [float(edge) for edge in EDGES]
    if (
        backend == "jax"
    ):  # XLA takes x / y / z as x / (y * z), and x / y as x * (1 / y): nothing near the ends of the range
        edges = [math.copysign(abs(edge) ** (1 / 3), edge) if 0 < abs(edge) < math.inf else edge for edge in edges]
    for operation in OPERATIONS:
        names = operation.operand_names
        if len(names) > 2 or names[-1].startswith("*"):
            continue
        points = [(x, y)[: len(names)] for x in edges for y in (edges if len(names) == 2 else edges[:1])]
        compiled = compile(lambda x, operation=operation: operation(*x), backend=backend)
        leaves = [Value(0.5) for _ in names]
        differentiated = compile(operation(*leaves), backend=backend)
        for point, value in zip(points, compiled(points)):
            inputs = [Value(number) for number in point]
            y = operation(*inputs)
            assert_same(value, y.data, backend, f"{operation.name}{point}")
            y.backward()
            for leaf, number in zip(leaves, point):
                leaf.data, leaf.grad = number, None
            differentiated.backward()
            for leaf, twin in zip(leaves, inputs):
                assert_same(leaf.grad, twin.grad, backend, f"gradient of {operation.name}{point}")
