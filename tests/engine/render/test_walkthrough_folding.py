"""Layers of a page: which values belong to which, and that they fold and unfold in a browser."""

import pytest

from engine import Value, tanh
from engine.graph import topological_order
from engine.render.walkthrough.folding import layers_of
from nn import MLP


def network():
    model = MLP(2, [3, 1], activation="tanh", seed=0)
    loss = ((model([0.5, -1.0]) - 1.0) ** 2).named("C")
    return model, loss


def test_a_layer_has_its_parameters_and_what_is_computed_of_them():
    model, loss = network()
    nodes = topological_order(loss)
    layers, layer_of = layers_of(nodes, {value: name for name, value in model.named_parameters()})
    assert layers == ["layers.0", "layers.1"]
    found = dict(zip(nodes, layer_of))
    for k, layer in enumerate(model.layers):
        assert {found[parameter] for parameter in layer.parameters()} == {k}
    assert layer_of.count(0) == 9 + 3 + 3  # and z and a
    assert layer_of.count(1) == 4 + 1
    assert found[loss] is None
    assert [node.is_constant for node in nodes if found[node] is None].count(True) == 3


def test_a_single_layer_is_not_folded():
    w, x = Value(2.0, "w"), Value(3.0, "x")
    nodes = topological_order(tanh(w * x))
    assert layers_of(nodes, {w: "layers.0.weight"}) == ([], [None] * 4)
    assert layers_of(nodes, {}) == ([], [None] * 4)
    assert layers_of(nodes, {w: None}) == ([], [None] * 4)


def test_layers_fold_and_unfold_where_they_are_clicked(show):
    from selenium.webdriver.common.by import By

    model, loss = network()
    page = show(loss, params=dict(model.named_parameters()))

    def drawn():
        return {*page.run("return [...document.querySelectorAll('#drawing g[id]')].map((part) => part.id)")}

    nodes = page.run("return JSON.parse(document.getElementById('graph').textContent).nodes.length")
    assert {f"node-{i}" for i in range(nodes)} <= drawn()
    page.browser.find_element(By.XPATH, "//button[text()='Fold all']").click()
    folded = drawn()
    assert {"layer-0", "layer-1"} <= folded
    assert len([part for part in folded if part.startswith("node-")]) < 7
    page.browser.find_element(By.CSS_SELECTOR, "#layer-0").click()
    unfolded = drawn()
    assert "layer-0" not in unfolded
    assert "layer-1" in unfolded
    pressed = "return document.querySelector('#layers [aria-pressed=true]').textContent"
    assert page.run(pressed) == "layers.0"
    for step in range(page.run("return +document.getElementById('slider').max") + 1):
        page.run(
            "const slider = document.getElementById('slider'); slider.value = arguments[0];"
            "slider.dispatchEvent(new Event('input'))",
            step,
        )
        assert page.lit(), step  # in the drawing or as a card
    loss.backward()
    adjoints = {name: adjoint for name, (_, adjoint) in page.listed().items()}
    for parameter in model.parameters():
        assert adjoints[parameter.label] == pytest.approx(parameter.grad)


def test_a_large_network_begins_folded(show):
    model = MLP(4, [8, 8, 1], activation="tanh", seed=0)
    page = show(model([0.5, -1.0, 0.25, 2.0]), params=dict(model.named_parameters()))
    cards = page.run("return [...document.querySelectorAll('#drawing .layer')].map((card) => card.textContent)")
    assert [card.split()[0] for card in cards] == ["layers.0", "layers.1", "layers.2"]
