from demos.exercises.compare import Mistake, Random
from demos.exercises.small_engine import Formula, compare_engine, like, picture_of_engine

draw = Random(24)
FORMULAS = (
    Formula("y = (a * b + b).tanh()", lambda a, b: (a * b + b).tanh()),
    Formula("y = (a - b).exp() * b", lambda a, b: (a - b).exp() * b),
    Formula("y = (a / b).tanh() + a * b", lambda a, b: (a / b).tanh() + a * b),
    Formula("y = (a.tanh() - b) / (a + b * b)", lambda a, b: (a.tanh() - b) / (a + b * b)),
)
POINTS = [(formula, [draw.number(), draw.number()]) for _ in range(2) for formula in FORMULAS]


def with_division(second, first=lambda a, b: 1 / b):
    """An engine like the one that was given, with these local derivatives of a / b."""
    return like(div=lambda a, b: (first(a, b), second(a, b)))


MISTAKES = (
    Mistake(
        with_division(lambda a, b: a / b**2),
        "The size is right now, the sign is not: a larger divisor makes the quotient smaller, if both are positive.",
    ),
    Mistake(
        with_division(lambda a, b: -1 / b**2),
        "That is right for 1 / b. For a / b the a is a factor.",
    ),
    Mistake(
        with_division(lambda a, b: -a / b**2, lambda a, b: b),
        "How far does a / b move with a? Not b times as far: that was right as it was given.",
    ),
    Mistake(
        with_division(lambda a, b: -a / b, lambda a, b: 1.0),
        "How far does a / b move with a? That was right as it was given.",
    ),
    Mistake(with_division(lambda a, b: 1 / a), "How far does a / b move with b? Write it as a times 1 / b."),
    Mistake(with_division(lambda a, b: -(b**2)), "Divided by b², not multiplied: and what of a?"),
    Mistake(with_division(lambda a, b: -(a / b) / a), "It has to be divided by the divisor once more, not by a."),
    Mistake(like(tanh=lambda y: 1 - y), "1 - value**2 was right for tanh. Look for the mistake elsewhere."),
    Mistake(like(tanh=lambda y: 1 + y * y), "1 - value**2 was right for tanh. Look for the mistake elsewhere."),
    Mistake(like(exp=lambda y: 1.0), "The slope of exp is exp itself: that was right. Look elsewhere."),
    Mistake(like(mul=lambda a, b: (a, b)), "a * b moves with a by b: that was right. Look elsewhere."),
    Mistake(like(sub=lambda a, b: (1.0, 1.0)), "a - b moves with b by -1: that was right. Look elsewhere."),
    Mistake(like(accumulate=False), "`+=` was right in backward: a number may be used twice. Look elsewhere."),
)


def check(answer):
    compare_engine(answer, "The engine", FORMULAS, POINTS, MISTAKES)
    return "Found. A gradient check, a finite difference beside every derivative, finds such mistakes in seconds."


def picture(answer):
    return picture_of_engine(answer, FORMULAS)
