"""Functions of lists: closed forms, recorded PyTorch numbers at their edges, empty lists, differences."""

import json
import math
from pathlib import Path

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_edges import same

import engine
from engine import Value, compile, grad, gradcheck

RECORDED = json.loads((Path(__file__).parents[1] / "data" / "torch_lists.json").read_text())
TORCH = RECORDED.pop("torch")
TINY = 2.2250738585072014e-308
FUNCTIONS = {
    "cumsum": engine.cumsum,
    "mean": engine.mean,
    "var": engine.var,
    "var of a sample": lambda xs: engine.var(xs, ddof=1),
    "std": engine.std,
    "std of a sample": lambda xs: engine.std(xs, ddof=1),
    "softmax": engine.softmax,
    "log_softmax": engine.log_softmax,
}
LISTS = [[0.5, -1.5, 2.0], [3.0], [1.0, 1.0], [-0.25, 4.0, 4.0, 1.0, 0.5]]
numbers = st.lists(st.floats(-100.0, 100.0), min_size=1, max_size=6)

# PyTorch's squares overflow, or vanish, on the way to a standard deviation that is a float: name and numbers -> ours
ROOT = math.sqrt(1.5)
SCALED = {
    (name, text): ([size / (ROOT if name == "std" else 1.0)], [slope, -slope, 0.0])
    for name, slope in (("std", 0.5 / ROOT), ("std of a sample", 0.5))
    for text, size in ((f"[{TINY!r}, {-TINY!r}, -0.0]", TINY), ("[1e+200, -1e+200, 1.0]", 1e200))
}


def alternating(ys):
    """y_1 - 2 y_2 + 3 y_3 - ..., of which the recording has the derivatives; a single number as it is."""
    return engine.dot(ys, [(-1.0) ** k * (k + 1) for k in range(len(ys))]) if isinstance(ys, list) else ys


def computed(name, xs):
    """The values, and the derivatives of their alternating sum."""
    leaves = [Value(x) for x in xs]
    ys = FUNCTIONS[name](leaves)
    alternating(ys).backward()
    return [y.data for y in (ys if isinstance(ys, list) else [ys])], [leaf.grad for leaf in leaves]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_gradients_are_those_of_pytorch(name):
    """Where neither a value nor a derivative of it is finite, it may be an infinity or nan: neither says anything."""
    wrong = []
    for row in RECORDED[name]:
        xs, *recorded = ([float(text) for text in texts] for texts in row)
        values, slopes = SCALED.get((name, str(xs)), recorded)
        our_values, our_slopes = computed(name, xs)
        right = all(map(same, our_values, values)) and all(
            same(ours, slope)
            or abs(ours - slope) < 1e-15
            or not (math.isfinite(values[0]) or math.isfinite(ours) or math.isfinite(slope))
            for ours, slope in zip(our_slopes, slopes)
        )
        if not right:
            wrong.append(f"{name}({xs}) is {our_values, our_slopes}; PyTorch {TORCH}: {values, slopes}")
    assert not wrong, "\n".join(wrong)


def test_the_recording_covers_every_function_here():
    assert sorted(RECORDED) == sorted(FUNCTIONS)


@given(numbers)
def test_values_agree_with_closed_forms(xs):
    n = len(xs)
    with mpmath.workdps(60):
        exact = [mpmath.mpf(x) for x in xs]
        center = sum(exact) / n
        variance = sum((x - center) ** 2 for x in exact) / n
        total = sum(map(mpmath.exp, exact))
        size = float(max(map(abs, exact)))
        close = {"rel": 1e-13, "abs": 1e-14 * size}
        assert engine.mean(xs) == pytest.approx(float(center), **close)
        assert engine.prod(xs) == pytest.approx(float(mpmath.fprod(exact)), rel=1e-14, abs=1e-300)
        assert engine.cumsum(xs) == pytest.approx([float(sum(exact[: k + 1])) for k in range(n)], **close)
        assert engine.std(xs) == pytest.approx(float(mpmath.sqrt(variance)), **close)
        assert engine.var(xs) == pytest.approx(float(variance), rel=1e-13, abs=(1e-13 * size) ** 2)
        assert engine.log_softmax(xs) == pytest.approx([float(x - mpmath.log(total)) for x in exact], rel=1e-13)
        assert engine.softmax(xs) == pytest.approx([float(mpmath.exp(x) / total) for x in exact], rel=1e-13)
        if n > 1:
            assert engine.var(xs, ddof=1) == pytest.approx(float(variance * n / (n - 1)), rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("xs", LISTS)
def test_derivatives_of_both_orders_agree_with_differences(name, xs):
    if name.startswith("std") and len({*xs}) == 1:
        return  # a kink: as that of abs at 0
    if "sample" in name and len(xs) == 1:
        return  # not a number: see below

    def f(*xs):
        return alternating(FUNCTIONS[name](xs)) * 1.0

    assert gradcheck(f, xs)
    assert gradcheck(lambda *xs: grad(f(*xs) * f(*xs), xs[0]), xs)


def test_the_derivatives_of_a_product_are_the_products_of_the_others_at_zeros_too():
    for xs, slopes in (
        ([2.0, 3.0, 4.0], [12.0, 8.0, 6.0]),
        ([2.0, 0.0, 4.0], [0.0, 8.0, 0.0]),
        ([0.0, 3.0, 0.0], [0.0, 0.0, 0.0]),
        ([1e200, 1e200, 1e-300], [1e-100, 1e-100, math.inf]),
    ):
        leaves = [Value(x) for x in xs]
        engine.prod(leaves).backward()
        assert [leaf.grad for leaf in leaves] == pytest.approx(slopes)


@pytest.mark.parametrize("xs", [[1000.0, 0.0], [1e17, 1e17], [-1e300, -1e300, -1e308], [0.0, -800.0]])
def test_softmax_is_a_distribution_for_numbers_of_any_size(xs):
    p = engine.softmax(xs)
    assert sum(p) == pytest.approx(1.0, rel=1e-15)
    assert p == pytest.approx(
        [1.0 / xs.count(max(xs)) if x == max(xs) else math.exp(x - max(xs)) for x in xs], abs=1e-300
    )
    assert engine.log_softmax(xs) == pytest.approx([x - max(xs) - math.log(xs.count(max(xs))) for x in xs], rel=1e-15)


def test_of_no_numbers():
    assert (engine.sum([]), engine.prod([]), engine.cumsum([])) == (0.0, 1.0, [])
    for name in ("mean", "var", "std", "softmax", "log_softmax", "logsumexp", "max", "min"):
        with pytest.raises(ValueError, match=f"^{name} of no numbers: it needs at least one$"):
            getattr(engine, name)([])


def test_of_one_number():
    x = Value(3.0)
    assert [f([x]).data for f in (engine.sum, engine.prod, engine.mean, engine.var, engine.std)] == [3, 3, 3, 0, 0]
    assert [f([x])[0].data for f in (engine.cumsum, engine.softmax, engine.log_softmax)] == [3.0, 1.0, 0.0]
    for f in (engine.var, engine.std):
        y = f([x], ddof=1)  # of a sample of one nobody knows the variance
        y.backward()
        assert math.isnan(y.data)
        assert math.isnan(x.grad)
        x.grad = None


def test_nan_comes_through():
    for name in ("sum", "prod", "mean", "var", "std"):
        assert math.isnan(getattr(engine, name)([1.0, math.nan, 2.0])), name
    for name in ("softmax", "log_softmax"):
        assert all(map(math.isnan, getattr(engine, name)([1.0, math.nan, 2.0]))), name
    one, *rest = engine.cumsum([1.0, math.nan, 2.0])
    assert one == 1.0
    assert all(map(math.isnan, rest))


@pytest.mark.parametrize("name", ["sum", "prod", "cumsum", "mean", "var", "std", "softmax", "log_softmax"])
def test_plain_numbers_give_plain_numbers_and_anything_that_can_be_gone_through_is_a_list(name):
    f = getattr(engine, name)
    expected = f([1.0, 2.0, 4.0])
    for xs in ((1, 2, 4), iter([1, 2, 4]), (x for x in (1, 2.0, 4))):
        ys = f(xs)
        assert ys == expected
        assert {*map(type, ys if isinstance(ys, list) else [ys])} == {float}
    mixed = f([1.0, Value(2.0), 4])
    assert [y if isinstance(y, float) else y.data for y in (mixed if isinstance(mixed, list) else [mixed])] == (
        expected if isinstance(expected, list) else [expected]
    )
    with pytest.raises(TypeError, match=f"{name} takes a list of numbers, got 3.0 of type float"):
        f(3.0)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_compiled_they_are_the_same(name):
    xs = [0.5, -1.5, 2.0, 0.25]

    def f(*xs):
        return alternating(FUNCTIONS[name](xs))

    _, slopes = computed(name, xs)
    leaves = [Value(x) for x in xs]
    compiled = compile(f(*leaves))
    assert compiled() == pytest.approx(float(f(*xs)), rel=1e-14)
    compiled.backward()
    assert [leaf.grad for leaf in leaves] == pytest.approx(slopes, rel=1e-13)
    assert compile(f)(*xs) == pytest.approx(float(f(*xs)), rel=1e-14)
