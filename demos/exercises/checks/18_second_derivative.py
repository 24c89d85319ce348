from demos.exercises.compare import Mistake, Random, compare, slopes
from demos.exercises.picture import Picture, inputs
from engine import cos, exp, grad, sin, tanh

draw = Random(18)


class Function:
    """A function, called by its formula, with a first derivative that was found by hand."""

    def __init__(self, formula, f, prime):
        self.__name__, self.f, self.prime = formula, f, prime

    def __call__(self, x):
        return self.f(x)


FUNCTIONS = (
    Function("x^4", lambda x: x**4, lambda x: 4 * x**3),
    Function("sin(x)", sin, cos),
    Function("exp(-x^2)", lambda x: exp(-(x**2)), lambda x: -2 * x * exp(-(x**2))),
    Function("x*tanh(x)", lambda x: x * tanh(x), lambda x: tanh(x) + x * (1 - tanh(x) ** 2)),
)
POINTS = [(f, draw.number()) for f in FUNCTIONS for _ in range(2)]

MISTAKES = (
    Mistake(
        lambda f, x: f.prime(x), "That is the first derivative. It is a Value with a graph: differentiate it once more."
    ),
    Mistake(
        lambda f, x: 2 * f.prime(x),
        "That is 2 f'(x). Was backward() called twice? It adds up. Use grad(y, x), which returns f'(x) with a graph, "
        "and differentiate that.",
    ),
    Mistake(
        lambda f, x: f.prime(x) ** 2, "That is the first derivative squared, f'(x)². It has to be differentiated again."
    ),
    Mistake(
        lambda f, x: f.prime(f.prime(x)),
        "That is f' at the place f'(x). It is f' itself that has to be differentiated.",
    ),
    Mistake(
        lambda f, x: f.prime(x) + slopes(f.prime, x)[0],
        "That is f'(x) + f''(x): what the first pass left in x.grad is still in it. grad(y, x) leaves x.grad alone.",
    ),
)


def check(answer):
    compare(
        answer,
        "second_derivative",
        lambda f, x: answer.second_derivative(f, x),
        lambda f, x: slopes(f.prime, x)[0],
        POINTS,
        inputs="f x",
        mistakes=MISTAKES,
        source="a finite difference of f'",
    )


def picture(answer):
    [x] = inputs(x=1.5)
    y = (x**3).named("y")
    first = grad(y, x).named("f'(x)")
    found = answer.second_derivative(lambda x: x**3, 1.5)
    said = f"your f''(1.5) is {found:g}" if isinstance(found, (int, float)) else "you return no number yet"
    return Picture(f"For f(x) = x³, {said}. This is the graph that grad gives for f': what is it made of?", [first])
