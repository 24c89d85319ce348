"""What the repr of a compiled function says where compiling pays little, and that it says nothing where it pays."""

import pytest

from demos.benchmark.kinds.kind import Problem
from engine import Value, compile, dot, sin, tanh
from nn import MLP, squared_error

PARAMETERS = [Value(0.3 - 0.1 * k) for k in range(8)]
PAYS_LITTLE = "which pays little"


def pendulum(angle):
    speed = 0.0
    for _ in range(20):
        speed = speed - PARAMETERS[0] * sin(angle)
        angle = angle + PARAMETERS[1] * speed
    return angle * angle


def root(x):
    y = x
    for _ in range(5):
        y = y - (y * y - PARAMETERS[2]) / (2.0 * y)
    return y


def line(x):
    return (PARAMETERS[0] * x + PARAMETERS[1] - 1.0) ** 2


@pytest.mark.parametrize("f", [pendulum, root, line])
def test_what_is_scalar_by_nature_pays_little(f):
    compiled = compile(f)
    compiled(0.5)
    assert compiled.program.computed < 2.0 * compiled.program.calls
    assert repr(compiled).endswith(f'{PAYS_LITTLE}: take a batch or backend="native">')


def test_the_way_out_is_one_that_there_is():
    single = compile(line, dtype="float32")
    single(0.5)
    assert repr(single).endswith(f"{PAYS_LITTLE}: take a batch>")
    graph = compile(line(Value(0.5)))
    assert repr(graph).endswith(f'{PAYS_LITTLE}: take backend="native">')


@pytest.mark.parametrize("name", ["rnn", "attention", "fft"])
def test_kinds_of_program_with_wide_arrays_pay(name):
    problem = Problem(name, 1, small=True)
    problem.trace()
    assert PAYS_LITTLE not in repr(problem.compiled)


def test_layers_pay_and_other_backends_say_nothing():
    loss = MLP(2, [16, 1], seed=0).compile(squared_error)
    loss([0.1, 0.2], 0.3)
    assert repr(loss).endswith("array operations>")
    wide = compile(lambda x: tanh(dot(PARAMETERS, x)) + dot([sin(p) for p in PARAMETERS], x))
    wide([0.1 * k for k in range(8)])
    assert PAYS_LITTLE not in repr(wide)
    native = compile(line, backend="native")
    native(0.5)
    assert PAYS_LITTLE not in repr(native)
