"""What a function does only while it is traced, as drawing or counting, is refused with the line and the way out."""

import functools
import itertools
import random

import numpy as np
import pytest

import engine
from engine import Value, compile, no_grad, primitive, where
from engine.lifting.traced import TraceError
from nn import MLP, Module

HERE = r"test_lifting_repeatable.py:\d+"


class Counter:
    """State that changes from call to call."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> int:
        self.calls += 1
        return self.calls


def masked(x):
    """Dropout by hand."""
    return engine.sum([x_k * (random.random() < 0.5) for x_k in x])


RNG = random.Random(0)
NUMPY_RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "f",
    [
        masked,
        lambda x: x[0] * random.random(),
        lambda x: x[0] if random.random() < 2 else x[1],  # always the same, by luck
        lambda x: random.choice(x),
        lambda x: x[random.randrange(1)],
        lambda x: x[0] * RNG.uniform(0, 1),
        lambda x: x[0] * (RNG.random() < 1e-9),
        lambda x: x[0] + RNG.gauss(0, 1),
        lambda x: x[0] * NUMPY_RNG.random(),
        lambda x: x[int(NUMPY_RNG.integers(2))],
        lambda x: x[0] * np.random.rand(),
        lambda x: x[0] * random.SystemRandom().random(),
    ],
)
def test_random_numbers_drawn_inside_are_refused(f) -> None:
    with pytest.raises(TraceError, match=rf"(?s)random numbers, at .*{HERE}.*pass them as an argument"):
        compile(f)([1.0, 2.0, 3.0])


def test_random_numbers_drawn_by_a_large_function_are_refused_too() -> None:
    def f(x):
        chosen = random.randrange(1)
        for _ in range(3000):
            x = [engine.sin(x[0])]
        return x[chosen]

    with pytest.raises(TraceError, match=rf"(?s)random numbers, at .*{HERE}: chosen = .*pass them as an argument"):
        compile(f)([1.0])


def test_a_generator_that_is_seeded_inside_draws_the_same_every_time() -> None:
    def f(x):
        rng = random.Random(3)
        return x * rng.random()

    assert compile(f)(2.0) == f(2.0)
    assert compile(lambda x: MLP(1, [2, 1], seed=0)([x]))(0.5) == pytest.approx(MLP(1, [2, 1], seed=0)([0.5]).data)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda count: lambda x: x * count(), "it uses 1.0, then"),
        (lambda count: lambda x: x + 1.0 if count() == 1 else x * 2.0, "it computes add, then mul"),
        (lambda count: lambda x: engine.sum([x] * count()), "operands"),
        (lambda count: lambda x: [x] * count(), "another structure"),
        (lambda count: lambda x: engine.sin(engine.sin(x)) if count() > 1 else engine.sin(x), "numbers"),
        (lambda count: lambda x: Value(1.0 / count()) * x, "it uses"),
    ],
)
def test_what_changes_from_call_to_call_is_refused(make, what: str) -> None:
    with pytest.raises(TraceError, match=rf"(?s){what}.*, at .*{HERE}.*pass what changes as an argument"):
        compile(make(Counter()))(1.0)


def test_a_flag_that_a_call_turns_is_refused() -> None:
    class Once(Module):
        def __init__(self) -> None:
            self.weight, self.first = Value(2.0), True

        def __call__(self, x):
            first, self.first = self.first, not self.first
            return self.weight * x if first else x

    with pytest.raises(TraceError, match="not do the same"):
        Once().compile()(1.0)


def test_an_argument_that_alternates_between_parameters_is_refused() -> None:
    turns = itertools.cycle([Value(1.0), Value(1.0)])
    with pytest.raises(TraceError, match="not do the same"):
        compile(lambda x: next(turns) * x)(1.0)


def test_what_is_made_anew_but_alike_in_every_call_compiles() -> None:
    def f(x, scale=3.0):
        @primitive
        def scaled(x):
            return x * scale, lambda g: (g * scale,)

        return scaled(x) + Value(1.0)

    assert compile(f)(2.0) == 7.0
    w = []

    def lazy(x):
        if not w:
            w.append(Value(2.0))
        return w[0] * x

    compiled = compile(lazy)
    assert compiled.backward(3.0) == 6.0
    assert w[0].grad == 3.0


def test_a_primitive_that_is_made_anew_with_another_number_is_refused() -> None:
    count = Counter()

    def f(x):
        factor = float(count())

        @primitive
        def scaled(x):
            return x * factor, lambda g: (g * factor,)

        return scaled(x)

    with pytest.raises(TraceError, match="not do the same"):
        compile(f)(2.0)


def test_a_cached_node_of_an_earlier_trace_is_refused() -> None:
    w = Value(2.0)
    cached = functools.lru_cache(lambda: w * 2.0)
    with pytest.raises(TraceError, match="not do the same"):
        compile(lambda x: cached() * x)(1.0)


def test_what_was_kept_from_the_first_call_is_not_what_stands_in_its_place():
    kept = []

    def f(x):
        if not kept:
            kept.append(engine.tanh(x * 2.0))
            return kept[0] * w
        return kept[0] * w if len(kept) > 5 else engine.tanh(x * 2.0) * kept[0]

    def keeps_its_argument(x):
        if not kept:
            kept.append(x)
        return kept[0] * 2.0

    w = Value(0.5)
    for function in (f, keeps_its_argument):
        kept.clear()
        with pytest.raises(TraceError, match="does not do the same"):
            compile(function)(0.3)


@pytest.mark.parametrize("made_inside", [False, True])
def test_what_a_function_computes_twice_it_may_compute_twice_again(made_inside):
    w = Value(0.5)

    def f(x):
        total = w * x + 1.0
        for _ in range(3):
            y = engine.tanh(w * x)
            if made_inside:
                total = total * Value(0.5)
            total = where(y != total, engine.tanh(w * x), total) + total.detach() * y
        with no_grad():
            y = w * x
        return total + y

    assert compile(f)(0.3) == pytest.approx(f(Value(0.3)).data, rel=1e-14)


def wave(x):
    return engine.sin(x * x) * 3.0


def slope(x):
    return engine.grad(wave(x), x) * x


def curvature(x):
    return engine.grad(engine.grad(wave(x), x), x) + x


def curvature_of_what_is_made_anew(x):
    @primitive
    def twice(x):
        return x * 2.0, lambda g: (g * 2.0,)

    return curvature(twice(x))


@pytest.mark.parametrize("f", [slope, curvature, curvature_of_what_is_made_anew])
def test_a_function_that_walks_its_own_graph_does_the_same_again(f) -> None:
    assert compile(f)(0.7) == pytest.approx(f(Value(0.7)).data, rel=1e-14)
