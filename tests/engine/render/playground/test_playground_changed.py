"""The network changed in the page: what it learns then is what `fit` learns, and everything follows."""

import random

import pytest

from demos.playground import curve, moons, spiral
from engine import Value, dot, sigmoid, tanh
from engine import primitive as make_primitive
from nn import MLP, SGD, Module, cross_entropy, fit, hinge, squared_error
from nn import binary_cross_entropy_with_logits as log_loss
from nn.activations import ACTIVATIONS

pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

LEARN = """
setNetwork(arguments[0]);
for (let k = 0; k < 60; k++) trainer.advance();
render();
return [Object.fromEntries(task.keys.map((key, k) => [key, task.theta[k]])),
        Object.fromEntries(task.keys.map((key, k) => [key, trainer.theta[k]])), task.model];
"""
PRODUCTS = [([a, b], [a * b, a + b]) for a in (-1.0, 0.5, 0.75) for b in (0.25, 1.0)]


@make_primitive
def own(x):
    s = sigmoid(x)
    return x * s, lambda g: (g * (s + x * s * (1 - s)),)


@pytest.mark.parametrize(
    ("given", "pairs", "loss", "hidden"),
    [
        (MLP(2, [8, 8, 1], seed=0), moons(random.Random(0)), log_loss, [(8, "tanh"), (8, "relu")]),
        (MLP(2, [8, 8, 1], seed=0), moons(random.Random(0)), log_loss, []),
        (MLP(2, [3, 1], seed=0), moons(random.Random(0)), log_loss, [(k, "tanh") for k in (1, 2, 12, 3, 1)]),
        (MLP(2, [1], seed=0), moons(random.Random(0))[:50], squared_error, [(3, "gelu"), (3, "leaky_relu")]),
        (MLP(2, [4, 1], seed=0), [(x, 2 * y - 1) for x, y in moons(random.Random(0))], hinge, [(2, "elu")]),
        (MLP(2, [4, 3], seed=0), spiral(random.Random(0)), cross_entropy, [(3, "tanh"), (3, "mish"), (3, "softsign")]),
        (MLP(1, [4, 1], activation=["tanh", "sigmoid"], seed=0), curve(random.Random(0)), squared_error, [(1, "selu")]),
        (MLP(1, [4, 1], seed=0), curve(random.Random(0)), squared_error, [(5, "silu"), (1, "linear")]),
        (MLP(2, [4, 2], seed=0), PRODUCTS, squared_error, [(2, "softplus"), (2, "hardtanh")]),
        (MLP(2, [4, 1], activation=own, seed=0), moons(random.Random(0)), log_loss, [(3, "own"), (3, "tanh")]),
    ],
    ids=[
        "equal widths", "none", "five", "two equal", "hinge", "three classes", "one input", "linear", "several outputs",
        "own",
    ],
)  # fmt: skip
def test_a_changed_network_learns_as_fit_does(open_playground, given, pairs, loss, hidden):
    def optimizer(model):
        return SGD(model.parameters(), lr=0.05, momentum=0.5)

    run = open_playground(given, pairs, loss=loss, optimizer=optimizer(given))
    first, learned, said = run(LEARN, hidden)
    last = given.layers[-1]
    functions = [own if name == "own" else name for _, name in hidden]
    model = MLP(
        given.layers[0].in_features,
        [*[size for size, _ in hidden], last.out_features],
        activation=[*functions, last.activation],
        seed=0,
    )
    assert first == model.state_dict()  # drawn as seed=0 draws them
    assert said == repr(model)  # a file of weights is known by it
    history = fit(model, pairs, loss=loss, optimizer=optimizer(model), epochs=60, compiled=True)
    for name, p in model.state_dict().items():
        assert learned[name] == pytest.approx(p, rel=1e-11, abs=1e-13), name
    assert history.losses[-1] == pytest.approx(run("return trainer.loss"), rel=1e-11)
    check_graph(run, model, pairs[7 % len(pairs)], loss)


def check_graph(run, model, pair, loss):
    """The point's graph has the gradients that the changed network has."""
    model.load_state_dict(run("return Object.fromEntries(task.keys.map((key, k) => [key, trainer.theta[k]]))"))
    shown = run(
        """choose({ kind: "point", row: 7 % task.learned.rows });
        steps.open(measure());
        const { nodes, numbers } = steps.through;
        steps.dialog.close();
        return Object.fromEntries(nodes.map((node, i) => [node.name, numbers.adjoint[i]]))"""
    )
    model.zero_grad()
    loss(model(pair[0]), pair[1]).backward()
    for parameter in model.parameters():
        assert shown[parameter.label] == pytest.approx(parameter.grad, rel=1e-9, abs=1e-14), parameter


def test_every_activation_has_its_own_slope(open_playground):
    """By differences, and the value as eager code has it."""
    run = open_playground(MLP(2, [2, 1]), moons(random.Random(0)))
    points = [-2.5, -0.7, -0.05, 0.03, 0.6, 1.7]
    found = run(
        """const h = 1e-5;
        return Object.fromEntries(Object.entries(activations).map(([name, { value, slope }]) =>
        [name, arguments[0].map((z) => [value(z), slope(z, value(z)), (value(z + h) - value(z - h)) / (2 * h)])]))""",
        points,
    )
    assert {*found} == {"silu" if name == "swish" else name for name in ACTIVATIONS}
    for name, rows in found.items():
        for z, (value, slope, difference) in zip(points, rows):
            assert slope == pytest.approx(difference, rel=1e-6, abs=1e-8), (name, z)
            assert value == pytest.approx(float(ACTIVATIONS[name](z)), rel=1e-14), (name, z)


def test_the_controls(open_playground, browser, tmp_path):
    run = open_playground(MLP(2, [3, 1], activation="tanh", seed=4), moons(random.Random(0)), validation=0.2)
    given = run("return trainer.theta.join()")

    def press(name):
        browser.find_element(By.CSS_SELECTOR, f'[aria-label="{name}"]').send_keys(Keys.ENTER)

    browser.find_element(By.ID, "change-network").send_keys(Keys.ENTER)
    press("One neuron more in layer 1")
    press("Add a hidden layer")
    press("One neuron less in layer 2")
    assert run("return task.hidden") == [[4, "tanh"], [3, "tanh"]]
    assert run("return document.activeElement.getAttribute('aria-label')") == "One neuron less in layer 2"
    theta = run("for (let k = 0; k < 40; k++) trainer.advance(); moveTo(30); return trainer.theta.join()")
    code, weights = run("return [pythonCode(task, trainer), weightsFile(task, trainer.theta)]")
    losses = run("return Array.from({ length: 100 }, () => trainer.advance())")
    assert run("moveTo(30); return trainer.theta.join()") == theta  # any step again
    browser.refresh()  # the link has it all
    assert run("return [trainer.step, trainer.theta.join(), task.hidden]") == [30, theta, [[4, "tanh"], [3, "tanh"]]]
    model = MLP(2, [4, 3, 1], activation="tanh")
    (tmp_path / "weights.json").write_text(weights, encoding="utf-8")
    model.load(tmp_path / "weights.json")
    scope = {"__name__": "training"}
    exec(code, scope)
    assert scope["history"].losses == pytest.approx(losses, rel=1e-11)
    browser.find_element(By.ID, "change-network").send_keys(Keys.ENTER)
    press("Take layer 2 away")
    press("One neuron less in layer 1")
    assert run("return trainer.theta.join()") == given  # the network of the page, with its weights
    run("play(true); setNetwork(Array(5).fill([12, 'tanh'])); play((page.went = page.playing) && false)")
    assert run("return page.went")  # another network learns on
    assert "more than 500 values" in run("return steps.note")


class Gated(Module):
    def __init__(self):
        self.w = [Value(0.5), Value(-0.25)]

    def __call__(self, x):
        return tanh(dot(self.w, x))


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (Gated(), "change this Gated in Python"),
        (MLP(2, [2] * 6 + [1], seed=0), "More than 5 hidden layers"),
        (MLP(2, [2, 1], activation=lambda z: tanh(2.0 * z)), "no operation"),
    ],
)
def test_who_cannot_change_is_told_why(open_playground, model, reason):
    run = open_playground(model, moons(random.Random(0))[:20])
    assert reason in run("byId('change-network').click(); return byId('architecture').textContent")
