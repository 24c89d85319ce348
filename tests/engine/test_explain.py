"""explain(y, x): paths and products against backward, finite differences and path counts known in closed form."""

import math
import random

import pytest

import engine
from engine import Value, explain, grad, primitive, sin, tanh
from engine.explanation.paths import COUNTABLE
from nn import MLP


def random_graph(seed, operations=14):
    rng = random.Random(seed)
    x = Value(rng.uniform(0.5, 1.5), label="x")
    nodes = [x, Value(rng.uniform(0.5, 1.5)), x * 0.5]
    for _ in range(operations):
        a, b = rng.choices(nodes, k=2)
        nodes.append(rng.choice([a + b, a * b, a - b, sin(a), tanh(a), a**2, engine.weighted_sum([a, b], [b, a], 0.5)]))
    return engine.sum(nodes), x


@pytest.mark.parametrize("seed", range(30))
def test_the_paths_add_up_to_the_derivative(seed):
    y, x = random_graph(seed)
    told = explain(y, x, max_paths=100_000)
    assert len(told.paths) == told.count
    assert told.total == pytest.approx(told.derivative, rel=1e-9, abs=1e-12)
    assert told.derivative == pytest.approx(grad(y, x).data, rel=1e-12)
    y.backward()
    assert told.derivative == pytest.approx(x.grad, rel=1e-12)
    assert told.steps == sum(len(path.operands) for path in told.paths)
    for path in told.paths:
        assert path.product == pytest.approx(math.prod(path.local_derivatives), rel=1e-9, abs=1e-300)
        assert path.nodes[0] is x
        assert path.nodes[-1] is y
        for parent, node, k in zip(path.nodes, path.nodes[1:], path.operands):
            assert node.parents[k] is parent
    assert len({(*path.nodes, *path.operands) for path in told.paths}) == told.count


def test_it_agrees_with_a_finite_difference():
    def f(x):
        return sin(x * x) * x + tanh(x)

    x, h = Value(0.7), 1e-6
    assert explain(f(x), x).derivative == pytest.approx((f(0.7 + h) - f(0.7 - h)) / (2 * h), rel=1e-8)


def test_no_gradient_is_touched():
    y, x = random_graph(1)
    str(explain(y, x))
    assert x._grad is None
    assert y._grad is None
    y.backward()
    before = x.grad, y.grad
    str(explain(y, x))
    assert (x.grad, y.grad) == before


def test_an_operand_used_twice_is_two_paths():
    x = Value(3.0, label="x")
    told = explain(x * x, x)
    assert [path.operands for path in told.paths] == [[0], [1]]
    assert told.derivative == 6.0
    assert "dy/dx (operand 1) = x = 3" in str(told)
    assert "2 paths: dy/dx = 3 + 3 = 6" in str(told)


def test_inner_nodes_and_the_node_itself():
    w, x = Value(-0.5, label="w"), Value(2.0, label="x")
    z = (w * x).named("z")
    y = (z * z).named("y")
    assert explain(y, z).derivative == -2.0
    assert "dy/dz" in str(explain(y, z))
    same = explain(z, z)
    assert (same.derivative, same.count, same.total) == (1.0, 1, 1.0)
    assert str(same) == "dz/dz = 1: it is the same node."


def test_a_constant_can_be_asked_about():
    x = Value(3.0, label="x")
    y = (2.0 * x).named("y")
    assert explain(y, y.parents[0]).derivative == 3.0


@pytest.mark.parametrize(
    ("y", "x", "why"),
    [
        (Value(2.0, label="a") * 3.0, Value(1.0, label="b"), "computed from other Values"),
        (Value(2.0, label="a"), Value(1.0, label="b"), "a is a leaf"),
    ],
)
def test_without_a_path_it_says_why(y, x, why):
    told = explain(y, x)
    assert (told.derivative, told.count, told.paths, told.total) == (0.0, 0, [], 0.0)
    assert "no path leads from b to" in str(told)
    assert why in str(told)


def test_exchanged_arguments_are_noticed():
    x = Value(2.0, label="x")
    y = (x * x).named("y")
    assert "Try explain(y, x)." in str(explain(x, y))


def test_a_users_operation():
    @primitive
    def cube(x):
        return x * x * x, lambda g: (g * 3 * x * x,)

    x = Value(2.0, label="x")
    told = explain(cube(x), x)
    assert told.derivative == 12.0
    assert "y = cube(x) = 8  dy/dx = 12" in str(told)

    @primitive("x**3", "3 * x**2")
    def cube_with_formulas(x):
        return x * x * x, lambda g: (g * 3 * x * x,)

    assert "y = x**3 = 8  dy/dx = 3 * x**2 = 12" in str(explain(cube_with_formulas(x), x))


def test_a_pullback_that_returns_too_little_is_named():
    @primitive
    def wrong(x, y):
        return x * y, lambda g: (g * y,)

    x = Value(2.0)
    with pytest.raises(TypeError, match="pullback of wrong returned 1 contributions for 2 operands"):
        explain(wrong(x, x), x)


def test_paths_beyond_the_limit_are_counted():
    x = y = Value(1.0, label="x")
    for _ in range(20):
        y = y + y
    told = explain(y, x, max_paths=3)
    assert (told.count, len(told.paths), told.edges, told.steps) == (2**20, 3, 40, 20 * 2**20)
    assert told.derivative == 2.0**20
    assert told.total == 3.0
    text = str(told)
    assert "1,048,576 paths: dy/dx = 1.04858e+06. The 3 written out make 3 of that, the others 1.04857e+06." in text
    assert "Path by path: 20,971,520 factors. backward() takes each of the 40 edges once." in text
    assert explain(y, x, max_paths=0).paths == []
    assert str(explain(y, x, max_paths=0))


def test_more_paths_than_can_be_counted():
    x = y = Value(0.0, label="x")
    for _ in range(5000):
        y = y + y * 0.5
    told = explain(y, x)
    assert told.count == told.steps == COUNTABLE
    assert told.derivative == math.inf  # 1.5**5000
    assert "1e+18 or more paths" in str(told)


def test_a_long_chain():
    x = y = Value(1.0, label="x")
    for _ in range(100_000):
        y = -y
    told = explain(y, x)
    assert (told.count, told.derivative, told.edges) == (1, 1.0, 100_000)
    text = str(told)
    assert "x → v1 → v2 → … → v99998 → v99999 → y" in text
    assert "… 99,981 more steps" in text


def test_what_it_says_of_the_gradient():
    x = Value(2.0, label="x")
    y = (x * x).named("y")
    assert "y.backward() will put it in x.grad." in str(explain(y, x))
    y.backward()
    assert "x.grad is the same." in str(explain(y, x))
    y.backward()
    assert "x.grad is 8: a leaf adds up" in str(explain(y, x))
    z = (y * 3.0).named("z")
    z.backward()
    assert "y.grad is 3: the last backward pass" in str(explain((y * 5.0).named("u"), y))


def test_infinities_follow_the_adjoint_pass():
    x = Value(-1.0, label="x")
    y = engine.relu(x) * Value(math.inf)
    assert explain(y, x).total == explain(y, x).derivative == grad(y, x).data == 0.0


def test_names_are_told_apart():
    a, b = Value(2.0, label="x"), Value(3.0, label="x")
    text = str(explain(a * b, a))
    assert "x * x#2" in text
    assert "dy/dx = x#2 = 3" in text
    hidden = Value(2.0, label="two\nlines")
    assert r"d(two\nlines)" in str(explain(hidden * 2.0, hidden))
    v1 = Value(1.0, label="v1")
    assert "v2 = sin(v1)" in str(explain(tanh(sin(v1)), v1))


def test_a_weight_of_a_network():
    model = MLP(2, [4, 3, 1], activation="tanh", seed=0)
    y = model([1.0, -2.0])
    w = model.layers[0].weight[1][0]
    told = explain(y, w)
    assert told.count == 3  # through each neuron of the second layer
    assert told.derivative == pytest.approx(grad(y, w).data)
    assert "z¹[1] = w¹[1][0]*x[0] + w¹[1][1]*x[1] + b¹[1] " in str(told)


def test_sums_of_any_number_of_terms_are_written_out():
    w = [Value(float(k), label=f"w{k}") for k in range(1, 10)]
    x = [Value(k / 2, label=f"x{k}") for k in range(1, 10)]
    short = str(explain(engine.weighted_sum(w[:2], x[:2], Value(1.0, label="b")), w[1]))
    assert "y = w1*x1 + w2*x2 + b = 3.5  dy/dw2 = x2 = 1" in short
    assert "y = w1*x1 + w2*x2 = 2.5  " in str(explain(engine.dot(w[:2], x[:2]), w[1]))
    long = str(explain(engine.weighted_sum(w, x, 0.5), x[4]))
    assert "y = w1*x1 + w2*x2 + w3*x3 + … + w7*x7 + w8*x8 + w9*x9 + 0.5 = " in long
    assert "max(w1, w2, w3, …, w7, w8, w9)" in str(explain(engine.max(w), w[8]))


def test_a_node_has_one_name_whatever_is_asked():
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    y = sin(a) * tanh(b)
    assert "a → v1 → y" in str(explain(y, a))
    assert "b → v2 → y" in str(explain(y, b))


@pytest.mark.parametrize("wrong", [2.0, "y", None])
def test_what_is_not_a_value(wrong):
    with pytest.raises(TypeError, match=r"expected a Value, as in explain\(y, x\): got"):
        explain(Value(1.0), wrong)
    with pytest.raises(TypeError, match=r"expected a Value, as in explain\(y, x\): got"):
        explain(wrong, Value(1.0))


def test_a_negative_limit():
    with pytest.raises(ValueError, match="max_paths=-1"):
        explain(Value(1.0), Value(1.0), max_paths=-1)


def test_without_an_x_every_leaf_is_explained():
    w, x = Value(-0.5, label="w"), Value(2.0, label="x")
    y = (tanh(w * x) + 1.0).named("y")
    each = explain(y)
    assert [one.x for one in each] == [w, x]
    assert str(each) == f"{explain(y, w)}\n\n\n{explain(y, x)}"
    assert repr(each) == str(each)
    many = sum([Value(float(k), f"x{k}") for k in range(13)][1:], Value(0.0, "x0"))
    assert len(explain(many)) == 10
    assert str(explain(many)).endswith("… 3 more leaves: explain(y, x) explains one")


def test_plain_numbers_alone_have_nothing_to_explain():
    y = Value(2.0) * 3.0
    assert len(explain(y)) == 1
    with pytest.raises(ValueError, match="no leaf to explain"):
        explain(y.parents[1] + y.parents[1])


def test_a_notebook_shows_tables():
    w, x = Value(-0.5, label="<w>"), Value(2.0, label="x")
    y = tanh(w * x).named("y")
    table = explain(y, w)._repr_html_()
    assert table.count("<table") == 2
    assert "&lt;w&gt;" in table
    assert "<w>" not in table
    assert "d(&lt;w&gt;)" in table
    assert explain(y)._repr_html_().count("<table") == 4
    assert "no path leads" in explain(w, x)._repr_html_()
