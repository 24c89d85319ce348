"""Reductions over a short last axis give NumPy's numbers, whichever way is taken."""

import math

import numpy as np
import pytest

from engine.lifting import short_axes


@pytest.mark.parametrize("shape", [(3, 2), (300, 2), (64, 5, 4), (200, 7), (50, 64), (9, 65), (600, 1), (1, 300)])
@pytest.mark.parametrize("dtype", [float, np.float32])
def test_sums_and_extremes_are_numpys(shape, dtype):
    x = np.random.default_rng(1).normal(size=shape).astype(dtype)
    x.reshape(-1)[3:6] = np.inf, -np.inf, np.nan
    np.testing.assert_array_equal(short_axes.max_of(x), x.max(-1, keepdims=True))
    np.testing.assert_array_equal(short_axes.min_of(x), x.min(-1, keepdims=True))
    with np.errstate(invalid="ignore"):
        found, expected = short_axes.sum_of(x), x.sum(-1, keepdims=True)
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-5 if dtype == np.float32 else 1e-13, atol=1e-6)


@pytest.mark.parametrize("columns", [5, 33])
def test_a_sum_is_as_exact_as_numpys(columns):
    x = np.random.default_rng(2).normal(size=(400, columns)) * 10.0 ** np.arange(400)[:, None].clip(0, 12)
    exact = np.array([[math.fsum(row)] for row in x])
    bound = 2.0**-53 * columns * abs(x).sum(-1, keepdims=True)
    assert (abs(short_axes.sum_of(x) - exact) <= bound).all()


@pytest.mark.parametrize("shape", [(300, 3), (300, 64), (300, 65), (20, 3), (300,)])
def test_sums_of_rows_are_numpys(shape):
    x = np.random.default_rng(3).normal(size=shape)
    np.testing.assert_allclose(short_axes.sum_of_rows(x), x.sum(0), rtol=1e-12, atol=1e-13)
