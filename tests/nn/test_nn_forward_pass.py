"""The forward pass of a network: the article's z, a and delta, and the recursion that ties the deltas together."""

import pytest

from engine import derivative
from nn import ACTIVATIONS, MLP, squared_error


@pytest.mark.parametrize("name", sorted({*ACTIVATIONS} - {"linear"}))
def test_deltas_follow_the_recursion(name):
    model = MLP(3, [4, 3, 2], activation=name, seed=9)
    x, y = [0.5, -1.0, 0.25], [1.0, -0.5]
    trace = model.trace(x)
    squared_error(trace.output, y).backward()
    slope = derivative(ACTIVATIONS[name])
    deltas = trace.deltas
    assert deltas[2] == pytest.approx([2 * (a.data - t) for a, t in zip(trace.output, y, strict=True)])
    for l in (1, 0):  # noqa: E741
        weights = model.layers[l + 1].weight
        for k, z in enumerate(trace.z[l]):
            back = sum(weights[j][k].data * deltas[l + 1][j] for j in range(len(weights)))
            assert deltas[l][k] == pytest.approx(back * slope(z.data), rel=1e-12, abs=1e-15)


def test_gradients_are_deltas_times_activations():
    model = MLP(2, [3, 1], "tanh", seed=10)
    trace = model.trace([0.5, -1.0])
    squared_error(trace.output, 2.0).backward()
    inputs = [trace.x, *trace.a[:-1]]
    for layer, a, delta in zip(model.layers, inputs, trace.deltas, strict=True):
        for j, row in enumerate(layer.weight):
            assert [w.grad for w in row] == [delta[j] * a_k.data for a_k in a]
            assert layer.bias[j].grad == delta[j]


def test_the_output_is_what_calling_gives():
    model = MLP(2, [3, 2], seed=11)
    assert [a.data for a in model.trace([0.5, 1.0]).output] == [a.data for a in model([0.5, 1.0])]
    single = MLP(2, [3, 1], seed=11)
    trace = single.trace([0.5, 1.0])
    assert trace.output.data == single([0.5, 1.0]).data
    assert trace.output is trace.a[-1][0] is trace.z[-1][0]
    assert repr(trace) == f"ForwardPass(layers of 3, 1; output={trace.output!r})"


def test_no_deltas_before_backward():
    trace = MLP(2, [3, 1]).trace([0.5, 1.0])
    with pytest.raises(RuntimeError, match="call backward"):
        _ = trace.deltas
