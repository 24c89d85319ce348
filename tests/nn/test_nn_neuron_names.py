"""The nodes of a network have the article's names wherever they are looked at, and cost nothing where nobody looks."""

import copy
import pickle

import pytest

from engine import Value, explain, sigmoid
from engine.given_names import names_of
from engine.graph import topological_order
from nn import MLP, Layer, Neuron, squared_error


def names(*outputs):
    return {*names_of(topological_order(*outputs)).values()}


def test_every_weighted_input_activation_and_input_has_its_name():
    model = MLP(2, [3, 1], activation="tanh", seed=1)
    trace = model.trace([1.0, -0.5])
    found = names_of(topological_order(trace.output))
    assert [found[node] for node in trace.x] == ["x[0]", "x[1]"]
    assert [found[node] for node in trace.z[0]] == ["z¹[0]", "z¹[1]", "z¹[2]"]
    assert [found[node] for node in trace.a[0]] == ["a¹[0]", "a¹[1]", "a¹[2]"]
    assert found[trace.output] == "z²[0]"
    assert found[model.layers[1].weight[0][2]] == "w²[0][2]"


@pytest.mark.parametrize(
    "remade", [lambda model: model, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))]
)
def test_the_output_layers_activation_is_told_from_what_the_loss_does(remade):
    model = remade(MLP(1, [1], activation=["tanh"], seed=1))
    assert {"z¹[0]", "a¹[0]"} <= names((model([2.0]) ** 2) * 3.0)
    assert not any(name.startswith("a") for name in names(MLP(1, [1])([2.0]) ** 2))


def test_an_activation_of_ones_own_is_named_by_the_layer_that_takes_it():
    model = MLP(1, [2, 1], activation=lambda z: z * sigmoid(z), seed=1)
    assert {"a¹[0]", "a¹[1]", "z²[0]"} <= names(model([0.5]))


def test_names_of_ones_own_come_first():
    x = Value(1.0, "height")
    model = MLP(1, [1, 1], activation="tanh", seed=1)
    trace = model.trace([x])
    trace.z[0][0].named("hidden")
    assert {"height", "hidden", "a¹[0]"} <= names(trace.output)
    assert "x[0]" not in names(trace.output)


def test_a_neuron_and_a_layer_by_themselves():
    assert names(Neuron(1, "tanh")([1.0])) == {"w[0]", "x[0]", "b", "z", "a"}
    assert {"x[1]", "z[0]", "a[2]"} <= names(*Layer(2, 3, "tanh")([1.0, 2.0]))


def test_tree_picture_and_explanation_show_them():
    model = MLP(1, [1, 1], activation="tanh", seed=1)
    cost = squared_error(model([2.0]), 1.0)
    assert "a¹[0] = tanh" in cost.tree(width=80)
    assert "x[0]" in cost.tree(width=80)
    for name in ("x[0]", "z¹[0]", "a¹[0]", "z²[0]"):
        assert f"<B>{name}</B>" in cost.draw().source
    assert "z¹[0] = w¹[0][0]*x[0] + b¹[0]" in str(explain(cost, model.layers[0].weight[0][0]))


def test_nothing_is_stored_in_the_nodes():
    trace = MLP(2, [3, 1], activation="tanh", seed=1).trace([1.0, -0.5])
    made = [node for node in topological_order(trace.output) if node.parents]
    trace.output.draw()
    assert len(made) == 7
    assert all(node.label is None and not node.__dict__ for node in made)
