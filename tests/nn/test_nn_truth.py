"""Numbers in the history are numbers, book-keeping that fails costs nothing, and soft labels are taken as they are."""

import json
import math
import os
from pathlib import Path

import pytest
from line_training import LINE, line_model, train

import engine
from nn import (
    cross_entropy,
    evaluate,
    softmax,
    squared_error,
)

# A penalty in the loss


@pytest.mark.parametrize("compiled", [False, True])
def test_a_penalty_in_the_loss_is_a_number_in_the_history_and_the_checkpoint(tmp_path, compiled):
    if compiled:
        pytest.importorskip("numpy")
    model, optimizer = line_model()

    def penalized(output, target):
        return squared_error(output, target) + 1e-3 * sum(p * p for p in model.parameters())

    path = tmp_path / "run.json"
    history = train(model, optimizer, loss=penalized, validation=0.3, checkpoint=path, compiled=compiled)
    assert {type(loss) for loss in history.losses + history.validation_losses} == {float}
    assert json.loads(path.read_text(encoding="utf-8"))["history"]["validation_losses"] == history.validation_losses
    penalty = 1e-3 * sum(p.data**2 for p in model.parameters())
    ends = evaluate(model, LINE, penalized)["loss"], evaluate(model, LINE, squared_error)["loss"]
    assert type(ends[0]) is float
    assert ends[0] == pytest.approx(ends[1] + penalty)


def test_a_metric_that_is_a_value_or_an_array_is_a_number_in_the_history(tmp_path):
    np = pytest.importorskip("numpy")
    model, optimizer = line_model()
    metrics = {
        "norm": lambda output, target: engine.norm2(model.parameters()),
        "float32": lambda output, target: np.float32(0.5),
        "array": lambda output, target: np.array(2.0),
        "flag": lambda output, target: True,
    }
    history = train(model, optimizer, metrics=metrics, validation=0.3, checkpoint=tmp_path / "run.json")
    for name, number in (("float32", 0.5), ("array", 2.0), ("flag", 1.0)):
        assert history.metrics[name] == history.validation_metrics[name] == [number] * 2
    assert {type(x) for x in history.metrics["norm"]} == {float}


# Book-keeping that fails


def test_a_checkpoint_that_cannot_be_written_is_told_at_the_start_or_costs_nothing(tmp_path, monkeypatch):
    model, optimizer = line_model()
    before = model.state_dict()
    with pytest.raises(FileNotFoundError):
        train(model, optimizer, checkpoint=tmp_path / "no" / "run.json")
    assert model.state_dict() == before

    def full(descriptor):
        raise OSError(28, "No space left on device")

    def fill(history):
        if len(history) == 1:
            monkeypatch.setattr(os, "fsync", full)

    path = tmp_path / "run.json"
    with pytest.warns(RuntimeWarning, match="the checkpoint cannot be written, and the training goes on") as told:
        history = train(model, optimizer, checkpoint=path, on_epoch=fill, epochs=4)
    assert [Path(warning.filename).name for warning in told] == ["line_training.py"]
    assert len(history) == 4
    monkeypatch.undo()
    assert len(json.loads(path.read_text(encoding="utf-8"))["history"]["losses"]) == 1
    again, optimizer = line_model()
    assert train(again, optimizer, checkpoint=path, epochs=4).losses == history.losses


def test_a_bar_that_cannot_be_drawn_costs_nothing(monkeypatch):
    import nn.training

    class Broken:
        def update(self, n=1):
            raise BrokenPipeError(32, "Broken pipe")

        set_postfix_str = update

        def close(self):
            raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(nn.progress, "_tqdm_bar", lambda total, unit: Broken())
    model, optimizer = line_model()
    assert len(train(model, optimizer, progress=True)) == 2
    monkeypatch.setattr(nn.progress, "_tqdm_bar", lambda total, unit: Broken().update())
    assert len(train(model, optimizer, progress=True)) == 2


# Soft labels


@pytest.mark.parametrize(
    "target",
    [[0.333, 0.333, 0.333], [0.33, 0.33, 0.33], [0.2, 0.3, 0.5], [1.0 / 3.0] * 3, [0.1, 0.2, 0.70001]],
)
def test_soft_labels_with_few_decimals_are_taken_as_they_are(target):
    x = [0.3, -1.2, 2.5]
    by_hand = -sum(y * math.log(p) for y, p in zip(target, softmax(x), strict=True))
    assert cross_entropy(x, target) == pytest.approx(by_hand, rel=1e-12)


def test_soft_labels_of_float32_are_taken():
    np = pytest.importorskip("numpy")
    y = np.random.default_rng(1).dirichlet([1.0] * 1000).astype(np.float32)
    assert cross_entropy([0.0] * 1000, y) == pytest.approx(math.log(1000), rel=1e-5)
    with pytest.raises(ValueError, match=r"probabilities sum to 0\.98, not to 1"):
        cross_entropy([0.0, 0.0], [0.49, 0.49])
