"""What a checkpoint is of: a training with the same data, seed and settings, or it is refused with what differs."""

import functools
import math
import random

import pytest
from line_training import LINE, line_model, train

from nn import (
    MLP,
    SGD,
    Adam,
    CosineAnnealingLR,
    Dropout,
    Layer,
    Module,
    ReduceLROnPlateau,
    StepLR,
    fit,
    huber_loss,
    l1_loss,
    squared_error,
)


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
