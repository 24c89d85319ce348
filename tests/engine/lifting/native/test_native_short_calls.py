"""A short call gives what the usual way gives: the same numbers and errors, and the gradient once or not at all."""

import array
import gc
import itertools
import random
import threading
from decimal import Decimal
from fractions import Fraction
from types import BuiltinFunctionType

import numpy as np
import pytest

from engine import Value, compile, detect_anomaly, no_grad
from engine.lifting.native import short_call
from engine.lifting.native.short_call import ShortCall
from engine.lifting.parameters import Store
from engine.requirements import require
from nn import MLP, SGD, cross_entropy, hinge

X, Y = [0.5, -0.25, 2.0], 1.0
ROWS = [[0.5, -0.25, 2.0], [1.0, 0.0, -1.0], [0.1, 0.2, 0.3], [-0.4, 0.5, 0.25], [1.5, 1.0, 0.5]]
SIGNS = [1.0, -1.0, 1.0, 1.0, -1.0]


ASKED = [("__call__", {}), ("backward", {}), ("value_and_grad", {}), ("value_and_grad", {"argnums": 0})]


class Pair:
    """A function compiled natively and by NumPy, and how often the native one took the short way."""

    def __init__(self, f, values, *arguments) -> None:
        self.values, self.native, self.usual = values, compile(f, "native"), compile(f)
        self.short = 0
        for _, (ask, keywords) in itertools.product(range(2), ASKED):
            for compiled in (self.native, self.usual):
                getattr(compiled, ask)(*arguments, **keywords)
        assert set(self.native._short_calls.known) == {"value", "gradients", 0}
        self.count()

    def count(self) -> None:
        """Count the short calls that there are now."""
        for short in self.native._short_calls.known.values():
            if type(short.call._call) is BuiltinFunctionType:
                short.call._call = self.counted(short.call._call)

    def counted(self, call):
        def counting(*given):
            answer = call(*given)
            self.short += answer is not None
            return answer

        return counting

    def answer(self, compiled, ask, arguments, keywords):
        """What it answers and the gradients then, or its error and the gradients, which are as they were."""
        for k, value in enumerate(self.values):
            value.grad = None if k % 2 else 0.5
        try:
            found = getattr(compiled, ask)(*arguments, **keywords)
            found = [(type(part), np.asarray(part)) for part in (found if isinstance(found, tuple) else [found])]
        except Exception as error:
            found = type(error), str(error)
            assert [value.grad for value in self.values] == [0.0 if k % 2 else 0.5 for k in range(len(self.values))]
        return found, [value.grad for value in self.values]

    def settle(self, *arguments) -> None:
        """Call until these are what it expects."""
        for _ in range(2):
            self.agrees(*arguments)

    def agrees(self, *arguments, **keywords) -> bool:
        """Compare both; whether all was done the short way."""
        before = self.short
        for ask, wanted in ASKED:
            found, gradient = self.answer(self.native, ask, arguments, {**keywords, **wanted})
            expected, gradients = self.answer(self.usual, ask, arguments, {**keywords, **wanted})
            if isinstance(expected, tuple):
                assert found == expected
            else:
                for (kind, one), (of, other) in zip(found, expected, strict=True):
                    np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-13)
                    assert kind is of
            np.testing.assert_allclose(gradient, gradients, rtol=1e-12, atol=1e-13)
        return self.short == before + len(ASKED)


@pytest.fixture(scope="module")
def margin() -> Pair:
    model = MLP(3, [2, 1], activation="tanh", seed=0)
    return Pair(lambda x, y: hinge(model(x), y), model.parameters(), X, Y)


@pytest.fixture(scope="module")
def few() -> Pair:
    w, b = Value(0.5), Value(-1.0)
    return Pair(lambda x: (w * x + b) ** 2, [w, b], 1.5)


class Hostile:
    """An object that answers with errors, and would change a list."""

    def __init__(self, victim=None) -> None:
        self.victim = victim if victim is not None else []

    def __len__(self) -> int:
        raise ZeroDivisionError("no length")

    def __float__(self) -> float:
        self.victim.clear()
        raise ZeroDivisionError("no number")


class Counted(float):
    def __float__(self) -> float:
        raise ZeroDivisionError("never asked")


class Several(list):
    def __len__(self) -> int:
        return 10**9


TAKEN = [
    (X, Y),
    (tuple(X), 1),
    ([1, -2, 0], -1),
    (np.array(X), Y),
    (np.array(X), np.float64(-1.0)),
    ([np.float64(1.0), 2, 3.0], np.array(1.0)),
    ([2**53, -(2**53), 0], Y),
    ([float("nan"), 1.0, 2.0], Y),
    ([float("inf"), -0.0, 1e-320], -1.0),
]


@pytest.mark.parametrize("arguments", TAKEN)
def test_numbers_in_lists_and_arrays_go_the_short_way(margin, arguments) -> None:
    margin.settle(X, Y)
    with np.errstate(all="ignore"):
        assert margin.agrees(*arguments)


def hung(k: int) -> list:
    """A list that holds itself."""
    row = [0.5, -0.25, 2.0]
    row[k] = row
    return row


OTHERWISE = [
    (),
    (X,),
    (X, Y, Y),
    (X[:2], Y),
    ([*X, 1.0], Y),
    ([], Y),
    (X, 0.5),
    (X, float("nan")),
    (X, 2),
    (X, [1.0]),
    (X, []),
    (X, None),
    (X, "1"),
    (X, 1j),
    (X, True),
    ([True, 1.0, 2.0], Y),
    ([1.0, "2", 3.0], Y),
    ([1.0, None, 3.0], Y),
    ([1.0, [2.0], 3.0], Y),
    ([1.0, Value(2.0), 3.0], Y),
    ([1.0, Fraction(1, 3), Decimal("0.1")], Y),
    ([2**53 + 1, -(2**63), 2**63], Y),
    ([10**400, 1.0, 2.0], Y),
    ([Counted(1.0), 2.0, 3.0], Y),
    ([Hostile(), 1.0, 2.0], Y),
    (Hostile(), Y),
    (X, Hostile()),
    (Several(X), Y),
    (range(3), Y),
    ({"x": X}, Y),
    (array.array("d", X), Y),
    (memoryview(array.array("d", X)), Y),
    (hung(0), Y),
    (hung(2), Y),
    (object(), Y),
    (float, float),
    (np.zeros((3, 0)), Y),
    (np.zeros((1, 3)), Y),
    (np.ma.array(X), Y),
    (np.array(X, dtype=">f8"), Y),
    (np.array(X)[:, None], Y),
    (np.array(["a", "b", "c"]), Y),
    (np.array([None, 1.0, 2.0]), Y),
    *[(np.array([1, 0, 1], dtype=kind), kind(1)) for kind in (np.int64, np.int8, np.uint64, np.float32, np.bool_)],
    *[(np.array([1, 0, 1], dtype=kind), Y) for kind in (np.complex128, np.longdouble, np.float16)],
]


@pytest.mark.parametrize("arguments", OTHERWISE)
def test_everything_else_goes_the_usual_way_and_says_what_is_said_there(margin, arguments) -> None:
    assert not margin.agrees(*arguments)
    margin.settle(X, Y)
    assert margin.agrees(X, Y)  # and afterwards all is as before


def test_arrays_in_other_orders_are_read_as_they_are(margin) -> None:
    margin.settle(X, Y)
    wide = np.arange(12.0).reshape(3, 4)
    assert not margin.agrees(wide[:, 1], Y)
    assert not margin.agrees(wide[::-1, 0], Y)
    frozen = np.array(X)
    frozen.flags.writeable = False
    assert margin.agrees(frozen, Y)
    unaligned = np.zeros(25, dtype=np.int8)[1:].view(float)
    unaligned[:] = X
    assert not margin.agrees(unaligned, Y)


def test_keywords_go_the_usual_way(margin) -> None:
    margin.settle(X, Y)
    assert not margin.agrees(X, y=Y)
    assert not margin.agrees(y=-1.0, x=X)
    assert not margin.agrees(X, z=Y)


def test_rows(margin) -> None:
    for compiled in (margin.native, margin.usual):
        for _ in range(2):
            compiled.backward(ROWS, SIGNS)
            compiled(ROWS, SIGNS)
    margin.count()

    def taken(*arguments) -> bool:
        before = margin.short
        margin.agrees(*arguments)
        return margin.short == before + 3  # not for the gradients of every row

    assert taken(ROWS, SIGNS)
    assert taken(np.array(ROWS), SIGNS)
    assert taken([tuple(row) for row in ROWS], np.array(SIGNS))
    assert taken(tuple(ROWS * 7), tuple(SIGNS * 7))
    assert taken(np.array(ROWS)[1:], [1, 1, 1, -1])
    for x, y in [
        (ROWS, SIGNS[:-1]),
        (ROWS, [*SIGNS[:-1], 0.5]),
        (ROWS, [[y] for y in SIGNS]),
        ([*ROWS[:-1], [1.0, 2.0]], SIGNS),
        ([*ROWS[:-1], 1.0], SIGNS),
        ([np.array(row) for row in ROWS], SIGNS),
        (np.array(ROWS, order="F"), SIGNS),
        (np.array(ROWS)[:, :2], SIGNS),
        (np.array(ROWS)[::2], SIGNS[::2]),
        (ROWS[:3], SIGNS[:3]),
        ([], []),
        (np.zeros((0, 3)), np.zeros(0)),
        (ROWS * 3000, SIGNS * 3000),
    ]:
        assert not taken(x, y)


def test_a_batch_that_would_be_one_sample_is_that(few) -> None:
    w = few.values[0]

    def first(x):
        return w * (x[0][0] if isinstance(x[0], list) else x[0])

    native, usual = compile(first, "native"), compile(first)
    for x in (
        [[1.0, 2.0], [3.0, 4.0]],
        [5.0, 6.0],
        *[[[7.0, 1.0], [8.0, 1.0], [9.0, 1.0]]] * 3,
        [[1.0, 2.0], [3.0, 4.0]],
    ):
        assert native.backward(x) == usual.backward(x)


def test_few_parameters_too(few) -> None:
    few.settle(1.0)
    assert few.agrees(2.0)
    assert few.agrees(-3)
    assert not few.agrees([2.0])
    assert not few.agrees("2")


def test_numbers_and_gradients_that_change_between_calls(few, margin) -> None:
    for pair, arguments in ((few, (2.0,)), (margin, (X, Y))):
        pair.settle(*arguments)
        first, last = pair.values[0], pair.values[-1]
        first.data += 0.25
        assert pair.agrees(*arguments)
        last.data = 3
        assert pair.agrees(*arguments)
        pair.native.backward(*arguments)
        first.grad = 10.0
        pair.native.backward(*arguments)
        added = first.grad - 10.0
        for p in pair.values:
            p.grad = None
        pair.usual.backward(*arguments)
        assert added == pytest.approx(first.grad, abs=1e-13)


def test_calls_add_up_beside_eager_ones(margin) -> None:
    def gradients(calls):
        for p in margin.values:
            p.grad = None
        for call in calls:
            call()
        return [p.grad for p in margin.values]

    native, usual = (lambda: margin.native.backward(X, Y)), (lambda: margin.usual.backward(X, Y))

    def eager() -> None:
        margin.native._f(X, Y).backward()

    expected = gradients([usual] * 6)
    for calls in (
        [native] * 6,
        [native, eager] * 3,
        [eager, native, native] * 2,
        [usual, native, native, eager] + [native] * 2,
    ):
        np.testing.assert_allclose(gradients(calls), expected, rtol=1e-12, atol=1e-13)


def test_parameters_of_two_functions(margin) -> None:
    w = margin.values
    other = Pair(lambda x: sum((p * x for p in w[2:7]), Value(0.0)), w[2:7], 1.0)
    for p in w:
        p.grad = None
    for _ in range(3):
        margin.native.backward(X, Y)
        other.native.backward(2.0)
        other.native.backward(2.0)
    found = [p.grad for p in w]
    for p in w:
        p.grad = None
    for _ in range(3):
        margin.usual.backward(X, Y)
        other.usual.backward(2.0)
        other.usual.backward(2.0)
    np.testing.assert_allclose(found, [p.grad for p in w], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("places", [slice(None), slice(3, None), slice(None, None, -1)])
def test_in_a_store(margin, places) -> None:
    margin.settle(X, Y)
    before = [p.data for p in margin.values]
    with Store(margin.values[places]):
        assert margin.agrees(X, Y)
        margin.values[0].data = 0.75
        assert margin.agrees(X, Y)
        optimizer = SGD(margin.values, lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            margin.native.backward(X, Y)
            optimizer.step()
    assert margin.agrees(X, Y)
    for p, number in zip(margin.values, before):
        p.data = number


def test_of_another_class_of_values() -> None:
    class Doubled(Value):
        @property
        def data(self) -> float:
            return 2.0 * Value.data.fget(self)

    w, b = Doubled(0.5), Value(1.0)
    pair = Pair(lambda x: w * x + b * b, [w, b], 1.5)
    assert pair.agrees(2.0)


def test_what_is_unusual_goes_the_usual_way(margin) -> None:
    margin.settle(X, Y)
    for block in (no_grad(), detect_anomaly()):
        with block:
            assert not margin.agrees(X, Y)
    traced = compile(lambda x: x * margin.native.backward(X, Y))
    with pytest.raises(Exception, match="a compiled function was called"):
        traced(1.0)


def test_structures_of_results(few) -> None:
    w, b = few.values
    native, usual = (compile(lambda x: {"a": [w * x, b], "c": (x, w)}, backend) for backend in ("native", "numpy"))
    for x in (1.0, 2.0, 3.0, np.array(4.0), 5, [1.0, 2.0], [3.0, 4.0], np.ones(7), np.arange(30.0)):
        found, expected = native(x), usual(x)
        for one, other in zip([*found["a"], *found["c"]], [*expected["a"], *expected["c"]], strict=True):
            np.testing.assert_array_equal(one, other)
            assert type(one) is type(other)
    assert "value" in native._short_calls.known


def test_gradients_of_arguments(few) -> None:
    def f(x, y, z):
        return x[0][1] * x[1][0] * y + z[0] * few.values[0]

    native, usual = compile(f, "native"), compile(f)
    for argnums in (0, (0, 1, 2), (2, 0), -1, [0, 1]):
        for x, y, z in [([[1.0, 2.0], [3.0, 4.0]], 2.0, (1.0,))] * 3 + [(np.eye(2), np.float64(1.0), [7])]:
            found, expected = (each.value_and_grad(x, y, z, argnums=argnums) for each in (native, usual))
            assert repr(found) == repr(expected)
    assert set(native._short_calls.known) == {0, (0, 1, 2), (2, 0), -1}
    for argnums in (True, (True, 0), 3, (), "0", 0.0, (0, 0)):
        for _ in range(2):
            answers = []
            for each in (native, usual):
                try:
                    answers.append(repr(each.value_and_grad(np.eye(2), 1.0, [1.0], argnums=argnums)))
                except Exception as error:
                    answers.append((type(error), str(error)))
            assert answers[0] == answers[1]


def test_requirements_of_every_kind() -> None:
    model = MLP(2, [3], seed=0)
    loss = Pair(lambda x, y: cross_entropy(model(x), y), model.parameters(), [1.0, 2.0], 1)
    assert loss.agrees([1.0, 2.0], 2.0)
    for index in (3, -1, 0.5, float("nan"), float("inf")):
        assert not loss.agrees([1.0, 2.0], index)
    shares = Pair(lambda x, y: cross_entropy(model(x), y), model.parameters(), [1.0, 2.0], [0.0, 1.0, 0.0])
    assert shares.agrees([1.0, 2.0], [0.25, 0.25, 0.5])
    for y in ([0.5, 0.5, 0.5], [1.5, -0.5, 0.0], [float("nan"), 0.0, 1.0]):
        assert not shares.agrees([1.0, 2.0], y)


def test_a_requirement_that_native_code_cannot_look_at() -> None:
    w = Value(2.0)
    for allowed, number in ((lambda x: np.isfinite(x), lambda x: x), (lambda x: x > 0.0, lambda x: w * x)):

        def f(x, allowed=allowed, number=number):
            require(number(x), allowed, lambda n: ValueError(f"not {n:g}"))
            return w * x

        native = compile(f, "native")
        for _ in range(3):
            assert native.backward(3.0) == 6.0
        assert not native._short_calls.known
        with pytest.raises(ValueError, match="not -inf"):
            native.backward(-np.inf)


def test_long_work_goes_the_usual_way(monkeypatch, few) -> None:
    w = few.values[0]
    for most, has in ((short_call.MOST_WORK, True), (10, False)):
        monkeypatch.setattr(short_call, "MOST_WORK", most)
        native = compile(lambda x: (w * x).tanh().tanh().tanh().tanh(), "native")
        values = [native.backward(0.5) for _ in range(3)]
        assert len({*values}) == 1
        assert bool(native._short_calls.known) == has


def test_on_an_unknown_python_there_is_none(monkeypatch, few) -> None:
    monkeypatch.setattr(short_call, "are_known", lambda: False)
    w = few.values[0]
    native = compile(lambda x: w * x, "native")
    assert [native.backward(2.0) for _ in range(3)] == [2.0 * w.data] * 3
    assert not native._short_calls.known


def test_other_programs_and_settings(few) -> None:
    w, b = few.values
    native, usual = (
        compile(lambda x, kind=None: w * x if kind is None else b, backend) for backend in ("native", "numpy")
    )
    for arguments in ((2.0,), (3.0,), (3.0, "b"), (3.0,), (4.0,), (4.0, "b"), (5.0, "b"), (5.0,)):
        assert native.backward(*arguments) == usual.backward(*arguments)
        assert native.parameters == usual.parameters


def test_the_code_stays_as_long_as_it_may_be_called() -> None:
    w = Value(2.0)
    native = compile(lambda x: w * x, "native")
    for _ in range(3):
        native.backward(3.0)
    call: ShortCall = native._short_calls.known["gradients"].call
    del native
    gc.collect()
    assert call.backward((4.0,)) == 8.0


def test_threads_that_call_the_same_function(margin) -> None:
    for p in margin.values:
        p.grad = None
    margin.native.backward(X, Y)
    expected = [800 * p.grad for p in margin.values]
    for p in margin.values:
        p.grad = None

    def call() -> None:
        for _ in range(200):
            margin.native.backward(X, Y)

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_allclose([p.grad for p in margin.values], expected, rtol=1e-9, atol=1e-12)


def test_a_list_that_another_thread_changes(margin) -> None:
    row, done = [*X], threading.Event()

    def change() -> None:
        while not done.is_set():
            row.append(1.0)
            row[0] = "no number"
            row.clear()
            row.extend(X)

    thread = threading.Thread(target=change)
    thread.start()
    expected, kinds = margin.usual(X, Y), set()
    try:
        for _ in range(2000):
            try:
                kinds.add(margin.native.backward(row, Y) == pytest.approx(expected))
            except (TypeError, ValueError):
                kinds.add("refused")
    finally:
        done.set()
        thread.join()
    assert kinds <= {True, "refused"}


def test_a_number_that_empties_its_list(margin) -> None:
    row = [0.5, None, 2.0]
    row[1] = Hostile(row)
    with pytest.raises(TypeError):
        margin.native.backward(row, Y)
    assert len(row) in (0, 3)


def test_arguments_drawn_at_random(margin) -> None:
    """Lists, tuples and arrays of numbers of every kind, of right and of wrong lengths: the same answers or errors."""
    draw = random.Random(1)
    odd = [np.float64(1.0), np.float32(0.5), np.int64(2), True, None, "a", Counted(1.0), 10**30, 2**60 + 1, 1j]
    margin.settle(ROWS, SIGNS)
    margin.settle(X, Y)

    def number():
        return draw.choice([draw.gauss(0.0, 1.0), draw.randint(-3, 3), draw.choice([1, -1.0])])

    def row(*lengths):
        if not lengths:
            return number() if draw.random() < 0.95 else draw.choice(odd)
        n = lengths[0] if draw.random() < 0.95 else draw.randint(0, 4)
        parts = [row(*lengths[1:]) for _ in range(n)]
        try:
            kind = draw.choice([float, float, np.float32, int])
            return draw.choice([lambda: parts, lambda: tuple(parts), lambda: np.array(parts, dtype=kind)])()
        except (TypeError, ValueError, ArithmeticError):
            return parts

    before = margin.short
    for _ in range(150):
        n = draw.randint(1, 6)
        x, y = row(n, 3), [draw.choice([1.0, -1]) if draw.random() < 0.95 else number() for _ in range(n)]
        margin.agrees(*((x, y) if draw.random() < 0.5 else (row(3), draw.choice([y[0], number()]))))
    assert margin.short > before + 50
