import math

from demos.exercises.compare import Mistake, Random, compare
from demos.exercises.picture import Picture, inputs, results

draw = Random(1)


def square(x):
    return x**2


def cube(x):
    return x**3


POINTS = [(f, draw.number(), h) for f in (cube, math.exp, math.sin, square) for h in (0.1, 0.25)]


def true(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


MISTAKES = (
    Mistake(
        lambda f, x, h: (f(x + h) - f(x)) / h,
        "That is the difference from x to x + h, to one side only. Take a point on either side of x.",
    ),
    Mistake(
        lambda f, x, h: (f(x) - f(x - h)) / h, "That looks to the left of x only. Take a point on either side of x."
    ),
    Mistake(lambda f, x, h: 2 * true(f, x, h), "Twice too large: from x - h to x + h it is 2h, not h."),
    Mistake(
        lambda f, x, h: h * h * true(f, x, h), "Mind the brackets: `/ 2 * h` divides by 2 and then multiplies by h."
    ),
    Mistake(lambda f, x, h: 2 * h * true(f, x, h), "That is how far f moves. Divide by how far x moves: 2h."),
    Mistake(lambda f, x, h: -true(f, x, h), "The sign is turned: what is right of x comes first, f(x + h) - f(x - h)."),
    Mistake(lambda f, x, h: f(x + h) - f(x - h) / (2 * h), "Mind the brackets: only f(x - h) is divided by 2h here."),
    Mistake(
        lambda f, x, h: true(f, x, 1e-5),
        "That is very close to f'(x) itself, but not the central difference with the step h that was asked for.",
    ),
)


def check(answer):
    compare(
        answer,
        "slope",
        lambda f, x, h: answer.slope(f, x, h),
        true,
        POINTS,
        inputs="f x h",
        mistakes=MISTAKES,
        source="the central difference",
        rtol=1e-8,
    )


def picture(answer):
    x, h = inputs(x=1.5, h=0.5)
    return Picture("Your slope of x² at x = 1.5, with h = 0.5:", results("slope", answer.slope(square, x, h)))
