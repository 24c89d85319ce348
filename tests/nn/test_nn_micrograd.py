"""micrograd's programs run here with only the import changed, and give the same numbers."""

import importlib.util
import json
import random
from pathlib import Path

import pytest

import engine
import nn

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def recorder():
    spec = importlib.util.spec_from_file_location("record_micrograd_demo", DATA / "record_micrograd_demo.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def record():
    return json.loads((DATA / "micrograd_demo.json").read_text(encoding="utf-8"))


def test_the_demonstration_gives_micrograds_recorded_losses(recorder, record):
    path = recorder.demonstration(engine.Value, nn.MLP, record["points"], len(record["path"]))
    assert len(path) == 100
    for (loss, accuracy), (true_loss, true_accuracy) in zip(path, record["path"], strict=True):
        assert loss == pytest.approx(true_loss, rel=1e-9)
        assert accuracy == true_accuracy
    assert path[-1][1] == 1.0


def test_the_demonstration_beside_micrograd_itself(recorder, record):
    theirs = pytest.importorskip("micrograd.engine"), pytest.importorskip("micrograd.nn")
    points = record["points"][:20]
    mine = recorder.demonstration(engine.Value, nn.MLP, points, 3)
    true = recorder.demonstration(theirs[0].Value, theirs[1].MLP, points, 3)
    assert mine == [(pytest.approx(loss, rel=1e-12), accuracy) for loss, accuracy in true]


def test_weights_are_drawn_as_in_micrograd_from_the_global_generator():
    random.seed(3)
    model = nn.MLP(2, [2, 1])
    random.seed(3)
    drawn = [random.uniform(-1, 1) for _ in range(6)]
    assert [w.data for layer in model.layers for row in layer.weight for w in row] == drawn
    assert [b.data for layer in model.layers for b in layer.bias] == [0.0, 0.0, 0.0]


def test_numpy_rows_and_numpy_targets():
    np = pytest.importorskip("numpy")
    model = nn.MLP(2, [3, 1], seed=0)
    row, target = np.array([0.5, -0.25], dtype=np.float32), np.int64(-1)
    loss = (1 + -target * model(row)).relu()
    assert isinstance(loss, engine.Value)
    assert loss.data == pytest.approx(max(0.0, 1 + model.predict([0.5, -0.25])))


def test_neuron_and_layer_without_nonlinearity():
    assert nn.Neuron(2, nonlin=False).activation(-3.0) == -3.0
    layer = nn.Layer(2, 3, nonlin=False, seed=1)
    assert [neuron.w for neuron in layer.neurons] == layer.weight
    assert [neuron.b for neuron in layer.neurons] == layer.bias
    x = [0.3, -2.0]
    assert [neuron(x).data for neuron in layer.neurons] == layer.predict(x)
