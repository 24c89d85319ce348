"""engine.take: a table looked up by an index, eager and compiled."""

import numpy as np
import pytest

import engine
from engine import Value, compile, derivative, take
from engine.lookup import entry_at
from nn import Embedding

RNG = np.random.default_rng(3)
BACKENDS = ["numpy", "jax", "native"]


def table_of(rows, columns):
    return [[Value(x) for x in row] for row in RNG.normal(size=(rows, columns)).tolist()]


E, V = table_of(5, 3), table_of(1, 5)[0]


def test_of_a_plain_index_it_is_the_entry_itself():
    assert take(V, 3) is V[3]
    assert take(E, -1) is E[-1]
    assert take(E, np.int64(2)) is E[2]
    assert take(V, True) is V[1]
    assert take([1.0, 2.0], 1) == 2.0
    assert take(np.array([[1.0, 2.0], [3.0, 4.0]]), -1) == [3.0, 4.0]


def test_of_a_value_it_is_a_node_that_is_computed_again():
    i, table = Value(1.0), [Value(2.0), Value(3.0), Value(5.0)]
    y = take(table, i) * 2.0
    y.backward()
    assert (y.data, [x.grad for x in table], i.grad) == (6.0, [0.0, 2.0, 0.0], 0.0)
    i.data = -1.0
    y.forward()
    assert y.data == 10.0
    i.data = 7.0
    y.forward()
    assert np.isnan(y.data)


def test_derivatives_of_any_order():
    def f(x):
        return take([x**3, engine.sin(x), 1.0], Value(0.0)) * x

    assert derivative(derivative(f))(2.0) == pytest.approx(12.0 * 4.0)
    assert entry_at(-1.0, 1.0, 2.0) == 2.0
    assert np.isnan(entry_at(2.0, 1.0, 2.0))


def test_it_is_shown_as_what_was_called():
    i, table = Value(-1.0, label="i"), [Value(2.0, label="a"), Value(3.0, label="b")]
    y = engine.tanh(take(table, i))
    assert y.expression() == "tanh(take([a, b], i))"
    names = {"i": i, "a": table[0], "b": table[1], "tanh": engine.tanh, "take": take}
    assert eval(y.expression(), names).data == y.data
    assert "take" in y.latex()
    assert "take" in y.tree()
    assert "take(i, a, b)" in str(engine.explain(y, table[1]))
    symbols = {str(symbol): symbol for symbol in y.sympy().free_symbols}
    at = {symbols["i"]: -1, symbols["a"]: 2, symbols["b"]: 3}
    assert float(y.sympy().subs(at)) == pytest.approx(y.data)
    assert "take" in y.draw().source


@pytest.mark.parametrize(
    ("table", "index", "error", "says"),
    [
        (V, 5, IndexError, r"index of 5 entries is a whole number from -5 to 4, got 5"),
        (V, -6, IndexError, "got -6"),
        (V, 0.5, IndexError, "got 0.5"),
        (V, Value(float("nan")), IndexError, "got nan"),
        ([], 0, IndexError, "without entries"),
        (3.0, 0, TypeError, "got 3.0 of type float"),
        ("abc", 0, TypeError, "looks up in a list"),
        ([[1.0], [1.0, 2.0]], Value(0.0), ValueError, r"of one length, got lengths \[1, 2\]"),
        ([[1.0], 2.0], Value(0.0), ValueError, r"\[1\], and 1 numbers"),
    ],
)
def test_what_cannot_be_looked_up(table, index, error, says):
    with pytest.raises(error, match=says):
        take(table, index)


# Compiled -----------------------------------------------------------------------------------------------------------


def tokens(ts, y):
    rows = [take(E, t) for t in ts]
    return (engine.sum([engine.tanh(e) * (k + 1.0) for row in rows for k, e in enumerate(row)]) - y) ** 2


def two_tables(ts, y):
    w = [take(V, ts[0]), take([0.5, 1.5, 2.5, 3.5, 4.5], ts[1]), take(E, ts[2])[1], take(E, ts[2])[0], take(V, ts[3])]
    return engine.dot(w, w) * y + V[0]


def in_a_loop(ts, y):
    h = [y, 0.5]
    for _ in range(4):
        for t in ts:
            row = take(E, t)
            h = [engine.tanh(h[0] * 0.5 + row[0]), engine.tanh(h[1] * row[2] + h[0])]
    return h[0] + h[1]


def of_an_argument(ts, y):
    index = engine.floor(y) - engine.floor(y) + 1.0
    return (take(ts, ts[0]) + ts[3]) * y * take(ts, index) + V[1]


CASES = [
    (tokens, [[0, 1, 2, 3], [-1, -5, 4, 0], [2, 2, 2, 2]]),
    (two_tables, [[0, 1, 2, 3], [-1, -5, 4, 0], [2, 2, 2, 2]]),
    (in_a_loop, [[0, 1, 2, 3], [-1, -5, 4, 0], [2, 2, 2, 2]]),
    (of_an_argument, [[2, 0.3, -0.7, 2.0], [-1, 0.1, 0.4, 3.0], [0, 0.5, 0.25, -1.0]]),
]


@pytest.mark.parametrize(("f", "batch"), CASES, ids=[f.__name__ for f, _ in CASES])
@pytest.mark.parametrize("backend", BACKENDS)
def test_compiled_it_is_what_it_is_eagerly(f, batch, backend):
    compiled, ys = compile(f, backend), [0.3, -0.2, 1.1]
    eager = engine.mean([f(row, y) for row, y in zip(batch, ys)])
    value, gradient = compiled.value_and_grad(batch, ys)
    expected = [slope.data for slope in engine.grad(eager, compiled.parameters)]
    assert value == pytest.approx(eager.data, rel=1e-12)
    np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-15)
    if backend != "jax":
        for row, y in zip(batch, ys):
            x = [*map(Value, row)]
            _, slopes = compiled.value_and_grad(row, y, argnums=0)
            expected = [slope.data for slope in engine.grad(f(x, y), x)]
            np.testing.assert_allclose(slopes, expected, rtol=1e-10, atol=1e-15)


def test_a_list_that_is_an_argument_is_looked_up_as_python_has_it():
    compiled = compile(lambda xs, i: xs[i] * xs[-1])
    for i in (0, 2, -2):
        assert compiled([2.0, 3.0, 5.0], i) == [2.0, 3.0, 5.0][i] * 5.0
    assert compiled([[2.0, 3.0, 5.0]] * 2, [1, 0]).tolist() == [15.0, 10.0]


def test_each_is_one_gather_and_one_scatter():
    compiled = compile(tokens)
    compiled([0, 1, 2, 3], 1.0)
    text = str(compiled.program)
    assert "lookup(W1, x1)" in text
    assert text.count("scatter_add(") == 1
    assert len(compiled.program.parameters) == 15
    assert compiled.program.parameter_shapes == [(5, 3)]


def test_many_different_tables_are_looked_up_in_one():
    n = 12
    table, weights = table_of(n, 20), table_of(1, 20)[0]

    def f(ts):
        return engine.dot(weights, [take([row[k] for row in table], ts[k]) for k in range(20)])

    compiled, ts = compile(f), RNG.integers(-n, n, size=20).tolist()
    value, gradient = compiled.value_and_grad(ts)
    assert str(compiled.program).count("lookup(") == 2
    eager = f(ts)
    assert value == pytest.approx(eager.data, rel=1e-12)
    np.testing.assert_allclose(gradient, [s.data for s in engine.grad(eager, compiled.parameters)], rtol=1e-12)


@pytest.mark.parametrize("backend", ["numpy", "native"])
def test_a_shared_table(backend):
    compiled = compile(lambda table, i: take(table, i)[0] * table[0][1], backend, in_axes=(None, 0))
    table = np.arange(6.0).reshape(3, 2)
    assert compiled(table, [0, 2, -1]).tolist() == [0.0, 4.0, 4.0]
    mean, gradient = compiled.value_and_grad(table, [0, 2, -1], argnums=0)
    assert mean == pytest.approx(8.0 / 3.0)
    np.testing.assert_allclose(gradient, [[1 / 3, 8 / 3], [0.0, 0.0], [2 / 3, 0.0]])


@pytest.mark.parametrize("bad", [5, -6, 1.5, float("nan"), float("inf")])
def test_an_index_out_of_range_is_refused_on_every_call(bad):
    compiled = compile(tokens)
    assert compiled([0, 0, 0, 0], 1.0) == compiled([-5, -5, -5, -5], 1.0)
    with pytest.raises(IndexError, match=r"^take: an index of 5 entries"):
        compiled([0, 1, 2, bad], 1.0)
    with pytest.raises(IndexError, match=r"^row 1: take: an index of 5 entries"):
        compiled([[0, 0, 0, 0], [0, bad, 0, 0]], [1.0, 1.0])
    computed = compile(lambda x: take(V, x * 2.0))
    assert computed(1.0) == V[2].data
    with pytest.raises(IndexError, match=r"from -5 to 4, got 6"):
        computed(3.0)


def test_pythons_own_index_is_refused_with_the_way_out():
    with pytest.raises(TypeError, match=r"engine\.take\(table, index\) looks up on every call"):
        compile(lambda i: V[i])(1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_embedding_is_looked_up(backend):
    table = Embedding(7, 3, seed=0)
    compiled = compile(lambda i, j: engine.dot(table(i), table(j)), backend)
    i, j = [0, 6, 2, 2], [1, 6, 0, 2]
    value, gradient = compiled.value_and_grad(i, j)
    mean = engine.mean([engine.dot(table(a), table(b)) for a, b in zip(i, j)])
    assert value == pytest.approx(mean.data, rel=1e-12)
    np.testing.assert_allclose(
        gradient, [s.data for s in engine.grad(mean, compiled.parameters)], rtol=1e-12, atol=1e-15
    )
    assert "lookup(" in str(compiled.program)
    with pytest.raises(ValueError, match="whole number from 0 to 6, got -1"):
        compiled(-1, 0)
