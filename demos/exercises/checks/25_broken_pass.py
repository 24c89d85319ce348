from demos.exercises.compare import Mistake, Random
from demos.exercises.small_engine import Formula, compare_engine, like, picture_of_engine

draw = Random(25)


def used_again(a, b):
    m = a + b
    return m + m * a


def used_before(a, b):
    m = a * b
    return m * a + m


def twice_used(a, b):
    m = a * a
    n = m * b
    return (m + n) * (n + b)


FORMULAS = (
    Formula("y = a * b + a", lambda a, b: a * b + a),
    Formula("y = (a * b + b) * (a + b)", lambda a, b: (a * b + b) * (a + b)),
    Formula("m = a + b, y = m + m * a", used_again),
    Formula("m = a * b, y = m * a + m", used_before),
    Formula("m = a * a, n = m * b, y = (m + n) * (n + b)", twice_used),
)
POINTS = [(formula, [draw.number(), draw.number()]) for _ in range(2) for formula in FORMULAS]

MISTAKES = (
    Mistake(
        like(order="parents first"),
        "The pass begins with the inputs now, which have received nothing yet. Where does y stand in the list, and "
        "from which end of it should the pass go?",
    ),
    Mistake(
        like(order="every visit"),
        "A node is listed as often as it is met now, and hands on all it has each time. Once is right; but when?",
    ),
    Mistake(
        like(order="every visit, parents first"),
        "The place in the list is right now. But a node is listed as often as it is met, and hands on each time.",
    ),
    Mistake(
        like(order="given", accumulate=False),
        "`+=` was right: contributions add up. The question is when a node hands on.",
    ),
    Mistake(
        like(accumulate=False),
        "The order is right now. But `+=` was right too: contributions add up.",
    ),
)


def check(answer):
    compare_engine(answer, "The pass", FORMULAS, POINTS, MISTAKES)
    return "Found. It is right for every formula without cycles now, in one visit to each node."


def picture(answer):
    return picture_of_engine(answer, FORMULAS)
