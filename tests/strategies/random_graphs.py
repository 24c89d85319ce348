"""Random expression graphs over every primitive, for property tests: the strategy, and what evaluates its examples.

A graph is a list of steps. Each applies an operation to results of earlier steps, inputs and constants: so results are
shared, fan out, are used twice by one operation, and some inputs are not used at all.
"""

import contextlib
import math
from unittest import mock

import mpmath
from hypothesis import strategies as st

import engine
from engine import Value, primitives
from engine.graph import topological_order
from engine.primitives import activations, power, trigonometry

POWERS = [power(n) for n in (0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.5)]
OPERATIONS = [*primitives.OPERATIONS.values(), *POWERS]
CONSTANTS = [0.5, -1.25, 2.0]

# Those for rules alone come by way of derivatives: in array code they have other digits far out
step = st.tuples(
    st.sampled_from([operation for operation in OPERATIONS if operation.is_public]),
    st.lists(st.integers(0, 10**6), min_size=9, max_size=9),
)
points = st.lists(st.floats(0.2, 2.0).flatmap(lambda x: st.sampled_from([x, -x])), min_size=4, max_size=4)


def graphs(most=25):
    """Graphs of up to `most` steps, small ones and large ones alike."""
    return st.one_of(
        st.lists(step, min_size=1, max_size=min(most, 8)), st.lists(step, min_size=most // 2, max_size=most)
    )


def arity(operation, pick):
    """How many operands to give an operation; a starred one from 2 to 4, in its own form."""
    names = operation.operand_names
    if not names[-1].startswith("*"):
        return len(names)
    n = 2 + pick % 3
    return {"dot": 2 * n, "weighted_sum": 2 * n + 1}.get(operation.name, n)


def call_engine(operation, *operands):
    return operation(*operands)


def wild(steps, xs, last=3):
    """The sum of the last few results, and of the first input. Anything may come of it: infinities, nan, any size."""
    nodes = [*xs, *CONSTANTS]
    for operation, picks in steps:
        nodes.append(operation(*[nodes[pick % len(nodes)] for pick in picks[: arity(operation, picks[0])]]))
    return engine.sum([*nodes[-last:], xs[0]])


WITHIN_1 = {"arcsin", "arccos", "arctanh", "tan"}  # their operand is brought into (-0.75, 0.75)
ABOVE = {  # the operand that is made larger than a number, and that number
    "sqrt": (0, 0.25), "log": (0, 0.25), "log2": (0, 0.25), "log10": (0, 0.25), "log1p": (0, 0.25), "pow": (0, 0.25),
    "div": (1, 0.25), "remainder": (1, 0.25), "floor_divide": (1, 0.25),
    "arctan2": (0, 0.25), "hypot": (0, 0.25),  # away from the origin, and from the cut of the angle
    "arccosh": (0, 1.25),
}  # fmt: skip


def above(operation):
    """(k, number) for an operand that has to be larger than a number; a whole power is one of any number."""
    if operation in POWERS and operation.exponent in (0, 1, 2, 3):
        return []
    return [ABOVE[operation.name]] if operation.name in ABOVE else []


def tame(steps, xs, call=call_engine):
    """The last result, through every step, with operands brought into each operation's domain and results near [-1, 1].

    Each step's first operand is the result before it, so the depth is the number of steps (or more). `call` computes an
    operation: by the engine, or by `in_high_precision`.
    """
    p = primitives
    nodes = [*CONSTANTS, *[call(p.sin, x) for x in xs]]
    for operation, (first, *picks) in steps:
        operands = [nodes[-1], *[nodes[pick % len(nodes)] for pick in picks[: arity(operation, first) - 1]]]
        for k, least in above(operation):
            operands[k] = call(p.add, call(p.softplus, operands[k]), least)
        if operation.name in WITHIN_1:
            operands[0] = call(p.mul, call(p.tanh, operands[0]), 0.75)
        result = call(operation, *operands)
        # half of it always depends on what came before: a step function would cut everything off
        nodes.append(call(p.sin, call(p.add, result, call(p.mul, nodes[-1], 0.5))))
    return nodes[-1]


# The same in high precision: each operation's textbook formula in mpmath, without a look at the engine's.


class Kinks:
    """How near a computation came to a point where it has no derivative: the least distance, but for exact ties."""

    def __init__(self):
        self.nearest = mpmath.inf

    def by(self, distance):
        if distance != 0:
            self.nearest = min(self.nearest, abs(distance))
        return distance


def in_high_precision(kinks):
    """A `call` for `tame` that computes with mpmath, and tells `kinks` of every choice that is made."""
    mp = mpmath

    def sigmoid(x):
        return 1 / (1 + mp.exp(-x))

    def softplus(x):
        return mp.log(1 + mp.exp(x))

    def dot(*operands):
        n = len(operands) // 2
        return sum(x * y for x, y in zip(operands[:n], operands[n:]))

    def extreme(choose):
        def of(*xs):
            result = choose(xs)
            for x in xs:
                kinks.by(x - result)
            return result

        return of

    def jumps(x):
        """x, whose whole part is about to be taken."""
        kinks.by(x - mp.nint(x))
        return x

    def is_true(x):
        return kinks.by(x) != 0

    def clip(x, low, high):
        for distance in (x - low, x - high, low - high):
            kinks.by(distance)
        return min(max(x, low), high)

    def selu(x):
        alpha, scale = mp.mpf("1.6732632423543772848170429916717"), mp.mpf("1.0507009873554804934193349852946")
        return scale * (x if kinks.by(x) > 0 else alpha * (mp.exp(x) - 1))

    formulas = {
        "add": lambda x, y: x + y,
        "sub": lambda x, y: x - y,
        "mul": lambda x, y: x * y,
        "div": lambda x, y: x / y,
        "neg": lambda x: -x,
        "pow": lambda x, y: mp.exp(y * mp.log(x)),
        "abs": lambda x: abs(kinks.by(x)),
        "sqrt": mp.sqrt,
        "exp": mp.exp,
        "exp2": lambda x: mp.mpf(2) ** x,
        "expm1": lambda x: mp.exp(x) - 1,
        "log": mp.log,
        "log2": lambda x: mp.log(x) / mp.log(2),
        "log10": lambda x: mp.log(x) / mp.log(10),
        "log1p": lambda x: mp.log(1 + x),
        "logaddexp": lambda x, y: mp.log(mp.exp(x) + mp.exp(y)),
        "sin": mp.sin,
        "cos": mp.cos,
        "tan": mp.tan,
        "arcsin": mp.asin,
        "arccos": mp.acos,
        "arctan": mp.atan,
        "arctan2": lambda x, y: mp.pi / 2 - mp.atan(y / x),  # of x > 0
        "hypot": lambda x, y: mp.sqrt(x * x + y * y),
        "radians": lambda x: x * mp.pi / 180,
        "degrees": lambda x: x * 180 / mp.pi,
        "sinc": lambda x: mp.sin(mp.pi * x) / (mp.pi * x) if x != 0 else 1 - (mp.pi * x) ** 2 / 6,
        "sinh": mp.sinh,
        "cosh": mp.cosh,
        "tanh": mp.tanh,
        "sech2": lambda x: 1 / mp.cosh(x) ** 2,
        "sigmoid_slope": lambda x: sigmoid(x) * (1 - sigmoid(x)),
        "arcsinh": lambda x: mp.log(x + mp.sqrt(x * x + 1)),
        "arccosh": lambda x: mp.log(x + mp.sqrt(x * x - 1)),
        "arctanh": lambda x: mp.log((1 + x) / (1 - x)) / 2,
        "erf": mp.erf,
        "erfc": lambda x: 1 - mp.erf(x),
        "sigmoid": sigmoid,
        "relu": lambda x: x if kinks.by(x) > 0 else 0 * x,
        "leaky_relu": lambda x, slope: x if kinks.by(x) > 0 else slope * x,
        "elu": lambda x, alpha: x if kinks.by(x) > 0 else alpha * (mp.exp(x) - 1),
        "selu": selu,
        "softplus": softplus,
        "silu": lambda x: x * sigmoid(x),
        "mish": lambda x: x * mp.tanh(softplus(x)),
        "gelu": lambda x: x * (1 + mp.erf(x / mp.sqrt(2))) / 2,
        "softsign": lambda x: x / (1 + abs(kinks.by(x))),
        "hardtanh": lambda x: clip(x, -1, 1),
        "floor_divide": lambda x, y: mp.floor(jumps(x / y)),
        "remainder": lambda x, y: x - y * mp.floor(jumps(x / y)),
        "floor": lambda x: mp.floor(jumps(x)),
        "ceil": lambda x: mp.ceil(jumps(x)),
        "round": lambda x: mp.nint(jumps(x - 0.5) + 0.5),
        "maximum": extreme(max),
        "minimum": extreme(min),
        "clip": clip,
        "where": lambda condition, x, y: x if kinks.by(condition) != 0 else y,
        "sign": lambda x: mp.sign(kinks.by(x)),
        "less": lambda x, y: mp.mpf(kinks.by(x - y) < 0),
        "less_equal": lambda x, y: mp.mpf(kinks.by(x - y) <= 0),
        "greater": lambda x, y: mp.mpf(kinks.by(x - y) > 0),
        "greater_equal": lambda x, y: mp.mpf(kinks.by(x - y) >= 0),
        "equal": lambda x, y: mp.mpf(kinks.by(x - y) == 0),
        "not_equal": lambda x, y: mp.mpf(kinks.by(x - y) != 0),
        "logical_and": lambda x, y: mp.mpf(is_true(x) and is_true(y)),
        "logical_or": lambda x, y: mp.mpf(is_true(x) or is_true(y)),
        "logical_not": lambda x: mp.mpf(not is_true(x)),
        "sum": lambda *xs: sum(xs),
        "dot": dot,
        "weighted_sum": lambda *operands: dot(*operands[:-1]) + operands[-1],
        "prod": lambda *xs: mp.fprod(xs),
        "norm2": lambda *xs: mp.sqrt(sum(kinks.by(x) ** 2 for x in xs)),
        "logsumexp": lambda *xs: mp.log(sum(mp.exp(x) for x in xs)),
        "max": extreme(max),
        "min": extreme(min),
    }

    def call(operation, *operands):
        if operation in POWERS:
            return mp.mpf(operands[0]) ** mp.mpf(operation.exponent)
        formula = formulas.get(operation.name) or printed(operation)
        return formula(*map(mp.mpf, operands))

    def printed(operation):
        """The printed formula, of an operation that has none above: so one that is added is tested at once."""
        known = {**vars(mp), **formulas}
        return lambda *xs: eval(operation.formula, known, dict(zip(operation.operand_names, xs)))

    return call


def eager(compute, steps, numbers):
    """Value and gradient by `backward`."""
    leaves = [Value(number) for number in numbers]
    y = compute(steps, leaves)
    if not isinstance(y, Value):
        return y, [0.0] * len(leaves)
    y.backward()
    return y.data, [leaf.grad for leaf in leaves]


def rounding(compute, steps, numbers):
    """How far the order of a sum may move each gradient: by the last digits of what its paths are without their signs.

    Where paths cancel, 1 - 1 + 1e-16, nudging all numbers alike does not show it.
    """
    leaves = [Value(number) for number in numbers]
    y = compute(steps, leaves)
    total = {y: 1.0}
    for node in reversed(topological_order(y) if isinstance(y, Value) else []):
        for parent, slope in zip(node.parents, node.pullback(1.0) if node.parents else ()):
            if isinstance(slope, float):  # and not a part that passes nothing on
                total[parent] = total.get(parent, 0.0) + total.get(node, 0.0) * abs(slope)
    sizes = [total.get(leaf, 0.0) for leaf in leaves]
    return [1e-18 * size if math.isfinite(size) else 0.0 for size in sizes]  # `agree` allows a thousand times that


def nudged(numbers):
    """The numbers, each rounded differently: how far results then differ is their noise."""
    return [number * (1 + 1e-15) for number in numbers]


@contextlib.contextmanager
def textbook_slopes():
    """Within the block the slopes of tanh and sigmoid are those of array code, 1 - y * y: far out without their digits.

    How far a gradient moves by that is what compiled code may be off by.
    """
    with contextlib.ExitStack() as patches:
        for table, name, textbook in (
            (trigonometry, "tanh_slope", trigonometry._textbook_sech2),
            (activations, "tanh_slope", trigonometry._textbook_sech2),
            (activations, "_slope", activations._textbook_slope),
        ):
            patches.enter_context(mock.patch.object(table, name, textbook))
        yield


def agree(a, b, noise):
    """Equal to 1e-12, or to what rounding the inputs differently would change."""
    if not noise < 1e290:  # it may become anything: an infinity, or nan
        return True
    if not (math.isfinite(a) and math.isfinite(b)):
        return a == b or (a != a and b != b)
    return abs(a - b) <= 1e-12 * max(abs(a), abs(b)) + 1e3 * noise + 1e-300
