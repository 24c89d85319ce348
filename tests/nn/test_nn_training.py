"""Training: batches, splits, histories, and what is refused before anything is learned."""

import math
import random
import sys

import pytest
from line_training import LINE, line_model, numbers

from engine import Value
from nn import (
    MLP,
    SGD,
    CosineAnnealingLR,
    Layer,
    LinearLR,
    Module,
    StepLR,
    accuracy,
    evaluate,
    fit,
    hinge,
    squared_error,
)
from nn.data import batches, pairs_of, split


def test_full_batch_training_is_gradient_descent_by_hand():
    model, optimizer = line_model()
    w, b = numbers(model)
    history = fit(model, LINE, loss=squared_error, optimizer=optimizer, epochs=5)
    for k in range(5):
        errors = [w * x + b - y for (x,), y in LINE]
        assert history.losses[k] == pytest.approx(sum(e * e for e in errors) / len(LINE), rel=1e-12)
        w -= 0.1 * sum(2 * e * x for e, ((x,), _) in zip(errors, LINE, strict=True)) / len(LINE)
        b -= 0.1 * sum(2 * e for e in errors) / len(LINE)
    assert numbers(model) == pytest.approx([w, b], rel=1e-12)


def test_mini_batches_in_order_are_steps_by_hand():
    model, optimizer = line_model()
    w, b = numbers(model)
    fit(model, LINE, loss=squared_error, optimizer=optimizer, epochs=1, batch_size=4, shuffle=False)
    for batch in (LINE[:4], LINE[4:8], LINE[8:]):
        errors = [w * x + b - y for (x,), y in batch]
        w -= 0.1 * sum(2 * e * x for e, ((x,), _) in zip(errors, batch, strict=True)) / len(batch)
        b -= 0.1 * sum(2 * e for e in errors) / len(batch)
    assert numbers(model) == pytest.approx([w, b], rel=1e-12)


def test_shuffling_is_by_seed_and_leaves_the_global_generator_alone():
    def trained(seed):
        model, optimizer = line_model()
        fit(model, LINE, loss=squared_error, optimizer=optimizer, epochs=3, batch_size=3, seed=seed)
        return numbers(model)

    state = random.getstate()
    assert trained(1) == trained(1) != trained(2)
    assert random.getstate() == state
    random.seed(5)
    first = trained(None)
    random.seed(5)
    assert trained(None) == first


def test_batches_cover_every_row_once():
    generator = random.Random(1)
    drawn = [*batches(10, 4, generator)]
    assert [len(batch) for batch in drawn] == [4, 4, 2]
    assert sorted(row for batch in drawn for row in batch) == [*range(10)]
    assert [*batches(3, None, None)] == [[0, 1, 2]]


def test_a_split_holds_out_a_fraction():
    pairs = [(k, k) for k in range(10)]
    training, held_out = split(pairs, 0.2, random.Random(1))
    assert len(held_out) == 2
    assert sorted(training + held_out) == pairs
    assert split(pairs, 0.001, random.Random(1))[1] != []


def test_history_of_training_and_validation():
    model, optimizer = line_model()

    def off_by(prediction, target):
        return abs(prediction - target)

    seen = []
    history = fit(
        model,
        LINE,
        loss=squared_error,
        optimizer=optimizer,
        epochs=4,
        validation=[([5.0], 14.0)],
        metrics=[off_by],
        schedule=StepLR(optimizer, 2, gamma=0.5),
        on_epoch=lambda history: seen.append(len(history)),
    )
    assert seen == [1, 2, 3, 4]
    assert history.learning_rates == [0.1, 0.1, 0.05, 0.05]
    error = abs(model.predict([5.0]) - 14.0)
    assert history.validation_losses[-1] == pytest.approx(error**2)
    assert history.validation_metrics["off_by"][-1] == pytest.approx(error)
    assert len(history.metrics["off_by"]) == len(history.validation_losses) == 4
    assert repr(history).startswith("History(4 epochs: loss ")
    assert [*history.columns()] == ["loss", "off_by", "validation_loss", "validation_off_by"]
    assert "validation_off_by" in history.last()


def test_schedules_combine_and_training_can_end_early():
    model, optimizer = line_model(lr=0.4)
    history = fit(
        model,
        LINE,
        loss=squared_error,
        optimizer=optimizer,
        epochs=50,
        schedule=[LinearLR(optimizer, 0.5, total_iters=2), CosineAnnealingLR(optimizer, 10)],
        on_epoch=lambda history: len(history) == 2,
    )
    assert len(history) == 2
    assert not history.interrupted
    assert history.learning_rates == pytest.approx([0.2, 0.3 * (1 + math.cos(math.pi / 10)) / 2])


def test_the_norm_of_a_step_is_clipped():
    model, optimizer = line_model(lr=1.0)
    before = numbers(model)
    fit(model, LINE, loss=squared_error, optimizer=optimizer, epochs=1, clip_norm=0.01)
    assert math.dist(before, numbers(model)) == pytest.approx(0.01, rel=1e-3)


def test_evaluate_and_accuracy():
    model = MLP(1, [1], init=lambda *_: 1.0)
    data = ([[2.0], [-2.0], [0.5], [-3.0]], [1, -1, -1, -1])
    assert evaluate(model, data, hinge, {"accuracy": accuracy}) == {"loss": 1.5 / 4, "accuracy": 0.75}
    assert accuracy(0.5, 0, threshold=0.0) == 0.0
    assert accuracy([0.1, 0.9], [0.0, 1.0]) == 1.0


def test_numpy_data_is_taken_as_lists():
    np = pytest.importorskip("numpy")
    pairs = pairs_of((np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32), np.array([0, 1])))
    assert pairs == [([1.0, 2.0], 0), ([3.0, 4.0], 1)]
    assert type(pairs[0][1]) is int


# Around it


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("spoilt", ["data", "validation"])
@pytest.mark.parametrize(
    ("loss", "target", "message"),
    [
        (squared_error, [1.0, 2.0], "squared_error: 1 output against 2 targets"),
        (hinge, 0.0, "hinge: a target is -1 or 1, got 0"),
    ],
)
def test_a_refused_target_is_told_before_the_first_step(compiled, spoilt, loss, target, message):
    if compiled:
        pytest.importorskip("numpy")
    good = [([x / 4], 1.0) for x in range(5)]
    data = {"data": good, "validation": good, spoilt: [*good[:2], ([0.5], target), *good[2:]]}
    model, optimizer = line_model()
    before = model.state_dict(), optimizer.state_dict()
    with pytest.raises(ValueError, match=f"{spoilt}: row 2: {message}"):
        fit(
            model,
            data["data"],
            loss=loss,
            optimizer=optimizer,
            epochs=1,
            batch_size=1,
            shuffle=False,
            validation=data["validation"],
            compiled=compiled,
        )
    assert (model.state_dict(), optimizer.state_dict()) == before


def test_outputs_may_differ_in_length():
    class Scaled(Module):
        def __init__(self):
            self.w = Value(1.0)

        def __call__(self, x):
            return [self.w * x_k for x_k in x]

    model = Scaled()
    data = [([1.0] * n, [2.0] * n) for n in (3, 1, 2)]
    fit(model, data, loss=squared_error, optimizer=SGD(model.parameters(), 0.1), epochs=50, validation=data[::-1])
    assert model.w.data == pytest.approx(2.0)
    before = model.w.data
    data.append(([1.0], [2.0] * 3))  # as many as the first output has, but not as its own
    with pytest.raises(ValueError, match="data: row 3: squared_error: 1 output against 3 targets"):
        fit(model, data, loss=squared_error, optimizer=SGD(model.parameters(), 0.1), epochs=1, batch_size=1)
    assert model.w.data == before


def test_a_refused_target_of_the_validation_is_named():
    model, optimizer = line_model()
    with pytest.raises(ValueError, match="validation: row 1: squared_error: 1 output against 2 targets"):
        fit(
            model,
            LINE,
            loss=squared_error,
            optimizer=optimizer,
            epochs=1,
            validation=[([1.0], 1.0), ([1.0], [1.0, 2.0])],
        )


def test_a_progress_bar_only_where_it_is_wanted(capsys, monkeypatch):
    model, optimizer = line_model()
    fit(model, LINE, loss=squared_error, optimizer=optimizer, epochs=2)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install \"liftgrad\[demos\]\""):
        fit(model, LINE, loss=squared_error, optimizer=optimizer, epochs=2, progress=True)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("CI", raising=False)
    assert len(fit(model, LINE, loss=squared_error, optimizer=optimizer, epochs=2)) == 2  # quietly without


def test_a_progress_bar_shows_the_last_epoch(capsys):
    pytest.importorskip("tqdm")
    model, optimizer = line_model()
    history = fit(model, LINE, loss=squared_error, optimizer=optimizer, epochs=2, progress=True)
    shown = capsys.readouterr().err
    assert "2/2" in shown
    assert history.last() in shown


def test_a_loss_that_explodes_is_told():
    model, optimizer = line_model(lr=1e200)
    with pytest.warns(RuntimeWarning, match=r"the loss is (inf|nan) in epoch 2: a smaller learning rate"):
        history = fit(model, LINE, loss=squared_error, optimizer=optimizer, epochs=2)
    assert len(history) == 2


def test_a_loss_that_explodes_is_told_once():
    model, optimizer = line_model(lr=1e200)
    with pytest.warns(RuntimeWarning) as warned:
        fit(model, LINE, loss=squared_error, optimizer=optimizer, epochs=20)
    assert [warning.filename for warning in warned] == [__file__]


def test_a_single_layer_can_be_trained():
    layer = Layer(1, 1, "linear", seed=0)
    fit(layer, LINE, loss=squared_error, optimizer=SGD(layer.parameters(), 0.5), epochs=60)
    assert numbers(layer) == pytest.approx([3.0, -1.0], abs=1e-6)
    with pytest.raises(ValueError, match="data: row 0: a layer takes 1 input, got 2"):
        fit(layer, [([1.0, 2.0], 0.0)], loss=squared_error, optimizer=SGD(layer.parameters()), epochs=1)


class Doubler(Module):
    """Takes anything that can be doubled."""

    def __init__(self):
        self.w = Value(2.0)

    def __call__(self, x):
        return self.w * x


def test_any_module_can_be_trained():
    model = Doubler()
    history = fit(model, [(1.0, 3.0)], loss=squared_error, optimizer=SGD(model.parameters(), 0.25), epochs=20)
    assert model.w.data == pytest.approx(3.0, abs=1e-5)
    assert history.losses[0] == 1.0


def call(data=LINE, **changes):
    model, optimizer = line_model()
    before = numbers(model)
    arguments = {"loss": squared_error, "optimizer": optimizer, "epochs": 1, **changes}
    try:
        fit(model, data, **arguments)
    finally:
        assert numbers(model) == before


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"data": []}, ValueError, "data is empty"),
        ({"data": ([], [])}, ValueError, "data is empty"),
        ({"data": ([[1.0], [2.0]], [1.0])}, ValueError, "data: 2 inputs but 1 targets"),
        ({"data": 5}, TypeError, "data is a list of pairs (x, y), or a tuple (X, Y) of two lists, got 5"),
        ({"data": "ab"}, TypeError, "got 'ab'"),
        ({"data": [1.0, 2.0]}, TypeError, "data: row 0 is 1.0, not a pair (x, y); for two lists give (X, Y)"),
        ({"data": [*LINE, ([math.nan], 1.0)]}, ValueError, "data: row 10, x[0] is nan"),
        ({"data": [*LINE, ([0.0], math.inf)]}, ValueError, "data: row 10, y is inf"),
        ({"data": [*LINE, ([0.0, 1.0], 1.0)]}, ValueError, "data: row 10: layer 1 takes 1 input, got 2"),
        ({"data": [*LINE, (["a"], 1.0)]}, TypeError, "data: row 10: layer 1: expected a real number, got 'a'"),
        ({"data": [*LINE, ([0.0], None)]}, TypeError, "data: row 10: expected a real number, got None"),
        ({"data": [*LINE, ([0.0], [1.0, 2.0])]}, ValueError, "data: row 10: squared_error: 1 output against 2 targets"),
        ({"loss": hinge}, ValueError, "data: row 0: hinge: a target is -1 or 1, got -4"),
        ({"validation": [([1.0, 2.0], 1.0)]}, ValueError, "validation: row 0: layer 1 takes 1 input, got 2"),
        ({"validation": []}, ValueError, "validation is empty"),
        ({"validation": 1.5}, ValueError, "must be between 0 and 1, got 1.5"),
        ({"validation": 0.96}, ValueError, "leaves nothing to train on"),
        ({"epochs": 0}, ValueError, "epochs must be at least 1, got 0"),
        ({"epochs": 2.5}, TypeError, "epochs must be a whole number, got 2.5"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1, got 0"),
        (
            {"loss": "mse"},
            TypeError,
            "loss is a function (output, target) -> cost, such as nn.squared_error, got 'mse'",
        ),
        ({"loss": lambda a, y: 1.0}, TypeError, "the loss is 1.0, not a Value"),
        ({"optimizer": SGD([Value(1.0)])}, ValueError, "none of this model's parameters: make it with SGD(model"),
        ({"schedule": StepLR(SGD([Value(1.0)]), 3)}, ValueError, "is a schedule of another optimizer"),
        ({"checkpoint": "run.json"}, ValueError, "a checkpoint needs a seed"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_learned(arguments, error, message):
    with pytest.raises(error) as caught:
        call(**arguments)
    assert message in str(caught.value)
