"""Programs in float32: against float64, on every backend; what stays a float."""

import numpy as np
import pytest

from engine import Value, compile
from nn import MLP, SGD, fit, squared_error

X = np.random.default_rng(0).normal(size=(50, 2))
Y = X[:, 0].copy()


@pytest.mark.parametrize("backend", ["numpy", "jax", "native", "auto"])
def test_values_and_gradients_are_float32_and_those_of_float64(backend):
    model = MLP(2, [8, 1], "tanh", seed=0)
    double, single = model.compile(squared_error), model.compile(squared_error, backend, "float32")
    assert single(X, Y).dtype == np.float32
    np.testing.assert_allclose(single(X, Y), double(X, Y), rtol=1e-4, atol=1e-6)
    _, gradient = single.value_and_grad(X, Y)
    assert gradient.dtype == np.float32
    np.testing.assert_allclose(gradient, double.value_and_grad(X, Y)[1], rtol=1e-4, atol=1e-6)
    assert type(single(X[0], Y[0])) is float
    of_numpy = "; NumPy: native code computes in float64, not float32>"
    assert repr(single).endswith(of_numpy) == (backend in ("native", "auto"))
    single.backward(X, Y)
    assert all(type(p.data) is type(p.grad) is float for p in model.parameters())


def test_training_in_float32():
    models = [MLP(2, [4, 1], "tanh", seed=0) for _ in range(2)]
    for model, dtype in zip(models, ("float64", "float32")):
        optimizer = SGD(model.parameters(), lr=0.1)
        fit(model, (X, Y), loss=squared_error, optimizer=optimizer, epochs=5, compiled=True, dtype=dtype, seed=0)
    double, single = ([p.data for p in model.parameters()] for model in models)
    assert single == pytest.approx(double, rel=1e-3, abs=1e-5)
    assert single != double


def test_another_precision_is_refused():
    with pytest.raises(ValueError, match="no precision int64"):
        compile(lambda x: x * Value(1.0), dtype="int64")
