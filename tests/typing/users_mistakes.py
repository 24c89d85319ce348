"""Mistakes that an editor must mark: a type checker reports every line that ends in `# mistake`, and no other."""

import math

import engine
from engine import Value, arctan2, grad, jvp, maximum, no_grad, tanh, where

v = Value(2.0)

Value("a")  # mistake
Value([1.0, 2.0])  # mistake
Value(1.0, label=2)  # mistake
Value(1.0, (v, v), "+")  # mistake
v.thanh()  # mistake
v.tanh(1.0)  # mistake
v.maximum()  # mistake
v.maximum("a")  # mistake
v.data = "a"  # mistake
v.parents = (v,)  # mistake
v + "a"  # mistake
[1.0] * v  # mistake
v < "a"  # mistake
math.sin(v)  # mistake
float(v)  # mistake
tanh("a")  # mistake
tanh(v, v)  # mistake
tanh([v])  # mistake
maximum(v)  # mistake
arctan2(v, "a")  # mistake
where(v, v)  # mistake
engine.sum(v)  # mistake
engine.sum(["a"])  # mistake
engine.max(v)  # mistake
engine.dot([v])  # mistake
grad(v, 1.0)  # mistake
grad(v)  # mistake
engine.derivative(tanh, 3.0)  # mistake
grad(lambda x: x, v)  # mistake
jvp(lambda x: x, 1.0, 1.0)  # mistake
engine.thanh(v)  # mistake


@no_grad()
def score(x: Value) -> float:
    return tanh(x)  # mistake
