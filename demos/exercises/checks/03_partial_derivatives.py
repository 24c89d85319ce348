from demos.exercises.compare import Mistake, Random, compare, slopes
from demos.exercises.picture import Picture, inputs, results

draw = Random(3)
POINTS = [draw.vector(3) for _ in range(5)]

MISTAKES = (
    Mistake(
        lambda a, b, c: (a, b, c),
        "Those are the inputs themselves. If a moves by 1 and b stays, how far does a*b move?",
    ),
    Mistake(lambda a, b, c: (a, b, 1), "∂y/∂a and ∂y/∂b are exchanged: as a moves by 1, a*b moves by b."),
    Mistake(lambda a, b, c: (b, a, c), "∂y/∂c: as c moves by 1, y moves by 1, however large c is."),
    Mistake(lambda a, b, c: (b, a, 0), "∂y/∂c is not 0: y contains c itself, and moves along with it."),
    Mistake(
        lambda a, b, c: (b + c, a + c, 1), "The term c stays where it is while a moves: its slope in a is 0, not c."
    ),
    Mistake(
        lambda a, b, c: (b + 1, a + 1, 1), "The term c stays where it is while a moves: its slope in a is 0, not 1."
    ),
    Mistake(lambda a, b, c: (1, 1, 1), "That would be the gradient of a + b + c. How far does a*b move with a?"),
)


def check(answer):
    compare(
        answer,
        "gradient",
        lambda a, b, c: answer.gradient(a, b, c),
        lambda a, b, c: slopes(lambda a, b, c: a * b + c, a, b, c),
        POINTS,
        inputs="a b c",
        names=["∂y/∂a", "∂y/∂b", "∂y/∂c"],
        mistakes=MISTAKES,
    )


def picture(answer):
    a, b, c = inputs(a=2.0, b=5.0, c=1.0)
    found = results("gradient", answer.gradient(a, b, c), ["∂y/∂a", "∂y/∂b", "∂y/∂c"])
    return Picture("Each number of your gradient, at a = 2, b = 5, c = 1, and where it comes from:", found)
