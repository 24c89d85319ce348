"""Sums with numbers as coefficients: a Fourier transform takes as many array operations at every stage."""

import numpy as np
import pytest

from demos.benchmark.kinds.fft import transform
from engine import Value, compile
from engine.lifting.coefficients import weighted


def power(n):
    """A compiled function of a window, a signal and weights; the window's Values."""
    window = [Value(1.0 + 0.1 * (k % 7)) for k in range(n)]

    def f(x, weights):
        spectrum = transform([(w * xk, 0.0) for w, xk in zip(window, x)])
        return sum(t * (re * re + im * im) for t, (re, im) in zip(weights, spectrum))

    return compile(f), window


@pytest.mark.parametrize("n", [4, 16, 32])
def test_a_recursive_fourier_transform_and_its_gradient_are_those_of_numpy(n):
    rng = np.random.default_rng(n)
    x, weights = rng.normal(size=(3, n)), rng.uniform(size=(3, n))
    f, window = power(n)
    f(x[0], weights[0])
    w = np.array([each.data for each in window])
    spectrum = np.fft.fft(w * x)
    f.backward(x, weights)
    np.testing.assert_allclose(f(x, weights), (weights * abs(spectrum) ** 2).sum(1), rtol=1e-13)
    expected = (2.0 * n * np.fft.ifft(weights * spectrum).real * x).mean(0)
    np.testing.assert_allclose([each.grad for each in window], expected, rtol=1e-12, atol=1e-13)


def test_every_stage_of_a_fourier_transform_takes_as_many_operations():
    programs = []
    for n in (16, 32, 64):
        f, _ = power(n)
        f([0.5] * n, [0.5] * n)
        programs.append(f.program)
    values, gradients = zip(*[program.operations for program in programs])
    assert values[2] - values[1] == values[1] - values[0] <= 9
    assert gradients[2] - gradients[1] == gradients[1] - gradients[0] <= 19


def test_a_coefficient_is_the_number_of_a_term_with_its_sign():
    constants = {7: 2.0, 8: 3.0}
    assert weighted([(False, 1, -1), (True, 7, 2)], constants) == [(1.0, 1), (-2.0, 2)]
    assert weighted([(True, 1, 8), (False, 2, -1)], constants) == [(-3.0, 1), (1.0, 2)]
    assert weighted([(False, 1, -1), (True, 2, -1)], constants) is None  # no number
    assert weighted([(False, 1, 2), (False, 7, 3)], constants) is None  # a product of two that are none
    assert weighted([(False, 7, -1), (False, 7, 3)], constants) is None  # a number alone


def test_what_a_coefficient_of_1_and_a_sign_leave_out_may_be_infinite():
    """1 * x is x and x - d * y is x + (-d) * y for every x and y, whatever group an entry is in."""

    def f(x):
        sums = [x[k] - 2.0 * x[k + 1] for k in range(4)] + [3.0 * x[k] + x[k + 1] for k in range(4)]
        sums += [0.5 * x[k] - x[k + 1] for k in range(4)] + [4.0 * x[k] + 5.0 * x[k + 1] for k in range(4)]
        return sums

    compiled = compile(f)
    for x in ([1.0, -0.0, 0.0, 2.0, 3.0], [np.inf, 1.0, 2.0, np.inf, -np.inf], [np.nan, 1.0, 1e308, -1e308, 0.0]):
        expected = [each.data for each in f([Value(each) for each in x])]
        assert [*map(repr, map(float, compiled(x)))] == [*map(repr, map(float, expected))]
    assert compiled.program.operations[0] <= 8
