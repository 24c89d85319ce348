"""Training tells the truth: cases in which a number came out wrong, was lost, or was not told, and their neighbours."""

import copy
import functools
import json
import math
import os
import random
import warnings
from collections import deque

import pytest

import engine
from engine import Value
from nn import (
    MLP,
    SGD,
    Adam,
    CosineAnnealingLR,
    Dropout,
    EarlyStopping,
    Embedding,
    History,
    Layer,
    LayerNorm,
    Linear,
    Module,
    Neuron,
    ReduceLROnPlateau,
    RMSNorm,
    StepLR,
    accuracy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    evaluate,
    fit,
    hinge,
    huber_loss,
    l1_loss,
    softmax,
    squared_error,
)
from nn.rows import plain_row

LINE = [([x / 4], 3 * x / 4 - 1) for x in range(-4, 6)]


def line_model(lr=0.1, seed=0):
    model = MLP(1, [1], seed=seed)
    return model, SGD(model.parameters(), lr=lr)


def train(model, optimizer, data=LINE, **changes):
    settings = {"loss": squared_error, "epochs": 2, "seed": 1, **changes}
    return fit(model, data, optimizer=optimizer, **settings)


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


# Accuracy


@pytest.mark.parametrize(
    ("prediction", "target", "right"),
    [
        (0.9, 1, 1.0),
        (0.1, 0, 1.0),
        (0.9, 0, 0.0),
        (0.6, 1, 1.0),
        (0.5, 0, 1.0),
        (1.0, 1, 1.0),
        (0.0, 0, 1.0),
        (0.0, 1, 0.0),
        ([2.0], 1, 1.0),
        ([2.0], 0, 0.0),
        ([-2.0], 0, 1.0),
        ([-2.0], [1], 0.0),
        ((0.1,), [0], 1.0),
        (2.0, 1, 1.0),
        (-2.0, 0, 1.0),
        (-2.0, -1, 1.0),
        (0.3, -1, 0.0),
        (math.nan, 0, 0.0),
        (math.nan, 1, 0.0),
        (math.nan, -1, 0.0),
        ([math.nan], 0, 0.0),
        ([math.nan, 1.0], 0, 0.0),
        ([0.0, math.nan], 0, 0.0),
        (math.inf, 1, 1.0),
        (0.9, True, 1.0),
        ([0.2, 0.8], 1.0, 1.0),
        ([0.2, 0.8], [0.0, 1.0], 1.0),
        (Value(0.9), 1, 1.0),
        ([Value(0.2), Value(0.8)], 1, 1.0),
    ],
)
def test_accuracy(prediction, target, right):
    assert accuracy(prediction, target) == right


@pytest.mark.parametrize(
    ("prediction", "target", "message"),
    [
        (
            0.3,
            1,
            r"accuracy\(0.3, 1\) is right if 0.3 is a score.*wrong if it is a prob.*threshold=0.0 or threshold=0.5",
        ),
        ([0.1, 0.9], 2, "the class of 2 outputs is a whole number from 0 to 1, got 2"),
        ([0.1, 0.9], 0.5, "whole number from 0 to 1, got 0.5"),
        ([0.1, 0.9], -1, "got -1"),
        ([0.1, 0.9], [1.0, 0.0, 0.0], "2 outputs need 2 probabilities, or the index of a class, got 3"),
        (0.9, [1, 0], "the target of one number"),
    ],
)
def test_accuracy_that_cannot_be_told_is_refused(prediction, target, message):
    with pytest.raises(ValueError, match=message):
        accuracy(prediction, target)


def test_a_threshold_says_what_is_meant():
    assert accuracy(0.3, 1, threshold=0.0) == 1.0
    assert accuracy(0.3, 1, threshold=0.5) == 0.0
    assert accuracy([0.1], 0, threshold=0.0) == 0.0


class ByHand(Module):
    """A sigmoid that is not ours."""

    def __init__(self):
        self.w = Value(1.0)

    def __call__(self, x):
        return 1.0 / (1.0 + engine.exp(-self.w * x[0]))


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("activation", ["linear", "sigmoid", "tanh"])
def test_fit_and_evaluate_see_whether_outputs_are_probabilities(activation, compiled):
    if compiled:
        pytest.importorskip("numpy")
    numbers = [-2.0, -0.3, -0.1, 0.1, 0.3, 2.0]
    for classes in ([0, 1],) if activation == "sigmoid" else ([0, 1], [-1, 1]):
        data = [([x], classes[x > 0]) for x in numbers]
        model = MLP(1, [1], [activation], init=lambda *_: 1.0)
        assert evaluate(model, data, l1_loss, [accuracy])["accuracy"] == 1.0
        history = fit(
            model,
            data,
            loss=l1_loss,
            optimizer=SGD(model.parameters(), lr=0.0),
            epochs=1,
            metrics=[accuracy],
            validation=data,
            compiled=compiled,
        )
        assert history.metrics == history.validation_metrics == {"accuracy": [1.0]}


def test_a_sigmoid_by_hand_is_scored_or_refused():
    sure = [([x], int(x > 0)) for x in (-2.0, -0.3, 0.1, 0.3, 2.0)]
    assert evaluate(ByHand(), sure, l1_loss, [accuracy])["accuracy"] == 1.0
    with pytest.raises(ValueError, match="say threshold"):
        evaluate(ByHand(), [([-0.5], 1)], l1_loss, [accuracy])


def test_an_output_in_a_list_is_scored():
    class Listed(Module):
        def __init__(self):
            self.map = Linear(1, 1, seed=1)

        def __call__(self, x):
            return self.map(x)

    model = Listed()
    model.map.weight[0][0].data, model.map.bias[0].data = 1.0, 0.0
    data = [([x], int(x > 0)) for x in (-2.0, -0.3, 0.3, 2.0)]
    assert evaluate(model, data, binary_cross_entropy_with_logits, [accuracy])["accuracy"] == 1.0


# Metrics


def test_metrics_of_one_name_are_all_kept():
    def half(output, target):
        return 0.5

    model, optimizer = line_model()
    metrics = [lambda o, y: 1.0, lambda o, y: 2.0, half, half, functools.partial(half), functools.partial(half)]
    history = train(model, optimizer, metrics=metrics)
    assert {name: series[0] for name, series in history.metrics.items()} == {
        "<lambda>": 1.0,
        "<lambda> 2": 2.0,
        "half": 0.5,
        "half 2": 0.5,
        "half 3": 0.5,
        "half 4": 0.5,
    }
    named = evaluate(model, LINE, squared_error, [lambda o, y: 1.0, lambda o, y: 2.0])
    assert (named["<lambda>"], named["<lambda> 2"]) == (1.0, 2.0)


def loss(output, target):
    return 1e9


@pytest.mark.parametrize("metrics", [{"loss": loss}, [loss], {"validation_loss": loss}, {"validation_x": loss}])
def test_a_metric_with_the_name_of_another_series_is_refused(metrics):
    model, optimizer = line_model()
    with pytest.raises(ValueError, match=r"a metric cannot be called '.*', as another series"):
        train(model, optimizer, metrics=metrics)
    with pytest.raises(ValueError, match="a metric cannot be called"):
        evaluate(model, LINE, squared_error, metrics)
    with pytest.raises(TypeError, match="a metric's name is a string, got 3"):
        train(model, optimizer, metrics={3: loss})


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    ("numbers", "total"),
    [
        ([1e308] * 10, math.inf),
        ([math.inf, -math.inf, *[0.0] * 8], math.nan),
        ([math.nan] * 10, math.nan),
        ([-math.inf] * 10, -math.inf),
    ],
)
def test_a_diverging_metric_does_not_end_the_training(numbers, total, compiled):
    if compiled:
        pytest.importorskip("numpy")
    model, optimizer = line_model()
    calls = iter([0.0, *numbers * 4])
    history = train(model, optimizer, metrics={"wild": lambda o, y: next(calls)}, compiled=compiled)
    assert len(history) == 2
    assert history.metrics["wild"] == pytest.approx([total] * 2, nan_ok=True)


def test_a_metric_that_fails_later_is_nan_and_told_once():
    model, optimizer = line_model()
    calls = 0

    def fragile(output, target):
        nonlocal calls
        calls += 1
        if calls == 15:
            raise ZeroDivisionError("division by zero")
        return 1.0

    with pytest.warns(RuntimeWarning, match="the metric 'fragile' failed, and is nan: division by zero") as told:
        history = train(model, optimizer, metrics=[fragile], epochs=3)
    assert [warning.filename for warning in told] == [__file__]
    assert len(history) == 3
    assert history.metrics["fragile"] == pytest.approx([1.0, math.nan, 1.0], nan_ok=True)


def test_a_metric_that_never_works_is_told_before_anything_is_learned():
    model, optimizer = line_model()
    before = model.state_dict()
    with pytest.raises(ZeroDivisionError):
        train(model, optimizer, metrics=[lambda o, y: 1 / 0])
    with pytest.raises(ZeroDivisionError):
        evaluate(model, LINE, squared_error, [lambda o, y: 1 / 0])
    with pytest.raises(TypeError, match="metric '<lambda>': expected a real number, got None"):
        train(model, optimizer, metrics=[lambda o, y: None])
    with pytest.raises(TypeError, match="data: row 0: expected a real number, got None"):
        evaluate(model, LINE, lambda o, y: None)
    with pytest.raises(TypeError, match="data: row 0: expected a real number, got None"):
        train(model, optimizer, loss=lambda o, y: None)
    assert model.state_dict() == before


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
    assert [warning.filename for warning in told] == [__file__]
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


# What a checkpoint is of


def started(path, **changes):
    data = [([math.sin(k)], math.cos(k)) for k in range(12)]
    settings = {
        "data": data,
        "seed": 3,
        "batch_size": 4,
        "shuffle": True,
        "validation": 0.25,
        "clip_norm": 10.0,
        "loss": squared_error,
        "sample_weight": None,
        "epochs": 2,
        **changes,
    }
    model = MLP(1, [2, 1], "tanh", seed=1)
    make = settings.pop("make", lambda parameters: Adam(parameters, lr=0.1))
    optimizer = make(model.parameters())
    schedule = settings.pop("schedule", lambda optimizer: CosineAnnealingLR(optimizer, 10))
    data = settings.pop("data")
    return model, fit(
        model, data, optimizer=optimizer, schedule=schedule(optimizer), checkpoint=path, metrics=[l1_loss], **settings
    )


DATA_BEFORE = [([math.sin(k)], math.cos(k)) for k in range(12)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 4}, "the seed was 3 and is 4 now: give what it was"),
        ({"seed": random.Random(3)}, "the seed was 3 and is "),
        ({"batch_size": 3}, "the batch_size was 4 and is 3 now"),
        ({"batch_size": None}, "the batch_size was 4 and is None now"),
        ({"shuffle": False}, "the shuffle was True and is False now"),
        ({"data": DATA_BEFORE[:-1]}, "the data was '9 pairs, .*' and is '8 pairs"),
        ({"data": [*DATA_BEFORE[:-1], ([0.5], 0.5)]}, "the (data|validation) was '.*pairs, .*' and is '.*pairs"),
        ({"data": DATA_BEFORE[::-1]}, "the data was"),
        ({"validation": 0.5}, "the data was '9 pairs, .*' and is '6 pairs"),
        ({"validation": DATA_BEFORE[:3], "data": DATA_BEFORE}, "the data was '9 pairs, .*' and is '12 pairs"),
        ({"clip_norm": None}, "the clip_norm was 10.0 and is None now"),
        ({"loss": l1_loss}, "the loss was 'squared_error' and is 'l1_loss' now"),
        ({"sample_weight": [1.0] * 12}, "the sample_weight was None and is '9 pairs"),
        ({"make": lambda p: Adam(p, lr=0.01)}, "the optimizer's lr was 0.1 and is 0.01 now"),
        ({"make": lambda p: Adam(p, lr=0.1, weight_decay=0.5)}, "the optimizer's weight_decay was 0.0 and is 0.5 now"),
        ({"make": lambda p: Adam([{"params": p, "eps": 0.1}], lr=0.1)}, "the optimizer's parameter groups was"),
        ({"schedule": lambda o: CosineAnnealingLR(o, 20)}, "the schedules was .*'T_max': 10.* and is .*'T_max': 20"),
    ],
)
def test_going_on_with_something_else_is_refused_with_what_differs(tmp_path, changes, message):
    path = tmp_path / "run.json"
    started(path)
    file = path.read_bytes()
    with pytest.raises(ValueError, match=message) as caught:
        started(path, epochs=4, **changes)
    assert "is not a checkpoint of this training" in str(caught.value)
    assert f"model.load({str(path)!r})" in str(caught.value)
    assert path.read_bytes() == file


class Dropped(Module):
    def __init__(self, p=0.5, f="tanh"):
        self.hidden, self.dropout, self.out = Layer(1, 3, f, seed=1), Dropout(p), Layer(3, 1, "linear", seed=2)

    def __call__(self, x):
        return self.out(self.dropout(self.hidden(x)))


def frozen_mask(model):
    model.dropout.eval()
    return model


@pytest.mark.parametrize(
    ("model", "loss", "message"),
    [
        (lambda: Dropped(p=0.25), l1_loss, r"the module dropout was 'Dropout\(p=0.5\)' and is 'Dropout\(p=0.25\)' now"),
        (lambda: Dropped(f="relu"), l1_loss, "the module hidden was '.*tanh.*' and is '.*relu"),
        (lambda: frozen_mask(Dropped()), l1_loss, r"the module dropout was .* and is 'Dropout\(p=0.5\) in evaluation'"),
        (Dropped, functools.partial(huber_loss, delta=2.0), r"the loss was 'l1_loss' and is 'huber_loss\(delta=2.0\)'"),
    ],
)
def test_going_on_with_another_part_or_loss_is_refused(tmp_path, model, loss, message):
    def run(model, loss):
        return train(model, SGD(model.parameters(), 0.1), loss=loss, checkpoint=tmp_path / "run.json", epochs=3)

    run(Dropped(), l1_loss)
    with pytest.raises(ValueError, match=message):
        run(model(), loss)
    assert len(run(Dropped().eval(), l1_loss)) == 3  # in training all the same


def test_the_way_out_of_a_refused_checkpoint_is_open(tmp_path):
    path = tmp_path / "run.json"
    trained, _ = started(path)
    model = MLP(1, [2, 1], "tanh", seed=5)
    model.load(path)
    assert model.state_dict() == trained.state_dict()
    optimizer = Adam(model.parameters(), lr=0.01)
    train(model, optimizer, data=DATA_BEFORE, checkpoint=tmp_path / "other.json")


def test_what_may_change_may_change(tmp_path):
    pytest.importorskip("numpy")
    path, whole = tmp_path / "run.json", tmp_path / "whole.json"
    started(path)
    _, history = started(path, epochs=3, compiled=True, on_epoch=lambda history: None, progress=False)
    assert history.losses == pytest.approx(started(whole, epochs=3)[1].losses)


def test_the_same_optimizer_may_go_on_in_the_same_process(tmp_path):
    model, optimizer = line_model()
    schedule = StepLR(optimizer, 1, gamma=0.5)
    path = tmp_path / "run.json"
    train(model, optimizer, schedule=schedule, checkpoint=path, epochs=2)
    train(model, optimizer, schedule=schedule, checkpoint=path, epochs=4)
    other, optimizer = line_model()
    whole = train(other, optimizer, schedule=StepLR(optimizer, 1, gamma=0.5), epochs=4)
    assert model.state_dict() == other.state_dict()
    assert whole.learning_rates == [0.1, 0.05, 0.025, 0.0125]


def test_data_of_the_same_numbers_are_the_same_data(tmp_path):
    path = tmp_path / "run.json"
    rows = [([1], 2), ([3], 4), ([5], 6)]
    model, optimizer = line_model(lr=0.01)
    train(model, optimizer, data=rows, checkpoint=path)
    model, optimizer = line_model(lr=0.01)
    assert (
        len(train(model, optimizer, data=([(1.0,), (3.0,), (5.0,)], [2.0, 4.0, 6.0]), checkpoint=path, epochs=3)) == 3
    )


def test_ctrl_c_in_the_first_epoch_leaves_a_checkpoint_to_go_on_from(tmp_path):
    def run(path, interrupted=False):
        model, optimizer = line_model()
        calls = 0

        def measured(output, target):
            nonlocal calls
            calls += 1
            if interrupted and calls == 2 * len(LINE):
                raise KeyboardInterrupt
            return squared_error(output, target)

        return train(model, optimizer, loss=measured, checkpoint=path, validation=0.3, batch_size=2), model

    history, _ = run(tmp_path / "run.json", interrupted=True)
    assert (len(history), history.interrupted) == (0, True)
    assert run(tmp_path / "run.json")[1].state_dict() == run(tmp_path / "whole.json")[1].state_dict()


@pytest.mark.parametrize("compiled", [False, True])
def test_fit_and_evaluate_inside_no_grad(compiled):
    if compiled:
        pytest.importorskip("numpy")
    model, optimizer = line_model()
    with engine.no_grad():
        train(model, optimizer, compiled=compiled)
        shares = evaluate(model, [([1.0], 1), ([0.0], 0)], hinge_for_01, [accuracy])
    other, optimizer = line_model()
    train(other, optimizer, compiled=compiled)
    assert model.state_dict() == other.state_dict()
    assert shares == evaluate(model, [([1.0], 1), ([0.0], 0)], hinge_for_01, [accuracy])


def hinge_for_01(output, target):
    return hinge(output, 2 * target - 1)


def test_groups_and_a_plateau_go_on_from_a_checkpoint(tmp_path):
    def run(path, epochs):
        model = MLP(1, [3, 1], "tanh", seed=2)
        biases = [p for name, p in model.named_parameters() if ".bias." in name]
        weights = [p for name, p in model.named_parameters() if ".weight." in name]
        groups = [{"params": weights, "weight_decay": 0.1}, {"params": biases, "lr": 0.3}]
        optimizer = SGD(groups, lr=0.5, momentum=0.9)
        schedule = ReduceLROnPlateau(optimizer, patience=0, factor=0.5)
        return model, train(model, optimizer, schedule=schedule, epochs=epochs, checkpoint=path, batch_size=4)

    model, history = run(tmp_path / "whole.json", 8)
    run(tmp_path / "run.json", 3)
    again, again_history = run(tmp_path / "run.json", 8)
    assert again.state_dict() == model.state_dict()
    assert again_history.state_dict() == history.state_dict()
    assert len({*history.learning_rates}) > 1


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


# Where parameters are


def same(some, others):
    """Whether they are the very same Values, and not only of equal numbers."""
    return [*map(id, some)] == [*map(id, others)]


class Kept(Module):
    def __init__(self, kept):
        self.kept = kept


def test_values_in_an_array_or_a_deque_are_parameters():
    np = pytest.importorskip("numpy")
    values = [Value(float(k)) for k in range(6)]
    assert same(Kept(np.array(values, object)).parameters(), values)
    square = Kept(np.array(values, object).reshape(2, 3))
    assert [*square.state_dict()] == ["kept.0.0", "kept.0.1", "kept.0.2", "kept.1.0", "kept.1.1", "kept.1.2"]
    assert same(square.parameters(), values)
    assert Kept(np.array(values[0], object)).state_dict() == {"kept.0": 0.0}
    assert Kept(deque(values)).state_dict() == {f"kept.{k}": float(k) for k in range(6)}
    assert same(Kept({"a": (values[:2], deque([values[2]]))}).parameters(), values[:3])
    assert Kept(np.array([[MLP(1, [1]), 3], ["x", None]], object)).parameters()[0].label == "w¹[0][0]"


class Block:
    """An object that is no Module."""

    def __init__(self, *values):
        self.values = values


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        ({Value(1.0)}, "Kept: kept is of set and has Values in it"),
        (frozenset([Value(1.0)]), "kept is of frozenset"),
        (Block(Value(1.0)), "kept is of Block and has Values in it, which would not be found as parameters: derive"),
        ([1, {"a": Block([Value(1.0)])}], "kept.1.a is of Block"),
        ({"a": {Value(1.0)}}, "kept.a is of set"),
        (Block(Block({Value(1.0)})), "kept is of Block"),
        (Block(MLP(1, [1])), "kept is of Block"),
    ],
)
def test_values_that_would_be_overlooked_are_refused(kept, message):
    for use in (Module.parameters, Module.state_dict, Module.zero_grad, lambda module: SGD(module.parameters())):
        with pytest.raises(TypeError, match=message):
            use(Kept(kept))


def test_what_holds_no_parameters_of_its_own_is_left_alone():
    x = Value(1.0)
    module = Kept(x)
    module.optimizer = SGD([x], lr=0.1)
    module.same = {x}
    module.computed = Block(x * 2, 3.0, "text", engine.tanh)
    module.function, module.kind, module._hidden = (lambda: x), Value, {Value(2.0)}
    module.shared = random.Random(1)
    assert same(module.parameters(), [x])


def test_micrograds_way_of_naming_ones_parameters_goes_on_working():
    class Neurons:
        def __init__(self):
            self.w = [Value(0.5), Value(0.25)]

        def parameters(self):
            return self.w

    class Mine(Module):
        def __init__(self):
            self.parts = Neurons()

        def __call__(self, x):
            return engine.dot(self.parts.w, x)

        def parameters(self):
            return self.parts.parameters()

    model = Mine()
    data = [([1.0, 0.0], 2.0), ([0.0, 1.0], -1.0)]
    fit(model, data, loss=squared_error, optimizer=SGD(model.parameters(), 0.5), epochs=60)
    assert [p.data for p in model.parameters()] == pytest.approx([2.0, -1.0])
    with pytest.raises(TypeError, match="Mine: parts is of Neurons and has Values in it"):
        model.state_dict()


# Rows of any kind


class Tensor:
    """What a row of PyTorch or JAX shows of itself: no list, elements that are no numbers but have tolist."""

    def __init__(self, numbers):
        self.numbers = numbers

    def __len__(self):
        return len(self.numbers)

    def __iter__(self):
        return iter([Tensor(number) for number in self.numbers])

    def tolist(self):
        return copy.deepcopy(self.numbers)


class Frame(Tensor):
    """A frame of pandas: going through it gives the names of its columns."""

    def __iter__(self):
        return iter(["a", "b"])

    tolist = property()

    def to_numpy(self):
        return Tensor(self.numbers)


def kinds():
    yield "list", list
    yield "tuple", tuple
    yield "tensor", Tensor
    yield "list of tensors", lambda row: [Tensor(number) for number in row]
    try:
        import numpy as np
    except ModuleNotFoundError:
        return
    yield "float32", lambda row: np.array(row, np.float32)
    yield "objects", lambda row: np.array(row, object)
    try:
        import jax.numpy as jnp
    except ModuleNotFoundError:
        return
    yield "jax", jnp.array


KINDS = dict(kinds())


@pytest.mark.parametrize("kind", KINDS)
def test_models_predict_trace_and_losses_take_rows_of_every_kind(kind):
    of = KINDS[kind]
    x, y = [0.5, -1.5, 2.0], [1.0, 0.0, 1.0]
    for model in (MLP(3, [4, 3], seed=1), Layer(3, 3, seed=1), Linear(3, 3, seed=1), RMSNorm(3), LayerNorm(3)):
        true = plain_row([a.data if isinstance(a, Value) else a for a in model(x)])
        assert [a.data if isinstance(a, Value) else a for a in model(of(x))] == true
        assert model.predict(of(x)) == true
        model.check_input(of(x))
    model = MLP(3, [4, 3], seed=1)
    assert [a.data for a in model.trace(of(x)).output] == model.predict(x)
    assert Neuron(3, seed=1)(of(x)).data == Neuron(3, seed=1)(x).data
    table = Embedding(3, 2, seed=1)
    assert [e.data for e in table(of(y))] == [e.data for e in table(y)]
    for loss in (squared_error, l1_loss, binary_cross_entropy_with_logits):
        assert loss(of(x), of(y)) == loss(x, y)
    assert hinge(of(x), of([1.0, -1.0, 1.0])) == hinge(x, [1.0, -1.0, 1.0])
    one_hot = [0.0, 1.0, 0.0]
    assert cross_entropy(of(x), of(one_hot)) == cross_entropy(x, one_hot)
    assert softmax(of(x)) == softmax(x)
    assert accuracy(of(x), of(one_hot)) == 0.0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("compiled", [False, True])
def test_data_of_every_kind(kind, compiled):
    if compiled:
        pytest.importorskip("numpy")
    of = KINDS[kind]
    rows, targets = [[0.5, -1.0], [1.0, 2.0], [0.0, 0.25]], [1.0, -1.0, 0.5]

    def trained(data, **changes):
        model = MLP(2, [1], seed=1)
        optimizer = SGD(model.parameters(), lr=0.1)
        fit(model, data, loss=squared_error, optimizer=optimizer, epochs=2, compiled=compiled, **changes)
        return model.state_dict()

    true = trained((rows, targets))
    assert trained([(of(row), target) for row, target in zip(rows, targets)]) == true
    assert trained(([of(row) for row in rows], of(targets)), validation=([of(rows[0])], of(targets[:1]))) == true
    assert trained(zip(map(of, rows), targets)) == true
    assert trained((of(row), target) for row, target in zip(rows, targets)) == true
    assert trained((map(of, rows), iter(targets))) == true
    if kind != "list of tensors":
        assert trained((rows, targets), sample_weight=of([1.0, 1.0, 1.0])) == pytest.approx(true)


def test_frames_are_rows_and_not_names_of_columns():
    rows, targets = [[0.5, -1.0], [1.0, 2.0]], [1.0, -1.0]
    model = MLP(2, [1], seed=1)
    plain = evaluate(model, (rows, targets), squared_error)
    assert evaluate(model, (Frame(rows), Frame(targets)), squared_error) == plain


def test_batches_are_told_from_pairs():
    model, optimizer = line_model()
    batched = [([[0.5], [1.0]], [1.0, 2.0]), ([[0.0], [2.0]], [1.0, 2.0])]
    with pytest.raises(ValueError, match=r"data: row 0 looks like a batch of 2 pairs: .* one by one"):
        train(model, optimizer, data=batched)


# Data that are new for each epoch


@pytest.mark.parametrize("compiled", [False, True])
def test_a_function_gives_the_data_of_each_epoch(compiled):
    if compiled:
        pytest.importorskip("numpy")
    parts = [LINE[:4], LINE[4:6], LINE[6:]]

    def stream():
        calls = iter(parts)
        return lambda: iter(next(calls))

    model, optimizer = line_model()
    history = train(model, optimizer, data=stream(), epochs=3, compiled=compiled, metrics=[l1_loss])
    other, optimizer = line_model()
    losses = [train(other, optimizer, data=part, epochs=1).losses[0] for part in parts]
    assert history.losses == pytest.approx(losses)
    assert model.state_dict() == pytest.approx(other.state_dict())


def test_a_function_of_data_is_refused_where_the_data_must_stay(tmp_path):
    model, optimizer = line_model()
    for changes, message in (
        ({"checkpoint": tmp_path / "run.json"}, "a checkpoint needs data that are the same"),
        ({"validation": 0.5}, "validation is a fraction of the data, which are new in each epoch"),
        ({"sample_weight": [1.0] * 10}, "sample_weight goes with pairs"),
    ):
        with pytest.raises(ValueError, match=message):
            train(model, optimizer, data=lambda: LINE, **changes)
    with pytest.raises(ValueError, match="data: row 1: layer 1 takes 1 input, got 2"):
        train(model, optimizer, data=lambda: [([1.0], 1.0), ([1.0, 2.0], 1.0)])
    once = iter(LINE)
    with pytest.raises(ValueError, match=r"in epoch 2 data is empty: .* only once; make a new one at every call"):
        train(model, optimizer, data=lambda: once)
    with pytest.raises(ValueError, match="data is empty: there is nothing to learn from: a generator can be gone"):
        train(model, optimizer, data=once)
    with pytest.raises(TypeError, match="shuffle must be True or False, got 'no'"):
        train(model, optimizer, shuffle="no")


# Weights of pairs


@pytest.mark.parametrize("compiled", [False, True])
def test_a_pair_of_weight_2_counts_as_two_pairs(compiled):
    if compiled:
        pytest.importorskip("numpy")
    model, optimizer = line_model()
    weighted = train(model, optimizer, sample_weight=[2.0, 0.0, *[1.0] * 8], compiled=compiled, epochs=5)
    other, optimizer = line_model()
    repeated = train(other, optimizer, data=[LINE[0], *LINE[:1], *LINE[2:]], epochs=5)
    assert model.state_dict() == pytest.approx(other.state_dict(), rel=1e-12)
    assert weighted.losses == pytest.approx(repeated.losses, rel=1e-12)


@pytest.mark.parametrize("compiled", [False, True])
def test_weights_go_with_their_pairs_through_split_and_shuffle(compiled):
    if compiled:
        pytest.importorskip("numpy")
    wrong = [(x, 1e6) for x, _ in LINE]  # which must not be learned from
    data, weights = [*LINE, *wrong], [1.0] * len(LINE) + [0.0] * len(wrong)
    model, optimizer = line_model()
    history = train(
        model, optimizer, data=data, sample_weight=weights, batch_size=3, validation=0.3, epochs=200, compiled=compiled
    )
    assert [p.data for p in model.parameters()] == pytest.approx([3.0, -1.0], abs=1e-3)
    assert history.losses[-1] < 1e-6


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0], "sample_weight has a number for each pair: expected 10, got 1"),
        ([1.0] * 9 + [-1.0], "sample_weight 9 must be at least 0, got -1.0"),
        ([math.nan] * 10, "sample_weight 0 must be at least 0, got nan"),
        ([0.0] * 10, "sample_weight: all are 0"),
    ],
)
def test_weights_of_pairs_that_are_wrong_are_refused(weights, message):
    model, optimizer = line_model()
    with pytest.raises(ValueError, match=message):
        train(model, optimizer, sample_weight=weights)


def test_an_ignored_target_costs_nothing_in_fit():
    model = MLP(1, [2], seed=1)
    data = [([1.0], 0), ([2.0], -100)]
    loss = functools.partial(cross_entropy, ignore_index=-100)
    history = fit(model, data, loss=loss, optimizer=SGD(model.parameters(), 0.1), epochs=1, batch_size=1, shuffle=False)
    other = MLP(1, [2], seed=1)
    one = fit(other, data[:1], loss=loss, optimizer=SGD(other.parameters(), 0.1), epochs=1)
    assert model.state_dict() == other.state_dict()
    assert history.losses[0] == one.losses[0] / 2


# Callbacks


def test_several_callbacks_are_all_called_and_one_ends_the_training():
    model, optimizer = line_model()
    seen = []
    history = train(
        model, optimizer, epochs=9, on_epoch=[lambda h: len(h) == 2, lambda h: seen.append(h.losses[-1]), len]
    )
    assert seen == history.losses
    assert len(history) == 2
    with pytest.raises(TypeError, match="on_epoch is a function that gets the history, got 3"):
        train(model, optimizer, on_epoch=[len, 3])


@pytest.mark.parametrize(
    ("losses", "settings", "ends"),
    [
        ([3.0, 2.0, 1.0, 1.0, 1.0], {"patience": 2}, 5),
        ([3.0, 2.0, 1.0, 1.5, 0.5, 0.6, 0.7], {"patience": 2}, 7),
        ([3.0, 2.95, 2.9, 2.0], {"patience": 2, "min_delta": 0.5}, 3),
        ([1.0, 2.0, 3.0, 3.0], {"patience": 1, "mode": "max"}, 4),
        ([math.nan, math.nan, math.nan], {"patience": 2}, 3),
        ([math.nan, 1.0, math.nan, math.nan], {"patience": 2}, 4),
        ([5.0, 4.0, 3.0], {"patience": 1}, None),
    ],
)
def test_early_stopping(losses, settings, ends):
    stop, history = EarlyStopping("loss", **settings), History()
    for epoch, loss in enumerate(losses, 1):
        history.losses.append(loss)
        assert stop(history) is (epoch == ends)


def test_early_stopping_goes_on_from_a_checkpoint(tmp_path):
    def run(path, epochs):
        model, optimizer = line_model(lr=0.6)
        return train(
            model, optimizer, epochs=epochs, checkpoint=path, on_epoch=EarlyStopping("loss", patience=3, min_delta=0.5)
        )

    whole = run(tmp_path / "whole.json", 50)
    run(tmp_path / "run.json", 2)
    assert run(tmp_path / "run.json", 50).losses == whole.losses
    assert len(whole) < 50
    model, optimizer = line_model()
    before = model.state_dict()
    with pytest.raises(ValueError, match="there is no 'validation_loss' in this history: there are loss, l1_loss"):
        train(model, optimizer, on_epoch=EarlyStopping(), metrics=[l1_loss])
    assert model.state_dict() == before
    train(model, optimizer, on_epoch=EarlyStopping("validation_l1_loss"), metrics=[l1_loss], validation=0.3)
    with pytest.raises(ValueError, match="there is no 'acc' in this history: there are loss"):
        EarlyStopping("acc")(History())


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("loss", 0), ValueError, "patience must be at least 1, got 0"),
        (("loss", 3, -1.0), ValueError, "min_delta must be at least 0, got -1.0"),
        (("loss", 3, 0.0, "least"), ValueError, 'mode is "min" or "max", got \'least\''),
        ((3,), TypeError, "monitor is the name of a series, such as"),
    ],
)
def test_an_early_stopping_that_is_wrong_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        EarlyStopping(*arguments)
    assert repr(EarlyStopping("loss", 3)) == "EarlyStopping('loss', patience=3)"


def test_a_plateau_watches_the_validation_loss_if_there_is_one():
    for validation, watched in ((None, "loss"), ([([1.0], -9.0)], "validation_loss")):
        model, optimizer = line_model()
        schedule = ReduceLROnPlateau(optimizer, patience=0, threshold=0.0)
        history = train(model, optimizer, schedule=schedule, epochs=12, validation=validation)
        assert schedule.best == min(history.columns()[watched])
        assert (history.learning_rates[-1] < 0.1) == (watched == "validation_loss")


# Values are never compared


def test_equal_numbers_are_not_the_same_parameter():
    model = MLP(1, [2, 1], init=lambda *_: 1.0)
    assert len({*map(id, model.parameters())}) == len(model.parameters()) == 7
    SGD(model.parameters(), lr=0.1)  # not "the same parameter twice"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        other = MLP(1, [2, 1], init=lambda *_: 1.0)
        with pytest.raises(ValueError, match="none of this model's parameters"):
            fit(model, LINE, loss=squared_error, optimizer=SGD(other.parameters()), epochs=1)
