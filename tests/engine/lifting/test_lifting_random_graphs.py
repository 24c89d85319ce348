"""Any graph of primitives gives the same numbers eagerly, lifted to NumPy, and lifted to JAX."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_graphs import OPERATIONS, agree, eager, graphs, nudged, points, rounding, textbook_slopes, wild

import engine
from engine import Value, compile, grad


@pytest.mark.parametrize("backend", ["numpy", "native", pytest.param("jax", marks=pytest.mark.slow)])
def test_compiled_equals_eager(backend: str) -> None:
    @settings(max_examples=150 if backend == "numpy" else 25)
    @given(graphs(60), st.lists(points, min_size=3, max_size=3))
    def check(steps: list, rows: list[list[float]]) -> None:
        fixed = [Value(number) for number in rows[0]]
        compiled = compile(lambda x: wild(steps, x), backend=backend)
        values = compiled(rows)
        for row, value in zip(rows, values):
            expected, _ = eager(wild, steps, row)
            other, _ = eager(wild, steps, nudged(row))
            assert agree(value, expected, abs(expected - other))
        on_parameters = compile(lambda: wild(steps, fixed) + 0.0, backend=backend)
        on_parameters.backward()
        _, slopes = eager(wild, steps, rows[0])
        _, other_slopes = eager(wild, steps, nudged(rows[0]))
        with textbook_slopes():
            _, textbook = eager(wild, steps, rows[0])
        rounded = rounding(wild, steps, rows[0])
        for leaf, slope, last_digits, *others in zip(fixed, slopes, rounded, other_slopes, textbook):
            assert agree(leaf.grad, slope, last_digits + sum(abs(slope - other) for other in others))

    check()


@settings(max_examples=40)
@given(graphs(60), points)
def test_second_derivatives_compile(steps: list, numbers: list[float]) -> None:
    def curvature(x: list) -> Value:
        first = grad(engine.sum([wild(steps, x), x[0] * x[0]]), x[0])
        return grad(first, x[0]) + 0.0

    def at(numbers: list[float]) -> float:
        return curvature([Value(number) for number in numbers]).data

    expected, other = at(numbers), at(nudged(numbers))
    with textbook_slopes():
        textbook = at(numbers)
    assert agree(compile(curvature)(numbers), expected, abs(expected - other) + abs(expected - textbook))


EDGES = "-inf -1e308 -710 -1 -1e-300 -0.0 0.0 1e-300 0.3 1 2 800 1e308 inf nan".split()


def assert_same(number: float, expected: float, backend: str, what: str) -> None:
    """Equal to 1e-12. XLA's tanh may differ in its last bit, which 1 - tanh(x)^2 brings to the front."""
    smallest = 1e-15 if backend == "jax" else 0.0
    np.testing.assert_allclose(number, expected, rtol=1e-12, atol=smallest, err_msg=what)


@pytest.mark.parametrize("backend", ["numpy", "native", pytest.param("jax", marks=pytest.mark.slow)])
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
