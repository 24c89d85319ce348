"""A compiled function means what the Python function means: the same number, or refused with line and way out."""

import copy
import functools
import random

import numpy as np
import pytest

import engine
from engine import Value, compile, grad, no_grad, where
from engine.lifting.traced import TraceError
from nn import MLP

HERE = r"test_lifting_meaning.py:\d+"


# Conditions on parameters


def test_a_comparison_of_a_parameter_decides_on_every_call() -> None:
    w = Value(1.0)
    compiled = compile(lambda x: where(w > 0, w * x, 0.1 * w * x))
    assert compiled(1.0) == 1.0
    w.data = -1.0
    assert compiled(1.0) == pytest.approx(-0.1)
    assert compiled.parameters == [w]


@pytest.mark.parametrize(
    ("compare", "expected"),
    [
        (lambda w: w < 2, [1.0, 0.0, 0.0]),
        (lambda w: w <= 2, [1.0, 1.0, 0.0]),
        (lambda w: w > 2, [0.0, 0.0, 1.0]),
        (lambda w: w >= 2, [0.0, 1.0, 1.0]),
        (lambda w: w == 2, [0.0, 1.0, 0.0]),
        (lambda w: w != 2, [1.0, 0.0, 1.0]),
        (lambda w: 2 > w, [1.0, 0.0, 0.0]),  # noqa: SIM300
        (lambda w: 2 == w, [0.0, 1.0, 0.0]),  # noqa: SIM300
    ],
)
def test_every_comparison_of_parameters_and_arguments_is_a_node(compare, expected: list[float]) -> None:
    w = Value(0.5)
    of_parameter, of_argument = compile(lambda: compare(w) * 1.0), compile(lambda x: compare(x) * 1.0)
    for number, truth in zip((1.0, 2.0, 3.0), expected):
        w.data = number
        assert of_parameter() == of_argument(number) == truth == float(compare(Value(number)))


def test_nan_is_not_equal_to_itself() -> None:
    compiled = compile(lambda x: [(x == x) * 1.0, (x != x) * 1.0])
    assert compiled(float("nan")) == [0.0, 1.0]
    assert Value(float("nan")) != Value(float("nan"))


def test_a_detached_parameter_is_live_and_the_same_parameter() -> None:
    w = Value(2.0)
    compiled = compile(lambda x: w.detach() * x + w)
    assert compiled(3.0) == 8.0
    w.data = 5.0
    assert compiled(3.0) == 20.0
    assert [*map(id, compiled.parameters)] == [id(w)]
    compiled.backward(3.0)
    assert w.grad == 1.0


@pytest.mark.parametrize(
    "f",
    [
        lambda w, x: w * x if w > 0 else x,
        lambda w, x: w * x if w else x,
        lambda w, x: w * x * 5 if x == 1 else w * x,
        lambda w, x: w * x if x != 1 else x,
        lambda w, x: x * w.data,
        lambda w, x: x * w.item(),
        lambda w, x: x * float(w),
        lambda w, x: x * float(f"{w:.3f}"),
        lambda w, x: max(w, 3) * x,
        lambda w, x: min(w, x),
        lambda w, x: sorted([w, Value(1.0)])[1] * x,
        lambda w, x: (w if w > 0 else -w) * x,
        lambda w, x: x * w.grad,
        lambda w, x: x if w in [1.0, 2.0] else w,
        lambda w, x: x * [1.0, 2.0].index(w),
        lambda w, x: x * [1.0, 2.0].count(x),
        lambda w, x: {1.0: w}.get(x, x),
        lambda w, x: w if x in {1.0, 2.0} else x,
        lambda w, x: copy.copy(w) * x,
        lambda w, x: copy.deepcopy([w])[0] * x,
        lambda w, x: (setattr(w, "data", 3.0), w * x)[1],
        lambda w, x: (setattr(w, "grad", 3.0), w * x)[1],
        lambda w, x: (w.backward(), w * x)[1],
        lambda w, x: not x,
        lambda w, x: w and x,
        lambda w, x: any([x, w]) * x,
    ],
)
def test_what_needs_a_number_is_refused_with_the_line_and_a_way_out(f) -> None:
    w = Value(2.0)
    with pytest.raises(TraceError, match=rf"(?s)in a compiled function, at .*{HERE}.*While it is traced") as caught:
        compile(lambda x: f(w, x))(1.0)
    assert len(str(caught.value).splitlines()) == 2
    assert (w.data, w.grad) == (2.0, 0.0)


def test_match_is_refused() -> None:
    def f(y):
        match y:
            case 1:
                return y * 5.0
            case _:
                return y

    with pytest.raises(TraceError, match="Python branch"):
        compile(f)(1.0)


def test_an_l1_penalty_by_hand_is_refused_and_by_abs_trains_as_eagerly() -> None:
    w = Value(0.3)
    with pytest.raises(TraceError, match=r"engine\.where"):
        compile(lambda x: w * x + (w if w > 0 else -w))(1.0)
    compiled = compile(lambda x: w * x + abs(w))
    for _ in range(20):
        w.grad = None
        compiled.backward(0.5)
        eager = Value(w.data)
        (eager * 0.5 + abs(eager)).backward()
        assert w.grad == eager.grad
        w.data -= 0.1 * w.grad


def test_conditions_inside_derivatives_and_no_grad_decide_on_every_call_as_well() -> None:
    w = Value(2.0)

    def f(x):
        with no_grad():
            condition = w > x
        return where(condition, grad(w**3, w), w)

    compiled = compile(f)
    assert compiled(1.0) == 12.0
    w.data = 0.5
    assert compiled(1.0) == 0.5


# Eager Values


def test_equality_of_eager_values_is_by_number_and_the_hash_by_identity() -> None:
    one, other = Value(1.0), Value(1.0)
    assert one == 1
    assert one == other
    assert one != 2.0
    assert (one != 1.0) is False
    assert 1.0 == one  # noqa: SIM300
    assert one in [3.0, 1.0]
    assert [3.0, other].index(one) == 1
    assert [1.0, other].count(one) == 2
    assert len({one, other}) == 2
    assert {one: "one"}.get(other) is None
    assert one != "one"
    assert one is not None
    assert (one == None) is False  # noqa: E711
    assert Value(-0.0) == 0.0


# Values made inside


def test_values_made_inside_are_constants() -> None:
    rng = random.Random(1)
    rows = [[rng.uniform(-1, 1) for _ in range(2)] for _ in range(10)]
    model = MLP(2, [4, 1], seed=0)

    def total():
        outputs = [model([Value(x) for x in row]) for row in rows]  # as in micrograd's demo
        return engine.sum([(Value(1.0) - z).relu() for z in outputs])

    compiled = compile(total)
    assert compiled() == pytest.approx(total().data)
    assert {*map(id, compiled.parameters)} == {*map(id, model.parameters())}
    assert "W1.T" in str(compiled.program)


def test_values_as_inputs_leave_the_first_layer_one_matrix() -> None:
    weights = [[Value(0.1 * j - 0.2 * k) for k in range(2)] for j in range(3)]
    rows = [[Value(0.3 * i + k) for k in range(2)] for i in range(4)]
    compiled = compile(
        lambda: engine.sum([engine.relu(sum((w * x for w, x in zip(ws, row)), 0.5)) for row in rows for ws in weights])
    )
    compiled()
    assert sorted(compiled.program.parameter_shapes) == [(3, 2), (4, 2)]
    assert "rows_times" in str(compiled.program)


# Static arguments


def test_none_texts_and_flags_are_settings_and_another_one_traces_again() -> None:
    w = Value(2.0)

    def f(x, mode=None, options=None):
        y = w * x if mode is None else w + x
        if mode == "double" or (options or {}).get("double"):
            y = y * 2
        return y

    compiled = compile(f)
    assert compiled(3.0, None) == 6.0
    assert compiled(3.0) == 6.0
    assert compiled(3.0, "add") == 5.0
    assert compiled(3.0, "double") == 10.0
    assert compiled(3.0, mode="add", options={"double": True}) == 10.0
    assert compiled(3.0, mode="add", options={"double": False}) == 5.0
    assert compiled([3.0, 1.0], "double").tolist() == [10.0, 6.0]
    assert compiled.backward([3.0, 1.0], None) == 4.0
    assert w.grad == 2.0


@pytest.mark.parametrize("flag", [True, False])
def test_a_flag_is_not_the_number_one(flag: bool) -> None:
    compiled = compile(lambda x, train: x * 2 if train else x)
    assert compiled(3.0, flag) == (6.0 if flag else 3.0)
    assert compile(lambda x, mask: engine.sum([a * b for a, b in zip(x, mask)]))([1.0, 2.0], [True, False]) == 1.0


def test_settings_alone_and_in_front() -> None:
    w = Value(2.0)
    assert compile(lambda train: w * 2 if train else w)(True) == 4.0
    compiled = compile(lambda mode, x: w * x if mode == "a" else x)
    compiled("a", 1.0)
    assert compiled("a", [1.0, 2.0]).tolist() == [2.0, 4.0]
    assert compiled.backward("a", [1.0, 2.0]) == 3.0
    with pytest.raises(ValueError, match="nothing to differentiate"):
        compiled.backward("b", [1.0, 2.0])


def test_a_compiled_function_inside_another_is_refused() -> None:
    w = Value(2.0)
    inner = compile(lambda x: w * x)
    with pytest.raises(TraceError, match=rf"(?s)a compiled function was called.*{HERE}.*compiled from"):
        compile(lambda x: x * inner(3.0))(1.0)


# Results


@pytest.mark.parametrize("backend", ["numpy", "jax", "native"])
@pytest.mark.parametrize(
    "f",
    [
        lambda w, x: x,
        lambda w, x: w + 0.0 * x,
        lambda w, x: w,
        lambda w, x: 1.0,
        lambda w, x: x * w,
        lambda w, x: [x, x],
        lambda w, x: (x, w, 2.0),
    ],
)
def test_the_result_is_the_callers_own(backend: str, f) -> None:
    w = Value(3.0)
    compiled, x = compile(lambda x: f(w, x), backend), np.arange(3.0)
    compiled(1.0)
    for result in (compiled(x), compiled(x)):
        for part in result if isinstance(result, tuple) else [result]:
            assert not np.shares_memory(part, x)
            part[...] = 99.0
    np.testing.assert_array_equal(x, np.arange(3.0))
    assert w.data == 3.0
    fresh = compile(lambda x: f(w, x), backend)
    fresh(1.0)
    np.testing.assert_array_equal(np.array(compiled(x)), np.array(fresh(x)))


def test_functools_partial_and_bound_methods_compile() -> None:
    w = Value(2.0)
    assert compile(functools.partial(lambda a, x: w * x + a, 1.0))(3.0) == 7.0
