"""fit(compiled=True) and Module.compile: the same training, at array speed."""

import math

import numpy as np
import pytest

from nn import MLP, SGD, Adam, AdamW, CosineAnnealingLR, accuracy, cross_entropy, fit, hinge, squared_error

ROWS = [[math.sin(3.0 * k), math.cos(5.0 * k)] for k in range(24)]
SIGNS = [1.0 if x > y else -1.0 for x, y in ROWS]
CLASSES = [k % 3 for k in range(24)]


def train(sizes, loss, targets, optimizer, **options):
    model = MLP(2, sizes, activation="tanh", seed=3)
    optimizer = optimizer(model.parameters())
    history = fit(model, (ROWS, targets), loss=loss, optimizer=optimizer, epochs=6, seed=1, **options)
    return [p.data for p in model.parameters()], history, optimizer


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda ps: SGD(ps, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
        lambda ps: Adam(ps, lr=0.05),
        lambda ps: AdamW(ps, lr=0.05),
    ],
)
@pytest.mark.parametrize("compiled", [True, pytest.param("jax", marks=pytest.mark.slow)])
def test_compiled_training_is_the_same_training(optimizer, compiled) -> None:
    options = {"batch_size": 7, "metrics": [accuracy], "validation": 0.25, "clip_norm": 0.5}
    expected, eager, _ = train([5, 1], hinge, SIGNS, optimizer, **options)
    weights, history, _ = train([5, 1], hinge, SIGNS, optimizer, compiled=compiled, **options)
    assert weights == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert history.losses == pytest.approx(eager.losses, rel=1e-9)
    assert history.metrics == eager.metrics
    assert history.validation_losses == pytest.approx(eager.validation_losses, rel=1e-9)


def test_class_indices_and_one_hot_targets_are_the_same() -> None:
    expected, _, _ = train([4, 3], cross_entropy, CLASSES, lambda ps: SGD(ps, lr=0.1))
    for targets in (CLASSES, np.eye(3)[CLASSES].tolist()):
        weights, _, _ = train([4, 3], cross_entropy, targets, lambda ps: SGD(ps, lr=0.1), compiled=True)
        assert weights == pytest.approx(expected, rel=1e-9)


def test_optimizer_state_is_the_same_on_arrays() -> None:
    *_, eager = train([3, 1], squared_error, SIGNS, lambda ps: Adam(ps, lr=0.05))
    *_, compiled = train([3, 1], squared_error, SIGNS, lambda ps: Adam(ps, lr=0.05), compiled=True)
    expected, state = eager.state_dict(), compiled.state_dict()
    assert state["steps"] == expected["steps"]
    np.testing.assert_allclose(state["buffers"], expected["buffers"], rtol=1e-9)
    assert all(type(number) is float for kept in state["buffers"] for number in kept)
    compiled.load_state_dict(expected)
    assert compiled.state_dict() == expected


def test_compiled_training_goes_on_from_a_checkpoint_bit_for_bit(tmp_path) -> None:
    def run(epochs, checkpoint):
        model = MLP(2, [5, 1], seed=3)
        optimizer = Adam(model.parameters(), lr=0.05)
        fit(
            model,
            (ROWS, SIGNS),
            loss=hinge,
            optimizer=optimizer,
            epochs=epochs,
            batch_size=5,
            seed=4,
            schedule=CosineAnnealingLR(optimizer, 10),
            checkpoint=checkpoint,
            compiled=True,
        )
        return model.state_dict()

    whole = run(8, tmp_path / "whole.json")
    run(3, tmp_path / "parts.json")
    assert run(8, tmp_path / "parts.json") == whole


def test_targets_are_checked_before_they_are_traced() -> None:
    with pytest.raises(ValueError, match=r"data: row 1: hinge: a target is -1 or 1, got 0"):
        train([1], hinge, [1.0, 0.0, *SIGNS[2:]], lambda ps: SGD(ps, lr=0.1), compiled=True)
    with pytest.raises(ValueError, match=r"row 0: cross_entropy: the index of one of 3 classes"):
        train([3], cross_entropy, [7, *CLASSES[1:]], lambda ps: SGD(ps, lr=0.1), compiled=True)


def test_a_compiled_model_gives_the_outputs_of_a_batch() -> None:
    model = MLP(2, [4, 3], seed=1)
    outputs = model.compile()(ROWS)
    assert outputs.shape == (24, 3)
    np.testing.assert_allclose(outputs, [model.predict(x) for x in ROWS], rtol=1e-12)
    assert model.compile()(ROWS[0]) == pytest.approx(model.predict(ROWS[0]), rel=1e-12)
