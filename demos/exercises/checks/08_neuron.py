import math

from demos.exercises.compare import Mistake, Random, compare, slopes
from demos.exercises.picture import Picture, inputs, results, vector
from engine import tanh, weighted_sum

draw = Random(8)
POINTS = [(draw.vector(n), draw.vector(n), draw.number()) for n in (2, 3, 1, 4)]


def true(w, x, b):
    n = len(w)
    d = slopes(lambda *t: tanh(weighted_sum(t[:n], t[n:-1], t[-1])), *w, *x, b)
    return d[:n], d[n:-1], d[-1]


def activation(w, x, b):
    return math.tanh(sum(w_k * x_k for w_k, x_k in zip(w, x)) + b)


def scaled(factor):
    """The gradient with factor(a) in place of da/dz."""

    def answer(w, x, b):
        dz = factor(activation(w, x, b))
        return [dz * x_k for x_k in x], [dz * w_k for w_k in w], dz

    return answer


def exchanged(w, x, b):
    dw, dx, db = true(w, x, b)
    return dx, dw, db


def bias_of(number):
    def answer(w, x, b):
        dw, dx, db = true(w, x, b)
        return dw, dx, number(b, db)

    return answer


MISTAKES = (
    Mistake(
        scaled(lambda a: 1.0),
        "Those are the derivatives of z, not of a. A factor of the chain is missing: ∂a/∂z, the slope of tanh at z.",
    ),
    Mistake(exchanged, "The weights' and the inputs' derivatives are exchanged: as w_k moves by 1, z moves by x_k."),
    Mistake(
        bias_of(lambda b, db: 1.0),
        "∂z/∂b is 1, but it is a that was asked for: the factor ∂a/∂z belongs to the bias as well.",
    ),
    Mistake(bias_of(lambda b, db: b * db), "∂z/∂b is 1, not b: z contains b itself."),
    Mistake(bias_of(lambda b, db: 0.0), "The bias is no constant here: as b moves, z moves along with it."),
    Mistake(scaled(lambda a: 1 - a), "The slope of tanh at z is 1 - a², with the square."),
    Mistake(scaled(lambda a: a), "That multiplies by a itself. The slope of tanh at z is 1 - a²."),
    Mistake(
        scaled(lambda a: 1 - math.tanh(a) ** 2), "tanh is applied twice: a is tanh(z) already, so the slope is 1 - a²."
    ),
    Mistake(scaled(lambda a: 1 + a * a), "A wrong sign: the slope of tanh at z is 1 - a²."),
    Mistake(scaled(lambda a: 1 - math.atanh(a) ** 2), "That squares z instead of a: the slope of tanh at z is 1 - a²."),
)


def check(answer):
    compare(
        answer,
        "Your gradient of the neuron",
        lambda w, x, b: answer.neuron_gradient(w, x, b),
        true,
        POINTS,
        inputs="w x b",
        names=["dw", "dx", "db"],
        mistakes=MISTAKES,
    )


def picture(answer):
    w, x, [b] = vector("w", [0.5, -1.0]), vector("x", [2.0, 1.5]), inputs(b=0.2)
    dw, dx, db = answer.neuron_gradient(w, x, b)
    found = [*results("dw", dw), *results("dx", dx), *results("db", db)]
    return Picture("Your dw, dx and db, and what they are made of:", found)
