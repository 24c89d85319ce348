"""== compares numbers, and nothing in the engine that looks for a node is misled by an equal one."""

import math

import engine
from engine import Value, explain, grad, hessian, jvp
from engine.graph import topological_order


def test_logarithms_of_values_at_their_poles_are_nodes() -> None:
    x = Value(0.0)
    (slope,) = [grad(x**2 * engine.log(x), x)]
    assert slope.parents
    y = engine.log(x)
    assert y.data == -math.inf
    assert y.parents[0] is x
    assert engine.log1p(Value(-1.0)).parents


def test_values_of_equal_numbers_are_different_nodes_everywhere() -> None:
    a, b = Value(2.0, label="a"), Value(2.0, label="b")
    y = a * b + a
    assert [node.label for node in topological_order(y) if not node.parents] == ["a", "b"]
    y.backward()
    assert (a.grad, b.grad) == (3.0, 2.0)
    assert [slope.data for slope in grad(y, [a, b])] == [3.0, 2.0]
    assert [[h.data for h in row] for row in hessian(a * b, [a, b])] == [[0.0, 1.0], [1.0, 0.0]]
    assert jvp(lambda u, v: u * v, [a, b], [1.0, 0.0])[1].data == 2.0
    assert "operand" not in str(explain(y, a))
    assert engine.compile(y).backward() == 6.0
    assert (a.grad, b.grad) == (6.0, 4.0)
    assert "a" in y.draw().source
    assert "b" in y.draw().source
