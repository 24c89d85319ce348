"""A user's own primitives: used like ours, operands with defaults, and wrong rules and pullbacks named."""

import re

import pytest

import engine
from engine import Value, gradcheck, primitive


@primitive
def cube(x):
    return x * x * x, lambda g: (g * 3.0 * x * x,)


def test_a_primitive_of_the_user_has_no_second_class_status():
    assert gradcheck(lambda x, y: cube(x * y) + cube(y), [0.7, -1.2])
    assert cube(2) == 8.0
    assert cube(Value(2.0)).op is cube
    assert engine.derivative(engine.derivative(cube))(2.0) == 12.0
    assert cube.symbol == cube.name == "cube"
    assert cube.formula == "cube(x)"
    y, tangent = engine.jvp(cube, [2.0], [1.0])
    assert (y.data, tangent.data) == (8.0, 12.0)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (lambda g: (g,), "the pullback of product returned 1 contributions for 2 operands"),
        (lambda g: (g, g, g), "the pullback of product returned 3 contributions for 2 operands"),
        (lambda g: g, "the pullback of product returned 1.0, not a tuple"),
        (lambda g: None, "the pullback of product returned None, not a tuple"),
        (lambda g: (g, None), "the pullback of product: expected a real number, got None"),
        (lambda g: (g, "1"), "the pullback of product: expected a real number, got '1'"),
    ],
)
def test_a_wrong_pullback_is_named_and_changes_no_gradient(returned, message):
    @primitive
    def product(x, y):
        return x * y, returned

    x, y = Value(2.0), Value(3.0)
    x.grad = 5.0
    with pytest.raises(TypeError, match=re.escape(message)):
        (product(x, y) + x * y).backward()
    assert x.grad == 5.0
    assert y._grad is None


@pytest.mark.parametrize("n", [1, 3])
def test_wrong_number_of_contributions_for_other_numbers_of_operands(n):
    @primitive
    def total(*xs):
        return sum(xs), lambda g: (g,) * (n + 1)

    xs = [Value(1.0) for _ in range(n)]
    with pytest.raises(TypeError, match=f"returned {n + 1} contributions for {n} operands"):
        total(*xs).backward()
    assert [x._grad for x in xs] == [None] * n


def test_an_exception_of_the_users_pullback_comes_through_and_changes_no_gradient():
    @primitive
    def fragile(x):
        def pullback(g):
            raise RuntimeError("mine")

        return x + 1.0, pullback

    x = Value(1.0)
    with pytest.raises(RuntimeError, match="mine"):
        (fragile(x) * x).backward()
    assert x._grad is None


def test_operands_with_defaults_may_be_left_out_from_the_right():
    @primitive
    def affine(x, slope=2.0, offset=0.5):
        """A line."""
        return x * slope + offset, lambda g: (g * slope, g * x, g)

    for operands, value in (((3.0,), 6.5), ((3.0, 4.0), 12.5), ((3.0, 4.0, 1.0), 13.0)):
        assert affine(*operands) == value
        y = affine(Value(operands[0]), *operands[1:])
        assert y.data == value
        assert [parent.data for parent in y.parents] == [*operands, *[2.0, 0.5][len(operands) - 1 :]]
    assert affine.__doc__ == "A line."
    assert cube.__doc__ == cube.formula


def two_options(x, a=1.0, b=2.0):
    return x + 10.0 * a + 100.0 * b, lambda g: (g, 10.0 * g, 100.0 * g)


def test_operands_left_out_and_given_by_name():
    f = primitive(two_options)
    x = Value(0.0)
    assert [f(x).data, f(x, 3.0).data, f(x, a=3.0).data, f(x, a=3.0, b=4.0).data] == [210.0, 230.0, 230.0, 430.0]
    assert f(x, b=4.0).data == 410.0
    with pytest.raises(TypeError, match=r"two_options\(x, a, b\) has no place for c: give its operands in order"):
        f(x, c=4.0)
    with pytest.raises(TypeError, match="takes 1 to 3 numbers, got 4"):
        f(x, 1.0, 2.0, 3.0)


def test_a_rule_may_return_any_real_number():
    @primitive
    def positive(x):
        return x > 0.0, lambda g: (0.0,)

    for y in (positive(Value(2.0)), with_no_grad(positive, Value(2.0))):
        assert (y.data, type(y.data)) == (1.0, float)


@pytest.mark.parametrize("returned", [3.0, (1.0,), (1.0, None, None)])
def test_a_rule_that_does_not_return_a_pair_is_named(returned):
    @primitive
    def odd(x):
        return returned

    for call in (odd, lambda x: with_no_grad(odd, x), lambda x: odd(x.data)):
        with pytest.raises(TypeError, match=r"the rule of odd returned .*return the value and the pullback"):
            call(Value(2.0))


@pytest.mark.parametrize("made", [lambda rule: primitive()(rule), lambda rule: primitive(symbol="sq")(rule)])
def test_a_formula_may_be_left_out(made):
    def square(x):
        return x * x, lambda g: (g * 2.0 * x,)

    assert made(square)(3.0) == 9.0
    assert made(square).formula == "square(x)"
    assert made(square).symbol in ("square", "sq")


def with_no_grad(f, x):
    with engine.no_grad():
        return f(x)
