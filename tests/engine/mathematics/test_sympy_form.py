"""sympy(): the expression has the Value's number, and SymPy's derivative of it is ours."""

import math
import random
import sys

import pytest
from random_graphs import OPERATIONS, tame

from engine import Value, grad, less, primitive, relu, sigmoid, tanh, where
from engine.primitives import OPERATIONS as BY_NAME

sympy = pytest.importorskip("sympy")

SMOOTH = [
    operation
    for operation in OPERATIONS
    if operation.name
    in """add sub mul div neg square sqrt exp exp2 expm1 log log2 log10 log1p erf erfc sin cos tan arcsin arccos arctan
    arctan2 hypot radians degrees sinh cosh tanh arcsinh arccosh arctanh sigmoid softplus logaddexp silu mish gelu sum
    dot weighted_sum prod norm2 logsumexp pow sech2 sigmoid_slope""".split()
]


@pytest.mark.slow
def test_its_derivative_is_ours_on_200_random_expressions():
    draw = random.Random(0)
    compared = 0
    while compared < 200:
        steps = [(draw.choice(SMOOTH), [draw.randrange(10**6) for _ in range(9)]) for _ in range(draw.randrange(1, 4))]
        x, y = Value(draw.uniform(-2.0, 2.0), "x"), Value(draw.uniform(-2.0, 2.0), "y")
        v = tame(steps, [x, y, 0.5, 1.5])
        if not isinstance(v, Value):
            continue
        expression, symbol = v.sympy(), sympy.Symbol("x")
        both = [expression, expression.diff(symbol)]
        evaluate = sympy.lambdify([symbol, sympy.Symbol("y")], both, "mpmath", cse=True)
        value, slope = evaluate(x.data, y.data)
        assert math.isclose(value, v.data, rel_tol=1e-9, abs_tol=1e-12), v.expression()
        assert math.isclose(slope, grad(v, x).data, rel_tol=1e-8, abs_tol=1e-10), v.expression()
        compared += 1


@pytest.mark.parametrize("name", [*BY_NAME])
def test_every_operation_has_its_number(name):
    operation = BY_NAME[name]
    count = {"dot": 4, "weighted_sum": 5}.get(name, 3 if operation.takes_any_number else len(operation.operand_names))
    numbers = [1.25, 0.75, 0.5, 2.0, 1.5][:count] if name not in ("arcsin", "arccos", "arctanh") else [0.25]
    leaves = [Value(number, f"x{k}") for k, number in enumerate(numbers)]
    v = operation(*leaves)
    expression = v.sympy().subs({leaf.label: sympy.Rational(leaf.data) for leaf in leaves})
    if name == "round":
        assert expression == sympy.Function("round")(sympy.Rational(5, 4))
    else:
        assert float(expression) == pytest.approx(v.data, rel=1e-12)


def test_choices():
    x, w = Value(2.0, "x"), Value(3.0, "w")
    chosen = where(less(x, w), x, w).sympy()
    a, b = sympy.symbols("x w")
    assert chosen == sympy.Piecewise((a, a < b), (b, True))
    assert relu(x).sympy() == sympy.Piecewise((0, a < 0), (a, True))


def test_labels_numbers_and_a_users_operation():
    @primitive
    def cube(x):
        return x * x * x, lambda g: (g * 3 * x * x,)

    x = Value(2.0, "x")
    symbol = sympy.Symbol("x")
    assert cube(x).sympy() == symbol**3
    assert (x * 0.1 + Value(3.0)).sympy() == symbol / 10 + 3
    assert tanh(sigmoid(x)).sympy() == sympy.tanh(1 / (1 + sympy.exp(-symbol)))


def test_without_sympy(monkeypatch):
    monkeypatch.setitem(sys.modules, "sympy", None)
    with pytest.raises(ImportError, match=r"^v.sympy\(\) needs the package sympy: pip install sympy$"):
        Value(1.0, "x").sympy()
