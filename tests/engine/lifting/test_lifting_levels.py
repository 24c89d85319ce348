"""A tape's entries by depth: each after what it is computed from, alike ones together where they can be."""

import random

import numpy as np
import pytest

from engine import Value, compile, exp, log, sqrt, tanh
from engine.lifting.levels import levels_of
from engine.lifting.tape import flatten


def pivots(n):
    """Sum of the logarithms of the diagonal of Cholesky's factor: half the logarithm of the determinant."""
    noise = [Value(0.5 + 0.1 * k) for k in range(n)]

    def f(A):
        L = []
        for i in range(n):
            L.append([])
            for j in range(i + 1):
                rest = A[i][j] - sum(L[i][k] * L[j][k] for k in range(j))
                L[i].append(sqrt(rest + exp(noise[i])) if i == j else rest / L[j][j])
        return sum(log(L[i][i]) for i in range(n))

    return f, noise


def test_what_is_only_added_up_in_the_end_is_computed_in_one_go():
    f, noise = pivots(7)
    compiled = compile(f)
    factor = np.random.default_rng(0).normal(size=(3, 7, 7))
    A = factor @ factor.swapaxes(1, 2)
    value = compiled.backward(A)
    of_noise = np.diag(np.exp([each.data for each in noise]))
    assert value == pytest.approx(np.linalg.slogdet(A + of_noise)[1].mean() / 2, rel=1e-13)
    inverse = np.linalg.inv(A + of_noise).diagonal(0, 1, 2).mean(0)
    np.testing.assert_allclose([each.grad for each in noise], inverse / 2 * of_noise.diagonal(), rtol=1e-11)
    first = compiled.program.source.split("\n\n")[0]
    assert first.count("log(") == 1
    assert first.count("sqrt(") == 7  # each needs the one before


def test_every_entry_comes_after_its_operands_and_once():
    rng = random.Random(1)
    for _ in range(30):
        nodes = [Value(rng.random()) for _ in range(4)]
        for _ in range(60):
            a, b = rng.choices(nodes[-12:], k=2)
            nodes.append(rng.choice([a * b, tanh(a), a + 2.0 * b, a - b, exp(-a)]))
        tape = flatten([*nodes[-1:], nodes[30]])
        place = {entry: k for k, level in enumerate(levels_of(tape)) for entry in level}
        computed = [entry for entry in range(tape.length) if tape.operands(entry)]
        assert sorted(place) == computed
        for entry in computed:
            assert all(place.get(operand, -1) < place[entry] for operand in tape.operands(entry))


def test_what_can_be_computed_at_once_does_not_wait():
    """The inputs of every turn are weighed in one go, and not each before its turn."""
    w, u = Value(0.3), [Value(0.1 * k) for k in range(4)]

    def f(xs):
        h = 0.0
        for x, uk in zip(xs, u):
            h = tanh(exp(w * x) + uk * h)
        return h

    compiled = compile(f)
    compiled([0.1, 0.2, 0.3, 0.4])
    assert compiled.program.source.split("\n\n")[0].count("exp(") == 1
