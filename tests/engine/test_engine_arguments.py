"""Wrong arguments at the prompt: the error says what was passed and what to write instead."""

import math
import re

import pytest

from engine import Value, derivative, draw, grad, gradcheck, hessian, jvp, primitive, tanh
from nn import MLP

x = Value(0.5, label="x")
y = tanh(x)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: grad(y, 2), "expected a Value, as in grad(y, x) or grad(y, [a, b]): got 2 of type int"),
        (lambda: grad(y, [x, "x"]), "got 'x' of type str"),
        (lambda: grad(2.0, x), "expected a Value, as in grad(y, x): got 2.0 of type float"),
        (lambda: hessian(y, x), "expected a list, as in hessian(y, [a, b]): got Value(data=0.5, label='x')"),
        (lambda: jvp(tanh, 0.5, 1.0), "expected a list, as in jvp(f, [2.0, 3.0], [1.0, 0.0]): got 0.5 of type float"),
        (lambda: gradcheck(tanh, 0.5), "expected a list, as in gradcheck(f, [0.5, -3.0]): got 0.5 of type float"),
        (lambda: gradcheck(y, [x]), "gradcheck takes a function of the inputs first, got Value"),
        (lambda: derivative(y), "derivative takes a function, got Value"),
        (lambda: primitive(3), "@primitive decorates a rule, or takes its formula as text, got 3"),
        (lambda: draw(3), "draw a Value, or several: got 3 of type int"),
        (lambda: float(x), "engine.sin(v), or v.data for the number alone"),
        (lambda: math.sin(x), "use engine's functions instead of math's"),
        (
            lambda: MLP(1, [1]).load_state_dict({"layers.0.weights.0.0": x, "layers.0.biases.0": 1.0}),
            "weights.0.0: a Value",
        ),
    ],
)
def test_the_way_out_is_told(call, said):
    with pytest.raises(TypeError, match=re.escape(said)):
        call()
