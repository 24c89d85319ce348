"""Gradients with respect to arguments: against the scalar engine, finite differences and JAX; structures, rows."""

import jax
import numpy as np
import pytest

import engine
from engine import Value, compile
from engine.lifting import backends
from nn import MLP, LayerNorm, squared_error

RNG = np.random.default_rng(0)
BACKENDS = ["numpy", "jax", "native"]


def eager_gradient(f, *arguments, argnum):
    """The gradient of f on numbers in lists, by the scalar engine."""
    leaves = [[Value(x) for x in each] if isinstance(each, list) else Value(each) for each in arguments]
    of = leaves[argnum]
    slopes = engine.grad(f(*leaves), of)
    return [slope.data for slope in slopes] if isinstance(of, list) else slopes.data


W = [[Value(0.3 * k - 0.2 * j) for k in range(3)] for j in range(4)]
V = [Value(0.5 - 0.3 * k) for k in range(4)]


def network(x, y):
    a = [engine.tanh(engine.dot(row, x)) for row in W]
    return (engine.dot(V, a) - y) ** 2 + engine.exp(x[0] * 0.1)


def conditions(x, y):
    return engine.where(x[0] < y, x[0] * x[1], engine.relu(x[2]) * y) + engine.max(x) + engine.norm2(x)


def recurrence(x, y):
    h = 0.1 * y
    for _ in range(12):
        for x_t in x:
            h = engine.sin(h * V[0] + x_t * V[1]) + 0.1 * y
    return h * h


@pytest.mark.parametrize("f", [network, conditions, recurrence])
@pytest.mark.parametrize("backend", BACKENDS)
def test_the_gradient_is_the_scalar_engines(f, backend):
    compiled = compile(f, backend)
    x, y = RNG.normal(size=3).tolist(), 0.4
    value, (dx, dy) = compiled.value_and_grad(x, y, argnums=(0, 1))
    assert value == pytest.approx(f([Value(n) for n in x], Value(y)).data, rel=1e-12)
    assert dx == pytest.approx(eager_gradient(f, x, y, argnum=0), rel=1e-9, abs=1e-13)
    assert dy == pytest.approx(eager_gradient(f, x, y, argnum=1), rel=1e-9, abs=1e-13)


@pytest.mark.parametrize("f", [network, conditions, recurrence])
@pytest.mark.parametrize("backend", BACKENDS)
def test_each_row_has_a_gradient_of_its_own(f, backend):
    compiled = compile(f, backend)
    x, y = RNG.normal(size=(5, 3)), RNG.normal(size=5)
    compiled(x[0], y[0])
    values, (dx, dy) = compiled.value_and_grad(x, y, argnums=[0, 1])
    np.testing.assert_allclose(values, compiled(x, y), rtol=1e-15)  # XLA may round a sum in another order
    for row in range(5):
        one, (dx_one, dy_one) = compiled.value_and_grad(x[row].tolist(), y[row].item(), argnums=[0, 1])
        assert one == pytest.approx(values[row], rel=1e-12)
        np.testing.assert_allclose(dx[row], dx_one, rtol=1e-10, atol=1e-14)
        np.testing.assert_allclose(dy[row], dy_one, rtol=1e-10, atol=1e-14)


def test_the_gradient_is_that_of_finite_differences():
    compiled, x, step = compile(network), RNG.normal(size=3), 1e-6
    _, gradient = compiled.value_and_grad(x, 0.3, argnums=0)
    for k, direction in enumerate(np.eye(3)):
        slope = (compiled(x + step * direction, 0.3) - compiled(x - step * direction, 0.3)) / (2 * step)
        assert gradient[k] == pytest.approx(slope, rel=1e-7)


def test_arguments_keep_their_structure():
    def f(sample, scale):
        total = engine.sum(sample["xs"]) * sample["b"] + engine.dot(sample["pair"][0], sample["pair"][0])
        return total * sample["pair"][1][0] * scale

    sample = {"xs": [1.0, 2.0], "b": 3.0, "pair": ([1.0, 2.0, 3.0], [2.0]), "mode": "fast"}
    compiled = compile(f)
    assert compiled.value_and_grad(sample, 1.0, argnums=0) == (
        46.0,
        {"xs": [6.0, 6.0], "b": 6.0, "pair": ([4.0, 8.0, 12.0], [23.0]), "mode": None},
    )
    batch = {
        "xs": np.array([[1.0, 2.0]] * 4),
        "b": [3.0] * 4,
        "pair": ([[1.0, 2.0, 3.0]] * 4, [[2.0]] * 4),
        "mode": "fast",
    }
    values, gradient = compiled.value_and_grad(batch, [1.0] * 4, argnums=0)
    assert values.tolist() == [46.0] * 4
    assert gradient["xs"].tolist() == [[6.0, 6.0]] * 4
    assert gradient["b"].tolist() == [6.0] * 4
    assert gradient["pair"][0].tolist() == [[4.0, 8.0, 12.0]] * 4
    assert gradient["pair"][1].shape == (4, 1)


def test_gradients_are_as_the_argument_and_the_callers_own():
    compiled = compile(lambda m, t: m[0][0] * m[1][1] * t[0] + m[0][1] * t[1])
    matrix, pair = np.array([[1.0, 2.0], [3.0, 4.0]]), (5.0, 6.0)
    _, (of_matrix, of_pair) = compiled.value_and_grad(matrix, pair, argnums=(0, 1))
    assert of_matrix.tolist() == [[20.0, 6.0], [0.0, 5.0]]
    assert of_pair == (4.0, 2.0)
    assert compiled.value_and_grad([(1.0, 2.0), (3.0, 4.0)], [5.0, 6.0], argnums=0)[1] == [(20.0, 6.0), (0.0, 5.0)]
    _, (dx, dy) = compile(lambda x, y: x * y).value_and_grad(x := np.ones(3), y := np.ones(3), argnums=(0, 1))
    assert not any(map(np.shares_memory, (dx, dy), (y, x)))
    dx += 1.0
    _, zeros = compile(lambda x, y: x * 1.0).value_and_grad(x, y, argnums=1)
    zeros += 1.0
    assert zeros.tolist() == [1.0] * 3


def test_pieces_of_a_batch(monkeypatch):
    compiled, x, y = compile(network), RNG.normal(size=(100, 3)), RNG.normal(size=100)
    values, gradient = compiled.value_and_grad(x, y, argnums=0)
    monkeypatch.setattr(backends, "rows_at_once", lambda program: 7)
    again = compiled.value_and_grad(x, y, argnums=0)
    np.testing.assert_allclose(again[0], values, rtol=1e-13)
    np.testing.assert_allclose(again[1], gradient, rtol=1e-12)


def test_parameters_are_left_alone_and_live():
    w = Value(2.0)
    compiled = compile(lambda x: w * x * x)
    assert compiled.value_and_grad(3.0, argnums=0) == (18.0, 12.0)
    assert w.grad == 0.0
    w.data = 5.0
    assert compiled.value_and_grad(3.0, argnums=-1) == (45.0, 30.0)
    assert compiled.parameters == [w]
    value, gradient = compiled.value_and_grad(3.0)
    assert (value, gradient.tolist()) == (45.0, [9.0])


def test_what_no_adjoint_reaches_is_zero_beside_an_infinite_slope():
    compiled = compile(lambda x: engine.where(engine.arccos(x[1]) > 0.3, 1.0, 2.0) + engine.arccos(x[0]))
    _, gradient = compiled.value_and_grad([0.3, 1.0], argnums=0)
    assert gradient == pytest.approx([-1 / np.sqrt(1 - 0.09), 0.0])


@pytest.mark.parametrize("model", [MLP(3, [5, 1], "tanh", seed=0), LayerNorm(3)], ids=repr)
def test_networks_have_gradients_with_respect_to_their_inputs(model):
    def cost(x):
        output = model(x)
        return engine.sum([o * o for o in output]) if isinstance(output, list) else squared_error(output, 0.3)

    x = [0.2, -0.4, 0.9]
    expected = eager_gradient(cost, x, argnum=0)
    assert compile(cost).value_and_grad(x, argnums=0)[1] == pytest.approx(expected, rel=1e-9)


def test_the_program_is_the_textbooks():
    compiled = compile(lambda x, y: (engine.dot(W[0], x) - y) ** 2)
    compiled.value_and_grad([1.0, 2.0, 3.0], 0.5, argnums=0)
    assert "dx1 = delta1 * W1" in str(compiled.program) or "dx1 = delta1 @ W1" in str(compiled.program)
    assert "broadcast(1.0" not in str(compiled.program)
    assert "W1" not in str(compiled.program).rpartition("return")[2]


def test_names_are_jaxs():
    """The same call on a JAX function, by `jax.value_and_grad` and `jax.vmap`, returns the same."""

    def f(x, y):
        return (x[0] * x[1] + x[2]) * y

    x, y = np.array([1.0, 2.0, 3.0], dtype=np.float32), np.float32(2.0)
    value, (dx, dy) = jax.value_and_grad(f, argnums=(0, -1))(x, y)
    ours, (dx_ours, dy_ours) = compile(f).value_and_grad(x, y, argnums=(0, -1))
    assert (ours, dy_ours) == (float(value), float(dy))
    np.testing.assert_array_equal(dx_ours, dx)


@pytest.mark.parametrize(
    ("argnums", "error", "says"),
    [
        (2, ValueError, r"argnums=2: there are 2 arguments, counted from 0"),
        (-3, ValueError, "argnums=-3"),
        ((0, 0), ValueError, "twice"),
        ((0, -2), ValueError, "twice"),
        ((), ValueError, "at least one"),
        ("x", TypeError, "got 'x' of type str"),
        (0.0, TypeError, "by number"),
        (True, TypeError, "got True"),
    ],
)
def test_an_argument_that_is_not_there_is_refused(argnums, error, says):
    with pytest.raises(error, match=says):
        compile(lambda x, y: x * y).value_and_grad(1.0, 2.0, argnums=argnums)


def test_only_a_number_has_a_gradient():
    with pytest.raises(TypeError, match=r"structure of numbers; jacobian"):
        compile(lambda x: [x, x]).value_and_grad(1.0, argnums=0)
