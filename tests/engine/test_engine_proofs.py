"""What each primitive prints, and what its rule computes, proved with SymPy; and that the proofs refuse errors."""

import re
from pathlib import Path

import pytest
from deliberate_errors import wrong_derivatives, wrong_rules

import engine
from docs.proofs.proving import PROVED, UNPROVED, Refused, prove_derivatives, prove_rule, spelled_out, verdict
from engine import primitive
from engine.primitives import OPERATIONS


@pytest.mark.parametrize("name", OPERATIONS)
def test_formula_derivatives_and_rule_are_proved(name):
    said = "the pullback for x: .* is not " if name in UNPROVED else f"{PROVED}$"
    assert re.match(said, verdict(OPERATIONS[name]))


def test_readme_says_what_is_proved():
    readme = " ".join((Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8").split())
    for name in UNPROVED:
        prove_derivatives(OPERATIONS[name])  # what is printed is proved of it too
    [excepted] = UNPROVED
    assert f"what the operation's rule computes, but that of {excepted}, whose rule is a series near 0" in readme


def reason(prove, *arguments):
    """Why a proof is refused: 'd/dx: cos(x) is not -sin(x) at x = 0.013'."""
    try:
        prove(*arguments)
    except Refused as refused:
        return str(refused)
    return "it is not refused"


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_error_in_a_printed_derivative_is_refused(name):
    operation = OPERATIONS[name]
    reasons = {says: reason(prove_derivatives, operation, wrong) for says, wrong in wrong_derivatives(operation)}
    assert not {says: why for says, why in reasons.items() if not re.match(r".* is not .* at ", why)}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_error_in_a_rule_is_refused(name):
    reasons = {says: reason(prove_rule, wrong) for says, wrong in wrong_rules(OPERATIONS[name])}
    assert not {says: why for says, why in reasons.items() if not re.search(r" is not .* at | contributions for ", why)}


def test_the_deliberate_errors_are_many():
    """So that a change of how formulas are read does not leave the tests above with nothing to refuse."""
    assert sum(1 for ours in OPERATIONS.values() for _ in wrong_derivatives(ours)) > 4 * len(OPERATIONS)
    assert sum(1 for ours in OPERATIONS.values() for _ in wrong_rules(ours)) > 4 * len(OPERATIONS)


# The reader of formulas ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "for_three"),
    [
        ("x_1 + ... + x_n", "x_1 + x_2 + x_3"),
        ("w_1 x_1 + ... + w_n x_n + b", "w_1*x_1 + w_2*x_2 + w_3*x_3 + b"),
        ("log(exp(x_1) + ... + exp(x_n))", "log(exp(x_1) + exp(x_2) + exp(x_3))"),
        ("sqrt(x_1**2 + ... + x_n**2) / n", "sqrt(x_1**2 + x_2**2 + x_3**2) / 3"),
        ("max(x_1, ..., x_n)", "max(x_1, x_2, x_3)"),
        ("x_1 * ... * x_n", "x_1 * x_2 * x_3"),
    ],
)
def test_dots_are_filled_in(text, for_three):
    assert spelled_out(text, 3) == for_three


def test_dots_that_say_nothing_are_refused():
    with pytest.raises(Refused, match=r"cannot read the dots of 'x_1 \+ \.\.\. \+ y'"):
        spelled_out("x_1 + ... + y", 3)


# A user's own --------------------------------------------------------------------------------------------------------


@primitive("where(x < -1, -2*x - 1, where(x > 2, 4*x - 4, x**2))", "where(x < -1, -2, where(x > 2, 4, 2*x))")
def three_pieces(x):
    y = engine.minimum(engine.maximum(x, -1.0), 2.0)
    return 2.0 * x * y - y * y, lambda g: (2.0 * g * y,)


@primitive("log(cosh(x))", "tanh(x)")
def log_cosh(x):
    return engine.softplus(-2.0 * abs(x)) + abs(x) - 0.6931471805599453, lambda g: (g * engine.tanh(x),)


@primitive("(x_1**2 + ... + x_n**2) / n", "2*x_k / n")
def mean_square(*xs):
    n = float(len(xs))
    return engine.sum([x * x for x in xs]) / n, lambda g: [2.0 / n * g * x for x in xs]


@primitive("x - y*floor(x/y)", "1", "-floor(x/y)")
def remainder(x, y):
    return x % y, lambda g: (g, -g * (x // y))


@pytest.mark.parametrize("own", [three_pieces, log_cosh, mean_square, remainder], ids=lambda own: own.name)
def test_operations_of_users_are_proved_too(own):
    assert verdict(own) == PROVED


def cube(x):
    return x * x * x, lambda g: (3.0 * g * x * x,)


def branching(x):
    return x if x > 0.0 else 0.0 * x, lambda g: (g,)


def outside(x):
    return x + len(x), lambda g: (g,)


@pytest.mark.parametrize(
    ("formula", "derivatives", "rule", "reason"),
    [
        ("x**3", ["3*x"], cube, r"d/dx: 3\*x is not 3\*x\*\*2 at x = 0.013"),
        ("x**3 + where(x > 700, 1, 0)", ["3*x**2"], cube, r"the rule's value: x\*\*3 is not x\*\*3 \+ 1 at x = 720.7"),
        ("x**3", ["3*x**2", "0"], cube, "2 derivatives are printed for 1 operands"),
        ("x**3", ["3 x**2"], cube, "cannot read '3 x\\*\\*2'"),
        ("x**3", ["3*y**2"], cube, "cannot read '3 \\* y \\*\\* 2': name 'y' is not defined"),
        ("x", ["1"], branching, "TypeError: a Python branch while a rule is read: choose with engine.where"),
        ("x", ["1"], outside, "TypeError: object of type 'Symbolic' has no len()"),
    ],
)
def test_the_reason_why_not_is_given(formula, derivatives, rule, reason):
    assert re.match(reason, verdict(primitive(formula, *derivatives)(rule)))
