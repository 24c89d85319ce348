import math

from demos.exercises.compare import Mistake, Random, compare, slopes
from demos.exercises.picture import Picture, matrix, results, vector
from engine import dot, tanh

draw = Random(11)
POINTS = [(draw.matrix(m, n), draw.vector(m), draw.vector(n)) for m, n in ((2, 2), (3, 2), (1, 3), (2, 4))]


def true(W, delta, z):
    """C itself moves with layer l as Σ_j δ_j z^l_j does: move z^(l-1) in that."""

    def loss(*z):
        a = [tanh(z_k) for z_k in z]
        return dot(delta, [dot(row, a) for row in W])

    return slopes(loss, *z)


def slope(z_k):
    return 1 - math.tanh(z_k) ** 2


def sums(W, delta):
    return [sum(row[k] * delta_j for row, delta_j in zip(W, delta)) for k in range(len(W[0]))]


def transposed_sums(W, delta):
    if len(W) != len(W[0]):
        raise IndexError("only a square matrix can be mistaken for its transpose")
    return [sum(w * delta_k for w, delta_k in zip(row, delta)) for row in W]


def with_slope(sums, slope=slope):
    return lambda W, delta, z: [slope(z_k) * s for z_k, s in zip(z, sums(W, delta))]


TRANSPOSED = (
    "The matrix is transposed: you sum along row k of W, which leads into unit k of layer l. Unit k of layer l-1 "
    "sends its activation along column k: Σ_j W[j][k] δ_j."
)
MISTAKES = (
    Mistake(
        lambda W, delta, z: sums(W, delta),
        "That is ∂C/∂a^(l-1)_k. A factor of the chain is missing: the slope of tanh at z^(l-1)_k.",
    ),
    Mistake(with_slope(transposed_sums), TRANSPOSED),
    Mistake(
        lambda W, delta, z: transposed_sums(W, delta),
        f"{TRANSPOSED} And a factor of the chain is missing: the slope of tanh at z^(l-1)_k.",
    ),
    Mistake(
        lambda W, delta, z: [slope(z_k) * W[-1][k] * delta[-1] for k, z_k in enumerate(z)],
        "Only the last unit of layer l counts: its contribution overwrites the others. Unit k feeds all of them (a "
        "fan-out): add up over j.",
    ),
    Mistake(
        lambda W, delta, z: [slope(z_k) * W[0][k] * delta[0] for k, z_k in enumerate(z)],
        "Only the first unit of layer l counts. Unit k feeds all of them (a fan-out): add up over j.",
    ),
    Mistake(
        lambda W, delta, z: [slope(z_k) * W[k][k] * delta[k] for k, z_k in enumerate(z)],
        "Unit k is joined to unit k only. It feeds every unit j of layer l (a fan-out): add up over j.",
    ),
    Mistake(
        lambda W, delta, z: [slope(z_k) * sum(delta) for z_k in z],
        "The weights are missing: along the edge to unit j comes δ_j times w_jk.",
    ),
    Mistake(with_slope(sums, lambda z: 1 - z * z), "1 - z² is not the slope of tanh: it is 1 - tanh(z)²."),
    Mistake(
        with_slope(sums, math.tanh),
        "That multiplies by the activation tanh(z). It is its slope that counts, 1 - tanh(z)².",
    ),
    Mistake(
        with_slope(sums, lambda z: slope(math.tanh(z))),
        "tanh is applied twice: z is the weighted input, and its slope is 1 - tanh(z)².",
    ),
    Mistake(with_slope(sums, lambda z: -slope(z)), "A wrong sign: nothing is subtracted on this way."),
)


def check(answer):
    compare(
        answer,
        "delta_before",
        lambda W, delta, z: answer.delta_before(W, delta, z),
        true,
        POINTS,
        inputs="W δ z",
        names="δ^(l-1)",
        mistakes=MISTAKES,
    )


def picture(answer):
    W, delta, z = matrix("w", [[0.5, -1.0], [1.5, 2.0]]), vector("δ", [0.3, -0.4]), vector("z", [0.6, 0.1])
    found = results("δ before", answer.delta_before(W, delta, z))
    return Picture("Your two δ of the layer before, and their weights (w_21 leads from unit 1 to unit 2):", found)
