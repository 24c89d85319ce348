"""Random programs with conditions: eager, an eager copy and compiled give the same numbers, or compiling is refused.

A program is a list of lines over parameters, arguments and results so far. Some lines compute; some need a number where
a compiled function has none (a Python branch, `data`), or do something that is done once (a counter). The leaves change
from call to call.
"""

import copy
import itertools
import math

from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine import Value, compile, no_grad, where
from engine.lifting.traced import TraceError


def with_branch(a, b):
    return a * 2.0 if a > b else b


def unrecorded(a, b):
    with no_grad():
        return a * b


LIVE = {
    "add": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "tanh": lambda a, b: engine.tanh(a - b),
    "detach": lambda a, b: a.detach() * b if isinstance(a, Value) else a * b,
    "no_grad": unrecorded,
    "where less": lambda a, b: where(a < b, a, b * 3.0),
    "where equal": lambda a, b: where(a == b, a + 1.0, b),
    "where different": lambda a, b: where(a != b, a, b * b),
    "comparison": lambda a, b: (a >= b) * 1.0 + a,
    "maximum": engine.maximum,
    "abs": lambda a, b: abs(a) - b,
    "made inside": lambda a, b: a + Value(0.5) * b,
    "relu": lambda a, b: engine.relu(a) + b,
}
NEEDS_A_NUMBER = {
    "branch": with_branch,
    "python's max": lambda a, b: max(a, b) * 1.5,
    "sorted": lambda a, b: sorted([a, b])[1],
    "abs by hand": lambda a, b: a if a > 0 else -a,
    "data": lambda a, b: a * getattr(b, "data", b),
    "equal": lambda a, b: a * 5.0 if a == 1.0 else b,
    "in": lambda a, b: a if b in (1.0, 2.0) else b,
    "truth": lambda a, b: a if b else -1.0 * a,
}

lines = st.lists(
    st.tuples(
        st.one_of(st.sampled_from([*LIVE]), st.sampled_from([*LIVE, *NEEDS_A_NUMBER])),
        st.integers(0, 10**6),
        st.integers(0, 10**6),
    ),
    min_size=1,
    max_size=7,
)
numbers = st.lists(st.sampled_from([-2.0, -1.0, -0.0, 0.0, 0.5, 1.0, 2.0]), min_size=5, max_size=5)


def run(program, parameters, x):
    """The result of a program on parameters and arguments, Values or plain numbers."""
    known = [*parameters, *x]
    for name, i, j in program:
        known.append((LIVE | NEEDS_A_NUMBER)[name](known[i % len(known)], known[j % len(known)]))
    return engine.sum([*known[-2:], parameters[0] * 1.0])


def eagerly(program, parameters, x):
    """Value and gradients; the arguments are plain numbers."""
    for parameter in parameters:
        parameter.grad = None
    y = run(program, parameters, x)
    y.backward()
    return [y.data, *(parameter.grad for parameter in parameters)]


def same(ours, theirs) -> bool:
    return all(
        math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) or (a != a and b != b)
        for a, b in zip(ours, theirs, strict=True)
    )


@settings(max_examples=120, deadline=None)
@given(lines, numbers, st.lists(numbers, min_size=1, max_size=3))
def test_equal_or_refused_never_different(program, first, changes) -> None:
    parameters = [Value(number) for number in first[:3]]
    compiled = compile(lambda x: run(program, parameters, x))
    refused = False
    for change in itertools.chain([first], changes):
        for parameter, number in zip(parameters, change):
            parameter.data = number
        x = change[3:]
        twins, twin = copy.deepcopy((parameters, compiled))
        expected = eagerly(program, parameters, x)
        assert same(eagerly(program, copy.deepcopy(parameters), x), expected)
        for leaves, function in ((parameters, compiled), (twins, twin)):
            for leaf in leaves:
                leaf.grad = None
            try:
                ours = [function.backward(x), *(leaf.grad for leaf in leaves)]
            except TraceError:
                refused = True
                continue
            assert not refused
            assert same(ours, expected), (ours, expected)
    if all(name in LIVE for name, *_ in program):
        assert not refused
