"""Weights of pairs, and callbacks: what ends a training, or changes its learning rate."""

import functools
import math

import pytest
from line_training import LINE, line_model, train

from nn import (
    MLP,
    SGD,
    EarlyStopping,
    History,
    ReduceLROnPlateau,
    cross_entropy,
    fit,
    l1_loss,
)

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
