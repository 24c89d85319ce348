"""Value's backward: what it leaves in leaves and inner nodes, interruptions, wrong pullbacks, memory."""

import gc
import itertools
import math
import random
import sys
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine import Value
from engine.methods import Methods


def test_readme_example_of_micrograd():
    """The expression of micrograd's README, with the numbers that its README states."""
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert f"{g.data:.4f}" == "24.7041"
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"


def test_fan_out():
    a = Value(3.0)
    b = a + a
    c = b + b * a
    c.backward()
    assert (a.grad, b.grad, c.grad) == (2.0 * (1 + 3) + 6, 4.0, 1.0)
    b = a + a
    c = b + b
    a.grad = None
    c.backward()
    assert (a.grad, b.grad) == (4.0, 2.0)


def test_backward_twice_doubles_leaves_exactly_and_sets_inner_nodes():
    x = Value(3.0)
    square = x * x
    cube = square * x
    cube.backward()
    assert (x.grad, square.grad) == (27.0, 3.0)
    cube.backward()
    assert (x.grad, square.grad, cube.grad) == (54.0, 3.0, 1.0)


def test_gradients_of_losses_that_share_nodes_accumulate_in_leaves():
    def graph():
        w, x = Value(0.7), Value(-1.3)
        shared = engine.tanh(w * x)
        return w, shared, shared * 2.0, shared**2 + w

    w, shared, first, second = graph()
    first.backward()
    alone = shared.grad
    second.backward()
    assert shared.grad == 2 * shared.data != alone  # of this pass
    whole, _, f, s = graph()
    (f + s).backward()
    assert math.isclose(w.grad, whole.grad, rel_tol=1e-14)


def test_backward_of_a_leaf_and_from_an_inner_node():
    x = Value(5.0)
    x.backward()
    assert x.grad == 1.0
    x.backward()
    assert x.grad == 2.0
    y = x * x
    z = y * 100.0
    y.backward()
    assert x.grad == 12.0
    assert z._grad is None


def test_a_gradient_that_no_pass_has_reached_is_blank():
    x, y = Value(1.0), Value(2.0)
    (x * 2).backward()
    assert (x._grad, y._grad) == (2.0, None)
    assert y.grad == 0.0
    x.grad = None
    assert repr(x) == "Value(data=1)"


def test_pullbacks_keep_the_numbers_of_the_forward_pass():
    x = Value(3.0)
    y = x * x
    x.data = 100.0
    y.backward()
    assert (y.data, x.grad) == (9.0, 6.0)


def test_detach_stops_the_gradient():
    x = Value(3.0, label="x")
    y = x.detach() * x
    y.backward()
    assert x.grad == 3.0
    assert (x.detach().data, x.detach().label, x.detach().parents) == (3.0, "x", ())


SMOOTH = [
    lambda a, b: a + b,
    lambda a, b: a - b * 0.5,
    lambda a, b: engine.tanh(a) * b,
    lambda a, b: engine.sigmoid(a + b),
    lambda a, b: engine.sin(a) / (engine.cosh(b) + 1),
    lambda a, b: engine.weighted_sum([a, b], [b, 0.3], a),
    lambda a, b: engine.softplus(a) ** 1.5,
    lambda a, b: engine.logsumexp([a, b, 0.1]),
    lambda a, b: engine.exp(-a * b),
]


@given(st.integers(0, 2**32))
def test_random_graphs_agree_with_differences(seed):
    """Graphs with fan-out, smooth operations and constants, at random."""

    def f(*inputs):
        draw = random.Random(seed)
        nodes = [engine.tanh(x) for x in inputs]
        for _ in range(12):
            nodes.append(engine.tanh(draw.choice(SMOOTH)(draw.choice(nodes), draw.choice(nodes))))
        return engine.mean(nodes)

    assert engine.gradcheck(f, [0.3, -1.1, 2.0])


# Interrupted, or given no numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [None, 0.5])
def test_an_interrupted_backward_leaves_the_gradients_of_leaves(kept):
    """Wherever it is interrupted: at every one of the lines it runs."""
    x, y = Value(2.0), Value(3.0)
    x.grad = y.grad = kept
    z = x * y + x
    code = Value.backward.__code__
    for k in itertools.count():
        left = k

        def interrupt(frame, event, _):
            nonlocal left
            if frame.f_code is code and event == "line":
                left -= 1
                if left < 0:
                    sys.settrace(None)
                    raise KeyboardInterrupt
            return interrupt

        before = sys.gettrace()
        sys.settrace(interrupt)
        try:
            z.backward()
        except KeyboardInterrupt:
            assert (x._grad, y._grad) == (kept, kept)
        else:
            break
        finally:
            sys.settrace(before)
    assert k > 20
    assert (x.grad, y.grad) == (4.0 + (kept or 0.0), 2.0 + (kept or 0.0))


@pytest.mark.parametrize("wrong", [1j, np.zeros(2), Value(1.0), "1"])
def test_a_pullback_gives_numbers_or_is_named(wrong):
    @engine.primitive
    def odd(x):
        return x * 1.0, lambda g: (wrong,)

    x = Value(2.0)
    x.grad = 7.0
    y = odd(x * 3.0)
    with pytest.raises(TypeError, match="the pullback of odd: expected a real number"):
        y.backward()
    assert x.grad == 7.0


def test_numbers_of_numpy_from_a_pullback_become_floats():
    @engine.primitive
    def twice(x):
        return x * 2.0, lambda g: (np.float64(2.0) * g,)

    x = Value(3.0)
    y = x * 1.0
    twice(y).backward()
    assert (x.grad, type(x.grad), type(y.grad)) == (2.0, float, float)


# Memory ---------------------------------------------------------------------------------------------------------------


def test_a_finished_graph_is_freed_at_once():
    """No reference cycles: not from any operation, not from backward."""
    gc.collect()
    gc.disable()
    try:
        x, y = Value(0.5), Value(0.25)
        z = x + y - x * y / x**y + abs(-x)
        for name, method in vars(Methods).items():
            if callable(method):
                operation = getattr(engine.primitives, name if name != "swish" else "silu")
                z = z + method(x, *[y] * (len(operation.operand_names) - 1))
        z = engine.where(x < y, z, engine.norm2([z, y]))
        z = engine.weighted_sum([z, x], [y, z], x) + engine.dot([z], [y]) + engine.logsumexp([z, y]) + max(z, y)
        z = engine.tanh(z)
        z.backward()
        inner = weakref.ref(z.pullback)
        del z
        assert inner() is None
        assert gc.collect() == 0
    finally:
        gc.enable()
