"""The delta recursion on plain lists against the graph, for every activation, loss and depth."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Value, primitive, sin
from nn import (
    ACTIVATIONS,
    MLP,
    Neuron,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge,
    softmax,
    squared_error,
)
from nn.matrix_form import LOSS_GRADIENTS, backpropagation, forward, network_of

numbers = st.floats(-2.0, 2.0)


@st.composite
def targets(draw, loss, n):
    if loss is squared_error:
        return draw(st.lists(numbers, min_size=n, max_size=n))
    if loss is hinge:
        return draw(st.lists(st.sampled_from([-1, 1]), min_size=n, max_size=n))
    if loss is binary_cross_entropy_with_logits:
        return draw(st.lists(st.floats(0.0, 1.0), min_size=n, max_size=n))
    if draw(st.booleans()):
        return draw(st.integers(0, n - 1))
    return softmax(draw(st.lists(numbers, min_size=n, max_size=n)))


@st.composite
def problems(draw, loss):
    """A network of 1 to 4 layers, each of its own activation, with any weights and biases; and a pair."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    names = [draw(st.sampled_from(sorted(ACTIVATIONS))) for _ in sizes[1:]]
    model = MLP(sizes[0], sizes[1:], names, seed=0)
    parameters = model.parameters()
    for parameter, number in zip(parameters, draw(st.tuples(*[numbers] * len(parameters))), strict=True):
        parameter.data = number
    x = draw(st.lists(numbers, min_size=sizes[0], max_size=sizes[0]))
    return model, x, draw(targets(loss, sizes[-1]))


def backpropagated(model, x, y, loss):
    """The trace and the cost of a pair after the graph's backward pass."""
    trace = model.trace(x)
    outputs = trace.a[-1]  # always a list, as `cross_entropy` needs
    cost = loss(outputs, y)
    cost.backward()
    return trace, cost


def assert_same(ours, true):
    assert ours == [pytest.approx(row, rel=1e-12, abs=1e-12) for row in true]


@pytest.mark.parametrize("loss", LOSS_GRADIENTS, ids=lambda loss: loss.__name__)
@given(data=st.data())
@settings(max_examples=60)
def test_the_recursion_gives_the_gradients_of_the_graph(loss, data):
    model, x, y = data.draw(problems(loss))
    trace, cost = backpropagated(model, x, y, loss)
    gradient = backpropagation(network_of(model), x, y, loss)
    assert gradient.cost == cost.data
    assert_same(gradient.deltas, trace.deltas)
    assert_same(gradient.b, [[b.grad for b in layer.bias] for layer in model.layers])
    for W, layer in zip(gradient.W, model.layers, strict=True):
        assert_same(W, [[w.grad for w in row] for row in layer.weight])


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
@pytest.mark.parametrize("loss", LOSS_GRADIENTS, ids=lambda loss: loss.__name__)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_with_every_loss_at_every_depth(name, loss, depth):
    model = MLP(3, [4] * (depth - 1) + [2], activation=[name] * depth, seed=depth)
    x, y = [0.5, -1.0, 0.25], [1.0, -1.0] if loss is hinge else [0.25, 0.75]
    trace, _ = backpropagated(model, x, y, loss)
    gradient = backpropagation(network_of(model), x, y, loss)
    assert_same(gradient.deltas, trace.deltas)
    for W, layer in zip(gradient.W, model.layers, strict=True):
        assert_same(W, [[w.grad for w in row] for row in layer.weight])


def test_the_forward_pass_is_the_graphs_to_the_last_bit():
    model = MLP(3, [4, 3, 2], "mish", seed=3)
    trace, (z, a) = model.trace([0.5, -1.0, 2.0]), forward(network_of(model), [0.5, -1.0, 2.0])
    assert z == [[z_j.data for z_j in layer] for layer in trace.z]
    assert a == [[0.5, -1.0, 2.0], *[[a_j.data for a_j in layer] for layer in trace.a]]


def test_softmax_with_cross_entropy_is_p_minus_y():
    model = MLP(2, [3, 4], "tanh", seed=5)
    gradient = backpropagation(network_of(model), [0.5, -1.0], 2, cross_entropy)
    p = softmax(model.predict([0.5, -1.0]))
    assert gradient.deltas[-1] == [p[0], p[1], p[2] - 1.0, p[3]]


def test_the_same_through_softmax_as_a_function_of_all_outputs():
    """p - y is what the chain rule makes of -log p_k differentiated through p = softmax(z), step by step."""
    z = [Value(number) for number in (0.3, -1.2, 0.8)]
    (-softmax(z)[1].log()).backward()
    model = MLP(3, [3], init=lambda *_: 0.0)
    for k in range(3):
        model.layers[0].weight[k][k].data = 1.0
    gradient = backpropagation(network_of(model), [0.3, -1.2, 0.8], 1, cross_entropy)
    assert_same(gradient.deltas, [[z_k.grad for z_k in z]])


def test_a_compiled_batch_has_the_mean_of_its_pairs_gradients():
    """The matrix form that the compiler finds in the graph, and the one written down here."""
    pytest.importorskip("numpy")
    model = MLP(3, [4, 2], "tanh", seed=6)
    xs, ys = [[0.5, -1.0, 0.25], [1.0, 0.0, -0.5], [-0.25, 2.0, 1.0]], [[1.0, -1.0], [0.5, 0.0], [0.0, 2.0]]
    gradients = [backpropagation(network_of(model), x, y, squared_error) for x, y in zip(xs, ys, strict=True)]
    model.compile(squared_error).backward(xs, ys)
    for l, layer in enumerate(model.layers):  # noqa: E741
        for j, row in enumerate(layer.weight):
            true = [sum(gradient.W[l][j][k] for gradient in gradients) / 3 for k in range(layer.in_features)]
            assert [w.grad for w in row] == pytest.approx(true, rel=1e-12)
        assert [b.grad for b in layer.bias] == pytest.approx(
            [sum(gradient.b[l][j] for gradient in gradients) / 3 for j in range(layer.out_features)], rel=1e-12
        )


def test_an_activation_and_a_loss_of_your_own():
    @primitive
    def softsign(x):
        d = 1.0 + abs(x)
        return x / d, lambda g: (g / (d * d),)

    def absolute_error(a, y):
        return sum(abs(a_j - y_j) for a_j, y_j in zip(a, y, strict=True))

    model = MLP(2, [3, 2], softsign, seed=7)
    x, y = [0.5, -1.0], [9.0, -9.0]
    trace, _ = backpropagated(model, x, y, absolute_error)
    gradient = backpropagation(network_of(model), x, y, absolute_error, lambda a, y: [-1.0, 1.0])
    assert_same(gradient.deltas, trace.deltas)


def test_a_bias_is_a_weight_with_a_fixed_input_of_1():
    """The article's remark: the column of biases moved into W, and a 1 put below the inputs, change nothing."""
    model = MLP(2, [3], "tanh", seed=8)
    model.layers[0].bias[1].data = 0.7
    wider = MLP(3, [3], "tanh")
    for row, b, wide in zip(model.layers[0].weight, model.layers[0].bias, wider.layers[0].weight, strict=True):
        for target, source in zip(wide, [*row, b], strict=True):
            target.data = source.data
    x, y = [0.5, -1.0], [1.0, 0.0, -1.0]
    squared_error(model(x), y).backward()
    squared_error(wider([*x, 1.0]), y).backward()
    assert wider.predict([*x, 1.0]) == pytest.approx(model.predict(x), rel=1e-15)
    for row, b, wide in zip(model.layers[0].weight, model.layers[0].bias, wider.layers[0].weight, strict=True):
        assert [w.grad for w in wide] == pytest.approx([*[w.grad for w in row], b.grad], rel=1e-14)


def test_so_is_that_of_a_single_neuron():
    neuron = Neuron(2, "sigmoid", seed=9)
    neuron.b.data = -0.4
    wider = Neuron(3, "sigmoid")
    for target, source in zip(wider.w, [*neuron.w, neuron.b], strict=True):
        target.data = source.data
    neuron([2.0, 0.5]).backward()
    wider([2.0, 0.5, 1.0]).backward()
    assert [w.grad for w in wider.w] == pytest.approx([*[w.grad for w in neuron.w], neuron.b.grad], rel=1e-14)


def test_what_does_not_fit_is_said():
    def wave(z):
        return sin(z) + z

    network = network_of(MLP(2, [3, 1], "tanh", seed=1))
    with pytest.raises(ValueError, match="2 and 3 numbers"):
        forward(network, [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="squared_error: 1 output against 2 targets"):
        backpropagation(network, [1.0, 2.0], [1.0, 2.0], squared_error)
    with pytest.raises(ValueError, match=r"not known here, as those of squared_error, hinge, .*: give loss_gradient"):
        backpropagation(network, [1.0, 2.0], 1.0, lambda a, y: 0.0)
    model = MLP(2, [3, 1], wave)
    with pytest.raises(TypeError, match="the activation wave does not come with a derivative: write it as a @prim"):
        network_of(model)
