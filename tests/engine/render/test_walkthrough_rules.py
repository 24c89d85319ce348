"""Primitives in JavaScript and their formulas spelled out: what can be seen without a browser."""

import math
import random
import re

import pytest

from engine import exp, primitive, primitives, where
from engine.primitives import Primitive
from engine.render import formula
from engine.render.walkthrough.javascript import INFIX, arithmetic, javascript
from engine.render.walkthrough.page import typeset

OURS = [thing for thing in vars(primitives).values() if isinstance(thing, Primitive)]
NAMES = [op.name for op in OURS]


def count_of(op):
    """How many operands to try: for those of any number, enough to see a pattern."""
    variadic = {"dot": 4, "weighted_sum": 5}
    return variadic.get(op.name, 3) if op.operand_names[-1].startswith("*") else len(op.operand_names)


def script(op, seed=0):
    draw = random.Random(seed)
    return javascript(op, [draw.uniform(0.1, 0.9) for _ in range(count_of(op))])


@pytest.mark.parametrize("op", OURS, ids=NAMES)
def test_every_primitive_is_written_in_javascript(op):
    written = script(op)
    assert written.startswith(f"({', '.join(f'x{k}' for k in range(count_of(op)))}) => {{")
    [returned] = re.findall(r"^    return \[(.*)\];$", written, flags=re.MULTILINE)
    assert len(returned.split(", ")) == count_of(op)


def test_the_page_has_every_function_that_rules_use():
    used = {name for op in OURS for name in re.findall(r"ieee\.(\w+)", script(op))}
    defined = set(re.findall(r"^  (\w+)[:(]", arithmetic(), flags=re.MULTILINE))
    assert used <= defined
    assert "tanh" in used
    assert not defined & {*INFIX}  # these are JavaScript's own


def test_derivatives_are_written_nowhere_else():
    """No rule, and so no derivative, of a primitive that is a composition: they come from Python."""
    for name in ("relu", "gelu", "mish", "silu", "elu", "leaky_relu"):
        assert f"  {name}:" not in arithmetic()
        assert f"ieee.{name}" not in script(getattr(primitives, name))


def test_a_users_primitive_is_written_too():
    @primitive
    def swish(x):
        s = primitives.sigmoid(x)
        return x * s, lambda g: (g * (s + x * s * (1 - s)),)

    @primitive
    def twice(x):
        return swish(x) * 2, lambda g: (g * where(x < 0.0 if isinstance(x, float) else primitives.less(x, 0.0), 3, 2),)

    assert "ieee.sigmoid(x0)" in javascript(swish, [0.5])
    assert "ieee.sigmoid(x0)" in javascript(twice, [-0.5])


def test_rules_that_cannot_be_written_are_told():
    @primitive
    def leaves_the_engine(x):
        return math.exp(x), lambda g: (g * math.exp(x),)

    @primitive
    def branches(x):
        return (x if x > 0 else 0.1 * x), lambda g: (g if x > 0 else 0.1 * g,)

    @primitive
    def compares(x):
        return (1.0 if x == 0 else x * x), lambda g: (2 * g * x,)

    seen = []

    @primitive
    def remembers(x):
        seen.append(x)
        return x * len(seen), lambda g: (g * len(seen),)

    @primitive
    def by_type(x):
        return (x if isinstance(x, float) else 2 * x), lambda g: (g,)

    for op in (leaves_the_engine, branches, compares, remembers, by_type):
        assert javascript(op, [0.5]) is None, op.name
    assert javascript(primitives.exp, [0.5]) is not None


def test_numbers_that_javascript_spells_otherwise():
    @primitive
    def odd(x):
        return primitives.maximum(x, -math.inf) * -0.0 + math.inf, lambda g: (g * math.nan,)

    written = javascript(odd, [1.0])
    assert "ieee.maximum(x0, (-Infinity))" in written
    assert "* (-0.0)" in written
    assert "+ Infinity" in written
    assert "g * NaN" in written


def test_what_is_computed_once_is_written_once():
    @primitive
    def square(x):
        return exp(x) * exp(x), lambda g: (g * 2 * exp(x) * exp(x),)

    assert javascript(square, [0.5]).count("ieee.exp") == 1


def test_zeros_are_told_apart():
    @primitive
    def zeros(x):
        return x * 0.0 + x * -0.0, lambda g: (g,)

    assert javascript(zeros, [1.0]).count("x0 *") == 2


# Formulas


def read(pieces, names):
    return "".join(piece if isinstance(piece, str) else names[piece] for piece in typeset(pieces))


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("add", "a + b"),
        ("mul", "a × b"),
        ("pow", "a^b"),
        ("neg", "−a"),
        ("erf", "erf(a)"),
        ("relu", "where(a < 0, 0, a)"),
        ("gelu", "a/2 × erfc(−a/sqrt(2))"),
        ("sum", "a + b + c"),
        ("dot", "a × c + b × d"),
        ("weighted_sum", "a × c + b × d + e"),
        ("norm2", "sqrt(a^2 + b^2 + c^2)"),
        ("logsumexp", "log(exp(a) + exp(b) + exp(c))"),
        ("max", "max(a, b, c)"),
        ("prod", "a × b × c"),
        ("floor_divide", "floor(a / b)"),
        ("remainder", "a − b × floor(a / b)"),
        ("clip", "minimum(maximum(a, b), c)"),
    ],
)
def test_formulas_are_spelled_out(op, expected):
    op = getattr(primitives, op)
    assert read(formula.value_formula(op, count_of(op)), "abcde") == expected


@pytest.mark.parametrize(
    ("op", "k", "expected"),
    [
        ("mul", 0, "b"),
        ("div", 1, "−a / b^2"),
        ("tanh", 0, "1 − tanh(a)^2"),
        ("weighted_sum", 0, "c"),
        ("weighted_sum", 3, "b"),
        ("weighted_sum", 4, "1"),
        ("dot", 3, "b"),
        ("sum", 2, "1"),
        ("norm2", 1, "b / norm2(x)"),
    ],
)
def test_local_derivatives_are_spelled_out(op, k, expected):
    op = getattr(primitives, op)
    assert read(formula.derivative_formula(op, k, count_of(op)), "abcde") == expected


def test_of_many_terms_the_first_and_the_last_are_kept():
    names = [f"a{k}" for k in range(9)]
    assert read(formula.value_formula(primitives.dot, 8, 1), names) == "a0 × a4 + … + a3 × a7"
    assert read(formula.value_formula(primitives.weighted_sum, 9, 1), names) == "a0 × a4 + … + a3 × a7 + a8"
    assert read(formula.value_formula(primitives.weighted_sum, 7, 1), names).count("×") == 3
    assert read(formula.value_formula(primitives.norm2, 9, 2), names) == "sqrt(a0^2 + a1^2 + … + a7^2 + a8^2)"


def test_one_operand_is_no_sum():
    assert read(formula.value_formula(primitives.weighted_sum, 3), "abc") == "a × b + c"
    assert read(formula.value_formula(primitives.max, 1), "a") == "max(a)"


def test_a_primitive_without_formulas_is_a_call():
    @primitive
    def f(x, y):
        return x * y, lambda g: (g * y, g * x)

    @primitive
    def g(*xs):
        return xs[0], lambda a: (a, *[0.0] * (len(xs) - 1))

    assert read(formula.value_formula(f, 2), "ab") == "f(a, b)"
    assert read(formula.value_formula(g, 3), "abc") == "g(a, b, c)"
    assert formula.derivative_formula(f, 1, 2) == []
    assert formula.derivative_formula(g, 1, 3) == []


@pytest.mark.parametrize("op", OURS, ids=NAMES)
def test_every_operand_of_ours_is_in_its_formula(op):
    count = count_of(op)
    positions = {piece for piece in formula.value_formula(op, count) if not isinstance(piece, str)}
    assert positions == {*range(count)}
    for k in range(count):
        assert formula.derivative_formula(op, k, count)
