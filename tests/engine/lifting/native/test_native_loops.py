"""Loops as native code: written out turn by turn, and kept as loops, give the numbers of NumPy.

Those that are kept also make a loop of each operation on several numbers.
"""

import numpy as np
import pytest

from engine import compile
from engine.lifting.native import expand
from tests.strategies.recurrences import KINDS, random_recurrence

pytestmark = pytest.mark.usefixtures("all_native")

ROWS = 9


rolled = expand.Expander._rolled


def stays_a_loop(*arguments):
    """What `Expander._rolled` gives; a loop that would be written turn by turn fails the test."""
    found = rolled(*arguments)
    assert found is not None
    return found


def check_against_numpy(f, arguments, monkeypatch, most_unrolled: int) -> None:
    monkeypatch.setattr(expand, "MOST_UNROLLED", most_unrolled)
    if most_unrolled < 0:
        monkeypatch.setattr(expand, "FEWEST_MAPPED", 2)
        monkeypatch.setattr(expand.Expander, "_rolled", stays_a_loop)
    native, usual = compile(f, backend="native"), compile(f)
    np.testing.assert_allclose(native(*arguments), usual(*arguments), rtol=1e-12, atol=1e-14)
    draw = np.random.default_rng(0)
    arrays = [np.asarray(argument) for argument in arguments]
    batch = [array * (1.0 + 0.2 * draw.standard_normal((ROWS, *array.shape))) for array in arrays]
    if native.parameters:
        value, gradient = native.value_and_grad(*batch)
        expected, gradients = usual.value_and_grad(*batch)
        assert value == pytest.approx(expected, rel=1e-12)
        np.testing.assert_allclose(gradient, gradients, rtol=1e-11, atol=1e-14 * max(1.0, abs(gradients).max()))


@pytest.mark.parametrize("most_unrolled", [-1, 10**9])
@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_loops(kind: str, most_unrolled: int, monkeypatch) -> None:
    check_against_numpy(*KINDS[kind](), monkeypatch, most_unrolled)


@pytest.mark.parametrize("seed", range(6))
def test_random_recurrences(seed: int, monkeypatch) -> None:
    check_against_numpy(*random_recurrence(seed), monkeypatch, -1)
