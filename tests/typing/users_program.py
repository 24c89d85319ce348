"""A program as a user writes it. A type checker must know every type in it, and Python must agree when it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from typing_extensions import assert_type

import engine
from engine import (
    Primitive,
    Value,
    arctan2,
    clip,
    derivative,
    detect_anomaly,
    explain,
    formula_of,
    grad,
    gradcheck,
    hessian,
    jvp,
    leaky_relu,
    maximum,
    mean,
    no_grad,
    primitive,
    relu,
    sigmoid,
    softmax,
    tanh,
    weighted_sum,
    where,
)

u, v = Value(0.5, label="u"), Value(2)

# A Value and what is in it
assert_type(v, Value)
assert_type(v.data, float)
assert_type(v.grad, float)
assert_type(v.item(), float)
assert_type(v.label, "str | None")
assert_type(v.op, "Primitive | None")
assert_type(v.parents, tuple[Value, ...])
assert_type(v.named("v"), Value)
assert_type(v.detach(), Value)
assert_type(v.backward(), None)
assert_type(v.zero_grad(), None)
v.data, v.grad, v.label = 3, 0.0, None

# Operators, with plain numbers on either side
assert_type(u + v, Value)
assert_type(v + 1, Value)
assert_type(1.5 + v, Value)
assert_type(v - 1, Value)
assert_type(1 - v, Value)
assert_type(2 * v, Value)
assert_type(v / 2, Value)
assert_type(1 / v, Value)
assert_type(v**2, Value)
assert_type(2**v, Value)
assert_type(v**u, Value)
assert_type(v % 2, Value)
assert_type(v // 2, Value)
assert_type(-v, Value)
assert_type(+v, Value)
assert_type(abs(v), Value)
assert_type(round(v), Value)
total = Value(0.0)
total += v
assert_type(total, Value)
assert_type(sum([u, v], Value(0.0)), Value)

# Comparisons are of the numbers
assert_type(u < v, bool)
assert_type(u <= 1, bool)
assert_type(1 > u, bool)
assert_type(u >= v, bool)
assert_type(u == v, bool)
assert_type(u != 1.0, bool)
assert_type(bool(v), bool)
assert_type(f"{v:.3f}", str)

# Methods
assert_type(v.tanh(), Value)
assert_type(v.relu().log1p().sqrt(), Value)
assert_type(v.maximum(1.0), Value)
assert_type(v.max(u), Value)
assert_type(v.leaky_relu(0.1), Value)
assert_type(v.clip(0.0, 1.0), Value)
assert_type(v.clip(low=0.0, high=1.0), Value)
assert_type(v.where(u < v, 0.0), Value)
assert_type(v.tree(), str)

# Functions: of a float a float, of a Value a Value
assert_type(tanh(1.0), float)
assert_type(tanh(1), float)
assert_type(tanh(v), Value)
assert_type(sigmoid(2 * v + 1), Value)
assert_type(engine.abs(-1.0), float)
assert_type(maximum(1.0, 2.0), float)
assert_type(maximum(v, 2.0), Value)
assert_type(maximum(2.0, v), Value)
assert_type(arctan2(u, v), Value)
assert_type(leaky_relu(v), Value)
assert_type(leaky_relu(v, slope=0.1), Value)
assert_type(leaky_relu(-1.0, slope=0.1), float)
assert_type(where(u < v, u, 0.0), Value)
assert_type(where(True, 1.0, 0.0), float)
assert_type(clip(v, 0.0, 1.0), Value)
assert_type(clip(v, 0.0), Value)
assert_type(clip(v, high=v), Value)
assert_type(clip(0.5, 0.0), float)
assert_type(clip(v, low=0.0, high=1.0), Value)
assert_type(clip(0.5, low=0.0, high=1.0), float)

# Lists
assert_type(engine.sum([u, v]), Value)
assert_type(engine.sum([u, 1.0]), Value)
assert_type(engine.sum(x * x for x in (u, v)), Value)
assert_type(engine.sum([1.0, 2]), float)
assert_type(engine.max([u, v]), Value)
assert_type(engine.max(u, 1.0), Value)
assert_type(engine.max(1.0, 2.0), float)
assert_type(engine.min([1.0, 2.0]), float)
assert_type(mean([u, v]), Value)
assert_type(mean([1.0, 2.0]), float)
assert_type(engine.var([1.0, 2.0], ddof=1), float)
assert_type(engine.std([u, v]), Value)
assert_type(engine.dot([u, v], [1.0, 2.0]), Value)
assert_type(engine.dot([1.0], [2.0]), float)
assert_type(weighted_sum([u, v], [1.0, 2.0], 0.5), Value)
assert_type(engine.logsumexp([u, v]), Value)
assert_type(softmax([u, v]), list[Value])
assert_type(softmax([0.0, 1.0]), list[float])
assert_type(engine.log_softmax([u, v]), list[Value])
assert_type(engine.cumsum([u, v]), list[Value])
assert_type(engine.cumsum([1.0, 2.0]), list[float])
activations: dict[str, Callable[[Value], Value]] = {"tanh": tanh, "relu": relu, "leaky": leaky_relu}

# Derivatives
y = tanh(u * v) + u**3
assert_type(grad(y, u), Value)
assert_type(grad(y, [u, v]), list[Value])
assert_type(grad(grad(y, u), u), Value)
assert_type(hessian(y, [u, v]), list[list[Value]])
value, tangent = jvp(lambda a, b: a * b, [1.0, 2.0], [1.0, 0.0])
assert_type(value, Value)
assert_type(tangent, Value)
assert_type(derivative(tanh)(0.5), float)
assert_type(derivative(derivative(tanh))(v), Value)
assert_type(gradcheck(lambda a: a.tanh(), [0.5]).ok, bool)
assert_type(y.forward(), Value)
assert_type(explain(y, u).derivative, float)
assert_type([each.count for each in explain(y)], list[int])
assert_type(y.leaves(), list[Value])
assert_type(formula_of(grad(y, u)).number, float)
print(explain(y, u), y.expression().splitlines(), y.latex().strip(), formula_of(y))


# An operation of one's own
@primitive
def swish(x: Any) -> Any:
    s = sigmoid(x)
    return x * s, lambda g: (g * (s + x * s * (1 - s)),)


@primitive("x**3", "3 * x**2", symbol="cube")
def cube(x: Any) -> Any:
    return x * x * x, lambda g: (g * 3 * x * x,)


assert_type(swish, Primitive)
assert_type(swish(v), Value)
assert_type(swish(1.0), float)
assert_type(cube(2 * v), Value)
assert_type(cube.formula, str)

# Recording
with no_grad():
    assert_type(u * v, Value)
with detect_anomaly():
    assert_type(u * v, Value)


@no_grad()
def score(x: Value) -> float:
    return tanh(x).data


assert_type(score(v), float)
