"""Value: what a person types, what it shows, what is copied, and what is refused."""

import copy
import math
import operator
import pickle
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine import Value
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
