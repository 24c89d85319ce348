"""Programs with loops, as a user writes them: known kinds, and random ones. Each is a function and arguments for it."""

import functools
import random

import engine
from engine import Value, dot, exp, log, maximum, relu, sigmoid, sin, tanh

_draw = random.Random(0)


def numbers(n):
    """Arguments."""
    return [_draw.uniform(-1.0, 1.0) for _ in range(n)]


def vector(n):
    """Parameters."""
    return [Value(_draw.uniform(-0.4, 0.4)) for _ in range(n)]


def matrix(rows, columns):
    """Rows of parameters."""
    return [vector(columns) for _ in range(rows)]


KINDS = {}


def kind(make):
    """A kind of program, with the same numbers every time."""

    @functools.wraps(make)
    def seeded(**settings):
        _draw.seed(make.__name__)
        return make(**settings)

    KINDS[make.__name__] = seeded
    return seeded


@kind
def rnn(turns=20, width=4, inputs=2):
    """The last state of a recurrent network."""
    w, u, b, v = matrix(width, inputs), matrix(width, width), vector(width), vector(width)

    def f(xs):
        h = [0.0] * width
        for x in xs:
            h = [tanh(dot(w[i], x) + dot(u[i], h) + b[i]) for i in range(width)]
        return dot(v, h)

    return f, [[numbers(inputs) for _ in range(turns)]]


@kind
def losses(turns=20, width=3):
    """A recurrent network with a cost at every turn, written with Python's sum."""
    w, u, v = vector(width), matrix(width, width), vector(width)

    def f(xs, ys):
        h, cost = [0.0] * width, 0.0
        for x, y in zip(xs, ys):
            h = [tanh(w[i] * x + sum(a * b for a, b in zip(u[i], h))) for i in range(width)]
            cost = cost + (sum(a * b for a, b in zip(v, h)) - y) ** 2
        return cost

    return f, [numbers(turns), numbers(turns)]


@kind
def lstm(turns=12, width=4, inputs=3):
    """A network with long short-term memory."""
    gates = [(matrix(width, inputs), matrix(width, width), vector(width)) for _ in range(4)]
    v = vector(width)

    def f(xs):
        h, c = [0.0] * width, [0.0] * width
        for x in xs:
            z = [[dot(w[i], x) + dot(u[i], h) + b[i] for i in range(width)] for w, u, b in gates]
            enter, keep, leave = [[sigmoid(z_i) for z_i in z[k]] for k in range(3)]
            c = [keep[i] * c[i] + enter[i] * tanh(z[3][i]) for i in range(width)]
            h = [leave[i] * tanh(c[i]) for i in range(width)]
        return dot(v, h)

    return f, [[numbers(inputs) for _ in range(turns)]]


@kind
def two_ways(turns=12, width=3):
    """A recurrent network from each end, whose states meet."""
    w, u, v = [vector(width) for _ in "ab"], [matrix(width, width) for _ in "ab"], [vector(width) for _ in "ab"]

    def states(xs, w, u):
        h, all_states = [0.0] * width, []
        for x in xs:
            h = [tanh(w[i] * x + dot(u[i], h)) for i in range(width)]
            all_states.append(h)
        return all_states

    def f(xs):
        there, back = states(xs, w[0], u[0]), states(xs[::-1], w[1], u[1])[::-1]
        return sum((dot(v[0], g) + dot(v[1], h)) ** 2 for g, h in zip(there, back))

    return f, [numbers(turns)]


@kind
def one_after_the_other(turns=12, width=3):
    """Two recurrent networks with weights of their own, of which only the last states are used."""
    w, u, v = [vector(width) for _ in "ab"], [matrix(width, width) for _ in "ab"], [vector(width) for _ in "ab"]

    def last(xs, w, u, v):
        h = [0.0] * width
        for x in xs:
            h = [tanh(w[i] * x + dot(u[i], h)) for i in range(width)]
        return dot(v, h)

    return lambda xs: last(xs, w[0], u[0], v[0]) + last(xs[::-1], w[1], u[1], v[1]), [numbers(turns)]


@kind
def by_turns(turns=12, width=3):
    """Two recurrent networks, one from each end, that take a step by turns."""
    w, u, v = [vector(width) for _ in "ab"], [matrix(width, width) for _ in "ab"], [vector(width) for _ in "ab"]

    def f(xs):
        g = h = [0.0] * width
        for x, y in zip(xs, xs[::-1]):
            g = [tanh(w[0][i] * x + dot(u[0][i], g)) for i in range(width)]
            h = [tanh(w[1][i] * y + dot(u[1][i], h)) for i in range(width)]
        return dot(v[0], g) + dot(v[1], h)

    return f, [numbers(turns)]


@kind
def there_and_back(turns=12, width=3):
    """A recurrent network whose states another one reads from the last to the first."""
    w, u, v = vector(width), matrix(width, width), matrix(width, width)

    def f(xs):
        g, h, states = [0.0] * width, [0.0] * width, []
        for x in xs:
            h = [tanh(w[i] * x + dot(u[i], h)) for i in range(width)]
            states.append(h)
        for h in reversed(states):
            g = [tanh(w[i] * h[i] + dot(v[i], g)) for i in range(width)]
        return engine.sum(g)

    return f, [numbers(turns)]


@kind
def lagging(turns=12, back=5):
    """A series whose next number depends on the last and on one several turns ago."""
    a, b, c = vector(3)

    def f(xs):
        states = [0.1 * k for k in range(back)]
        for x in xs:
            states.append(tanh(a * states[-1] + b * states[-back] + c * x))
        return states[-1]

    return f, [numbers(turns)]


@kind
def stacked(turns=12, width=3):
    """A recurrent network on top of another one."""
    w, u, a, b, v = vector(width), matrix(width, width), matrix(width, width), matrix(width, width), vector(width)

    def f(xs):
        g, h, total = [0.0] * width, [0.0] * width, 0.0
        for x in xs:
            g = [tanh(w[i] * x + dot(u[i], g)) for i in range(width)]
            h = [tanh(dot(a[i], g) + dot(b[i], h)) for i in range(width)]
            total = total + dot(v, h)
        return total

    return f, [numbers(turns)]


@kind
def heat(turns=16, cells=10):
    """A rod whose ends are kept at a temperature."""
    k = Value(0.1)

    def f(u):
        u = list(u)
        for _ in range(turns):
            u = [u[0]] + [b + k * (a - 2.0 * b + c) for a, b, c in zip(u, u[1:], u[2:])] + [u[-1]]
        return sum(x * x for x in u)

    return f, [numbers(cells)]


@kind
def ring(turns=16, cells=10):
    """The same without ends."""
    k = Value(0.1)

    def f(u):
        for _ in range(turns):
            u = [u[i] + k * (u[i - 1] - 2.0 * u[i] + u[(i + 1) % cells]) for i in range(cells)]
        return sum(x * x for x in u)

    return f, [numbers(cells)]


@kind
def kalman(turns=10):
    """The likelihood of measurements of a place, where speed is not measured: the covariance needs no argument."""
    q, r, step = Value(0.1), Value(0.2), 0.1

    def f(ys):
        place, speed, pp, ps, ss, total = 0.0, 0.0, 1.0, 0.0, 1.0, 0.0
        for y in ys:
            place = place + step * speed
            pp, ps, ss = pp + 2.0 * step * ps + step * step * ss + q, ps + step * ss, ss + q
            s, e = pp + r, y - place
            total = total + log(s) + e * e / s
            place, speed = place + pp / s * e, speed + ps / s * e
            pp, ps, ss = pp - pp / s * pp, ps - pp / s * ps, ss - ps / s * ps
        return total

    return f, [numbers(turns)]


@kind
def pendulum(turns=30):
    """A pendulum, one step after the other."""
    g = Value(9.8)

    def f(angle, speed):
        for _ in range(turns):
            speed = speed - 0.05 * g * sin(angle)
            angle = angle + 0.05 * speed
        return angle * angle + speed

    return f, [0.5, 0.1]


@kind
def verlet(turns=12):
    """The same from the last two places: the state reaches back over two turns."""
    g = Value(9.8)

    def f(before, now):
        for _ in range(turns):
            before, now = now, 2.0 * now - before - 0.0025 * g * sin(now)
        return now * now

    return f, [0.3, 0.35]


@kind
def newton(turns=10):
    """A cube root by Newton's iteration."""
    c = Value(2.0)

    def f(x):
        for _ in range(turns):
            x = x - (x * x * x - c) / (3.0 * x * x)
        return x

    return f, [1.5]


@kind
def horner(turns=20):
    """A polynomial with a parameter for each power."""
    coefficients = vector(turns)

    def f(x):
        y = 0.0
        for c in coefficients:
            y = y * x + c
        return y

    return f, [0.7]


@kind
def forward(turns=10, states=3):
    """The forward algorithm of a hidden Markov model, with logarithms."""
    a, e = matrix(states, states), matrix(states, 2)

    def f(xs):
        alpha = [0.0] * states
        for x in xs:
            alpha = [
                log(sum(exp(alpha[j] + a[j][i]) for j in range(states))) + e[i][0] * x + e[i][1] for i in range(states)
            ]
        return log(sum(exp(x) for x in alpha))

    return f, [numbers(turns)]


@kind
def nested(turns=8, inner=18):
    """An implicit equation solved in every turn, by a loop of its own."""
    c = Value(0.3)

    def f(xs):
        s = 1.0
        for x in xs:
            y = s
            for _ in range(inner):
                y = y - (y * y * y + y - s - c * x) / (3.0 * y * y + 1.0)
            s = tanh(y + 0.1 * s)
        return s

    return f, [numbers(turns)]


@kind
def without_arguments(turns=12):
    """A recurrence of parameters alone, whose result meets the argument."""
    start, w, c = Value(0.7), Value(0.3), Value(2.0)

    def f(x):
        s = start
        for _ in range(turns):
            s = tanh(w * s + c * s * s)
        return s * x

    return f, [0.5]


_STEPS = {
    "tanh": lambda v, p, other: tanh(v * p + other),
    "sin": lambda v, _, other: sin(v + other),
    "mul": lambda v, p, other: v * other + p,
    "add": lambda v, p, other: v + other * p,
    "sub": lambda v, p, other: other - v * p,
    "sigmoid": lambda v, _, other: sigmoid(v) * other,
    "relu": lambda v, p, other: relu(v + p) + 0.1 * other,
    "maximum": lambda v, p, other: maximum(v, other) * p,
    "div": lambda v, _, other: v / (1.5 + other * other),
}


def random_recurrence(seed):
    """A loop of random operations on states, older states, parameters and arguments, from either end of the arguments.

    Sometimes the first turn differs, or a turn uses its number; what is returned is of the last turn or of all.
    """
    draw = random.Random(seed)
    turns, width, inputs, back = draw.randint(6, 14), draw.randint(1, 4), draw.randint(1, 3), draw.choice([1, 1, 2, 3])
    parameters = [Value(draw.uniform(-0.6, 0.6)) for _ in range(draw.randint(1, 6))]
    xs = [[draw.uniform(-1.0, 1.0) for _ in range(inputs)] for _ in range(turns)]
    e = [draw.uniform(-1.0, 1.0) for _ in range(width)]
    steps = [
        (
            draw.choice([*_STEPS]),
            draw.choice(parameters),
            draw.random() < 0.5,
            draw.randrange(width),
            draw.randrange(inputs),
        )
        for _ in range(draw.randint(1, 5))
    ]
    start, result = draw.choice(["number", "argument", "parameter"]), draw.choice(["last", "sums", "squares", "mixed"])
    counts, differs, reverses = draw.random() < 0.3, draw.random() < 0.2, draw.random() < 0.2

    def f(xs, e):
        first = {
            "number": [0.1 * k for k in range(width)],
            "argument": list(e),
            "parameter": [parameters[k % len(parameters)] * 1.5 for k in range(width)],
        }
        states = [first[start]] * back
        for t, x in enumerate(reversed(xs) if reverses else xs):
            last, older, now = states[-1], states[-back], []
            if differs and t == 0:
                last = [0.5 * s for s in last]
            for k in range(width):
                v = last[k]
                for name, p, of_state, i, j in steps:
                    v = _STEPS[name](v, p, older[i] if of_state else x[j])
                    v = v / (t + 1.0) if counts else v
                now.append(tanh(v))
            states.append(now)
        states = states[back:]
        if result == "last":
            return sum(states[-1])
        if result == "sums":
            return sum(sum(s) * x[0] for s, x in zip(states, xs)) + states[-1][0] * e[0]
        if result == "squares":
            return engine.sum([s[0] * s[0] for s in states])
        return dot(states[2], states[-2]) + states[0][0]

    return f, [xs, e]
