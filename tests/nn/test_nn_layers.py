"""Neurons, layers and networks against the formulas, written out in plain Python."""

import math
import random

import pytest

from engine import Value, leaky_relu, primitive
from nn import ACTIVATIONS, MLP, Layer, Module, Neuron, squared_error

PLAIN = {
    "linear": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": math.tanh,
    "relu": lambda z: max(z, 0.0),
    "leaky_relu": lambda z: z if z > 0 else 0.01 * z,
    "elu": lambda z: z if z > 0 else math.exp(z) - 1,
    "selu": lambda z: 1.0507009873554805 * (z if z > 0 else 1.6732632423543772 * (math.exp(z) - 1)),
    "softsign": lambda z: z / (1 + abs(z)),
    "hardtanh": lambda z: min(max(z, -1.0), 1.0),
    "softplus": lambda z: math.log(1 + math.exp(z)),
    "silu": lambda z: z / (1 + math.exp(-z)),
    "swish": lambda z: z / (1 + math.exp(-z)),
    "mish": lambda z: z * math.tanh(math.log(1 + math.exp(z))),
    "gelu": lambda z: z / 2 * (1 + math.erf(z / math.sqrt(2))),
}


def numeric_gradient(f, parameters, h=1e-6):
    """Central differences of f() by each parameter."""
    slopes = []
    for p in parameters:
        at = p.data
        p.data = at + h
        above = f()
        p.data = at - h
        below = f()
        p.data = at
        slopes.append((above - below) / (2 * h))
    return slopes


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_layer_is_the_formula_for_every_activation(name):
    layer = Layer(3, 2, name, seed=4)
    layer.bias[0].data, layer.bias[1].data = 0.5, -0.25
    x = [0.3, -1.2, 0.7]
    for j, a in enumerate(layer(x)):
        z = sum(w.data * x_k for w, x_k in zip(layer.weight[j], x, strict=True)) + layer.bias[j].data
        assert a.data == pytest.approx(PLAIN[name](z), rel=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gradients_of_a_network_are_the_finite_differences(name):
    model = MLP(2, [3, 2, 2], activation=name, seed=5)
    for layer in model.layers:  # away from 0, where relu has no derivative
        for j, b in enumerate(layer.bias):
            b.data = 0.3 + 0.2 * j
    x, y = [0.4, -0.9], [0.25, -1.5]
    squared_error(model(x), y).backward()
    parameters = model.parameters()
    numeric = numeric_gradient(lambda: squared_error(model.predict(x), y), parameters)
    assert [p.grad for p in parameters] == pytest.approx(numeric, rel=1e-5, abs=1e-7)


def test_a_bias_is_a_weight_with_the_fixed_input_1():
    with_bias, with_weight = Layer(2, 2, "tanh", seed=6), Layer(3, 2, "tanh", seed=7)
    for j in range(2):
        with_bias.bias[j].data = 0.3 - j
        for k, w in enumerate([*with_bias.weight[j], with_bias.bias[j]]):
            with_weight.weight[j][k].data = w.data
    x = [0.5, -0.75]
    outputs = with_bias(x), with_weight([*x, 1.0])
    assert [a.data for a in outputs[0]] == pytest.approx([a.data for a in outputs[1]], rel=1e-15)
    for output in outputs:
        squared_error(output, [1.0, 0.0]).backward()
    for j in range(2):
        assert with_bias.bias[j].grad == pytest.approx(with_weight.weight[j][2].grad, rel=1e-14)


def test_one_output_comes_unwrapped_and_several_as_a_list():
    assert isinstance(MLP(2, [4, 1])([0.0, 1.0]), Value)
    assert [type(a) for a in MLP(2, [4, 2])([0.0, 1.0])] == [Value, Value]
    assert isinstance(MLP(1, [1, 1, 1], "tanh")([0.5]), Value)
    assert isinstance(Layer(1, 1)(Layer(2, 1)([1.0, 2.0])), Value)


def test_each_neuron_is_two_nodes_and_each_input_one():
    model = MLP(2, [3, 1], "tanh", seed=1)
    from engine.graph import topological_order

    nodes = topological_order(model([0.1, 0.2]))
    inner = [node for node in nodes if node.parents]
    assert len(inner) == 3 * 2 + 1  # the output layer is linear: z alone
    assert len(nodes) - len(inner) == 2 + len(model.parameters())


def test_inputs_that_are_values_get_gradients():
    x = [Value(0.4), Value(-0.9)]
    model = MLP(2, [3, 1], "tanh", seed=2)
    model(x).backward()
    h = 1e-6
    slope = (model.predict([0.4 + h, -0.9]) - model.predict([0.4 - h, -0.9])) / (2 * h)
    assert x[0].grad == pytest.approx(slope, rel=1e-6)


def test_an_activation_for_each_layer_and_one_of_your_own():
    @primitive
    def square(z):
        return z * z, lambda g: (2.0 * g * z,)

    model = MLP(1, [1, 1], activation=[square, lambda z: 3 * z], init=lambda *_: 2.0)
    x = Value(0.5)
    y = model([x])
    y.backward()
    assert y.data == 3 * 2 * (2 * 0.5) ** 2
    assert x.grad == 3 * 2 * 2 * (2 * 0.5) * 2
    assert repr(model) == 'MLP(1, [1, 1], activation=["square", "<lambda>"]): 4 parameters'


def test_predict_records_nothing_on_the_way():
    seen = []

    def watched(z):
        seen.append(z)
        return z

    model = MLP(2, [3, 1], watched, seed=6)
    model.predict([1.0, 2.0])
    assert [z.parents for z in seen] == [()] * 3
    model([1.0, 2.0])
    assert [len(z.parents) for z in seen[3:]] == [5] * 3


def test_predict_gives_plain_numbers_and_no_graph():
    model = MLP(2, [3, 2], seed=0)
    output = model.predict([1.0, 2.0])
    assert [type(a) for a in output] == [float, float]
    assert output == [a.data for a in model([1.0, 2.0])]


def test_a_seed_gives_the_same_weights_and_leaves_the_global_generator_alone():
    state = random.getstate()
    first, second, other = (MLP(3, [4, 2], init="he", seed=seed).state_dict() for seed in (1, 1, 2))
    assert first == second != other
    assert random.getstate() == state


@pytest.mark.parametrize(
    ("init", "spread"),
    [
        ("uniform", 1 / math.sqrt(3)),
        ("he", math.sqrt(2 / 200)),
        ("kaiming", math.sqrt(2 / 200)),
        ("xavier", math.sqrt(2 / 250)),
        ("glorot", math.sqrt(2 / 250)),
    ],
)
def test_the_standard_deviation_of_an_initialization(init, spread):
    weights = [w.data for row in Layer(200, 50, init=init, seed=8).weight for w in row]
    assert sum(weights) / len(weights) == pytest.approx(0.0, abs=4 * spread / math.sqrt(len(weights)))
    assert math.sqrt(sum(w * w for w in weights) / len(weights)) == pytest.approx(spread, rel=0.03)


def test_parameters_are_labelled_by_their_place():
    model = MLP(2, [3, 1])
    assert model.layers[0].weight[2][1].label == "w¹[2][1]"
    assert model.layers[1].bias[0].label == "b²[0]"
    assert Layer(2, 3).weight[2][1].label == "w[2][1]"
    assert [p.label for p in Neuron(2).parameters()] == ["w[0]", "w[1]", "b"]


def test_reprs_can_be_read():
    assert repr(MLP(2, [16, 16, 1])) == 'MLP(2, [16, 16, 1], activation="relu"): 337 parameters'
    assert repr(MLP(2, [1])) == "MLP(2, [1]): 3 parameters"
    assert repr(Neuron(2, "tanh")) == 'Neuron(2, activation="tanh")'


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: MLP(2, [3, 1])([1.0]), ValueError, "layer 1 takes 2 inputs, got 1"),
        (lambda: MLP(1, [3, 1])([1.0, 2.0]), ValueError, "layer 1 takes 1 input, got 2"),
        (lambda: MLP(2, [3, 1])(1.0), ValueError, "layer 1 takes 2 inputs, got 1"),
        (lambda: MLP(2, [3, 1])([1.0, "a"]), TypeError, "layer 1: expected a real number, got 'a'"),
        (lambda: MLP(2, [3, 1])(None), TypeError, "expected a real number, got None"),
        (lambda: Neuron(3)([1.0, 2.0]), ValueError, "a neuron takes 3 inputs, got 2"),
        (lambda: Layer(3, 2)([1.0]), ValueError, "a layer takes 3 inputs, got 1"),
        (lambda: MLP(2, []), ValueError, "at least one layer"),
        (lambda: MLP(2, 3), TypeError, "nouts is a list"),
        (lambda: MLP(2, "31"), TypeError, "nouts is a list"),
        (lambda: MLP(0, [1]), ValueError, "nin must be at least 1, got 0"),
        (lambda: MLP(2, [3, 0]), ValueError, "nout must be at least 1, got 0"),
        (lambda: Layer(2.5, 1), TypeError, "nin must be a whole number, got 2.5"),
        (lambda: Neuron(True), TypeError, "nin must be a whole number, got True"),
        (lambda: MLP(2, [3, 1], "rleu"), ValueError, "unknown activation 'rleu': did you mean 'relu'?"),
        (lambda: MLP(2, [3, 1], "softmax"), ValueError, "train with cross_entropy"),
        (lambda: MLP(2, [3, 1], ["relu"]), ValueError, "expected 2, got 1"),
        (lambda: Neuron(2, False), TypeError, "write nonlin=False"),
        (lambda: Neuron(2, 3), TypeError, "a name or a function, got 3"),
        (lambda: Layer(2, 1, init="xaver"), ValueError, "did you mean 'xavier'?"),
        (lambda: Layer(2, 1, init=0.5), TypeError, "init is a name or a function"),
        (lambda: Layer(2, 1, seed="a"), TypeError, "seed is a whole number"),
    ],
)
def test_what_is_wrong_is_said(make, error, message):
    with pytest.raises(error) as caught:
        make()
    assert message in str(caught.value)


def test_an_activation_with_parameters_is_trained_with_the_rest():
    class LearnedSlope(Module):
        def __init__(self):
            self.slope = Value(0.25)

        def __call__(self, z):
            return leaky_relu(z, self.slope)

    model = MLP(1, [1], [LearnedSlope()], init=lambda *_: 1.0)
    assert "layers.0.activation.slope" in model.state_dict()
    model([-2.0]).backward()
    assert model.layers[0].activation.slope.grad == -2.0
    assert repr(model) == 'MLP(1, [1], activation=["LearnedSlope"]): 3 parameters'
