"""Where the rows of arguments are, `in_axes`: beside `jax.vmap`."""

import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import engine
from engine import compile
from engine.lifting import backends
from engine.requirements import require_index

RNG = np.random.default_rng(2)
WEIGHTS, X, Y = RNG.normal(size=(4, 3)), RNG.normal(size=(6, 3)), RNG.normal(size=6)


@pytest.fixture(autouse=True)
def in_float64():
    with jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64():
        yield


def cost(w, x, y):
    return (engine.sum([engine.tanh(engine.dot(row, x)) for row in w]) - y) ** 2


def cost_in_jax(w, x, y):
    return (jnp.tanh(w @ x).sum() - y) ** 2


def recurrence(w, x, y):
    """A state that is the same for all rows until it meets them, and one that is not."""
    first, h = w[0][0], y
    for _ in range(10):
        first = engine.sin(first * w[0][1] + 0.3)
        for x_t in x:
            h = engine.tanh(w[1][0] * h + w[1][1] * x_t + first * 0.1)
    return h * first


@pytest.mark.parametrize("backend", ["numpy", "jax", "native"])
def test_an_argument_shared_by_all_rows(backend):
    compiled, axes = compile(cost, backend, in_axes=(None, 0, 0)), (None, 0, 0)
    np.testing.assert_allclose(compiled(WEIGHTS, X, Y), jax.vmap(cost_in_jax, axes)(WEIGHTS, X, Y), rtol=1e-11)
    mean = jax.value_and_grad(lambda w: jax.vmap(cost_in_jax, axes)(w, X, Y).mean())
    value, gradient = compiled.value_and_grad(WEIGHTS, X, Y, argnums=0)
    assert value == pytest.approx(float(mean(WEIGHTS)[0]), rel=1e-11)
    np.testing.assert_allclose(gradient, mean(WEIGHTS)[1], rtol=1e-9, atol=1e-14)
    values, (dx, dy) = compiled.value_and_grad(WEIGHTS, X, Y, argnums=(1, 2))
    expected = jax.vmap(jax.grad(cost_in_jax, argnums=(1, 2)), axes)(WEIGHTS, X, Y)
    np.testing.assert_array_equal(values, compiled(WEIGHTS, X, Y))
    np.testing.assert_allclose(dx, expected[0], rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(dy, expected[1], rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("backend", ["numpy", "jax", "native"])
def test_what_is_shared_may_be_in_a_loop(backend):
    """The same as with a copy for each row, whose gradients are added up."""
    compiled, copied = compile(recurrence, backend, in_axes=(None, 0, 0)), compile(recurrence, in_axes=0)
    copies = np.array([WEIGHTS] * 6)
    values, (dw, dx) = copied.value_and_grad(copies, X, Y, argnums=(0, 1))
    value, gradient = compiled.value_and_grad(WEIGHTS, X, Y, argnums=0)
    assert compiled.program.loops > 0
    assert value == pytest.approx(values.mean(), rel=1e-11)
    np.testing.assert_allclose(gradient, dw.mean(0), rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(compiled.value_and_grad(WEIGHTS, X, Y, argnums=1)[1], dx, rtol=1e-9, atol=1e-14)


def test_jacobians_of_and_beside_what_is_shared():
    compiled, axes = compile(cost, in_axes=(None, 0, 0)), (None, 0, 0)
    for argnums in (1, (0, 2)):
        found = compiled.jacobian(WEIGHTS, X, Y, argnums=argnums)
        expected = jax.vmap(jax.jacobian(cost_in_jax, argnums=argnums), axes)(WEIGHTS, X, Y)
        for ours, theirs in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("axes", [(None, 1, 0), (None, -1, None), (0, None, None), (-1, 0, 0)])
def test_axes_are_those_of_vmap(axes):
    w, x, y = (RNG.normal(size=size) for size in ((4, 3), (3,), ()))
    given = [
        np.moveaxis(np.array([each * k for k in (1.0, 0.5, -0.3, 0.2, 0.1)]), 0, axis) if axis is not None else each
        for each, axis in zip((w, x, y), axes)
    ]
    expected = jax.vmap(cost_in_jax, axes)(*given)
    np.testing.assert_allclose(compile(cost, in_axes=axes)(*given), expected, rtol=1e-12)


def test_one_axis_is_for_all_arguments():
    compiled = compile(cost, in_axes=0)
    w = np.array([WEIGHTS] * 6)
    np.testing.assert_allclose(compiled(w, X, Y), compile(cost, in_axes=(None, 0, 0))(WEIGHTS, X, Y), rtol=1e-12)
    assert compile(lambda x: x[0], in_axes=0)([[1.0], [2.0]]).tolist() == [1.0, 2.0]


def test_axes_may_have_the_structure_of_the_arguments():
    def f(model, x):
        return engine.dot(model["w"], x) + model["b"]

    model = {"w": np.array([1.0, 2.0]), "b": np.array([0.5, 1.5, 2.5])}
    compiled = compile(f, in_axes=({"w": None, "b": 0}, None))
    assert compiled(model, [1.0, 1.0]).tolist() == [3.5, 4.5, 5.5]
    assert compiled.jacobian(model, [1.0, 1.0], argnums=0)["w"].tolist() == [[1.0, 1.0]] * 3
    assert compiled.jacobian(model, [1.0, 1.0], argnums=0)["b"].tolist() == [1.0] * 3
    with pytest.raises(ValueError, match="in arguments of their own"):
        compiled.value_and_grad(model, [1.0, 1.0], argnums=0)
    in_a_list = compile(lambda pair, x: pair[0] * x + pair[1], in_axes=([None, 0], 0))
    assert in_a_list([2.0, [1.0, 2.0]], [10.0, 20.0]).tolist() == [21.0, 42.0]
    rows_of_a_pair = compile(lambda pair, k: pair[0][0][1] * k + pair[1][0], in_axes=((None, 1), None))
    assert rows_of_a_pair([[[2.0, 0.5]], [[1.0, 5.0]]], 3.0).tolist() == [2.5, 6.5]


def test_settings_have_no_rows_and_shared_arguments_may_be_anything():
    def f(w, x, kind):
        return engine.dot(w, x) if kind == "dot" else w[0] * x[0]

    compiled = compile(f, in_axes=(None, 0, 0))
    assert compiled([1.0, 2.0], [[1.0, 1.0], [2.0, 1.0]], "dot").tolist() == [3.0, 4.0]
    assert compiled([1.0, 2.0], [[1.0, 1.0], [2.0, 1.0]], None).tolist() == [1.0, 2.0]
    copied = pickle.loads(pickle.dumps(compile(cost, in_axes=(None, 0, 0))))
    np.testing.assert_allclose(copied(WEIGHTS, X, Y), compile(cost, in_axes=(None, 0, 0))(WEIGHTS, X, Y))


def test_pieces_of_a_batch_share_it(monkeypatch):
    compiled, x, y = compile(cost, in_axes=(None, 0, 0)), RNG.normal(size=(100, 3)), RNG.normal(size=100)
    whole = compiled.value_and_grad(WEIGHTS, x, y, argnums=0), compiled.value_and_grad(WEIGHTS, x, y, argnums=1)
    monkeypatch.setattr(backends, "rows_at_once", lambda program: 7)
    for before, argnum in zip(whole, (0, 1)):
        after = compiled.value_and_grad(WEIGHTS, x, y, argnums=argnum)
        np.testing.assert_allclose(after[0], before[0], rtol=1e-12)
        np.testing.assert_allclose(after[1], before[1], rtol=1e-12)


def test_what_a_function_requires_of_a_shared_argument_is_checked():
    def f(k, x):
        require_index(k, 3, lambda k: ValueError(f"{k:g} is not one of 3"))
        require_index(x, 3, lambda x: ValueError(f"{x:g} is not one of 3"))
        return k * x

    compiled = compile(f, in_axes=(None, 0))
    assert compiled(2, [1, 2]).tolist() == [2.0, 4.0]
    with pytest.raises(ValueError, match=r"^7 is not one of 3"):
        compiled(7, [1, 2])
    with pytest.raises(ValueError, match=r"^row 1: 5 is not one of 3"):
        compiled(2, [1, 5])


def test_parameters_beside_shared_arguments():
    v = [engine.Value(0.5), engine.Value(-1.0)]
    compiled = compile(lambda w, x: engine.dot(v, x) * w, in_axes=(None, 0))
    assert compiled.backward(2.0, [[1.0, 0.0], [3.0, 2.0]]) == pytest.approx(2.0 * (0.5 - 0.5) / 2)
    assert [p.grad for p in v] == [4.0, 2.0]


@pytest.mark.parametrize(
    ("axes", "given", "error", "says"),
    [
        ((None, 0), ([1.0], [1.0, 2.0], 3.0), ValueError, "is for 2 arguments, but there are 3"),
        (0, ([1.0, 2.0], 3.0), ValueError, r"argument 2 is one number and has no axis 0 .* None in in_axes"),
        ((0, 2), ([1.0, 2.0], [[3.0]]), ValueError, r"argument 2 is of shape \(1, 1\) and has no axis 2"),
        (0, ([1.0, 2.0], [[3.0]]), ValueError, r"argument 1, of shape \(2,\) .* has 2, argument 2, .* has 1"),
        (({"a": 0}, 0), ({"b": 1.0}, [2.0]), ValueError, r"keys \['a'\] for argument 1, which has keys \['b'\]"),
        (({"a": 0}, 0), ([1.0], [2.0]), ValueError, "which has no keys"),
        (([0, None], 0), ([1.0], [2.0]), ValueError, "2 parts for argument 1, which has 1 parts"),
        (([0], 0), (1.0, [2.0]), ValueError, "which has no parts in order"),
        ((0, 0), ("a", None), ValueError, "no argument has rows"),
    ],
)
def test_what_does_not_fit_is_said_with_its_shape(axes, given, error, says):
    with pytest.raises(error, match=says):
        compile(lambda *xs: xs[0], in_axes=axes)(*given)


@pytest.mark.parametrize(
    ("axes", "error", "says"),
    [
        (None, ValueError, "at least one argument must have rows"),
        ((None, [None]), ValueError, "at least one"),
        ("rows", TypeError, "got 'rows' of type str"),
        ((0, 0.5), TypeError, "got 0.5 of type float"),
        (True, TypeError, "got True"),
    ],
)
def test_axes_that_say_nothing_are_refused_at_once(axes, error, says):
    with pytest.raises(error, match=says):
        compile(cost, in_axes=axes)
    with pytest.raises(TypeError, match="takes no arguments"):
        compile(engine.Value(1.0) * 2.0, in_axes=0)
