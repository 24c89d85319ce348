"""What only steps and conditions use has no adjoint, though another in the same place of an array has one."""

import math

import numpy as np
import pytest

import engine
from engine import Value, arccos, compile, floor, sign, where

USES = {
    "a comparison": lambda z: where(z > 0.3, 1.0, 2.0),
    "a condition": lambda z: where(z, 1.0, 2.0),
    "a step": floor,
    "a sign": sign,
    "a sign of a sum": lambda z: sign(z + 1.0),
    "what is detached": lambda z: z.detach() if isinstance(z, Value) else z,
    "what is left over": lambda z: 3.0 % where(z > 0.0, 2.0, 4.0),
}
KINDS = {  # of numbers, each with an infinite or nan slope at its second parameters
    "arccos": (lambda p: arccos(p[0]), [0.5], [1.0]),
    "a quotient": (lambda p: 1.0 / p[0], [2.0], [0.0]),
    "a logarithm": (lambda p: engine.log(p[0] * p[0]), [2.0], [0.0]),
    "a product": (lambda p: p[0] * p[1], [2.0, 3.0], [math.inf, 3.0]),
    "a sum of products": (lambda p: p[0] * p[1] + p[2] * p[3], [2.0, 3.0, 1.0, 1.0], [math.inf, 3.0, 1.0, 1.0]),
    "a norm": (lambda p: engine.norm2([p[0], p[1]]), [3.0, 4.0], [0.0, 0.0]),
}


@pytest.mark.parametrize("backend", ["numpy", "native", pytest.param("jax", marks=pytest.mark.slow)])
@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("kind", KINDS)
def test_no_gradient_comes_from_there(kind: str, use: str, backend: str) -> None:
    number, plain, edge = KINDS[kind]
    first, second = [[Value(x) for x in numbers] for numbers in (plain, edge)]

    def f(x):
        return x * number(first) + USES[use](number(second))

    eager = f(1.5)
    eager.backward()
    expected = [p.grad for p in first + second]
    for p in first + second:
        p.grad = None
    compiled = compile(f, backend=backend)
    np.testing.assert_allclose(compiled.backward([1.5]), eager.data, rtol=1e-15)
    np.testing.assert_allclose([p.grad for p in first + second], expected, rtol=1e-14)
    assert all(map(math.isfinite, expected[: len(first)]))


def test_nothing_is_apart_where_all_have_an_adjoint() -> None:
    ws = [Value(0.1 * k) for k in range(8)]
    compiled = compile(lambda xs: engine.sum([engine.tanh(w * x) for w, x in zip(ws, xs)]))
    compiled([0.5] * 8)
    assert compiled.program.operations[0] == 3


def test_a_state_that_only_decides_has_no_adjoint_in_a_loop() -> None:
    a, b = Value(0.5), Value(0.0)

    def f(xs):
        u, v = a, b
        for x in xs:
            u, v = engine.sqrt(u) * x, engine.sqrt(v) * x
        return u + where(v > 1.0, 1.0, 2.0)

    f([1.5] * 12).backward()
    expected = a.grad, b.grad
    a.grad = b.grad = 0.0
    compile(f).backward([[1.5] * 12])
    assert (a.grad, b.grad) == (pytest.approx(expected[0], rel=1e-13), 0.0)
    assert expected[1] == 0.0
