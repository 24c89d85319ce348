"""Jacobians of several outputs: against `engine.grad` and `jax.jacobian`, with respect to arguments and parameters."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import engine
from engine import Value, compile
from nn import MLP, Linear

RNG = np.random.default_rng(1)
BACKENDS = ["numpy", "jax", "native"]
W = [[Value(0.4 * k - 0.3 * j + 0.1) for k in range(3)] for j in range(4)]
WEIGHTS = np.array([[w.data for w in row] for row in W])


def layer(x):
    return [engine.tanh(engine.dot(row, x)) * x[0] for row in W]


@pytest.mark.parametrize("backend", BACKENDS)
def test_with_respect_to_an_argument(backend):
    x = RNG.normal(size=(5, 3))
    compiled = compile(layer, backend)
    with jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64():
        expected = jax.vmap(jax.jacobian(lambda x: jnp.tanh(WEIGHTS @ x) * x[0]))(x)
    one = compiled.jacobian(x[0].tolist(), argnums=0)
    assert one.shape == (4, 3)
    np.testing.assert_allclose(one, expected[0], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(compiled.jacobian(x, argnums=0), expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("backend", BACKENDS)
def test_with_respect_to_the_parameters(backend):
    x = RNG.normal(size=(3, 3))
    compiled = compile(layer, backend)
    jacobian = compiled.jacobian(x)
    assert jacobian.shape == (3, 4, 12)
    assert len(compiled.parameters) == 12
    for row in range(3):
        for output, y in enumerate(layer(x[row].tolist())):
            expected = [slope.data for slope in engine.grad(y, compiled.parameters)]
            np.testing.assert_allclose(jacobian[row, output], expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(compiled.jacobian(x[0].tolist()), jacobian[0], rtol=1e-12, atol=1e-15)
    assert not any(w.grad for row in W for w in row)


def test_each_rows_gradient_with_respect_to_the_parameters():
    model = MLP(2, [3, 1], "tanh", seed=0)
    compiled, x = model.compile(), RNG.normal(size=(6, 2))
    rows = compiled.jacobian(x)
    assert rows.shape == (6, 13)
    _, mean = compiled.value_and_grad(x)
    np.testing.assert_allclose(rows.mean(0), mean, rtol=1e-12)


def f_of_structures(x, extra):
    s = x["a"][0] * x["a"][1] * extra
    return {"pair": (s, x["b"] * extra), "list": [x["a"][0] ** 2, s * x["b"]]}


def test_structures_are_those_of_jax():
    x = {"a": np.array([1.5, 2.0]), "b": np.array(3.0)}
    compiled = compile(f_of_structures)

    def in_jax(x, extra):
        result = f_of_structures(x, extra)
        return result | {"list": jnp.array(result["list"])}

    expected = jax.jacobian(in_jax, argnums=(0, 1))(x, 2.0)
    found = compiled.jacobian(x, 2.0, argnums=(0, 1))
    assert jax.tree.structure(found) == jax.tree.structure(expected)
    for ours, theirs in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        assert np.shape(ours) == np.shape(theirs)
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    batch = {"a": np.array([x["a"]] * 3), "b": np.array([3.0] * 3)}
    in_rows = compiled.jacobian(batch, [2.0] * 3, argnums=(0, 1))
    for many, one in zip(jax.tree.leaves(in_rows), jax.tree.leaves(found), strict=True):
        np.testing.assert_allclose(many, [one] * 3, rtol=1e-12)


def test_one_output_of_one_number_is_a_float():
    assert compile(lambda x: x * x).jacobian(3.0, argnums=0) == 6.0
    assert compile(lambda x: x * x).jacobian([3.0, 1.0], argnums=0).tolist() == [6.0, 2.0]
    assert compile(lambda x: {"y": x * x, "z": []}).jacobian(3.0, argnums=0) == {"y": 6.0, "z": []}


def test_an_infinite_slope_of_one_output_leaves_the_others_alone():
    """As `engine.grad` of each output, where `jax.jacobian` has nan."""

    def f(x):
        root = engine.sqrt(x[0])
        return [root, x[0] * x[1], x[1]]

    for backend in BACKENDS:
        jacobian = compile(f, backend).jacobian([0.0, 2.0], argnums=0)
        assert jacobian.tolist() == [[np.inf, 0.0], [2.0, 0.0], [0.0, 1.0]]
    rows = compile(f).jacobian([[0.0, 2.0], [4.0, 1.0]], argnums=0)
    assert rows[0].tolist() == [[np.inf, 0.0], [2.0, 0.0], [0.0, 1.0]]
    assert rows[1].tolist() == [[0.25, 0.0], [1.0, 4.0], [0.0, 1.0]]


def test_of_a_recurrence():
    def states(x):
        h, seen = x[0], []
        for k in range(30):
            h = engine.sin(W[0][0] * h + x[1])
            if k % 10 == 9:
                seen.append(h)
        return seen

    x = [Value(0.3), Value(0.4)]
    expected = [[slope.data for slope in engine.grad(y, x)] for y in states(x)]
    np.testing.assert_allclose(compile(states).jacobian([0.3, 0.4], argnums=0), expected, rtol=1e-10)


def test_a_graph_and_a_module():
    w = Value(3.0)
    assert compile(w * w).jacobian().tolist() == [6.0]
    layer = Linear(2, 3, seed=0)
    jacobian = layer.compile().jacobian([0.5, 2.0], argnums=0)
    assert jacobian.tolist() == [[w.data for w in row] for row in layer.weight]


def test_without_parameters_it_is_refused():
    with pytest.raises(ValueError, match=r"nothing to differentiate .*argnums=0"):
        compile(lambda x: [x]).jacobian(1.0)
