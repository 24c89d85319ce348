import math

from demos.exercises.compare import Mistake, Random, compare, slopes
from demos.exercises.picture import Picture, inputs, results
from engine import tanh

draw = Random(5)
POINTS = [(draw.number(), round(draw.uniform(-0.95, 0.95), 2)) for _ in range(6)]

MISTAKES = (
    Mistake(
        lambda g, y: 1 - y * y,
        "That is the local derivative ∂y/∂x. The adjoint g is missing, a factor of the chain: ∂C/∂y.",
    ),
    Mistake(
        lambda g, y: g * (1 - math.tanh(y) ** 2),
        "That takes tanh of y. But y is tanh(x) already: no tanh is needed any more.",
    ),
    Mistake(lambda g, y: g * (1 - y), "Not y but its square is subtracted: tanh'(x) = 1 - tanh(x)²."),
    Mistake(
        lambda g, y: g * (1 + y * y),
        "A wrong sign: tanh is steepest, with slope 1, where y = 0, and flattens from there.",
    ),
    Mistake(lambda g, y: g * y * (1 - y), "That is the derivative of the logistic function, not of tanh."),
    Mistake(
        lambda g, y: g * (1 - math.atanh(y) ** 2), "That squares x instead of y: tanh'(x) = 1 - tanh(x)² = 1 - y²."
    ),
    Mistake(lambda g, y: g * y, "Each share is g times the local derivative; y is the value, not the derivative."),
)


def check(answer):
    compare(
        answer,
        "Your pullback of tanh",
        lambda g, y: answer.tanh_pullback(g, y),
        lambda g, y: slopes(lambda x: g * tanh(x), math.atanh(y))[0],
        POINTS,
        inputs="g y",
        mistakes=MISTAKES,
    )


def picture(answer):
    g, y = inputs(g=2.0, y=0.6)
    return Picture("Your ∂C/∂x, for g = 2 and y = 0.6:", results("∂C/∂x", answer.tanh_pullback(g, y)))
