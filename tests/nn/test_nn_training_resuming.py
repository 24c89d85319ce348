"""Training that is interrupted: what is left, and going on from a checkpoint, whole or spoilt."""

import json
import math

import pytest
from line_training import LINE, line_model, numbers

from nn import MLP, SGD, Adam, CosineAnnealingLR, fit, squared_error


def test_ctrl_c_leaves_the_last_whole_step_and_the_history():
    whole, optimizer = line_model()
    fit(whole, LINE, loss=squared_error, optimizer=optimizer, epochs=3)

    model, optimizer = line_model()
    calls = 0

    def interrupted(output, target):
        nonlocal calls
        calls += 1
        if calls == (1 + 3) * len(LINE) + 5:  # each target is checked once before the first epoch
            raise KeyboardInterrupt
        return squared_error(output, target)

    history = fit(model, LINE, loss=interrupted, optimizer=optimizer, epochs=10)
    assert history.interrupted
    assert len(history) == 3
    assert numbers(model) == numbers(whole)
    assert "3 epochs, interrupted" in repr(history)


def test_ctrl_c_in_the_first_epoch():
    def loss(output, target):
        raise KeyboardInterrupt

    model, optimizer = line_model()
    before = numbers(model)
    history = fit(model, LINE, loss=loss, optimizer=optimizer, epochs=1)
    assert (len(history), history.interrupted, repr(history)) == (0, True, "History(no epochs)")
    assert numbers(model) == before


def test_ctrl_c_in_a_metric_leaves_series_of_equal_length():
    model, optimizer = line_model()
    calls = 0

    def metric(output, target):
        nonlocal calls
        calls += 1
        if calls == 25:
            raise KeyboardInterrupt
        return 0.0

    history = fit(
        model, LINE, loss=squared_error, optimizer=optimizer, epochs=10, metrics=[metric], validation=[([1.0], 2.0)]
    )
    assert history.interrupted
    assert {len(series) for series in history.columns().values()} == {len(history)} == {2}


@pytest.mark.parametrize("make", [lambda p: SGD(p, 0.05, momentum=0.9), lambda p: Adam(p, 0.05)])
def test_going_on_from_a_checkpoint_is_bit_for_bit_the_run_without_interruption(tmp_path, make):
    data = [([math.sin(k), math.cos(3 * k)], math.sin(k) * math.cos(3 * k)) for k in range(20)]

    def train(epochs, path, interrupt_at=math.inf, start=3):
        model = MLP(2, [4, 1], "tanh", seed=start)
        optimizer = make(model.parameters())
        calls = 0

        def loss(output, target):
            nonlocal calls
            calls += 1
            if calls == interrupt_at:
                raise KeyboardInterrupt
            return squared_error(output, target)

        history = fit(
            model,
            data,
            loss=loss,
            optimizer=optimizer,
            epochs=epochs,
            batch_size=6,
            seed=7,
            validation=0.2,
            metrics={"error": lambda output, target: abs(output - target)},
            schedule=CosineAnnealingLR(optimizer, 8),
            checkpoint=path,
        )
        return model, optimizer, history

    whole, optimizer, history = train(8, tmp_path / "whole.json")
    path = tmp_path / "run.json"
    assert train(8, path, interrupt_at=90)[2].interrupted
    again, again_optimizer, again_history = train(8, path, start=99)  # its own weights are replaced
    assert again.state_dict() == whole.state_dict()
    assert again_optimizer.state_dict() == optimizer.state_dict()
    assert again_history.state_dict() == history.state_dict()
    assert len(history) == 8
    assert path.read_bytes() == (tmp_path / "whole.json").read_bytes()

    finished, _, _ = train(8, path, start=99)
    assert finished.state_dict() == whole.state_dict()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda document: document.pop("schedules"), "schedules"),
        (lambda document: document.update(schedules={}), "expected a list under 'schedules', got {} of type dict"),
        (lambda document: document.update(schedules=[{}]), "expected 0 schedules, got 1"),
        (lambda document: document.update(generator=[3, [1, 2], None]), "generator: expected what random.Random.getst"),
        (lambda document: document.update(generator=[3, [-1] * 625, None]), "generator: expected what"),
        (lambda document: document.update(generator=[3, [2**70] * 625, None]), "generator: expected what"),
        (lambda document: document.update(generator=[3, [2**40] * 624 + [1], None]), "generator: expected what"),
        (lambda document: document.update(generator=[2, *document["generator"][1:]]), "generator: expected what"),
        (lambda document: document.update(generator=[*document["generator"][:2], "inf"]), "generator: expected what"),
        (lambda document: document["optimizer"].update(steps=["inf", 1]), "steps of parameter 0: expected a whole"),
        (lambda document: document["optimizer"].update(steps=[1, -1]), "from 0 to 2**53, got -1 of type int"),
        (lambda document: document["optimizer"]["settings"].update(lr=-5), "lr must be at least 0, got -5"),
        (lambda document: document["optimizer"]["settings"].update(lr="nan"), "lr must be at least 0, got nan"),
        (lambda document: document["optimizer"]["settings"].update(nesterov=True), "nesterov needs a momentum above 0"),
        (lambda document: document["history"].update(learning_rates=[]), "learning_rates: expected 1 numbers beside 1"),
        (lambda document: document["history"].update(losses=[1.0] * 99), "expected 99 numbers beside 99 losses, got 1"),
        (lambda document: document["history"].update(validation_losses=[1.0]), "it is of a training with validation"),
        (lambda document: document["history"].update(validation_losses=[1.0, 1.0]), "validation_losses: expected 1"),
        (lambda document: document.update(model="MLP(1, [2])"), "saved from MLP(1, [2]), but this model is MLP(1, [1]"),
        (lambda document: document.clear(), "this is not a file that save() wrote"),
        (lambda document: document["history"].pop("metrics"), "metrics: expected series of"),
        (lambda document: document["history"].update(losses=1.0), "losses: expected a list of numbers, got 1.0"),
        (lambda document: document["optimizer"].update(optimizer="Adam"), "the state of 'Adam', not of 'SGD'"),
        (lambda document: document["parameters"].clear(), "expected 2 numbers, got 0"),
    ],
)
def test_a_spoilt_checkpoint_changes_nothing(tmp_path, spoil, message):
    path = tmp_path / "run.json"
    model, optimizer = line_model()
    fit(model, LINE, loss=squared_error, optimizer=optimizer, epochs=1, seed=1, checkpoint=path)
    document = json.loads(path.read_text(encoding="utf-8"))
    spoil(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    model, optimizer = line_model(seed=4)
    before = model.state_dict(), optimizer.state_dict()
    with pytest.raises(ValueError, match=r"run\.json is not a checkpoint of this training") as caught:
        fit(model, LINE, loss=squared_error, optimizer=optimizer, epochs=2, seed=1, checkpoint=path)
    assert message in str(caught.value)
    assert (model.state_dict(), optimizer.state_dict()) == before
