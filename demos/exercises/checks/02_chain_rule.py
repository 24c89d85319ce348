from demos.exercises.compare import Mistake, Random, compare, slopes
from demos.exercises.picture import Picture, inputs, results
from engine import cos, exp, sin, tanh

draw = Random(2)


class Composition:
    """f after g, and the derivatives of both."""

    def __init__(self, name, f, f_prime, g, g_prime):
        self.name, self.f, self.f_prime, self.g, self.g_prime = name, f, f_prime, g, g_prime

    def __repr__(self):
        return self.name


def square(x):
    return x * x


def twice(x):
    return 2 * x


def minus_sin(x):
    return -sin(x)


def tanh_prime(x):
    return 1 - tanh(x) ** 2


COMPOSITIONS = (
    Composition("sin(x^2)", sin, cos, square, twice),
    Composition("sin(x)^2", square, twice, sin, cos),
    Composition("exp(cos(x))", exp, exp, cos, minus_sin),
    Composition("tanh(sin(x))", tanh, tanh_prime, sin, cos),
)
POINTS = [(composition, draw.number()) for _ in range(2) for composition in COMPOSITIONS]

MISTAKES = (
    Mistake(
        lambda c, x: c.f_prime(c.g(x)),
        "That is dy/du, how y moves with u = g(x). A factor of the chain is missing: how u moves with x.",
    ),
    Mistake(
        lambda c, x: c.f_prime(x) * c.g_prime(x),
        "The two factors are there, but f' is taken at x. f stands at u = g(x): that is where its slope counts.",
    ),
    Mistake(lambda c, x: c.f_prime(c.g(x)) + c.g_prime(x), "Slopes of functions in a row are multiplied, not added."),
    Mistake(lambda c, x: c.f_prime(c.g_prime(x)), "f' is taken at g'(x): a slope, where the value u = g(x) belongs."),
    Mistake(
        lambda c, x: c.g_prime(x), "That is du/dx, how u = g(x) moves with x. A factor is missing: how y moves with u."
    ),
    Mistake(lambda c, x: c.f_prime(x), "That is f' as if f stood at x. It stands at u = g(x), and u has a slope too."),
)


def check(answer):
    compare(
        answer,
        "chain",
        lambda c, x: answer.chain(c.f_prime, c.g, c.g_prime, x),
        lambda c, x: slopes(lambda x: c.f(c.g(x)), x)[0],
        POINTS,
        inputs="f(g(x)) x",
        mistakes=MISTAKES,
    )


def picture(answer):
    [x] = inputs(x=1.5)
    c = COMPOSITIONS[0]
    slope = answer.chain(
        lambda u: c.f_prime(u).named("f'(...)"),
        lambda x: c.g(x).named("u = g(x)"),
        lambda x: c.g_prime(x).named("g'(x)"),
        x,
    )
    return Picture("Your slope of sin(x²) at x = 1.5. At which number was f' taken?", results("dy/dx", slope))
