from demos.exercises.answers import NotYet
from demos.exercises.compare import Mistake, Random, compare
from demos.exercises.picture import Picture, matrix, results, vector

draw = Random(9)
POINTS = [(draw.matrix(m, n), draw.vector(m), draw.vector(n)) for m, n in ((2, 2), (3, 2), (1, 3), (2, 4))]


def weighted_inputs(W, b, x):
    return [sum(w_jk * x_k for w_jk, x_k in zip(row, x)) + b_j for row, b_j in zip(W, b)]


def yours(answer, W, b, x):
    rows, inputs = len(W), len(x)
    taken_in, fixed = answer.with_bias(W, b), answer.with_fixed_input(x)
    if not isinstance(fixed, (list, tuple)):
        raise NotYet(
            f"`with_fixed_input` returned {fixed!r}: expected a list of {inputs + 1} numbers. {missing(fixed)}"
        )
    if not isinstance(taken_in, (list, tuple)) or not all(isinstance(row, (list, tuple)) for row in taken_in):
        raise NotYet(f"`with_bias` returned {taken_in!r}: expected a list of rows. {missing(taken_in)}")
    if len(fixed) != inputs + 1:
        raise NotYet(
            f"`with_fixed_input` made {len(fixed)} numbers of {inputs}: there should be one more input, {inputs + 1}."
        )
    if len(taken_in) == rows + 1:
        raise NotYet(
            f"`with_bias` made {rows + 1} rows of {rows}: a new row would be a new neuron. Each bias belongs into "
            "the row of its own neuron: one column more."
        )
    for j, row in enumerate(taken_in):
        if len(row) != len(fixed):
            raise NotYet(f"Row {j} of the new W has {len(row)} numbers, and there are {len(fixed)} inputs now.")
    if len(taken_in) != rows:
        raise NotYet(f"`with_bias` made {len(taken_in)} rows of {rows}: there should be one for each neuron.")
    return weighted_inputs(taken_in, [0.0] * rows, fixed)


def missing(result):
    return "Is a `return` missing? (list.append changes a list and returns None.)" if result is None else ""


def misplaced(W, b, x):
    """Biases in the last column, the 1 in front; and the other way round."""
    return weighted_inputs([[*row, b_j] for row, b_j in zip(W, b)], [0.0] * len(b), [1.0, *x])


def misplaced_too(W, b, x):
    return weighted_inputs([[b_j, *row] for row, b_j in zip(W, b)], [0.0] * len(b), [*x, 1.0])


ELSEWHERE = (
    "The biases and the fixed input are not in the same place: if one is last, the other must be last too, or the bias "
    "meets another input."
)
MISTAKES = (
    Mistake(
        lambda W, b, x: weighted_inputs(W, [0.0] * len(b), x),
        "The biases have no effect. Whatever is multiplied by an input fixed at 0 is lost: which number leaves b_j "
        "as it is?",
    ),
    Mistake(misplaced, ELSEWHERE),
    Mistake(misplaced_too, ELSEWHERE),
    Mistake(
        lambda W, b, x: weighted_inputs(W, [1.0] * len(b), x), "That adds 1 to each z_j. It is b_j that is to be added."
    ),
    Mistake(
        lambda W, b, x: weighted_inputs(W, [-b_j for b_j in b], x),
        "A wrong sign: the biases are subtracted.",
    ),
    Mistake(
        lambda W, b, x: weighted_inputs(W, [b_j * b_j for b_j in b], x),
        "The biases come in squared: the new input is a fixed number, and b_j its weight.",
    ),
)


def check(answer):
    compare(
        answer,
        "The new W times the new x",
        lambda W, b, x: yours(answer, W, b, x),
        weighted_inputs,
        POINTS,
        inputs="W b x",
        names="z",
        mistakes=MISTAKES,
        source="W x + b",
    )


def picture(answer):
    W, b, x = matrix("w", [[0.5, -1.0], [1.5, 2.0]]), vector("b", [0.2, -0.4]), vector("x", [2.0, 1.5])
    return Picture("z, computed with your two functions: is b in it?", results("z", yours(answer, W, b, x)))
