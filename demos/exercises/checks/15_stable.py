import math
from decimal import Decimal, localcontext
from functools import cache

from demos.exercises.answers import NotYet
from demos.exercises.compare import Mistake, compare
from demos.exercises.picture import Picture, inputs, results

POINTS = [(x,) for x in (0.0, 0.5, -1.5, 3.0, -3.0, 40.0, -40.0, 700.0, -700.0, 1000.0, -1000.0)]
DIGITS = 700  # e^-700 is 10^-304


def exact(f):
    """A float from a formula in decimal numbers of so many digits that no trick is needed."""

    @cache
    def true(x):
        with localcontext() as context:
            context.prec = DIGITS
            return float(f(Decimal(x)))

    return true


SIGMOID = exact(lambda x: 1 / (1 + (-x).exp()))
SOFTPLUS = exact(lambda x: (1 + x.exp()).ln())


def without_overflow(name, f, x):
    try:
        return f(x)
    except OverflowError:
        raise NotYet(
            f"`{name}` computes e^t for a t that is too large: OverflowError. From t = 710 on there is no float for "
            "it. Call exp with numbers <= 0 only; it needs two cases, x < 0 and x >= 0 (or abs)."
        ) from None


def clipped(f, bound):
    return lambda x: f(max(-bound, min(bound, x)))


SIGMOID_MISTAKES = (
    Mistake(
        lambda x: 0.5 * (1 + math.tanh(x / 2)),
        "Nothing overflows, but far below 0 all digits are lost: 1 - (something near 1), or 1 + (something near -1), "
        "leaves little but rounding. Write the small number itself: e^x / (1 + e^x).",
    ),
    *[
        Mistake(
            clipped(SIGMOID, bound),
            f"x is cut off at {bound}. It does not raise any more, but beyond that the answer is a wrong one.",
        )
        for bound in (20, 30, 50, 100, 500)
    ],
    Mistake(lambda x: SIGMOID(-x), "The sign of x is turned: that is 1/(1 + e^x)."),
    Mistake(lambda x: SIGMOID(abs(x)), "That is right for x >= 0 only; for x < 0 it is the value at -x."),
)
SOFTPLUS_MISTAKES = (
    Mistake(
        lambda x: max(x, 0.0) + math.log(1 + math.exp(-abs(x))),
        "Large x are right. But 1 + t is 1 for a t below 1e-16: all its digits are lost. math.log1p(t) computes "
        "log(1 + t) without computing 1 + t.",
    ),
    Mistake(
        lambda x: max(x, 0.0),
        "Far from 0 this is max(x, 0), but not quite, and not near 0: log(1 + e^-|x|) is to be added.",
    ),
    Mistake(lambda x: math.log1p(math.exp(-abs(x))), "For x > 0 an x is missing: log(1 + e^x) = x + log(1 + e^-x)."),
)


def check(answer):
    for name, true, mistakes in (
        ("sigmoid", SIGMOID, SIGMOID_MISTAKES),
        ("softplus", SOFTPLUS, SOFTPLUS_MISTAKES),
    ):
        compare(
            answer,
            name,
            lambda x, name=name: without_overflow(name, getattr(answer, name), x),
            true,
            POINTS,
            inputs="x",
            mistakes=mistakes,
            source=f"arithmetic with {DIGITS} digits",
            rtol=1e-12,
            atol=0.0,
        )


def picture(answer):
    [x] = inputs(x=-2.0)
    found = [*results("sigmoid", answer.sigmoid(x)), *results("softplus", answer.softplus(x))]
    return Picture("Your two functions at x = -2. Which number is given to exp?", found)
