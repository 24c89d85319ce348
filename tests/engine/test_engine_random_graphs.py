"""What holds for any graph of primitives: every derivative is right, in every mode, and looking at it changes none."""

import copy
import pickle

import mpmath
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from random_graphs import (
    OPERATIONS,
    Kinks,
    agree,
    eager,
    graphs,
    in_high_precision,
    nudged,
    points,
    step,
    tame,
    textbook_slopes,
    wild,
)

import engine
from engine import Value, compile, draw, grad, hessian, jvp
from engine.adjoint_pass import begin_pass
from engine.graph import topological_order


def exact_slope(steps, numbers, k):
    """The derivative with respect to input k by a central difference of 70 digits; rejects an example at a kink."""
    kinks = Kinks()
    call = in_high_precision(kinks)
    with mpmath.workdps(70):
        h = mpmath.mpf(10) ** -25
        below, here, above = (
            tame(steps, [mpmath.mpf(x) + (step if j == k else 0) for j, x in enumerate(numbers)], call)
            for step in (-h, 0, h)
        )
        left, right = (here - below) / h, (above - here) / h
        assume(kinks.nearest > 1e-9)
        assume(abs(left - right) < 1e-9 * (1 + abs(left)))
        return here, (above - below) / (2 * h)


def check_against_high_precision(steps, numbers):
    value, slopes = eager(tame, steps, numbers)
    other_value, other_slopes = eager(tame, steps, nudged(numbers))
    for k, (slope, other_slope) in enumerate(zip(slopes, other_slopes)):
        exact_value, exact = exact_slope(steps, numbers, k)
        noise = 1e3 * abs(other_value - value) + 1e-13
        assert abs(value - exact_value) <= noise, (value, float(exact_value))
        noise = 1e3 * abs(other_slope - slope) + 1e-11 * (1 + max(map(abs, slopes)))
        assert abs(slope - exact) <= noise, (k, slope, float(exact))


@settings(max_examples=60)
@given(graphs(60), points)
def test_gradient_is_that_of_high_precision_differences(steps, numbers):
    check_against_high_precision(steps, numbers[:2])


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.symbol)
@settings(max_examples=3)
@given(st.data())
def test_gradient_through_each_operation_is_that_of_high_precision_differences(operation, data):
    steps = data.draw(graphs(6))
    picks = data.draw(st.lists(st.integers(0, 10**6), min_size=9, max_size=9))
    check_against_high_precision([*steps, (operation, picks), *steps[:1]], data.draw(points)[:2])


def depth_of(y):
    """How many operations the longest path from a leaf to y has."""
    depth = {}
    for node in topological_order(y):
        depth[node] = 1 + max(depth[parent] for parent in node.parents) if node.parents else 0
    return depth[y]


@settings(max_examples=10)
@given(st.lists(step, min_size=60, max_size=60), points)
def test_gradient_through_60_operations_is_that_of_high_precision_differences(steps, numbers):
    y = tame(steps, [Value(number) for number in numbers])
    assert depth_of(y) >= 60
    check_against_high_precision(steps, numbers[:2])


@settings(max_examples=40)
@given(graphs(60), points, points)
def test_forward_mode_is_reverse_mode(steps, numbers, direction):
    _, slopes = eager(tame, steps, numbers)
    _, others = eager(tame, steps, nudged(numbers))
    _, tangent = jvp(lambda *xs: tame(steps, xs), numbers, direction)
    expected = sum(slope * v for slope, v in zip(slopes, direction))
    noise = sum(abs(slope - other) + 1e-15 * abs(slope) for slope, other in zip(slopes, others))
    assert agree(tangent.data, expected, 10 * noise)


@settings(max_examples=25)
@given(graphs(60), points)
def test_second_derivatives_are_symmetric(steps, numbers):
    leaves = [Value(number) for number in numbers[:3]]
    rows = [[entry.data for entry in row] for row in hessian(tame(steps, leaves) + leaves[0] * leaves[1], leaves)]
    largest = max(abs(entry) for row in rows for entry in row)
    for j, k in ((0, 1), (0, 2), (1, 2)):
        assert agree(rows[j][k], rows[k][j], 1e-14 * largest), rows


@settings(max_examples=30)
@given(graphs(60), graphs(60), points, st.floats(-3, 3), st.floats(-3, 3))
def test_the_adjoint_is_linear(steps, others, numbers, a, b):
    leaves = [Value(number) for number in numbers]
    y, z = tame(steps, leaves), tame(others, leaves)
    of_y, of_z, of_both = (grad(output, leaves) for output in (y, z, a * y + b * z))
    for slope_y, slope_z, slope in zip(of_y, of_z, of_both):
        terms = a * slope_y.data, b * slope_z.data
        assert agree(slope.data, sum(terms), 1e-14 * (abs(terms[0]) + abs(terms[1])))


@settings(max_examples=60)
@given(graphs(60), points)
def test_backward_twice_doubles_the_leaves_exactly(steps, numbers):
    leaves = [Value(number) for number in numbers]
    y = wild(steps, leaves)
    y.backward()
    inner = [node for node in topological_order(y) if node.parents]
    once, inner_once = [leaf.grad for leaf in leaves], [node.grad for node in inner]
    y.backward()
    assert repr([leaf.grad for leaf in leaves]) == repr([2.0 * slope for slope in once])
    assert repr([node.grad for node in inner]) == repr(inner_once)


@settings(max_examples=40)
@given(graphs(60), points, st.randoms(use_true_random=False))
def test_the_order_in_which_operands_are_visited_does_not_matter(steps, numbers, shuffler):
    def begin_pass_at_random(output, order, before):
        """The same nodes in a topological order by plain recursion, operands in any order."""
        begin_pass(output, order, before)
        order.clear()
        met = set()

        def visit(node):
            if node not in met and node.parents:
                met.add(node)
                for parent in shuffler.sample(node.parents, len(node.parents)):
                    visit(parent)
                order.append(node)

        visit(output)

    _, slopes = eager(tame, steps, numbers)
    _, others = eager(tame, steps, nudged(numbers))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.value, "begin_pass", begin_pass_at_random)
        _, shuffled = eager(tame, steps, numbers)
    for slope, same, other in zip(slopes, shuffled, others):
        assert agree(slope, same, abs(slope - other) + 1e-15 * max(map(abs, slopes)))


@settings(max_examples=40)
@given(graphs(60), points)
def test_eager_higher_order_and_compiled_are_the_same(steps, numbers):
    value, slopes = eager(tame, steps, numbers)
    _, others = eager(tame, steps, nudged(numbers))
    with textbook_slopes():
        _, textbook = eager(tame, steps, numbers)
    leaves = [Value(number) for number in numbers]
    y = tame(steps, leaves)
    graphs_of_slopes = grad(y, leaves)
    compiled = compile(y)
    assert agree(compiled.backward(), value, 1e-15)
    for leaf, graph, slope, other, plain in zip(leaves, graphs_of_slopes, slopes, others, textbook):
        noise = abs(slope - other) + abs(slope - plain) + 1e-15 * max(map(abs, slopes))
        assert agree(graph.data, slope, noise)
        assert agree(leaf.grad, slope, noise)


@settings(max_examples=30)
@given(graphs(60), points)
def test_looking_at_a_graph_changes_no_number(steps, numbers):
    leaves = [Value(number) for number in numbers]
    y = wild(steps, leaves)
    y.backward()
    nodes = topological_order(y)

    def everything():
        return [(node, repr(node.data), node._grad, node.parents, node.op, node.label) for node in nodes]

    before = repr(everything())
    for options in ({}, {"adjoint": "beside", "derivatives": True}, {"expand": True}, {"depth": 2}):
        draw(y, max_nodes=10_000, **options)
    assert [f"{node} {node:.3g}" for node in nodes]
    for leaf in leaves:
        twins = [pickle.loads(pickle.dumps(leaf)), copy.copy(leaf), copy.deepcopy(leaf), leaf.detach()]
        assert [twin.data for twin in twins] == [leaf.data] * 4
    assert repr(everything()) == before
