from demos.exercises.compare import Mistake, compare
from demos.exercises.picture import Picture, results, vector

POINTS = [([3, 4, 2],), ([3, 5, 4, 2],), ([6, 5, 3, 4, 1],), ([1, 4, 5, 6],), ([2, 2, 2, 2, 2],)]


def counted(matrices):
    """Multiply matrices of given (rows, columns) from left to right, and count every multiplication."""
    (rows, inner), *others = matrices
    count = 0
    for _, columns in others:
        for _ in range(rows):
            for _ in range(columns):
                count += sum(1 for _ in range(inner))
        inner = columns
    return count


def layers(sizes):
    return [(n, before) for before, n in zip(sizes, sizes[1:])]


def count_backwards(sizes):
    return counted(layers(sizes)[::-1])


def count_forwards(sizes):
    return counted([(columns, rows) for rows, columns in layers(sizes)])  # (J_2 J_1) is (J_1^T J_2^T)^T


def pairs(sizes):
    return [rows * columns for rows, columns in layers(sizes)]


ANSWERS = (
    (
        "forwards",
        count_forwards,
        (
            Mistake(
                count_backwards,
                "Those are the multiplications backwards: n_L rows are kept. Forwards, n_0 columns are.",
            ),
            Mistake(
                lambda sizes: sum(pairs(sizes)) * sizes[0],
                "One product too many: J_1 is where one starts, and costs nothing. The first product is J_2 J_1.",
            ),
            Mistake(
                lambda sizes: sum(pairs(sizes)[1:]),
                "That is for a single column. All the way along there are n_0 columns, one for each input.",
            ),
            Mistake(
                lambda sizes: sum(pairs(sizes)),
                "That is the size of the matrices. A product of an m x n with an n x p matrix takes m n p "
                "multiplications.",
            ),
            Mistake(
                lambda sizes: sum(pairs(sizes)[1:-1]) * sizes[0],
                "One product too few: J_L has to be multiplied to the others too.",
            ),
        ),
    ),
    (
        "backwards",
        count_backwards,
        (
            Mistake(
                count_forwards, "Those are the multiplications forwards: n_0 columns are kept. Backwards, n_L rows are."
            ),
            Mistake(
                lambda sizes: sum(pairs(sizes)) * sizes[-1],
                "One product too many: J_L is where one starts, and costs nothing. The first product is J_L J_(L-1).",
            ),
            Mistake(
                lambda sizes: sum(pairs(sizes)[:-1]),
                "That is for a single row. All the way along there are n_L rows, one for each output.",
            ),
            Mistake(
                lambda sizes: sum(pairs(sizes)),
                "That is the size of the matrices. A product of an m x n with an n x p matrix takes m n p "
                "multiplications.",
            ),
            Mistake(
                lambda sizes: sum(pairs(sizes)[1:-1]) * sizes[-1],
                "One product too few: J_1 has to be multiplied to the others too.",
            ),
        ),
    ),
)


def check(answer):
    for name, true, mistakes in ANSWERS:
        compare(
            answer,
            name,
            lambda sizes, name=name: getattr(answer, name)(sizes),
            true,
            POINTS,
            inputs="sizes",
            mistakes=mistakes,
            source="multiplying and counting",
        )
    digits = [784, 128, 64, 1]
    forwards, backwards = sum(pairs(digits)[1:]) * digits[0], sum(pairs(digits)[:-1]) * digits[-1]
    return (
        f"For 784 pixels, two hidden layers and a loss, {digits}, you count {forwards:,} multiplications forwards and "
        f"{backwards:,} backwards."
    )


def picture(answer):
    sizes = vector("n", [3.0, 4.0, 2.0, 5.0])
    found = [*results("forwards", answer.forwards(sizes)), *results("backwards", answer.backwards(sizes))]
    return Picture("Your two counts for layers of 3, 4, 2 and 5:", found)
