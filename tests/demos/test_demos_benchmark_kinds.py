"""Every kind of program of the benchmark agrees, at a small size, with its versions by hand in NumPy and in JAX."""

import re

import numpy as np
import pytest

from demos.benchmark import __main__ as benchmark
from demos.benchmark.kinds.kind import KINDS, Problem, difference
from engine.lifting.backends import backend_named


@pytest.mark.parametrize("name", KINDS)
def test_compiled_and_by_hand_agree(name: str) -> None:
    problem = Problem(name, 3, small=True)
    problem.trace()
    for rows in (1, 3):
        problem.take(rows)
        value = problem.compiled.backward(*problem.arguments)
        assert difference((value, problem.gradient()), problem.by_hand()) < 1e-13


@pytest.mark.parametrize("name", KINDS)
def test_by_hand_is_right_by_finite_differences(name: str) -> None:
    problem = Problem(name, 2, small=True)
    _, gradient = problem.by_hand()
    draw, h = np.random.default_rng(1), 1e-6
    for key, array in problem.arrays.items():
        direction = draw.normal(size=array.shape)
        array += h * direction
        ahead, _ = problem.by_hand()
        array -= 2.0 * h * direction
        behind, _ = problem.by_hand()
        array += h * direction
        assert (ahead - behind) / (2.0 * h) == pytest.approx((gradient[key] * direction).sum(), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("name", KINDS)
def test_by_hand_in_jax_is_that_in_numpy(name: str) -> None:
    pytest.importorskip("jax")
    problem = Problem(name, 2, small=True)
    with backend_named("jax").float64():
        value, gradient = problem.in_jax()()
    assert difference((float(value), gradient), problem.by_hand()) < 1e-13


def test_kinds_rows_and_backends_are_chosen(capsys) -> None:
    benchmark.main(["kinds", "--quick", "--kinds", "heat,fft", "--rows", "1,2", "--backends", "numpy"])
    report = capsys.readouterr().out
    assert "heat equation" in report
    assert "FFT" in report
    assert "RNN" not in report
    assert "2 rows: geometric mean" in report
    assert re.search(r"1 row, eager: at least \d+\.\d times as long as compiled \((heat|fft)\)", report)
    assert "Backend jax" not in report
    with pytest.raises(SystemExit, match="no kind 'nothing': there are mlp, rnn"):
        benchmark.main(["kinds", "--kinds", "nothing"])
