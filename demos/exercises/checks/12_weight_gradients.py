from demos.exercises.compare import Mistake, Random, compare, slopes
from demos.exercises.picture import Picture, results, vector
from engine import dot

draw = Random(12)


def network(*sizes):
    """Activations by layer, and deltas by layer."""
    return [None, *map(draw.vector, sizes[1:])], [*map(draw.vector, sizes)]


EVEN, TALL, WIDE = network(2, 2, 2, 2), network(2, 3, 1), network(3, 1, 2)  # all of one size first: see `compare`
POINTS = [(*EVEN, 1), (*EVEN, 2), (*TALL, 1), (*TALL, 2), (*WIDE, 1), (*WIDE, 2)]


def true(delta, a, l):
    """C moves with layer l as Σ_j δ_j z^l_j does: move the weights in that."""
    rows, columns = len(delta[l]), len(a[l - 1])

    def loss(*w):
        return dot(delta[l], [dot(w[j * columns : (j + 1) * columns], a[l - 1]) for j in range(rows)])

    entries = slopes(loss, *[0.5] * (rows * columns))
    return [entries[j * columns : (j + 1) * columns] for j in range(rows)]


def outer(rows, columns):
    return [[r * c for c in columns] for r in rows]


MISTAKES = (
    Mistake(
        lambda delta, a, l: outer(a[l - 1], delta[l]),
        "The matrix is transposed: j, the row, counts the units of layer l (its δ), k, the column, those of layer l-1.",
    ),
    Mistake(
        lambda delta, a, l: outer(delta[l], a[l]),
        "One layer off: W^l lies between layers l-1 and l. Its weights multiply the activations of layer l-1, not of "
        "layer l.",
    ),
    Mistake(
        lambda delta, a, l: outer(delta[l + 1], a[l]),
        "One layer off: that is the gradient of W^(l+1), between layers l and l+1.",
    ),
    Mistake(
        lambda delta, a, l: outer(delta[l + 1], a[l - 1]),
        "The errors are one layer off: the weights of W^l lead into z^l, whose errors are δ^l.",
    ),
    Mistake(
        lambda delta, a, l: outer(a[l], delta[l]),
        "The matrix is transposed, and the activations are one layer off: they are those of layer l-1.",
    ),
    Mistake(
        lambda delta, a, l: [[d for _ in a[l - 1]] for d in delta[l]],
        "A factor of the chain is missing: as w_jk moves by 1, z_j moves by the activation a^(l-1)_k.",
    ),
    Mistake(lambda delta, a, l: [[-x for x in row] for row in outer(delta[l], a[l - 1])], "The sign is turned."),
)


def check(answer):
    compare(
        answer,
        "weight_gradient",
        lambda delta, a, l: answer.weight_gradient(delta, a, l),
        true,
        POINTS,
        inputs="δ a l",
        names="∂C/∂W",
        mistakes=MISTAKES,
    )


def picture(answer):
    delta, a = [None, vector("δ", [0.3, -0.4])], [vector("x", [2.0, 1.5]), vector("a", [0.6, 0.1])]
    return Picture("Your ∂C/∂W of layer 1, row by row:", results("dW", answer.weight_gradient(delta, a, 1)))
