from demos.exercises.answers import NotYet
from demos.exercises.compare import Mistake, Random, compare, slopes
from demos.exercises.picture import Picture, inputs, results
from engine import Value, derivative, grad, sigmoid, softplus, tanh

draw = Random(16)
POINTS = [(draw.number(),) for _ in range(5)]


def first_derivative(f, x):
    x = Value(x)
    f(x).backward()
    return x.grad


def second_derivative(f, x):
    try:
        return derivative(derivative(f))(x)
    except TypeError as error:
        if "does not turn into a float" in str(error):
            raise NotYet(
                "The first derivative is right, but it cannot be differentiated again: math's functions take plain "
                "numbers only. In a rule use those of engine (tanh, sigmoid, softplus ...), which take Values too."
            ) from None
        raise


def swish_with(x, of_s):
    return of_s(x, sigmoid(x))


def mish_with(x, of_t):
    return of_t(x, tanh(softplus(x)))


OPERATIONS = (
    (
        "swish",
        lambda x: x * sigmoid(x),
        (
            Mistake(
                lambda x: swish_with(x, lambda x, s: s),
                "That is right if s were a constant. But s moves with x too: the product rule has a second term, x "
                "s'(x).",
            ),
            Mistake(
                lambda x: swish_with(x, lambda x, s: s * (1 - s)),
                "That is the derivative of σ alone. Swish is a product, x σ(x): (x s)' = s + x s'.",
            ),
            Mistake(
                lambda x: swish_with(x, lambda x, s: x * s * (1 - s)),
                "That is the second term of the product rule. The first is missing: (x s)' = s + x s'.",
            ),
            Mistake(
                lambda x: swish_with(x, lambda x, s: s + s * (1 - s)),
                "In the second term the factor x is missing: x s'.",
            ),
            Mistake(
                lambda x: swish_with(x, lambda x, s: s - x * s * (1 - s)),
                "A wrong sign: the two terms are added, s + x s'.",
            ),
            Mistake(
                lambda x: swish_with(x, lambda x, s: s + x * (1 - s * s)),
                "1 - s² is the slope of tanh; that of σ is s (1 - s).",
            ),
            Mistake(lambda x: 1.0, "That passes on g as it is: the local derivative of swish is missing."),
        ),
    ),
    (
        "mish",
        lambda x: x * tanh(softplus(x)),
        (
            Mistake(
                lambda x: mish_with(x, lambda x, t: t),
                "That is right if t were a constant. But t moves with x too: the product rule has a second term, x "
                "t'(x).",
            ),
            Mistake(
                lambda x: mish_with(x, lambda x, t: t + x * (1 - t * t)),
                "In t' a factor of the chain is missing: t = tanh(softplus(x)), and the slope of softplus is σ(x).",
            ),
            Mistake(
                lambda x: mish_with(x, lambda x, t: t + (1 - t * t) * sigmoid(x)),
                "In the second term the factor x is missing: x t'.",
            ),
            Mistake(
                lambda x: mish_with(x, lambda x, t: x * (1 - t * t) * sigmoid(x)),
                "That is the second term of the product rule. The first is missing: (x t)' = t + x t'.",
            ),
            Mistake(
                lambda x: mish_with(x, lambda x, t: t + x * sigmoid(x)),
                "In t' a factor of the chain is missing: the slope of tanh, 1 - t².",
            ),
            Mistake(
                lambda x: mish_with(x, lambda x, t: t - x * (1 - t * t) * sigmoid(x)),
                "A wrong sign: the two terms are added, t + x t'.",
            ),
            Mistake(
                lambda x: mish_with(x, lambda x, t: t + x * (1 - t * t) * softplus(x)),
                "The slope of softplus is σ(x); softplus(x) is its value.",
            ),
        ),
    ),
)
WITHOUT_ADJOINT = (
    "The local derivative is right, but the adjoint g is missing: a factor of the chain, how C moves with the value."
)


def check(answer):
    for name, true, mistakes in OPERATIONS:

        def f(x, name=name):
            return getattr(answer, name)(x)

        compare(answer, f"{name}(x)", f, true, POINTS, inputs="x", source="its formula")
        compare(
            answer,
            f"Your pullback of {name}, with g = 1,",
            lambda x, f=f: first_derivative(f, x),
            lambda x, true=true: slopes(true, x)[0],
            POINTS,
            inputs="x",
            mistakes=mistakes,
        )
        compare(
            answer,
            f"Your pullback of {name}, with g = 3,",
            lambda x, f=f: first_derivative(lambda x: 3 * f(x), x),
            lambda x, true=true: 3 * slopes(true, x)[0],
            POINTS,
            inputs="x",
            mistakes=[Mistake(lambda x, true=true: slopes(true, x)[0], WITHOUT_ADJOINT)],
        )
        compare(
            answer,
            f"The second derivative of {name}, your pullback differentiated,",
            lambda x, f=f: second_derivative(f, x),
            lambda x, true=true: slopes(derivative(true), x)[0],
            POINTS,
            inputs="x",
        )


def picture(answer):
    [x] = inputs(x=0.7)
    first = grad(answer.swish(x), x)
    return Picture("The derivative of your swish at x = 0.7, as your pullback makes it:", results("dy/dx", first))
