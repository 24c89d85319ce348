"""The programs that a compiled function keeps, and those that it drops."""

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import engine
from engine import Value, compile
from engine.lifting import program_cache
from engine.lifting.assembling import once_for_each


@pytest.fixture
def at_most_four(monkeypatch):
    monkeypatch.setattr(program_cache, "MOST_PROGRAMS", 4)


@pytest.mark.parametrize("backend", ["numpy", "jax", "native"])
def test_the_programs_used_last_are_kept(at_most_four, backend):
    w = Value(2.0)
    compiled = compile(lambda x: w * engine.sum(x) + engine.max([x[k] for k in (0, 0, -1)]), backend)
    compiled([1.0])
    first = weakref.ref(compiled.program)
    for n in range(2, 10):
        assert compiled([1.0] * n) == 2.0 * n + 1.0
    assert "4 programs kept, 5 dropped" in repr(compiled)
    gc.collect()
    assert first() is None
    assert compiled([1.0]) == 3.0
    kept = compiled.program
    for n in (9, 8, 1, 7, 6, 1, 5, 4, 1):
        compiled([1.0] * n)
    assert compiled.program is kept


def test_what_was_one_sample_stays_one(at_most_four):
    compiled = compile(lambda x: engine.sum(x[0]) if isinstance(x[0], list) else engine.sum(x))
    square = [[1.0, 2.0], [3.0, 4.0]]
    assert compiled(square) == 3.0  # its first row: taken as one sample
    assert compiled([1.0, 2.0]) == 3.0
    for n in range(3, 12):
        compiled([1.0] * n)
    assert compiled([1.0, 2.0]) == 3.0
    assert compiled(square) == 3.0  # and not as two rows of what is known now
    assert compiled([5.0, 6.0]) == 11.0


def test_each_setting_and_each_derivative_has_a_program():
    compiled = compile(lambda x, kind: x * x if kind == "square" else x)
    compiled(3.0, "square")
    compiled(3.0, None)
    assert "programs" not in repr(compile(engine.sin))
    assert compiled.value_and_grad(3.0, "square", argnums=0) == (9.0, 6.0)
    assert compiled.value_and_grad(3.0, None, argnums=0) == (3.0, 1.0)
    assert compiled.jacobian(3.0, "square", argnums=0) == 6.0
    assert "5 programs kept" in repr(compiled)
    assert "dropped" not in repr(compiled)


def scaled(x):
    return [x[0] * x[1], x[0] + x[1]]


def test_copies_and_pickles_have_their_derivatives():
    compiled = compile(scaled, backend="numpy")
    expected = compiled.jacobian([2.0, 3.0], argnums=0)
    for again in (pickle.loads(pickle.dumps(compiled)), copy.deepcopy(compiled), copy.copy(compiled)):
        assert "not traced yet" in repr(again)
        np.testing.assert_array_equal(again.jacobian([2.0, 3.0], argnums=0), expected)


def test_what_is_known_of_indices_goes_with_them():
    computed = []
    of = once_for_each(lambda where: computed.append(len(where)) or len(where))
    where = np.arange(3)
    assert (of(where), of(where), computed) == (3, 3, [3])
    del where
    known = of.__closure__[[*of.__code__.co_freevars].index("known")].cell_contents
    assert known == {}
