"""The rules: derivatives against differences, formulas against rules, functions of lists, calls."""

import builtins
import math
import random

import pytest

import engine
from engine import Value, gradcheck, primitive, primitives
from engine.methods import Methods
from engine.primitives import OPERATIONS as OURS

BOUNDS = {  # the points at which a rule of one or two numbers is checked, away from its kinks and poles
    "sqrt": (0.1, 3.0),
    "log": (0.1, 3.0),
    "log1p": (-0.8, 3.0),
    "arcsin": (-0.9, 0.9),
    "arccos": (-0.9, 0.9),
    "tan": (-1.2, 1.2),
    "pow": (0.2, 3.0),
    "div": (0.3, 3.0),
    "log2": (0.1, 3.0),
    "log10": (0.1, 3.0),
    "arccosh": (1.2, 3.0),
    "arctanh": (-0.9, 0.9),
    "remainder": (0.3, 0.9),
    "hardtanh": (-0.9, 1.9),
}
OF_ANY_NUMBER = {"sum": 4, "dot": 6, "weighted_sum": 7, "norm2": 4, "logsumexp": 4, "prod": 4, "max": 4, "min": 4}


def points(name, count=5):
    """Operands at random, no two alike and none near the kink at 0."""
    draw = random.Random(name)
    tries = 10_000
    low, high = BOUNDS.get(name, (-2.5, 2.5))
    n = OF_ANY_NUMBER.get(name) or len(OURS[name].operand_names)
    while count:
        tries -= 1
        assert tries, f"BOUNDS leave no room for {name}"
        xs = [draw.uniform(low, high) for _ in range(n)]
        if builtins.min(builtins.abs(x - y) for x, y in zip([0.0, *xs], [*xs, 10.0])) > 0.05:
            count -= 1
            yield xs


@pytest.mark.parametrize("name", OURS)
def test_gradient_agrees_with_differences(name):
    for xs in points(name):
        assert gradcheck(OURS[name], xs)


def evaluate(expression, names):
    """An expression of the table of operations, with the engine's own functions."""
    known = {name: getattr(engine, name) for name in engine.functions.__all__}
    known |= {"pi": math.pi, "sign": primitives.sign}
    return float(eval(expression, {"__builtins__": {}}, known | names))


KINKS = {
    "abs": [[0.0]],
    "sign": [[0.0]],
    "relu": [[0.0]],
    "leaky_relu": [[0.0, 0.1]],
    "elu": [[0.0, 1.5]],
    "selu": [[0.0]],
    "softsign": [[0.0]],
    "hardtanh": [[-1.0], [1.0], [3.0], [-3.0]],
    "floor": [[2.0], [-2.0]],
    "ceil": [[2.0], [-2.0]],
    "round": [[0.5], [1.5], [-2.5]],
    "floor_divide": [[3.0, 1.5], [-3.0, 1.5]],
    "remainder": [[3.0, 1.5], [-3.0, 1.5]],
    "maximum": [[1.0, 1.0]],
    "minimum": [[1.0, 1.0]],
    "less": [[1.0, 1.0]],
    "less_equal": [[1.0, 1.0]],
    "greater": [[1.0, 1.0]],
    "greater_equal": [[1.0, 1.0]],
    "equal": [[1.0, 1.0]],
    "not_equal": [[1.0, 1.0]],
    "logical_and": [[0.0, 0.0], [0.0, 1.0], [2.0, 0.0], [-1.0, 0.5]],
    "logical_or": [[0.0, 0.0], [0.0, 1.0], [2.0, 0.0], [-1.0, 0.5]],
    "logical_not": [[0.0]],
    "where": [[0.0, 2.0, 3.0]],
    "clip": [[1.0, 1.0, 2.0], [2.0, 1.0, 2.0], [0.0, 1.0, 1.0], [3.0, 2.0, 1.0], [0.0, 2.0, 1.0]],
}


@pytest.mark.parametrize("name", [name for name in OURS if name not in OF_ANY_NUMBER])
def test_formula_and_derivatives_of_the_table_are_true(name):
    ours = OURS[name]
    for xs in [*points(name), *KINKS.get(name, [])]:
        names = dict(zip(ours.operand_names, xs))
        value, pullback = ours.rule(*xs)
        assert math.isclose(evaluate(ours.formula, names), value, rel_tol=1e-12)
        for expression, slope in zip(ours.derivatives, pullback(1.0), strict=True):
            assert math.isclose(evaluate(expression, names), slope, rel_tol=1e-12, abs_tol=1e-15), expression


SPELLED_OUT = {  # the formulas of any number of operands, as expressions for three
    "x_1 + ... + x_n": "x[0] + x[1] + x[2]",
    "x_1 y_1 + ... + x_n y_n": "x[0]*y[0] + x[1]*y[1] + x[2]*y[2]",
    "w_1 x_1 + ... + w_n x_n + b": "w[0]*x[0] + w[1]*x[1] + w[2]*x[2] + b",
    "sqrt(x_1**2 + ... + x_n**2)": "sqrt(x[0]**2 + x[1]**2 + x[2]**2)",
    "log(exp(x_1) + ... + exp(x_n))": "log(exp(x[0]) + exp(x[1]) + exp(x[2]))",
    "x_1 * ... * x_n": "x[0] * x[1] * x[2]",
    "max(x_1, ..., x_n)": "max(x[0], x[1], x[2])",
    "min(x_1, ..., x_n)": "min(x[0], x[1], x[2])",
}


@pytest.mark.parametrize("name", OF_ANY_NUMBER)
def test_formula_of_any_number_of_operands_is_true(name):
    x, y, w, b = [0.5, -1.5, 2.0], [3.0, 0.25, -1.0], [-0.5, 1.0, 4.0], 0.75
    operands = {"dot": [*x, *y], "weighted_sum": [*w, *x, b]}.get(name, x)
    names = {"x": x, "y": y, "w": w, "b": b}
    assert math.isclose(evaluate(SPELLED_OUT[OURS[name].formula], names), OURS[name].rule(*operands)[0], rel_tol=1e-12)


def test_derivatives_of_any_number_of_operands_are_true():
    w, x, b = [0.5, -1.5, 2.0], [3.0, 0.25, -1.0], 0.75
    assert primitives.weighted_sum.derivatives == ("x_k", "w_k", "1")
    assert primitives.weighted_sum.rule(*w, *x, b)[1](1.0) == (*x, *w, 1.0)
    assert primitives.dot.derivatives == ("y_k", "x_k")
    assert primitives.dot.rule(*w, *x)[1](1.0) == (*x, *w)
    assert primitives.sum.derivatives == ("1",)
    assert primitives.sum.rule(*x)[1](1.0) == (1.0, 1.0, 1.0)
    names = {"x": x}
    for name in ("norm2", "logsumexp", "prod"):
        [expression] = OURS[name].derivatives
        slopes = OURS[name].rule(*x)[1](1.0)
        assert slopes == pytest.approx([evaluate(expression, names | {"x_k": x_k}) for x_k in x])


def test_softmax_is_the_gradient_of_logsumexp_and_stable():
    xs = [Value(1000.0), Value(0.0), Value(-1000.0)]
    engine.logsumexp(xs).backward()
    assert [x.grad for x in xs] == [1.0, 0.0, 0.0]


def test_where_takes_either_branch_and_lets_no_gradient_into_the_other():
    for condition, to_x, to_y in ((1.0, 1.0, 0.0), (0.0, 0.0, 1.0)):
        x, y = Value(2.0), Value(3.0)
        z = engine.where(condition, x, y)
        z.backward()
        assert (z.data, x.grad, y.grad) == (2.0 if condition else 3.0, to_x, to_y)


def test_the_double_where():
    """As documented: choose the argument, or 0 * inf = nan comes back from the branch that was not taken."""
    x = Value(0.0)
    engine.where(x > 0, engine.log(x), 0.0).backward()
    assert math.isnan(x.grad)
    x = Value(0.0)
    engine.where(x > 0, engine.log(engine.where(x > 0, x, 1.0)), 0.0).backward()
    assert x.grad == 0.0


# Functions of lists ---------------------------------------------------------------------------------------------------


def test_functions_of_plain_numbers_give_plain_numbers():
    assert engine.tanh(0) == 0.0
    assert type(engine.tanh(0)) is float
    assert engine.sum([1, 2, 3]) == 6.0
    assert engine.mean([1.0, 2.0]) == 1.5
    assert engine.dot([1, 2], [3, 4]) == 11.0
    assert engine.weighted_sum([1, 2], [3, 4], 0.5) == 11.5
    assert engine.norm2([3, 4]) == 5.0
    assert engine.max([1, 3, 2]) == engine.max(1, 3, 2) == 3.0
    assert engine.min([2, 1, 3]) == engine.min(2, 1, 3) == 1.0
    assert engine.maximum(1, 2) == 2.0


def test_functions_take_generators():
    xs = [Value(3.0), Value(4.0)]
    for f, value in ((engine.sum, 7.0), (engine.mean, 3.5), (engine.norm2, 5.0), (engine.max, 4.0), (engine.min, 3.0)):
        assert f(x for x in xs).data == value
    assert engine.dot((x for x in xs), iter(xs)).data == 25.0


def test_an_error_of_the_users_generator_comes_through():
    with pytest.raises(TypeError, match="unsupported operand"):
        engine.sum(x + None for x in [1.0])


def test_functions_of_lists_say_what_is_wrong():
    with pytest.raises(ValueError, match=r"weighted_sum of 2 and 3 numbers"):
        engine.weighted_sum([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match=r"dot of 1 and 0 numbers"):
        engine.dot([1], [])
    for f in (engine.mean, engine.max, engine.min, engine.logsumexp):
        with pytest.raises(ValueError, match="it needs at least one"):
            f([])
    assert engine.sum([]) == 0.0


def test_a_list_where_a_number_belongs_is_refused():
    with pytest.raises(TypeError, match=r"expected a real number, got \[1.0\] of type list: make one Value an element"):
        engine.tanh([1.0])


def test_clip_with_one_bound():
    x = Value(3.0)
    assert [x.clip(4).data, x.clip(high=1).data, x.clip(0.0, high=2).data, engine.clip(-1.0, 0)] == [4.0, 1.0, 2.0, 0.0]
    y = x.clip(high=5.0) * x.clip(2.0)
    y.backward()
    assert (y.data, x.grad) == (9.0, 6.0)
    assert len(y.parents[0].parents) == 3  # a bound left out is a constant of the graph


def test_leaky_relu_and_elu_take_their_parameter():
    x = Value(-2.0)
    assert x.leaky_relu().data == -0.02
    assert x.leaky_relu(0.5).data == -1.0
    slope = Value(0.5)
    engine.leaky_relu(x, slope).backward()
    assert (x.grad, slope.grad) == (0.5, -2.0)
    assert engine.elu(-2.0, 3.0) == 3.0 * math.expm1(-2.0)


def test_aliases():
    assert engine.swish is engine.silu
    assert Value(1.0).swish().data == Value(1.0).silu().data


@pytest.mark.parametrize(
    "name", [name for name in vars(Methods) if name in OURS and len(OURS[name].operand_names) == 1]
)
def test_methods_are_the_functions(name):
    x = Value(points(name).__next__()[0])
    y = getattr(x, name)()
    assert y.op is OURS[name]
    assert y.op is getattr(engine, name)(x).op
    assert y.data == OURS[name](x.data) == getattr(engine, name)(x.data)
    assert OURS[name].formula in getattr(Value, name).__doc__


# Calls, formulas and ties ---------------------------------------------------------------------------------------------


def test_wrong_number_of_operands():
    with pytest.raises(TypeError, match="positional argument"):
        engine.tanh(Value(1.0), 2.0)
    with pytest.raises(TypeError, match=r"maximum\(x, y\) takes 2 numbers, got 1"):
        engine.maximum(Value(1.0))
    with pytest.raises(TypeError, match=r"leaky_relu\(x, slope\) takes 1 to 2 numbers, got 0"):
        engine.leaky_relu()


def test_a_tie_shares_any_adjoint():
    for operation in (primitives.maximum, primitives.minimum):
        x, y = Value(1.0), Value(1.0)
        (operation(x, y) * 3.0).backward()
        assert (x.grad, y.grad) == (1.5, 1.5)


def test_a_primitive_shows_its_formula():
    assert repr(primitives.mul) == "<primitive mul: x * y>"
    assert primitives.mul.operand_names == ("x", "y")
    assert primitives.sum.operand_names == ("*xs",)
    assert primitive(lambda x, *ys: (x, None)).operand_names == ("x", "*ys")
    assert all(p.__doc__ and p.formula and p.derivatives and p.symbol for p in OURS.values())


def test_equality_in_rules_is_by_data():
    assert primitives.equal(2.0, 2.0) == 1.0
    assert primitives.equal(Value(2.0), Value(2.0)).data == 1.0


def test_operands_may_be_named():
    x = Value(-2.0)
    assert (
        engine.leaky_relu(x, slope=0.1).data
        == x.leaky_relu(slope=0.1).data
        == engine.leaky_relu(-2.0, slope=0.1)
        == -0.2
    )
    assert engine.elu(x=0.5, alpha=2.0) == 0.5
    with pytest.raises(TypeError, match=r"leaky_relu\(x, slope\) has no place for alpha"):
        engine.leaky_relu(x, alpha=0.1)


@pytest.mark.parametrize("name", [name for name, op in primitives.OPERATIONS.items() if not op.takes_any_number])
def test_an_operation_on_arrays_is_that_on_each_of_their_numbers(name):
    np = pytest.importorskip("numpy")
    operation = primitives.OPERATIONS[name]
    columns = [[-2.0, -1.0, -0.5, 0.0, 0.3, 1.0, 2.5], [1.5, -2.0, 0.7, 2.0, -1.0, 1.0, 3.0], [3.0] * 7]
    columns = columns[: len(operation.operand_names)]
    with np.errstate(all="ignore"):
        result = operation(*map(np.array, columns))
    assert result.tolist() == pytest.approx([operation(*row) for row in zip(*columns)], rel=1e-12, nan_ok=True)


def test_the_arithmetic_of_rules_serves_arrays_and_refuses_other_things():
    np = pytest.importorskip("numpy")
    assert primitives.sqrt(np.array([4.0, 9.0])).tolist() == [2.0, 3.0]
    assert primitives.maximum(np.array([4.0, 9.0]), 5.0).tolist() == [5.0, 9.0]
    with pytest.raises(TypeError, match=r"expected a real number, got '4' of type str"):
        primitives.sqrt("4")
