"""The backends beside each other and beside the scalar engine, pictures of programs, and what is not installed."""

import sys

import numpy as np
import pytest

import engine
from engine import Value, compile
from nn import MLP, squared_error

X = [[0.1 * k, 1.0 - 0.3 * k] for k in range(7)]
Y = [0.5 * k for k in range(7)]


@pytest.mark.parametrize("backend", ["numpy", "jax", "native"])
def test_a_network_learns_the_same_on_every_backend(backend):
    model = MLP(2, [4, 3, 1], "tanh", seed=0)
    costs = [squared_error(model(x), y) for x, y in zip(X, Y)]
    engine.mean(costs).backward()
    expected = [p.grad for p in model.parameters()]
    model.zero_grad()
    loss = model.compile(squared_error, backend=backend)
    np.testing.assert_allclose(loss(X, Y), [cost.data for cost in costs], rtol=1e-12)
    assert loss.backward(X, Y) == pytest.approx(engine.mean(costs).data, rel=1e-12)
    np.testing.assert_allclose([p.grad for p in model.parameters()], expected, rtol=1e-10)


def ragged(w, x):
    """Sums of different lengths of shared numbers, activations among them."""
    a = [engine.tanh(x_k * w_k) for x_k, w_k in zip(x, w)]
    sums = [engine.sum(a[: k + 2]) for k in range(4)] + [engine.dot(a[: k + 2], w[: k + 2]) for k in range(4)]
    return engine.logsumexp([s * s for s in sums]) + engine.max(sums) + engine.norm2(a)


@pytest.mark.parametrize("backend", ["numpy", "jax", "native"])
def test_sums_of_different_lengths(backend):
    w, x = [Value(0.3 * k - 0.7) for k in range(6)], [0.4, -0.2, 0.9, 1.1, -0.5, 0.3]
    y = ragged(w, x)
    y.backward()
    expected = [w_k.grad for w_k in w]
    for w_k in w:
        w_k.grad = None
    assert compile(lambda x: ragged(w, x), backend=backend).backward(x) == pytest.approx(y.data, rel=1e-12)
    assert [w_k.grad for w_k in w] == pytest.approx(expected, rel=1e-10)


def test_a_large_batch_of_rectifiers_is_masked_right():
    compiled = compile(lambda x: engine.relu(x) * 2.0 + engine.relu(-x))
    x = np.linspace(-3.0, 3.0, 10_001)
    np.testing.assert_array_equal(compiled(x), np.where(x > 0, 2.0 * x, np.where(x < 0, -x, 0.0)))


def test_a_program_is_drawn_with_and_without_its_adjoint_pass():
    loss = MLP(2, [3, 1], seed=0).compile(squared_error)
    loss(X, Y)
    assert "z1" in loss.program.draw().source
    assert "delta2" not in loss.program.draw().source
    assert "delta2" in loss.program.draw(gradients=True, direction="TB").source
    assert loss.program._repr_svg_().lstrip().startswith("<?xml")
    assert "array operations" in repr(loss.program)
    several = compile(lambda x: [x, x * 2.0])
    several(1.0)
    with pytest.raises(ValueError, match="only a single number has gradients"):
        several.program.draw(gradients=True)


def test_erf_without_scipy(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    assert compile(engine.erf)(0.5) == pytest.approx(engine.erf(0.5), rel=1e-15)


def test_what_is_not_installed_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(ImportError, match=r'pip install "liftgrad\[jax\]"'):
        compile(engine.tanh, backend="jax")
    monkeypatch.delitem(sys.modules, "engine.lifting.compiled")
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(ImportError, match=r'pip install "liftgrad\[compile\]"'):
        compile(engine.tanh)


def test_arguments_in_dicts_and_lists_in_batches():
    def f(sample):
        return sample["x"][0] * sample["x"][1] + sample["b"]

    compiled = compile(f)
    assert compiled({"x": [2.0, 3.0], "b": 1.0}) == 7.0
    assert compiled({"x": [[2.0, 3.0], [1.0, 1.0]], "b": [1.0, 0.0]}).tolist() == [7.0, 1.0]


def test_comparisons_of_traced_numbers_are_numbers():
    compiled = compile(lambda x, y: [(x < y) + 0.0, (x <= y) + 0.0, (x > y) + 0.0, (x >= y) + 0.0])
    assert compiled(1.0, 2.0) == [1.0, 1.0, 0.0, 0.0]
    assert compiled(2.0, 2.0) == [0.0, 1.0, 0.0, 1.0]


def test_rules_of_users_are_written_with_every_operator():
    """A rule sees arrays: it may use any operator, a power and a quotient of a plain number, and other primitives."""

    @engine.primitive
    def inner(x):
        return x * 3.0, lambda g: (g * 3.0,)

    @engine.primitive
    def outer(x):
        value = 1.0 / (2.0**x + x**2.0) - inner(x) + (x + 1.0) - x * 2.0
        slope = -(2.0**x * engine.log(2.0) + 2.0 * x) / (2.0**x + x**2.0) ** 2.0 - 4.0
        return value, lambda g: (g * slope,)

    numbers = [0.5, 1.0, 2.0]
    assert compile(outer)(numbers) == pytest.approx([outer(x) for x in numbers], rel=1e-12)
    x = Value(0.7)
    y = outer(x)
    y.backward()
    expected, x.grad = x.grad, None
    compile(y).backward()
    assert x.grad == pytest.approx(expected, rel=1e-12)


def test_a_rule_that_branches_is_refused():
    @engine.primitive
    def branching(x):
        return (x or -x), lambda g: (g,)

    with pytest.raises(TypeError, match=r"choose with engine\.where"):
        compile(branching)(1.0)


def test_infinities_of_rows_are_added_without_a_warning():
    w = Value(0.7)
    value, gradient = compile(lambda x: w * x).value_and_grad([np.inf, 1.0, -np.inf])
    assert np.isnan(value)
    assert np.isnan(gradient[0])
