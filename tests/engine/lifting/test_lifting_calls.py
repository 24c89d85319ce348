"""Calling compiled functions: odd arguments and results, odd circumstances."""

import copy
import threading
from fractions import Fraction

import numpy as np
import pytest

import engine
from engine import Value, compile, no_grad, primitive
from engine.lifting import backends


@pytest.mark.parametrize("nothing", [{}, [], (), [{}], {"a": []}])
def test_arguments_and_results_without_numbers(nothing: object) -> None:
    w = Value(2.0)
    compiled = compile(lambda x, options: w * x)
    assert compiled(3.0, nothing) == 6.0
    assert compile(lambda x: nothing)(3.0) == nothing


@pytest.mark.parametrize("number", [Fraction(3, 2), 10**30, True, np.float32(0.5), np.int8(-3), np.array(2)])
def test_every_kind_of_real_number(number: object) -> None:
    compiled = compile(lambda x: 2.0 * x)
    assert compiled(number) == 2.0 * float(number)
    assert compile(lambda x: 2.0 * x[0])([number]) == 2.0 * float(number)


def test_a_result_may_be_a_numpy_array_of_values() -> None:
    assert compile(lambda x: np.array([x, 2.0 * x]))(3.0) == [3.0, 6.0]


def test_powers_of_minus_zero() -> None:
    assert compile(lambda x: (-0.0) ** x)(2.0) == 0.0


def test_choosing_between_two_numbers_on_a_large_batch() -> None:
    @primitive
    def step(x):
        return engine.where(engine.primitives.less(0.0, x), 0.0, 1.0), lambda g: (0.0,)

    x = np.linspace(-1.0, 1.0, 5000)
    np.testing.assert_array_equal(compile(lambda x: step(x))(x), np.where(x > 0.0, 0.0, 1.0))


def test_pieces_of_a_batch_are_as_many_as_they_like(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Value(0.5)
    compiled = compile(lambda x, y: engine.tanh(w * x) * y + w)
    x, y = np.random.default_rng(0).normal(size=(2, 100))
    whole = compiled(x, y), compiled.value_and_grad(x, y)
    for at_once in (7, 30, 99):
        monkeypatch.setattr(backends, "rows_at_once", lambda _, at_once=at_once: at_once)
        np.testing.assert_allclose(compiled(x, y), whole[0], rtol=1e-12)
        np.testing.assert_allclose(compiled.value_and_grad(x, y)[0], whole[1][0], rtol=1e-12)
        np.testing.assert_allclose(compiled.value_and_grad(x, y)[1], whole[1][1], rtol=1e-12)


def test_a_first_call_inside_no_grad_does_not_cost_the_gradient() -> None:
    w = Value(2.0)
    compiled = compile(lambda x: w * x)
    with no_grad():
        assert compiled(3.0) == 6.0
    compiled.backward(3.0)
    assert w.grad == 3.0


class Weight(Value):
    """A parameter of a class of the user's own, with attributes."""

    def doubled(self) -> Value:
        return 2.0 * self


def test_a_parameter_keeps_its_class() -> None:
    w = Weight(2.0)
    w.note = "mine"
    compiled = compile(lambda x: w.doubled() * x)
    assert compiled.backward(3.0) == 12.0
    assert (w.grad, w.note, repr(w)) == (6.0, "mine", "Weight(data=2, grad=6)")
    assert isinstance(w, Weight)
    assert type(copy.deepcopy(w)) is Weight


def test_threads_may_call_one_compiled_function_with_different_structures() -> None:
    ws = [Value(0.1 * k) for k in range(12)]
    compiled = compile(lambda x: engine.sum([w * w * each for w, each in zip(ws, x)]))
    wrong = []

    def work(first: int) -> None:
        for k in range(60):
            n = (first + k) % 12 + 1
            value, gradient = compiled.value_and_grad([1.0] * n)
            if len(gradient) != n or abs(value - sum((0.1 * k) ** 2 for k in range(n))) > 1e-12:
                wrong.append(n)

    threads = [threading.Thread(target=work, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_rule_may_return_any_real_number() -> None:
    @primitive
    def count(x):
        return 1, lambda g: (0,)

    w = Value(2.0)
    y = engine.sum([count(w), count(w) * w])
    assert type(count(w).data) is float
    y.backward()
    assert (y.data, w.grad) == (3.0, 1.0)
    assert compile(lambda x: count(w) * x + count(x))(3.0) == 4.0


def test_a_rule_without_a_pullback_is_named() -> None:
    @primitive
    def forgetful(x):
        return x * x

    with pytest.raises(TypeError, match=r"rule of forgetful returned .*: return the value and the pullback"):
        compile(lambda x: forgetful(x))(2.0)
    with no_grad(), pytest.raises(TypeError, match=r"rule of forgetful returned 4.0"):
        forgetful(Value(2.0))
    with pytest.raises(TypeError, match=r"rule of forgetful returned 4.0"):
        forgetful(Value(2.0))
