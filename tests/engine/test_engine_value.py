"""Value: what a person types, backward, and what is refused."""

import copy
import gc
import itertools
import math
import operator
import pickle
import random
import re
import sys
import weakref
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine import Value
from engine.methods import Methods
from engine.value import Constant

BINARY = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]


# Numbers in -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "data"),
    [
        (3, 3.0),
        (True, 1.0),
        (Fraction(1, 4), 0.25),
        (np.float32(0.5), 0.5),
        (np.float64(0.1), 0.1),
        (np.int64(-7), -7.0),
        (np.bool_(True), 1.0),
        (math.inf, math.inf),
    ],
)
def test_data_of_a_real_number_is_a_float(number, data):
    x = Value(number)
    assert type(x.data) is float
    assert x.data == data
    x.data = number
    assert type(x.data) is float
    x.grad = number
    assert type(x.grad) is float


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        ("3", "got '3' of type str: convert it with float('3')"),
        ("w", "got 'w' of type str: a label goes in label=..."),
        (None, "got None of type NoneType: is a return missing"),
        (2j, "got 2j of type complex: only real numbers have gradients here"),
        ([1.0], "got [1.0] of type list: make one Value an element"),
        (Decimal("0.1"), "of type Decimal: convert it with float(...) first"),
        (Value(2.0), "got Value(data=2) of type Value: it is one already"),
    ],
)
def test_anything_else_is_refused_by_name(thing, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        Value(thing)
    x = Value(1.0)
    with pytest.raises(TypeError, match=re.escape(message)):
        x.data = thing
    if not isinstance(thing, Value):
        with pytest.raises(TypeError, match=re.escape(message)):
            x + thing
        with pytest.raises(TypeError):
            thing * x


@pytest.mark.parametrize("operate", BINARY)
@pytest.mark.parametrize(
    "number", [3, True, Fraction(3, 2), 1.5, np.float64(1.5), np.float32(1.5), np.int64(2), np.bool_(True)]
)
def test_operators_take_numbers_on_either_side(operate, number):
    x = Value(2.0)
    for result, expected in (
        (operate(x, number), operate(2.0, float(number))),
        (operate(number, x), operate(float(number), 2.0)),
    ):
        assert type(result) is Value
        assert type(result.data) is float
        assert result.data == expected
        result.backward()
    assert engine.gradcheck(lambda x: operate(x, number) + operate(number, x), [x])


@pytest.mark.parametrize("operate", BINARY)
def test_operators_on_two_values(operate):
    assert operate(Value(2.0), Value(3.0)).data == operate(2.0, 3.0)
    assert engine.gradcheck(operate, [2.0, 3.0])
    assert engine.gradcheck(lambda x: operate(x, x), [1.3])


@given(x=st.floats(), y=st.floats())
def test_arithmetic_is_that_of_floats_and_never_raises(x, y):
    a, b = Value(x), Value(y)
    for operate in (operator.add, operator.sub, operator.mul):
        assert repr(operate(a, b).data) == repr(operate(x, y))
    for result in (a / b, a**b, abs(a), -a):
        result.backward()
        assert type(result.data) is type(a.grad) is float


def test_division_and_powers_at_the_edges_of_floats():
    x, zero = Value(1.0), Value(0.0)
    assert (x / zero).data == math.inf
    assert (x / -zero).data == -math.inf
    assert math.isnan((zero / zero).data)
    assert math.isnan((Value(-4.0) ** 0.5).data)
    assert (Value(10.0) ** 1000).data == math.inf
    assert engine.exp(Value(1000.0)).data == math.inf
    assert engine.log(zero).data == -math.inf


def test_unary_operators_abs_and_sum():
    x = Value(-2.0)
    assert (-x).data == 2.0
    assert +x is x
    assert abs(x).data == 2.0
    assert sum([x, Value(5.0), 1]).data == 4.0


def test_augmented_assignment_makes_a_new_node():
    x = y = Value(2.0)
    y += 1
    y *= x
    y -= 0.5
    y /= 2
    y **= 2
    assert (x.data, y.data) == (2.0, 7.5625)
    y.backward()
    assert x.grad == 2 * 2.75 * (2 * 2 + 1) / 2


def test_comparisons_are_of_the_numbers_and_a_hash_is_of_the_node():
    a, b = Value(1.0), Value(2.0)
    assert a < b
    assert a <= 1
    assert b > 1.5
    assert not a >= b
    assert a > 0
    assert max([a, b]) is b
    assert a == a
    assert a == Value(1.0)
    assert a == 1
    assert a == 1.0
    assert a == True  # noqa: E712  a number like any other
    assert a != b
    assert a != 2.0
    assert a != "1.0"
    assert (a == [1.0]) is False
    assert Value(math.nan) != Value(math.nan)
    assert a in [Value(1.0), b]
    assert [b, a].index(1.0) == 1
    assert len({a, b, a}) == 2
    assert len({a, Value(1.0)}) == 2  # two nodes
    assert {a: "a"}[a] == "a"
    assert {a: "a"}.get(Value(1.0)) is None
    assert bool(a)
    assert not Value(0.0)
    with pytest.raises(TypeError, match="got '2' of type str"):
        a < "2"  # noqa: B015


def test_every_comparison_of_a_smaller_an_equal_and_a_larger_number():
    x = Value(1.0)
    for other in (0.0, 1.0, 2.0):
        for right in (other, Value(other)):
            assert [x < right, x <= right, x > right, x >= right] == [other > 1, other >= 1, other < 1, other <= 1]
    assert [bool(Value(number)) for number in (-1.0, -0.0, 0.0, 1.0, math.nan)] == [True, False, False, True, True]


def test_a_long_repr_is_cut_to_60_characters_in_errors():
    for length in (60, 61):
        text = "x" * (length - 2)
        shown = repr(text) if length == 60 else "'" + "x" * 56 + "..."
        with pytest.raises(TypeError, match=f"got {re.escape(shown)} of type str"):
            Value(text)


def test_an_array_of_booleans_is_no_number_and_a_set_is_like_a_list():
    for thing, kind in ((np.array([True]), "ndarray"), ({1.0}, "set")):
        with pytest.raises(TypeError, match=rf"of type {kind}: make one Value an element"):
            Value(thing)


def test_math_functions_refuse_a_value_instead_of_dropping_the_gradient():
    for drop in (float, int, math.exp, math.sqrt):
        with pytest.raises(TypeError):
            drop(Value(1.0))
    assert math.exp(Value(0.0).item()) == 1.0


def test_numpy_functions_and_arrays():
    x = Value(0.5)
    assert np.exp(x).op is engine.exp(x).op
    assert np.sqrt(x).data == math.sqrt(0.5)
    for products in (x * np.array([1.0, 2.0]), np.array([1.0, 2.0]) * x):
        assert products.dtype == object
        assert [product.data for product in products] == [0.5, 1.0]
        assert all(type(product) is Value for product in products)
    assert (np.array([x, x]) @ np.array([2.0, 3.0])).data == 2.5


# Looking at it --------------------------------------------------------------------------------------------------------


def test_repr_label_and_format():
    x = Value(1 / 3)
    assert repr(x) == "Value(data=0.333333)"
    assert repr(x.named("x")) == "Value(data=0.333333, label='x')"
    assert x.label == "x"
    (x * 3).backward()
    assert repr(x) == "Value(data=0.333333, grad=3, label='x')"
    assert repr(Constant(2)) == "Constant(data=2)"
    assert f"{x:.2f}" == "0.33"
    assert f"{x:+.1e}" == "+3.3e-01"
    assert f"{x}" == str(x) == repr(x)
    assert Value(2, label="two").label == "two"


def test_a_zero_gradient_keeps_its_sign_and_is_written_without_it():
    x, y = Value(-0.0, "x"), Value(2.0)
    (x * y).backward()
    assert repr(y.grad) == "-0.0"
    assert repr(y) == "Value(data=2, grad=0)"
    (x * y).backward()
    assert repr(y.grad) == "-0.0"
    (-x * y).backward()
    assert repr(y.grad) == "0.0"
    assert repr(x) == "Value(data=-0, grad=2, label='x')"
    assert [line.split()[2:] for line in y.tree().splitlines()] == [["grad"], ["0"]]
    assert ">-0<" not in y.draw().source


def test_parents_are_read_and_never_assigned():
    x = Value(2.0)
    y = x * 3.0
    before = y.parents
    for node, parents in ((x, (y,)), (y, (y,)), (y, ()), (x, (1.0,))):
        with pytest.raises(AttributeError, match="keeps the parents that it was computed from"):
            node.parents = parents
    assert y.parents is before
    assert x.parents == ()


def test_a_label_is_text_wherever_it_is_given():
    x = Value(2.0, "x")
    for give in (
        lambda label: x.named(label),
        lambda label: setattr(x, "label", label),
        lambda label: Value(1.0, label),
    ):
        with pytest.raises(TypeError, match=r"a label is a str, got 3 of type int: write str\(3\)"):
            give(3)
    assert x.label == "x"
    x.label = None
    assert x.label is None


def test_where_is_that_of_pytorch():
    x, y = Value(2.0), Value(3.0)
    z = x.where(x > 1, y) * 10 + x.where(0.0, y)
    z.backward()
    assert (z.data, x.grad, y.grad) == (23.0, 10.0, 1.0)
    condition = Value(0.0)
    assert x.where(condition, 5).parents[0] is condition


@pytest.mark.parametrize("kept", [None, 0.5])
def test_an_interrupted_backward_leaves_the_gradients_of_leaves(kept):
    """Wherever it is interrupted: at every one of the lines it runs."""
    x, y = Value(2.0), Value(3.0)
    x.grad = y.grad = kept
    z = x * y + x
    code = Value.backward.__code__
    for k in itertools.count():
        left = k

        def interrupt(frame, event, _):
            nonlocal left
            if frame.f_code is code and event == "line":
                left -= 1
                if left < 0:
                    sys.settrace(None)
                    raise KeyboardInterrupt
            return interrupt

        before = sys.gettrace()
        sys.settrace(interrupt)
        try:
            z.backward()
        except KeyboardInterrupt:
            assert (x._grad, y._grad) == (kept, kept)
        else:
            break
        finally:
            sys.settrace(before)
    assert k > 20
    assert (x.grad, y.grad) == (4.0 + (kept or 0.0), 2.0 + (kept or 0.0))


@pytest.mark.parametrize("wrong", [1j, np.zeros(2), Value(1.0), "1"])
def test_a_pullback_gives_numbers_or_is_named(wrong):
    @engine.primitive
    def odd(x):
        return x * 1.0, lambda g: (wrong,)

    x = Value(2.0)
    x.grad = 7.0
    y = odd(x * 3.0)
    with pytest.raises(TypeError, match="the pullback of odd: expected a real number"):
        y.backward()
    assert x.grad == 7.0


def test_numbers_of_numpy_from_a_pullback_become_floats():
    @engine.primitive
    def twice(x):
        return x * 2.0, lambda g: (np.float64(2.0) * g,)

    x = Value(3.0)
    y = x * 1.0
    twice(y).backward()
    assert (x.grad, type(x.grad), type(y.grad)) == (2.0, float, float)


def test_a_subclass_is_copied_with_its_attributes():
    class Weight(Value):
        def __init__(self, layer):
            super().__init__(0.5, "w")
            self.layer = layer

    weight = Weight(3)
    weight.grad = 2.0
    for again in (copy.copy(weight), copy.deepcopy(weight)):
        assert type(again) is Weight
        assert (again.data, again.grad, again.label, again.layer) == (0.5, 2.0, "w", 3)


def test_what_a_node_records():
    x, y = Value(2.0), Value(3.0)
    z = x * y
    assert [*map(id, z.parents)] == [id(x), id(y)]
    assert z.op.name == "mul"
    assert z.op.symbol == "*"
    assert z.pullback(10.0) == (30.0, 20.0)
    assert (x.parents, x.op, x.pullback) == ((), None, None)
    assert (z + 1).parents[0] is z
    assert type((z + 1).parents[1]) is Constant


# Backward -------------------------------------------------------------------------------------------------------------


def test_readme_example_of_micrograd():
    """The expression of micrograd's README, with the numbers that its README states."""
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert f"{g.data:.4f}" == "24.7041"
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"


def test_fan_out():
    a = Value(3.0)
    b = a + a
    c = b + b * a
    c.backward()
    assert (a.grad, b.grad, c.grad) == (2.0 * (1 + 3) + 6, 4.0, 1.0)
    b = a + a
    c = b + b
    a.grad = None
    c.backward()
    assert (a.grad, b.grad) == (4.0, 2.0)


def test_backward_twice_doubles_leaves_exactly_and_sets_inner_nodes():
    x = Value(3.0)
    square = x * x
    cube = square * x
    cube.backward()
    assert (x.grad, square.grad) == (27.0, 3.0)
    cube.backward()
    assert (x.grad, square.grad, cube.grad) == (54.0, 3.0, 1.0)


def test_gradients_of_losses_that_share_nodes_accumulate_in_leaves():
    def graph():
        w, x = Value(0.7), Value(-1.3)
        shared = engine.tanh(w * x)
        return w, shared, shared * 2.0, shared**2 + w

    w, shared, first, second = graph()
    first.backward()
    alone = shared.grad
    second.backward()
    assert shared.grad == 2 * shared.data != alone  # of this pass
    whole, _, f, s = graph()
    (f + s).backward()
    assert math.isclose(w.grad, whole.grad, rel_tol=1e-14)


def test_backward_of_a_leaf_and_from_an_inner_node():
    x = Value(5.0)
    x.backward()
    assert x.grad == 1.0
    x.backward()
    assert x.grad == 2.0
    y = x * x
    z = y * 100.0
    y.backward()
    assert x.grad == 12.0
    assert z._grad is None


def test_a_gradient_that_no_pass_has_reached_is_blank():
    x, y = Value(1.0), Value(2.0)
    (x * 2).backward()
    assert (x._grad, y._grad) == (2.0, None)
    assert y.grad == 0.0
    x.grad = None
    assert repr(x) == "Value(data=1)"


def test_pullbacks_keep_the_numbers_of_the_forward_pass():
    x = Value(3.0)
    y = x * x
    x.data = 100.0
    y.backward()
    assert (y.data, x.grad) == (9.0, 6.0)


def test_detach_stops_the_gradient():
    x = Value(3.0, label="x")
    y = x.detach() * x
    y.backward()
    assert x.grad == 3.0
    assert (x.detach().data, x.detach().label, x.detach().parents) == (3.0, "x", ())


SMOOTH = [
    lambda a, b: a + b,
    lambda a, b: a - b * 0.5,
    lambda a, b: engine.tanh(a) * b,
    lambda a, b: engine.sigmoid(a + b),
    lambda a, b: engine.sin(a) / (engine.cosh(b) + 1),
    lambda a, b: engine.weighted_sum([a, b], [b, 0.3], a),
    lambda a, b: engine.softplus(a) ** 1.5,
    lambda a, b: engine.logsumexp([a, b, 0.1]),
    lambda a, b: engine.exp(-a * b),
]


@given(st.integers(0, 2**32))
def test_random_graphs_agree_with_differences(seed):
    """Graphs with fan-out, smooth operations and constants, at random."""

    def f(*inputs):
        draw = random.Random(seed)
        nodes = [engine.tanh(x) for x in inputs]
        for _ in range(12):
            nodes.append(engine.tanh(draw.choice(SMOOTH)(draw.choice(nodes), draw.choice(nodes))))
        return engine.mean(nodes)

    assert engine.gradcheck(f, [0.3, -1.1, 2.0])


# Copying and pickling -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_a_leaf_is_copied_with_its_number_gradient_and_label(duplicate):
    x = Value(2.0, label="x")
    (x * 3).backward()
    y = duplicate(x)
    assert y is not x
    assert (y.data, y.grad, y.label, y.parents) == (2.0, 3.0, "x", ())
    assert type(duplicate(Constant(2.0))) is Constant
    y.grad = None
    assert duplicate(y)._grad is None


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_an_inner_node_is_refused_with_the_way_out(duplicate):
    y = Value(2.0) * 3
    for _ in range(5000):
        y = y + 1.0
    with pytest.raises(TypeError, match=r"computed by add cannot be copied.*v\.detach\(\)"):
        duplicate(y)


# Memory ---------------------------------------------------------------------------------------------------------------


def test_a_finished_graph_is_freed_at_once():
    """No reference cycles: not from any operation, not from backward."""
    gc.collect()
    gc.disable()
    try:
        x, y = Value(0.5), Value(0.25)
        z = x + y - x * y / x**y + abs(-x)
        for name, method in vars(Methods).items():
            if callable(method):
                operation = getattr(engine.primitives, name if name != "swish" else "silu")
                z = z + method(x, *[y] * (len(operation.operand_names) - 1))
        z = engine.where(x < y, z, engine.norm2([z, y]))
        z = engine.weighted_sum([z, x], [y, z], x) + engine.dot([z], [y]) + engine.logsumexp([z, y]) + max(z, y)
        z = engine.tanh(z)
        z.backward()
        inner = weakref.ref(z.pullback)
        del z
        assert inner() is None
        assert gc.collect() == 0
    finally:
        gc.enable()
