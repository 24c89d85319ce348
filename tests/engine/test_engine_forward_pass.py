"""A leaf changed after a graph was computed from it: refused where numbers would mix; `forward` computes it again."""

import math
import re
from pathlib import Path

import pytest

from engine import Value, compile, detect_anomaly, explain, grad, hessian, jvp, no_grad, primitive, relu, sin, where
from engine.forward_pass import changed, forward
from engine.graph import leaves, topological_order
from nn import SGD


def changed_graph():
    x = Value(1.0, label="x")
    y = sin(x * x)
    x.data = 2.0
    return x, y


def refused(call):
    with pytest.raises(RuntimeError) as caught:
        call()
    message = str(caught.value)
    assert "forward()" in message
    assert len(message) < 300
    return message


# Refused --------------------------------------------------------------------------------------------------------------


def test_a_derivative_of_a_graph_with_old_numbers_is_refused():
    """Neither the old slope, 1.0806, nor the new one, -2.6146, came out of a mixture: 2.161."""
    x, y = changed_graph()
    for call in (lambda: grad(y, x), lambda: grad(y, [x]), lambda: hessian(y, [x])):
        message = refused(call)
        assert "'x' changed after it was computed" in message
        assert message.count("'x'") == 1  # though x is both operands
    assert (y.data, x.grad) == (math.sin(1.0), 0.0)


def test_forward_gives_the_new_point():
    x, y = changed_graph()
    assert y.forward() is y
    assert y.data == math.sin(4.0)
    assert grad(y, x).data == 4.0 * math.cos(4.0)
    y.backward()
    assert x.grad == 4.0 * math.cos(4.0)
    [[second]] = hessian(y, [x])
    assert second.data == pytest.approx(2.0 * math.cos(4.0) - 16.0 * math.sin(4.0), rel=1e-15)


def test_backward_is_of_the_point_the_graph_was_computed_at():
    x, y = changed_graph()
    y.backward()
    assert x.grad == 2.0 * math.cos(1.0)


def test_putting_the_number_back_makes_it_right_again():
    x, y = changed_graph()
    x.data = 1.0
    assert grad(y, x).data == 2.0 * math.cos(1.0)


def test_a_leaf_without_a_label_is_named_by_its_number():
    x, w = Value(1.0), Value(3.0, label="w")
    y = x * w
    w.data = 4.0
    assert "one of Value(data=1), 'w' changed" in refused(lambda: grad(y, x))
    many = [Value(float(k), label=f"x{k}") for k in range(10)]
    z = where(1.0, many[0], 0.0) + sum(many, Value(0.0))
    many[9].data = -1.0
    assert "x9" in refused(lambda: grad(z, many[0]))


def test_a_leaf_far_below_is_found():
    x, w = Value(1.0, label="x"), Value(2.0, label="w")
    y = x * 2.0
    for _ in range(100):
        y = sin(y * w)
    x.data = 1.5
    assert "'x'" in refused(lambda: grad(y, w))


def test_a_graph_beside_the_changed_leaf_is_as_before():
    x, _ = changed_graph()
    a = Value(3.0)
    assert grad(a * a, a).data == 6.0
    z = x * x  # computed after the change
    assert grad(z, x).data == 4.0


def test_a_new_number_that_changes_no_result_is_no_change():
    """The graph is then right for the new number too: the same as if it had been computed with it."""
    x, w = Value(-1.0), Value(0.0)
    y = relu(x) * w
    x.data = -2.0
    assert grad(y, w).data == 0.0
    a, b = Value(1.0), Value(0.0)
    z = a * b
    a.data = 5.0
    assert grad(z, b).data == 5.0


def test_the_sign_of_a_zero_is_a_change():
    x = Value(0.0, label="x")
    y = 1.0 / (x * 5.0)
    x.data = -0.0
    refused(lambda: grad(y, x))
    assert y.forward().data == -math.inf


def test_nan_is_the_same_nan():
    x, w = Value(math.nan, label="x"), Value(2.0)
    y = x * w
    assert math.isnan(grad(y, w).data)
    x.data = math.nan
    assert math.isnan(grad(y, w).data)
    x.data = 1.0
    refused(lambda: grad(y, w))
    x.data = math.inf
    refused(lambda: grad(y, w))


def test_a_constant_and_an_inner_node_count_too():
    x = Value(1.0, label="x")
    y = x * 2.0
    y.parents[1].data = 3.0
    refused(lambda: grad(y, x))
    assert y.forward().data == 3.0

    z = x * x
    top = sin(z)
    z.data = 5.0
    refused(lambda: grad(top, x))
    assert top.forward().data == math.sin(1.0)  # an inner node's number follows from the leaves'
    assert z.data == 1.0


def test_after_a_step_of_an_optimizer():
    w = Value(1.0, label="w")
    loss = (w * 3.0 - 6.0) ** 2
    loss.backward()
    SGD([w], lr=0.01).step()
    assert w.data == pytest.approx(1.18)
    assert "'w'" in refused(lambda: grad(loss, w))
    assert loss.forward().data == pytest.approx((1.18 * 3.0 - 6.0) ** 2)


def test_training_with_one_graph_is_training_with_a_new_one_each_time():
    def run(again):
        w, b = Value(0.5), Value(-0.25)
        optimizer, losses = SGD([w, b], lr=0.05), []

        def compute():
            return sum(((sin(w * x) + b - y) ** 2 for x, y in ((0.5, 1.0), (-1.0, 0.25))), Value(0.0))

        loss = compute()
        for _ in range(20):
            loss = loss.forward() if again else compute()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.data)
        return losses, w.data, b.data

    assert run(True) == run(False)


# Not refused: what computes afresh ------------------------------------------------------------------------------------


def test_what_takes_a_function_computes_it_at_the_new_numbers():
    w = Value(1.0)
    w.data = 2.0
    y, tangent = jvp(lambda x: w * x * x, [3.0], [1.0])
    assert (y.data, tangent.data) == (18.0, 12.0)


def test_a_compiled_graph_is_of_the_leaves_numbers_at_the_time():
    _, y = changed_graph()
    assert compile(y)() == pytest.approx(math.sin(4.0), rel=1e-15)
    assert y.data == math.sin(1.0)


def test_the_page_says_so(tmp_path):
    note = "A leaf was changed after these values were computed from it."
    _, y = changed_graph()
    assert note in Path(y.walkthrough(tmp_path / "old.html")).read_text(encoding="utf-8")
    y.forward()
    assert note not in Path(y.walkthrough(tmp_path / "new.html")).read_text(encoding="utf-8")


def test_after_forward_everything_shows_the_new_numbers():
    x, y = changed_graph()
    y.forward().backward()
    assert [line.split()[-2:] for line in y.tree().splitlines()[1:3]] == [["-0.756802", "1"], ["4", "-0.653644"]]
    assert explain(y, x).derivative == x.grad == pytest.approx(-2.6145744834544478, rel=1e-15)
    assert "0.7568" in y.draw().source


def test_what_shows_old_numbers_says_so():
    x, y = changed_graph()
    with pytest.raises(RuntimeError, match=r"explain of a graph with old numbers: 'x' changed"):
        explain(y, x)
    note = "old numbers: 'x' changed after this was computed; forward() computes it again"
    assert y.tree().splitlines()[-1] == f"({note})"
    assert note.replace("'", "&#39;") in y.draw().source
    y.forward()
    assert "old numbers" not in y.tree() + y.draw().source


# forward --------------------------------------------------------------------------------------------------------------


def test_forward_of_a_leaf():
    x = Value(1.0)
    x.data = 2.0
    assert x.forward() is x
    assert x.data == 2.0


def test_forward_keeps_the_graph_and_the_leaves_gradients():
    x = Value(1.0, label="x")
    y = (sin(x) * x).named("y")
    nodes = topological_order(y)
    made = [(id(node), node.op, [*map(id, node.parents)], node.label) for node in nodes]
    y.backward()
    once = x.grad
    x.data = 2.0
    y.forward()
    assert [(id(node), node.op, [*map(id, node.parents)], node.label) for node in nodes] == made
    assert x.grad == once
    assert [node.grad for node in nodes if node.parents] == [0.0, 0.0]
    assert "grad" not in repr(y)
    y.backward()
    assert x.grad == once + math.sin(2.0) + 2.0 * math.cos(2.0)


def test_forward_computes_what_a_new_graph_has_bit_by_bit():
    numbers = [0.3, -1.7, 2.5]
    x = [Value(1.0) for _ in numbers]

    def f(a, b, c):
        return (a.tanh() * b + c**3).maximum(a / b).softplus() - (a * b * c).abs().log() ** 2 + relu(-b)

    y = f(*x)
    for leaf, number in zip(x, numbers):
        leaf.data = number
    y.forward()
    fresh = [Value(number) for number in numbers]
    z = f(*fresh)
    assert [node.data for node in topological_order(y)] == [node.data for node in topological_order(z)]
    y.backward()
    z.backward()
    assert [leaf.grad for leaf in x] == [leaf.grad for leaf in fresh]


def test_forward_under_no_grad_keeps_the_graph():
    x, y = changed_graph()
    with no_grad():
        y.forward()
    assert y.data == math.sin(4.0)
    y.backward()
    assert x.grad == 4.0 * math.cos(4.0)


def test_forward_of_a_part_leaves_what_is_above_it_old():
    x = Value(1.0, label="x")
    z = x * x
    y = sin(z)
    x.data = 2.0
    z.forward()
    assert (z.data, y.data) == (4.0, math.sin(1.0))
    refused(lambda: grad(y, x))
    assert grad(z, x).data == 4.0


def test_a_rule_that_raises_changes_nothing():
    @primitive
    def root(x):
        if not isinstance(x, Value) and x < 0:
            raise ValueError("no root of a negative number")
        return x**0.5, lambda g: (g * 0.5 * x**-0.5,)

    x = Value(4.0)
    y = sin(root(x * 1.0)) * x
    y.backward()
    nodes = topological_order(y)
    before = [(node.data, node.grad, node.pullback) for node in nodes if node.parents]
    slope = x.grad
    x.data = -1.0
    with pytest.raises(ValueError, match="no root of a negative number"):
        y.forward()
    assert [(node.data, node.grad, node.pullback) for node in nodes if node.parents] == before
    assert (x.data, x.grad) == (-1.0, slope)


def test_forward_says_where_the_first_nan_is_born():
    x = Value(1.0, label="x")
    y = sin(x).log() * 2.0
    x.data = 0.0
    with detect_anomaly(), pytest.raises(FloatingPointError, match=re.escape("log(0.0) is -inf")):
        y.forward()
    assert y.data == 2.0 * math.log(math.sin(1.0))
    assert y.forward().data == -math.inf


def test_forward_is_refused_while_a_function_is_traced():
    with pytest.raises(TypeError, match="traced"):
        compile(lambda x: (x * x).forward())(1.0)


def test_a_deep_graph_needs_no_recursion():
    x = Value(1.0, label="x")
    y = x
    for _ in range(100_000):
        y = y + x
    x.data = 0.5
    assert "'x'" in refused(lambda: grad(y, x))
    assert y.forward().data == 50_000.5
    assert grad(y, x).data == 100_001.0


def test_changed_names_the_leaves_once():
    x, y = changed_graph()
    [leaf] = changed(topological_order(y))
    assert leaf is x
    forward(y)
    assert changed(topological_order(y)) == ()
    [only] = leaves(y)
    assert only is x


def test_a_node_whose_own_number_was_set_is_named_where_no_leaf_can_have_changed():
    x = Value(1.0, label="x")
    m = (x * 2 + 1).named("m")
    y = m * m
    m.data = 5.0
    assert "'m' changed" in refused(lambda: grad(y, x))


def test_a_refusal_names_the_act():
    x, y = changed_graph()
    assert refused(lambda: hessian(y, [x])).startswith("hessian of a graph with old numbers: 'x' changed")
