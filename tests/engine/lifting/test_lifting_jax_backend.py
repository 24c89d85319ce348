"""The JAX backend: its namespace beside NumPy's, and what it keeps on the devices between calls."""

import numpy as np
import pytest

from engine import Value, compile, dot, tanh
from engine.lifting.backends import backend_named
from engine.lifting.namespaces import numpy_namespace

pytest.importorskip("jax")

PIECES = {
    "slices": [(slice(0, 3), 3), (slice(1, 8, 3), 3), (slice(2, 3), 1)],
    "indices": [(np.array([6, 0, 3]), 3), (np.array([1, 0]), 2)],
    "equal indices": [(np.array([2, 2, 5, 2]), 4), (slice(4, 7), 3)],
}


@pytest.mark.parametrize("pieces", PIECES.values(), ids=[*PIECES])
def test_pieces_are_put_together_as_with_numpy(pieces):
    jax, rng = backend_named("jax"), np.random.default_rng(0)
    given = [(where, rng.normal(size=(2, n))) for where, n in pieces]
    with jax.float64():
        found = jax.namespace["assemble"]((2, 8), *given)
    np.testing.assert_allclose(found, numpy_namespace()["assemble"]((2, 8), *given), rtol=1e-15)


@pytest.mark.parametrize("starts", [[0, 15, 30, 45], [0, 12, 40, 50], [0, 1, 2, 3, 4, 5]])
def test_segments_are_summed_as_with_numpy(starts):
    jax, x = backend_named("jax"), np.random.default_rng(0).normal(size=(2, 60))
    with jax.float64():
        found = jax.namespace["segment_sum"](x, np.array(starts))
    np.testing.assert_allclose(found, numpy_namespace()["segment_sum"](x, np.array(starts)), rtol=1e-13)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_parameters_are_sent_when_they_have_changed(dtype):
    w = [Value(0.1 * k - 0.4) for k in range(9)]
    f = compile(lambda x: tanh(dot(w, x)), backend="jax", dtype=dtype)
    x = np.random.default_rng(0).normal(size=(4, 9))
    sent = []
    for number in (0.1, 0.1, 0.1, 0.2, 0.2):
        if w[3].data != number:
            w[3].data = number
        expected = np.tanh(x @ [p.data for p in w])
        value, gradient = f.value_and_grad(x)
        np.testing.assert_allclose(f(x), expected, rtol=1e-14 if dtype == "float64" else 1e-5)
        np.testing.assert_allclose(value, expected.mean(), rtol=1e-14 if dtype == "float64" else 1e-5)
        np.testing.assert_allclose(
            gradient, (1.0 - expected**2) @ x / 4, rtol=1e-12 if dtype == "float64" else 1e-4, atol=1e-6
        )
        sent.append(f.backend._compiled(f.program).sent[1])
    assert sent[1] is sent[2]  # the same array, which is on the device
    assert sent[2] is not sent[3]
    assert not isinstance(sent[2], np.ndarray)
