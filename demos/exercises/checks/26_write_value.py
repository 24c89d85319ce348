from dataclasses import dataclass

import engine
from demos.exercises.answers import NotYet
from demos.exercises.compare import Mistake, compare
from demos.exercises.picture import Picture, inputs


@dataclass(frozen=True)
class Step:
    """One thing that is checked: the formula, what computes it from Values, at which numbers, and known mistakes."""

    formula: str
    f: object
    at: tuple
    backward: bool = True
    mistakes: tuple = ()


def used_again(a):
    b = a + a
    m = b * a
    return b + m


def sane(x):
    """The first of micrograd's own checks, as a formula."""
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    return h + q + q * x


def more(a, b):
    """The second of micrograd's own checks, as a formula."""
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = c + 1 + c + -a
    d = d + d * 2 + (b + a).relu()
    d = d + 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    return g + 10.0 / f


NO_FAN_OUT = "A number that is used twice gets two contributions. They are added: nothing is overwritten."
STEPS = (
    Step("y = a + b", lambda a, b: a + b, (2.0, 3.5), backward=False),
    Step("y = a * b", lambda a, b: a * b, (2.0, 3.5), backward=False),
    Step(
        "y = a + b",
        lambda a, b: a + b,
        (2.0, 3.5),
        mistakes=(
            Mistake(lambda y, a, b: (y, 0, 0), "Nothing has arrived: does backward() begin with a 1 at the result?"),
        ),
    ),
    Step(
        "y = a * b",
        lambda a, b: a * b,
        (2.0, 3.5),
        mistakes=(
            Mistake(lambda y, a, b: (y, a, b), "The local derivatives of a product are exchanged: see exercise 4."),
            Mistake(lambda y, a, b: (y, 1, 1), "A product does not hand its adjoint on as it is: see exercise 4."),
        ),
    ),
    Step(
        "y = (a + b) * c",
        lambda a, b, c: (a + b) * c,
        (2.0, 3.5, -1.5),
        mistakes=(
            Mistake(
                lambda y, a, b, c: (y, 0, 0, a + b),
                "Only the operands of the last operation get anything: backward() has to go on, to their operands.",
            ),
            Mistake(
                lambda y, a, b, c: (y, 1, 1, a + b),
                "A sum hands on what it has received itself, not 1: multiply by the adjoint.",
            ),
        ),
    ),
    Step(
        "y = a * b * c",
        lambda a, b, c: a * b * c,
        (2.0, 3.5, -1.5),
        mistakes=(
            Mistake(
                lambda y, a, b, c: (y, b, a, a * b),
                "A product hands on the adjoint it has received, times the other operand: a factor is missing.",
            ),
        ),
    ),
    Step("y = a + a", lambda a: a + a, (2.0,), mistakes=(Mistake(lambda y, a: (y, 1), NO_FAN_OUT),)),
    Step("y = a * a", lambda a: a * a, (3.0,), mistakes=(Mistake(lambda y, a: (y, a), NO_FAN_OUT),)),
    Step(
        "b = a + a, m = b * a, y = b + m",
        used_again,
        (1.5,),
        mistakes=(
            Mistake(
                lambda y, a: (y, 2 + 2 * a),
                "b has handed on before the contribution of m had come in: see exercise 7 for the order.",
            ),
            Mistake(
                lambda y, a: (y, 4 + 4 * a),
                "b hands on twice, the second time all it has: each node once, and see exercise 7 for the order.",
            ),
            Mistake(
                lambda y, a: (y, 4 + 6 * a),
                "b hands on twice, the second time all it has: each node once, and see exercise 7 for the order.",
            ),
        ),
    ),
    Step("y = a + 1", lambda a: a + 1, (2.0,)),
    Step("y = 1 + a", lambda a: 1 + a, (2.0,)),
    Step("y = 3 * a", lambda a: 3 * a, (2.0,)),
    Step(
        "y = a - b",
        lambda a, b: a - b,
        (2.0, 3.5),
        mistakes=(Mistake(lambda y, a, b: (y, 1, 1), "a - b moves against b: its local derivative there is -1."),),
    ),
    Step("y = -a", lambda a: -a, (2.0,)),
    Step(
        "y = 1 - a",
        lambda a: 1 - a,
        (3.0,),
        mistakes=(Mistake(lambda y, a: (-y, 1), "That is a - 1. With the number on the left, the order counts."),),
    ),
    Step(
        "y = a**3",
        lambda a: a**3,
        (2.0,),
        mistakes=(Mistake(lambda y, a: (y, a**2), "The slope of a**n has the n as a factor: n * a**(n - 1)."),),
    ),
    Step("y = a / b", lambda a, b: a / b, (3.0, 4.0)),
    Step(
        "y = 1 / a",
        lambda a: 1 / a,
        (4.0,),
        mistakes=(Mistake(lambda y, a: (1 / y, 1), "That is a / 1. With the number on the left, the order counts."),),
    ),
    Step("y = a.relu()", lambda a: a.relu(), (2.0,)),
    Step(
        "y = a.relu()",
        lambda a: a.relu(),
        (-2.0,),
        mistakes=(Mistake(lambda y, a: (0, 1), "Below 0 relu is flat: nothing is handed on there."),),
    ),
    Step("micrograd's first check", sane, (-4.0,)),
    Step("micrograd's second check", more, (-4.0, 2.0)),
)
REFLECTED = (
    "The number is on the left, and Python asks the one on the right: Value needs `__radd__` for 1 + a, `__rsub__`, "
    "`__rmul__` and `__rtruediv__` for the others."
)


def results(step, value):
    """y, and the gradient if it is asked for, with this class of Values."""
    inputs = [value(x) for x in step.at]
    y = step.f(*inputs)
    if not step.backward:
        return (y.data,)
    y.backward()
    return (y.data, *[x.grad for x in inputs])


def yours(answer, step):
    try:
        return results(step, answer.Value)
    except TypeError as error:
        if "unsupported operand" in str(error) and "'int' and 'Value'" in str(error):
            raise NotYet(f"{answer.explain(error)}\n\n{REFLECTED}") from error
        raise


def names(step):
    return ["y", *[f"∂y/∂{name}" for name in "abc"[: len(step.at) * step.backward]]]


def said(step):
    at = ", ".join(f"{name} = {number:g}" for name, number in zip("abc", step.at))
    return f"For {step.formula}, at {at}:"


def check(answer):
    for step in STEPS:
        right = results(step, engine.Value)
        mistakes = [
            Mistake(lambda step, made=mistake.answer, y=right[0]: made(y, *step.at), mistake.message)
            for mistake in step.mistakes
        ]
        compare(
            answer,
            "Your Value",
            lambda step: yours(answer, step),
            lambda step: results(step, engine.Value),
            [(step,)],
            inputs=said,
            names=names,
            mistakes=mistakes,
            source="the engine of this project",
        )
    return "That is an autodiff engine, and it is yours. micrograd's own checks pass, to the last digit shown."


def picture(answer):
    for step in STEPS:
        try:
            found = results(step, answer.Value)
        except Exception:
            found = None
        if found != results(step, engine.Value):
            break
    values = inputs(**dict(zip("abc", step.at)))
    y = step.f(*values).named("y")
    for value, slope in zip(values, (found or ())[1:]):
        if isinstance(slope, (int, float)):
            value.grad = slope
    return Picture(f"The first that is not right yet, {step.formula}, with the grad that your Value gives:", [y], True)
