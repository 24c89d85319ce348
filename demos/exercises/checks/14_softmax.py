import math

from demos.exercises.compare import Mistake, Random, compare, slopes
from demos.exercises.picture import Picture, results, vector
from nn import cross_entropy

draw = Random(14)
POINTS = [
    (draw.vector(3), [0.0, 1.0, 0.0]),
    (draw.vector(3), [0.1, 0.7, 0.2]),
    (draw.vector(2), [0.0, 1.0]),
    (draw.vector(4), [0.25, 0.25, 0.5, 0.0]),
]


def softmax(z):
    powers = [math.exp(z_k) for z_k in z]
    return [power / math.fsum(powers) for power in powers]


def each(delta):
    """A list from a function of p_k, y_k, z_k."""
    return lambda z, y: [delta(*numbers) for numbers in zip(softmax(z), y, z)]


MISTAKES = (
    Mistake(
        each(lambda p, y, z: y - p), "A wrong sign. Raising the right class's z should lower C: its δ is negative."
    ),
    Mistake(
        each(lambda p, y, z: -y / p),
        "That is ∂C/∂p_k: it stops at the probabilities. They depend on z, every one of them on every z_k.",
    ),
    Mistake(
        each(lambda p, y, z: -y * (1 - p)),
        "That takes in only how p_k moves with its own z_k. Raising z_k also lowers all other p_i: add up those ways "
        "too.",
    ),
    Mistake(
        each(lambda p, y, z: (p - y) * p * (1 - p)),
        "p (1 - p) is too much: the slopes of softmax have cancelled already against the 1/p of the logarithm.",
    ),
    Mistake(each(lambda p, y, z: p), "The target is missing: that is the derivative of log Σ e^z_i alone."),
    Mistake(each(lambda p, y, z: p - 1), "Not 1 but y_k is subtracted: 1 for the right class only."),
    Mistake(each(lambda p, y, z: z - y), "z is compared with y. It is the probabilities that are: p, not z."),
    Mistake(
        each(lambda p, y, z: 2 * (p - y)), "Twice too large: that would come from a square, but here is a logarithm."
    ),
)


def check(answer):
    compare(
        answer,
        "delta",
        lambda z, y: answer.delta(z, y),
        lambda z, y: slopes(lambda *z: cross_entropy(z, y), *z),
        POINTS,
        inputs="z y",
        names="δ",
        mistakes=MISTAKES,
    )


def picture(answer):
    z, y = vector("z", [1.0, -0.5]), vector("y", [1.0, 0.0])
    return Picture("Your δ for two classes, the first of them right:", results("δ", answer.delta(z, y)))
