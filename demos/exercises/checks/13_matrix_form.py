import math

from demos.exercises.compare import Mistake, Random, compare, slopes
from demos.exercises.picture import Picture, matrix, results
from engine import dot, tanh
from engine import sum as sum_of

draw = Random(13)
SIZES = ((2, 2, 2, 2), (3, 2, 1, 2), (1, 3, 2, 4))  # inputs, hidden, outputs, samples; one of equal sizes first
POINTS = [(draw.matrix(h, i), draw.matrix(o, h), draw.matrix(i, n), draw.matrix(o, n)) for i, h, o, n in SIZES]


def times(A, B):
    """The matrix product, empty where there is none: in a mistake, shapes may not fit."""
    if not A or len(A[0]) != len(B):
        return []
    return [[math.fsum(a * b for a, b in zip(row, column)) for column in zip(*B)] for row in A]


def transpose(A):
    return [[*column] for column in zip(*A)]


def hidden(W1, X):
    return [[math.tanh(z) for z in row] for row in times(W1, X)]


def true(W1, W2, X, Delta2):
    """C moves with Z2 as the sum of Delta2 * Z2 does: move the weights in that, one by one."""
    hidden_units, inputs, outputs = len(W1), len(X), len(W2)
    samples = [*zip(transpose(X), transpose(Delta2))]
    first = hidden_units * inputs

    def loss(*w):
        W1 = [w[j * inputs : (j + 1) * inputs] for j in range(hidden_units)]
        W2 = [w[first + j * hidden_units : first + (j + 1) * hidden_units] for j in range(outputs)]
        terms = []
        for x, delta in samples:
            a = [tanh(dot(row, x)) for row in W1]
            terms += [dot(row, a) * d for row, d in zip(W2, delta)]
        return sum_of(terms)

    d = slopes(loss, *[w for W in (W1, W2) for row in W for w in row])
    return (
        [d[j * inputs : (j + 1) * inputs] for j in range(hidden_units)],
        [d[first + j * hidden_units : first + (j + 1) * hidden_units] for j in range(outputs)],
    )


def three_lines(
    arriving=lambda W2, Delta2: times(transpose(W2), Delta2),
    slope=lambda a: 1 - a * a,
    weights=lambda Delta, A: times(Delta, transpose(A)),
):
    """The answer, with some of its parts exchanged."""

    def answer(W1, W2, X, Delta2):
        A1 = hidden(W1, X)
        Delta1 = [[d * slope(a) for d, a in zip(*rows)] for rows in zip(arriving(W2, Delta2), A1)]
        return weights(Delta1, X), weights(Delta2, A1)

    return answer


def mean(Delta, A):
    return [[entry / len(A[0]) for entry in row] for row in times(Delta, transpose(A))]


MISTAKES = (
    Mistake(
        three_lines(arriving=times),
        "Delta1 is made with W2, and needs its transpose: forwards W2 sums over hidden units, backwards over outputs.",
    ),
    Mistake(
        three_lines(slope=lambda a: 1.0),
        "A factor of the chain is missing in Delta1: the slope of tanh, 1 - a² for each entry of A1.",
    ),
    Mistake(
        three_lines(arriving=times, slope=lambda a: 1.0),
        "Delta1 needs the transpose of W2; and it lacks the slope of tanh, 1 - a² for each entry of A1.",
    ),
    Mistake(
        three_lines(weights=lambda Delta, A: times(A, transpose(Delta))),
        "The gradients are transposed: a row for each unit that the weights lead to, so Delta comes first.",
    ),
    Mistake(
        three_lines(weights=times),
        "The inputs are not transposed: in `Delta times A` the inner sum is not over samples. Both have a column for "
        "each sample, so the second needs a row for each.",
    ),
    Mistake(
        three_lines(arriving=lambda W2, Delta2: times(Delta2, W2)),
        "In Delta1 the matrix comes first: W2, transposed, times a column of Delta2 for each sample.",
    ),
    Mistake(
        three_lines(arriving=lambda W2, Delta2: times(Delta2, transpose(W2))),
        "In Delta1 the matrix comes first: W2, transposed, times a column of Delta2 for each sample.",
    ),
    Mistake(three_lines(weights=mean), "That is the mean over samples. C is their sum, and so are its derivatives."),
    Mistake(
        three_lines(slope=lambda a: a),
        "Delta1 is multiplied by the activations. It is their slope that counts: 1 - a².",
    ),
    Mistake(
        three_lines(slope=lambda a: 1 - math.tanh(a) ** 2),
        "tanh is applied twice: A1 has the activations already, so the slope is 1 - a².",
    ),
)


def check(answer):
    compare(
        answer,
        "gradients",
        lambda W1, W2, X, Delta2: answer.gradients(W2, X, hidden(W1, X), Delta2),
        true,
        POINTS,
        inputs="W1 W2 X Delta2",
        names=["dW1", "dW2"],
        mistakes=MISTAKES,
    )


def picture(answer):
    W2, X = matrix("w", [[0.5, -1.0]]), matrix("x", [[2.0, 1.5]])
    A1, Delta2 = matrix("a", [[0.6, 0.1], [-0.3, 0.8]]), matrix("δ", [[0.3, -0.4]])
    dW1, dW2 = answer.gradients(W2, X, A1, Delta2)
    found = [*results("dW1", dW1), *results("dW2", dW2)]
    return Picture("Your dW1 and dW2 of a network 1-2-1, for two samples (a_12 is unit 1 in sample 2):", found)
