"""Four ways to a gradient: they agree, and what they cost is counted right."""

import sys

import pytest

from demos.why_backprop import __main__ as why_backprop
from demos.why_backprop.__main__ import growth, report
from demos.why_backprop.circuit import circuit_of, evaluate
from demos.why_backprop.counting import Counted, Meter, multiplications
from demos.why_backprop.four_ways import METHODS
from demos.why_backprop.measuring import HIDDEN_LAYERS, measure, network
from engine import Value, primitives
from engine.primitives import mul
from nn import ACTIVATIONS, MLP, squared_error


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_counted_numbers_give_the_gradient_of_floats(activation):
    model = MLP(2, [3, 2, 1], activation, seed=5)
    circuit = circuit_of(squared_error(model([0.5, -1.0]), 1.0), model.parameters())
    meter = Meter()
    for method in METHODS.values():
        gradient = method(circuit, [Counted(number, meter) for number in circuit.numbers])
        assert [g.data for g in gradient] == method(circuit, circuit.numbers)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "mish", "relu"])
def test_all_give_the_gradient_of_the_graph(name, activation):
    model = MLP(3, [4, 3, 2], activation, seed=2)
    loss = squared_error(model([0.5, -1.0, 0.25]), [1.0, -1.0])
    circuit = circuit_of(loss, model.parameters())
    gradient = METHODS[name](circuit, circuit.numbers)
    loss.backward()
    close = {"rel": 1e-7, "abs": 1e-8} if name == "finite differences" else {"rel": 1e-12, "abs": 1e-15}
    assert gradient == pytest.approx([parameter.grad for parameter in model.parameters()], **close)


def paths_and_edges(width, layer):
    """From a weighted input of a layer (1 to 5; the last is the output) to C = (a - y) * (a - y).

    How many edges a walk along all paths passes, and how many different edges there are.
    """
    if layer == HIDDEN_LAYERS + 1:
        return 3, 3  # the difference, and twice into the product
    following = 1 if layer == HIDDEN_LAYERS else width
    walked, _ = paths_and_edges(width, layer + 1)
    edges = 3
    for later in range(layer + 1, HIDDEN_LAYERS + 1):
        edges += width + (width * width if later < HIDDEN_LAYERS else width)  # its activations, and on from there
    return 1 + following * (1 + walked), 1 + following + edges


@pytest.mark.parametrize("width", [1, 2, 3, 5])
def test_the_counts_are_those_of_the_formulas(width):
    """C has W weights and N biases, one for each of the H = N - 1 hidden neurons and one for the output."""
    hidden = HIDDEN_LAYERS * width
    weights = HIDDEN_LAYERS * width * width + width
    parameters = weights + hidden + 1
    forward = weights + 1  # a product for each weight, and the square
    backward = 2 * weights + 2 * hidden + 2  # to weight and activation; g * (1 - a * a); to both factors of the square
    in_layer = [width * (width + 1)] * HIDDEN_LAYERS + [width + 1]
    ones = hidden + 2  # not counted: 1 * 1, from each bias to its z, and from the last bias on into the difference
    ways = [paths_and_edges(width, layer) for layer in range(1, HIDDEN_LAYERS + 2)]
    true = {
        "backpropagation": forward + backward,
        "finite differences": parameters * (2 * forward + 1),
        "all paths": forward + backward - ones + sum(n * (1 + walked) for n, (walked, _) in zip(in_layer, ways)),
        "forward mode": forward + backward - ones + sum(n * (1 + edges) for n, (_, edges) in zip(in_layer, ways)),
    }
    circuit = network(width)
    assert len(circuit.parameters) == parameters
    assert {name: multiplications(method, circuit) for name, method in METHODS.items()} == true


def test_a_product_is_counted_wherever_a_rule_has_one():
    meter = Meter()
    x, y = Counted(3.0, meter), Counted(-2.0, meter)
    product, pullback = mul.rule(x, y)
    assert (product.data, meter.multiplications) == (-6.0, 1)
    assert [contribution.data for contribution in pullback(2.0)] == [-4.0, 6.0]
    assert meter.multiplications == 3
    (_, of_sigmoid) = primitives.sigmoid.rule(x)
    assert meter.multiplications == 3  # its exponential is none
    of_sigmoid(1.0)
    assert meter.multiplications == 5
    assert ((1.0 - x) / y + -x - 1.0).data == -3.0
    assert meter.multiplications == 6


def test_a_circuit_computes_the_graph_again():
    a, b = Value(2.0), Value(3.0)
    circuit = circuit_of(a * b + a, [a, b])
    assert circuit.numbers[-1] == 8.0
    moved = [*circuit.numbers]
    moved[circuit.parameters[0]] = 5.0
    assert evaluate(circuit, moved)[0][-1] == 20.0


def test_what_takes_too_long_is_not_tried_again():
    measured = measure(widths=(1, 2, 4), patience=500)
    assert max(m.width for m in measured if m.method == "backpropagation") == 4
    assert max(m.width for m in measured if m.method == "finite differences") == 2
    assert growth(measured, "backpropagation") == 239 / 73
    shown = report(measured)
    assert "At width 2 backpropagation takes 2.7 multiplications a parameter" in shown
    assert f"{1053 / 73:.0f} times as many by finite differences" in shown
    assert max(m.error for m in measured) < 1e-8


def test_the_picture_is_written(tmp_path, capsys, monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(why_backprop, "measure", lambda: measure(widths=(1, 2)))
    assert why_backprop.main(["--out", str(tmp_path / "new")]) == 0
    picture = tmp_path / "new" / "why_backprop.png"
    assert capsys.readouterr().out.endswith(f"Written: {picture}\n")
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_what_is_missing_is_said_in_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert why_backprop.main(["--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == 'demos.why_backprop needs matplotlib: pip install "liftgrad[demos]"\n'
