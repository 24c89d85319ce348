"""What graphs are lifted into: the textbook's matrix equations, whoever wrote the graph and however wide it is."""

import math
import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import engine
from engine import Value, compile, primitive, relu, weighted_sum
from engine.lifting.pieces import MOST
from engine.primitives import exp

ROOT = Path(__file__).parents[3]


def parameters(sizes: list[int], seed: int = 0) -> list:
    """Weights [j][k] and biases [j] of each layer."""
    rng = random.Random(seed)
    return [
        (
            [[Value(rng.uniform(-1, 1)) for _ in range(n)] for _ in range(m)],
            [Value(rng.uniform(-1, 1)) for _ in range(m)],
        )
        for n, m in pairwise(sizes)
    ]


def by_weighted_sums(layers: list, x: list) -> Value:
    for depth, (weights, biases) in enumerate(layers, 1):
        x = [weighted_sum(w, x, b) for w, b in zip(weights, biases)]
        x = x if depth == len(layers) else [relu(z) for z in x]
    return x[0]


def one_product_at_a_time(layers: list, x: list) -> Value:
    for depth, (weights, biases) in enumerate(layers, 1):
        x = [sum((wk * xk for wk, xk in zip(w, x)), b) for w, b in zip(weights, biases)]
        x = x if depth == len(layers) else [relu(z) for z in x]
    return x[0]


TEXTBOOK = """\
def value(W1, b1, W2, b2, x1, x2):
    z1 = x1 @ W1.T + b1
    a1 = maximum(0.0, z1)
    z2 = a1 @ W2.T + b2 - x2
    a2 = z2**2.0
    return a2

def value_and_gradients(W1, b1, W2, b2, x1, x2):
    rows = len(x1)
    z1 = x1 @ W1.T + b1
    a1 = maximum(0.0, z1)
    z2 = a1 @ W2.T + b2 - x2
    a2 = z2**2.0
    delta2 = full((rows, 1), 1.0 / rows) * (2.0 * z2)
    dW2 = delta2.T @ a1
    delta1 = where(z1 <= 0.0, 0.0, delta2 @ W2)
    dW1 = delta1.T @ x1
    db1 = delta1.sum(0)
    db2 = delta2.sum(0)
    return a2, dW1, db1, dW2, db2"""


@pytest.mark.parametrize("network", [by_weighted_sums, one_product_at_a_time])
def test_a_network_becomes_the_textbooks_equations(network) -> None:
    layers = parameters([3, 5, 1])
    loss = compile(lambda x, y: (network(layers, x) - y) ** 2)
    loss([1.0, 2.0, 3.0], 1.0)
    assert str(loss.program) == TEXTBOOK


def test_the_number_of_array_operations_grows_with_depth_not_with_width() -> None:
    def operations(sizes: list[int]) -> tuple[int, int]:
        layers = parameters(sizes)
        loss = compile(lambda x, y: (one_product_at_a_time(layers, x) - y) ** 2)
        loss([0.5] * sizes[0], 1.0)
        return loss.program.operations

    assert operations([3, 4, 4, 1]) == operations([30, 41, 17, 1])
    assert operations([3, 4, 4, 4, 1]) > operations([3, 4, 4, 1])


def test_a_batch_is_the_mean_of_its_rows() -> None:
    layers = parameters([2, 4, 1])
    leaves = [p for weights, biases in layers for p in [*biases, *(w for row in weights for w in row)]]
    rng = np.random.default_rng(1)
    X, Y = rng.normal(size=(700, 2)), rng.normal(size=700)  # more rows than go through the cache in one piece

    def f(x: list, y: float) -> Value:
        return (by_weighted_sums(layers, x) - y) ** 2

    loss = compile(f)
    mean = engine.mean([f(x, y) for x, y in zip(X.tolist(), Y.tolist())])
    mean.backward()
    expected = [leaf.grad for leaf in leaves]
    for leaf in leaves:
        leaf.grad = None
    for pieces in (1, 3):
        loss(X, Y)
        loss.program.numbers_per_row = MOST // 700 * pieces
        assert loss.backward(X, Y) == pytest.approx(mean.data, rel=1e-12)
        assert [leaf.grad for leaf in leaves] == pytest.approx(expected, rel=1e-10, abs=1e-15)
        for leaf in leaves:
            leaf.grad = None
    value, gradient = loss.value_and_grad(X.tolist(), Y.tolist())
    assert value == pytest.approx(mean.data, rel=1e-12)
    assert all(leaf.grad == 0.0 for leaf in leaves)
    by_leaf = dict(zip(loss.parameters, gradient.tolist()))
    assert [by_leaf[leaf] for leaf in leaves] == pytest.approx(expected, rel=1e-10, abs=1e-15)
    np.testing.assert_allclose(
        loss(X[:5], Y[:5]), [f(x, y).data for x, y in zip(X[:5].tolist(), Y[:5].tolist())], rtol=1e-12
    )
    assert isinstance(loss(X[0], Y[0]), float)


def test_a_graph_that_is_already_built_is_evaluated_for_its_leaves_new_data() -> None:
    a, b = Value(2.0), Value(3.0)
    compiled = compile(a * b + a)
    assert compiled() == 8.0
    a.data = 5.0
    assert compiled() == 20.0
    assert compiled.backward() == 20.0
    assert (a.grad, b.grad) == (4.0, 5.0)


def test_arguments_and_results_may_be_nested() -> None:
    w = Value(2.0)

    def f(point: dict, scale: float) -> dict:
        return {"sum": (point["x"] + point["rest"][0] + point["rest"][1]) * scale, "pair": [w * scale, scale]}

    compiled = compile(f)
    assert compiled({"x": 1.0, "rest": [2.0, 3.0]}, 10.0) == {"sum": 60.0, "pair": [20.0, 10.0]}
    batch = compiled({"x": [1.0, 0.0], "rest": [[2.0, 3.0], [0.0, 1.0]]}, [10.0, 1.0])
    assert batch["sum"].tolist() == [60.0, 1.0]
    assert batch["pair"].tolist() == [[20.0, 10.0], [2.0, 1.0]]
    with pytest.raises(TypeError, match="structure of numbers"):
        compiled.backward({"x": 1.0, "rest": [2.0, 3.0]}, 10.0)


def test_another_shape_traces_again_and_is_remembered() -> None:
    traces = []

    def f(xs: list) -> Value:
        traces.append(len(xs))
        return engine.sum([x * x for x in xs])

    compiled = compile(f)
    assert compiled([1.0, 2.0]) == 5.0
    assert compiled([1.0, 2.0, 3.0]) == 14.0
    assert compiled([3.0, 2.0]) == 13.0
    assert compiled([[3.0, 2.0], [1.0, 1.0]]).tolist() == [13.0, 2.0]
    assert traces == [2, 2, 3, 3]  # each twice: what differs between two traces is refused


def test_users_primitives_compile_from_their_rule_alone() -> None:
    @primitive
    def clipped_exp(x, limit):
        y = exp(x)
        return y, lambda g: (engine.minimum(g * y, limit), 0.0)

    w = Value(3.0)
    compiled = compile(lambda x: clipped_exp(w * x, 5.0))
    y = clipped_exp(w * 2.0, 5.0)
    y.backward()
    expected, w.grad = w.grad, None
    assert compiled(2.0) == pytest.approx(y.data, rel=1e-12)
    compiled.backward(2.0)
    assert w.grad == expected == 10.0


def test_a_user_primitive_that_needs_floats_is_refused_with_the_way_out() -> None:
    @primitive
    def hard(x):
        return math.exp(x), lambda g: (g * math.exp(x),)

    with pytest.raises(TypeError, match=r"hard cannot be compiled.*engine.exp, not math.exp"):
        compile(lambda x: hard(x))(1.0)


def test_detached_and_unrecorded_numbers_get_no_gradient() -> None:
    w = Value(3.0)

    def f(x: Value) -> Value:
        with engine.no_grad():
            fixed = w * x
        return fixed * w + (w * 2.0 * x).detach()

    compiled = compile(f)
    assert compiled.backward(2.0) == 30.0
    assert w.grad == 6.0


def test_no_text_of_the_user_gets_into_the_program() -> None:
    w = Value(1.0, label="__import__('os')")
    compiled = compile(lambda evil_name: (w * evil_name["']; import os"]).named("x\n y"))
    assert compiled({"']; import os": 2.0}) == 2.0
    text = str(compiled.program)
    assert not any(typed in text for typed in ("import", "evil", "\n y"))


def test_a_python_branch_on_a_traced_number_is_refused_with_the_line() -> None:
    def f(x: Value) -> Value:
        if x > 0:
            return x
        return -x

    with pytest.raises(TypeError, match=r"(?s)Python branch.*test_lifting_programs.py:\d+: if x > 0:.*engine.where"):
        compile(f)(1.0)


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: x * x.data, "number of a traced Value was read"),
        (lambda x: x * x.item(), "number of a traced Value was read"),
        (lambda x: f"{x:.2f}", "number of a traced Value was read"),
        (lambda x: [1.0, 2.0][x], r"(?s)list indices .*test_lifting_programs.py:\d+.*engine\.take"),
        (lambda x: math.exp(x), r"(?s)a function of math.*test_lifting_programs.py:\d+.*use engine's functions"),
        (lambda x: float(x), "use engine's functions"),
        (lambda x: x[1], r"(?s)not subscriptable, at .*one unknown number: it has no elements"),
        (lambda x: int(x), r"(?s)int\(\) argument.*it has no elements, no int\(\)"),
        (lambda x: round(x, 2), "a Value rounds to a whole number"),
        (lambda x: x.backward(), "engine.grad inside it"),
    ],
)
def test_asking_a_traced_value_for_its_number_is_refused(f, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        compile(f)(1.0)


def test_rounding_a_traced_value_is_an_operation() -> None:
    numbers = [-1.5, -0.4, 0.5, 2.5, 7.2]
    assert compile(lambda x: round(x) * 100.0 + math.floor(x) * 10.0 + math.ceil(x))(numbers).tolist() == [
        round(x) * 100.0 + math.floor(x) * 10.0 + math.ceil(x) for x in numbers
    ]
    assert compile(lambda x: x % 2.0 + 10.0 * (x // 2.0))(numbers).tolist() == [
        x % 2.0 + 10.0 * (x // 2.0) for x in numbers
    ]


def test_a_comparison_decides_on_every_run() -> None:
    compiled = compile(lambda x: engine.where(x > 1.0, x * 10.0, -x))
    assert compiled([0.5, 1.0, 2.0]).tolist() == [-0.5, -1.0, 20.0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["one"],), "number"),
        ((Value(1.0),), "argument 1 is a Value"),
        ((1j,), "argument 1 must be numbers"),
    ],
)
def test_bad_arguments_are_named(arguments: tuple, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        compile(lambda x: x * 2)(*arguments)


def test_arguments_of_different_lengths_are_named() -> None:
    layers = parameters([2, 4, 1])
    loss = compile(lambda x, y: (by_weighted_sums(layers, x) - y) ** 2)
    with pytest.raises(ValueError, match=r"(?s)not one sample: .* nor a batch: they have 3, 2 rows"):
        loss([[1.0, 2.0]] * 3, [1.0] * 2)
    with pytest.raises(ValueError, match="2 and 5 numbers"):
        loss([[1.0] * 5] * 3, [1.0] * 3)


@pytest.mark.parametrize(("module", "backend", "extra"), [("numpy", "numpy", "compile"), ("jax", "jax", "jax")])
def test_what_is_not_installed_is_said_in_one_line(module: str, backend: str, extra: str) -> None:
    program = f"import sys; sys.modules[{module!r}] = None; import engine; engine.compile(len, backend={backend!r})"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert run.stderr.splitlines()[-1].startswith("ImportError: ")
    assert run.stderr.splitlines()[-1].endswith(f'pip install "liftgrad[{extra}]"')


def test_keywords_and_empty_batches() -> None:
    w = Value(2.0)
    compiled = compile(lambda x, y: w * x - y)
    assert repr(compiled) == "<compiled <lambda>: not traced yet>"
    assert compiled(y=1.0, x=3.0) == 5.0
    assert compiled.backward(3.0, y=1.0) == 5.0
    assert compiled(x=[], y=[]).tolist() == []
    assert "array operations; few operations are alike" in repr(compiled)


def test_an_adjoint_that_is_one_number_for_all_counts_once_for_each() -> None:
    w, xs = Value(0.5), [Value(float(k)) for k in range(1, 5)]

    def f() -> Value:
        shifted = [x + w for x in xs]  # each used twice: no sum absorbs it
        return engine.sum(shifted) * engine.sum(shifted) + engine.sum([w, w, w])

    y = f()
    y.backward()
    expected = [w.grad, *(x.grad for x in xs)]
    w.grad = None
    for x in xs:
        x.grad = None
    assert compile(f).backward() == y.data
    assert [w.grad, *(x.grad for x in xs)] == expected == [99.0, 24.0, 24.0, 24.0, 24.0]


def test_indices_that_follow_a_pattern_are_gathered_without_a_gather() -> None:
    tokens, heads, size = 3, 2, 4
    width = heads * size
    gains = [Value(0.1 * k) for k in range(width)]

    def f(x: list) -> Value:  # x[t][k]: normalise each row, weigh it, and mix it head by head
        normalised = [[x_k / engine.norm2(row) * gain for x_k, gain in zip(row, gains)] for row in x]
        parts = [slice(h * size, (h + 1) * size) for h in range(heads)]
        scores = [engine.dot(q[part], k[part]) for part in parts for q in x for k in normalised]
        return engine.sum([score * score for score in scores])

    rng = np.random.default_rng(0)
    batch = rng.normal(size=(5, tokens, width))
    compiled = compile(f)
    values = compiled(batch)
    np.testing.assert_allclose(values, [f(x).data for x in batch.tolist()], rtol=1e-12)
    compiled.backward(batch)
    gradient = [gain.grad for gain in gains]
    for gain in gains:
        gain.grad = None
    engine.mean([f(x) for x in batch.tolist()]).backward()
    np.testing.assert_allclose(gradient, [gain.grad for gain in gains], rtol=1e-11)
    assert "take" not in str(compiled.program)
    assert "assemble" not in str(compiled.program)


def test_what_cannot_be_compiled_is_refused() -> None:
    with pytest.raises(TypeError, match="a function or a Value"):
        compile(3)
    with pytest.raises(ValueError, match="no backend 'cuda': choose one of 'numpy', 'jax', 'native', 'auto'"):
        compile(lambda x: x, backend="cuda")
    with pytest.raises(ValueError, match="no program yet"):
        _ = compile(lambda x: x).program
    with pytest.raises(TypeError, match="takes no arguments"):
        compile(Value(1.0) * 2)(3.0)
    with pytest.raises(ValueError, match="no rows"):
        compile(lambda x: x * x).backward(np.zeros(0))


def test_parameters_stay_the_same_values() -> None:
    import copy
    import pickle

    w = Value(2.0, label="w")
    untouched = Value(1.0)
    compiled = compile(lambda x: w * x)
    compiled(1.0)
    assert repr(w) == "Value(data=2, label='w')"
    w.data += 1
    assert compiled(2.0) == 6.0
    assert (w * 2).data == 6.0
    compiled.backward(2.0)
    assert (w.grad, repr(w)) == (2.0, "Value(data=3, grad=2, label='w')")
    (w * w).backward()
    assert w.grad == 8.0
    w.grad = 0
    assert w.grad == 0.0
    assert w._grad is not None
    for twin in (copy.deepcopy(w), pickle.loads(pickle.dumps(w))):
        twin.data = 7.0
        assert (twin.label, w.data, type(twin)) == ("w", 3.0, Value)
    other = compile(lambda x: w * x + untouched)  # one parameter of a store and one of none yet
    assert other.backward(5.0) == 16.0
    assert (w.grad, untouched.grad) == (5.0, 1.0)


def test_parameters_of_other_functions_share_their_gradients() -> None:
    ws = [Value(float(k)) for k in range(6)]
    first = compile(lambda x: engine.sum([w * x for w in ws]))
    assert first.backward(2.0) == 30.0
    second = compile(lambda x: engine.sum([w * w * x for w in reversed(ws[1::2])]))
    assert second.backward(1.0) == 35.0
    assert [w.grad for w in ws] == [2.0, 4.0, 2.0, 8.0, 2.0, 12.0]


def test_equal_operations_are_traced_once() -> None:
    compiled = compile(lambda x: engine.sin(x) * engine.sin(x))
    compiled(1.0)
    assert compiled.program.scalar_nodes == 3
