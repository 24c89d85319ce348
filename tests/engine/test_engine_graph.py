"""Walking graphs: order, edges, depth; and graphs too deep for recursion."""

import gc
import time

import pytest

import engine
from engine import Value
from engine.graph import edges, leaves, topological_order

MILLION = 1_000_000


def diamond():
    a = Value(2.0, label="a")
    b = (a + a).named("b")
    c = (b + b * a).named("c")
    return a, b, c


def test_topological_order_has_every_node_once_after_its_parents():
    a, _, c = diamond()
    order = topological_order(c)
    assert len(order) == len(set(order)) == 4
    assert order[0] is a
    assert order[-1] is c
    position = {node: k for k, node in enumerate(order)}
    assert all(position[parent] < position[node] for node in order for parent in node.parents)
    [alone] = topological_order(a)
    assert alone is a


def test_topological_order_of_several_outputs():
    _, b, c = diamond()
    d = b * 2
    order = topological_order(c, d)
    assert {c, d} <= {*order}
    assert len(order) == len({*order}) == 6


def test_edges_keep_operands_that_are_used_twice():
    a, b, c = diamond()
    assert [(id(parent), id(node), k) for parent, node, k in edges([b])] == [(id(a), id(b), 0), (id(a), id(b), 1)]
    assert len(edges(topological_order(c))) == 6


def test_leaves():
    a, _, c = diamond()
    [leaf] = leaves(c)
    assert leaf is a


@pytest.mark.usefixtures("untraced")
def test_a_chain_of_a_million_nodes():
    """Built, run backward, printed, walked and freed without recursion, and in seconds."""
    gc.collect()
    began = time.perf_counter()
    x = Value(1.0)
    y = x
    for _ in range(MILLION):
        y = y + x
    y.backward()
    assert x.grad == MILLION + 1
    assert repr(y) == "Value(data=1e+06, grad=1)"
    assert len(topological_order(y)) == MILLION + 1
    del y
    assert gc.collect() == 0
    assert time.perf_counter() - began < 60


@pytest.mark.usefixtures("untraced")
def test_a_chain_of_a_million_nodes_through_one_operand_functions():
    x = Value(0.5)
    y = x
    for _ in range(MILLION // 10):
        y = engine.sin(y)
    y.backward()
    assert 0.0 < x.grad < 1.0
    engine.grad(y, x)
