"""Numbers put to their places: as many times as they are named, whatever way is taken."""

import numpy as np
import pytest

from engine import Value, compile, sin
from engine.lifting.assembling import assemble, spread


def pieces_of(rng, size):
    """Random pieces of two rows of `size` numbers: slices, indices once, and indices several times."""
    for _ in range(rng.integers(1, 4)):
        kind = rng.integers(3)
        where = slice(int(rng.integers(2)), size, 2) if kind == 0 else rng.integers(0, size, rng.integers(1, 3 * size))
        if kind == 1:
            where = np.unique(where)
        yield where, rng.normal(size=(2, len(range(size)[where]) if kind == 0 else where.size))


@pytest.mark.parametrize("seed", range(60))
def test_pieces_are_added_where_they_belong(seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(3, 30))
    pieces = [*pieces_of(rng, size)]
    expected = np.zeros((2, size))
    for where, piece in pieces:
        np.add.at(expected, (slice(None), np.arange(size)[where]), piece)
    before = [piece.copy() for _, piece in pieces]
    np.testing.assert_allclose(assemble((2, size), *pieces), expected, rtol=0, atol=1e-13)
    for (_, piece), same in zip(pieces, before):
        np.testing.assert_array_equal(piece, same)


@pytest.mark.parametrize("rows", [1, 40])
@pytest.mark.parametrize("first", [0, 5])
def test_what_is_spread_is_0_in_between_beside_infinities_too(rows, first):
    holes = np.full((40, 40), -1)
    kept = np.tri(40, dtype=bool)
    holes[kept] = (np.arange(kept.sum()) + first) % kept.sum()
    x = np.random.default_rng(0).normal(size=(rows, int(kept.sum())))
    x[0, :3] = np.inf, np.nan, -np.inf
    found = spread(x, holes)
    assert found.shape == (rows, 40, 40)
    np.testing.assert_array_equal(found[:, kept], np.roll(x, -first, axis=1))
    assert not found[:, ~kept].any()


@pytest.mark.parametrize("seed", range(20))
def test_adjoints_of_gathered_numbers(seed):
    """Random sums over numbers of one array: what each of them receives is what the graph says."""
    rng = np.random.default_rng(seed)
    w = [Value(0.1 * k) for k in range(12)]
    picks = [rng.integers(0, 12, size=(n, 2)).tolist() for n in rng.integers(2, 9, size=4)]
    numbers = [rng.normal(size=2).round(2).tolist() for _ in range(40)]

    def f(x):
        z, terms = [sin(wk * xk) for wk, xk in zip(w, x)], iter(numbers)
        total = 0.0
        for pairs in picks:
            total = total + sum(sin(c * z[i] - d * z[j]) for (i, j), (c, d) in zip(pairs, terms))
        return total

    x = rng.normal(size=12)
    compiled = compile(f)
    value = compiled.backward(x)
    found = [each.grad for each in w]
    for each in w:
        each.grad = None
    y = f(x.tolist())
    y.backward()
    assert value == pytest.approx(y.data, rel=1e-13)
    expected = [each.grad for each in w]
    np.testing.assert_allclose([g or 0.0 for g in found], [g or 0.0 for g in expected], rtol=1e-12, atol=1e-14)
