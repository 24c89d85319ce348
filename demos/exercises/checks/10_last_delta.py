import math

from demos.exercises.compare import Mistake, Random, compare, slopes
from demos.exercises.picture import Picture, results, vector
from engine import sigmoid
from nn import squared_error

draw = Random(10)
POINTS = [(draw.vector(n), [round(draw.uniform(0.0, 1.0), 1) for _ in range(n)]) for n in (2, 3, 1, 4)]


def f(z):
    return 1 / (1 + math.exp(-z))


def each(delta):
    """A list from a function of a_j, z_j, y_j."""
    return lambda z, y: [delta(f(z_j), z_j, y_j) for z_j, y_j in zip(z, y)]


MISTAKES = (
    Mistake(
        each(lambda a, z, y: 2 * (a - y)),
        "That is ∂C/∂a^L_j. A factor of the chain is missing: f'(z^L_j), how the activation moves with the weighted "
        "input.",
    ),
    Mistake(
        each(lambda a, z, y: 2 * (y - a) * a * (1 - a)),
        "A wrong sign: ∂C/∂a_j is 2 (a_j - y_j). If the activation is too large, C grows with it.",
    ),
    Mistake(each(lambda a, z, y: (a - y) * a * (1 - a)), "The factor 2 is missing, from the square in C."),
    Mistake(
        each(lambda a, z, y: 2 * (a - y) * f(a) * (1 - f(a))),
        "The slope f' is taken at a. The neuron stands at z: f'(z) = f(z) (1 - f(z)) = a (1 - a).",
    ),
    Mistake(
        each(lambda a, z, y: 2 * (a - y) * (1 - a * a)),
        "1 - a² is the slope of tanh. That of the logistic function is a (1 - a).",
    ),
    Mistake(
        each(lambda a, z, y: 2 * (z - y) * a * (1 - a)), "z is compared with y. It is the activation a = f(z) that is."
    ),
    Mistake(each(lambda a, z, y: 2 * (a - y) * a), "The slope of f is only half there: it is a (1 - a)."),
    Mistake(
        each(lambda a, z, y: a - y),
        "a - y is the error for another loss (14). For C = Σ (a_j - y_j)² there are two factors more.",
    ),
    Mistake(
        each(lambda a, z, y: (a - y) ** 2 * a * (1 - a)), "The square in C has to be differentiated: 2 (a_j - y_j)."
    ),
)


def check(answer):
    compare(
        answer,
        "last_delta",
        lambda z, y: answer.last_delta(z, y),
        lambda z, y: slopes(lambda *z: squared_error([sigmoid(z_j) for z_j in z], y), *z),
        POINTS,
        inputs="z y",
        names="δ",
        mistakes=MISTAKES,
    )


def picture(answer):
    z, y = vector("z", [0.5, -1.0]), vector("y", [1.0, 0.0])
    return Picture("Your δ, and what it is made of:", results("δ", answer.last_delta(z, y)))
