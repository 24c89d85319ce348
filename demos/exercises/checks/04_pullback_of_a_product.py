from demos.exercises.compare import Mistake, Random, compare, rule_of, slopes
from demos.exercises.picture import Picture, inputs, results

draw = Random(4)
POINTS = [draw.vector(3) for _ in range(5)]

MISTAKES = (
    Mistake(
        lambda a, b, g: (b, a),
        "Those are the local derivatives ∂y/∂a and ∂y/∂b. The adjoint g is missing, a factor of the chain: ∂C/∂y.",
    ),
    Mistake(
        lambda a, b, g: (g * a, g * b), "The two are exchanged: the local derivative of a*b with respect to a is b."
    ),
    Mistake(lambda a, b, g: (a, b), "The two are exchanged, and the adjoint g is missing."),
    Mistake(lambda a, b, g: (g, g), "That would be the pullback of a + b. Each share is g times a local derivative."),
    Mistake(
        lambda a, b, g: (g + b, g + a), "Along a chain derivatives are multiplied, not added: g times the local one."
    ),
    Mistake(lambda a, b, g: (g * b, a), "The adjoint g belongs in both contributions; it is missing for b."),
    Mistake(lambda a, b, g: (b, g * a), "The adjoint g belongs in both contributions; it is missing for a."),
)


def pulled_back(answer, a, b, g):
    _, pullback = rule_of(answer.times(a, b), "times")
    return pullback(g)


def check(answer):
    compare(
        answer,
        "The value of a*b",
        lambda a, b: rule_of(answer.times(a, b), "times")[0],
        lambda a, b: a * b,
        [point[:2] for point in POINTS],
        inputs="a b",
        source="multiplying",
    )
    compare(
        answer,
        "Your pullback of a*b",
        lambda a, b, g: pulled_back(answer, a, b, g),
        lambda a, b, g: slopes(lambda a, b: g * (a * b), a, b),
        POINTS,
        inputs="a b g",
        names=["a", "b"],
        mistakes=MISTAKES,
    )


def picture(answer):
    a, b, g = inputs(a=2.0, b=5.0, g=3.0)
    _, pullback = rule_of(answer.times(a, b), "times")
    shares = results("share", pullback(g), ["share of a", "share of b"])
    return Picture("What your pullback hands to a and to b, if it gets g = 3:", shares)
