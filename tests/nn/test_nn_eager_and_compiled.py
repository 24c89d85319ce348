"""Eager and compiled training are the same training, whatever the settings; so is a training that was interrupted."""

import functools
import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn import (
    MLP,
    SGD,
    AdamW,
    Dropout,
    Layer,
    LayerNorm,
    Linear,
    Module,
    ReduceLROnPlateau,
    RMSprop,
    StepLR,
    accuracy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    fit,
    huber_loss,
    squared_error,
)

pytest.importorskip("numpy")

X = [[math.sin(k), math.cos(3 * k)] for k in range(11)]
NUMBERS = [math.sin(k) * math.cos(3 * k) for k in range(11)]
CLASSES = [k % 3 for k in range(11)]


class Net(Module):
    """A hidden layer, a norm, masks, and outputs."""

    def __init__(self, outputs, p):
        self.hidden, self.norm = Layer(2, 4, "tanh", seed=1), LayerNorm(4)
        self.dropout, self.out = Dropout(p), Linear(4, outputs, seed=2)

    def __call__(self, x):
        return self.out(self.dropout(self.norm(self.hidden(x))))


def groups(model):
    biases = [p for name, p in model.named_parameters() if ".bias" in name]
    others = [p for name, p in model.named_parameters() if ".bias" not in name]
    return [{"params": others, "weight_decay": 0.1}, {"params": biases, "lr": 0.02}]


LOSSES = {
    "squared": (1, squared_error, NUMBERS),
    "huber": (1, functools.partial(huber_loss, delta=0.3), NUMBERS),
    "binary": (1, functools.partial(binary_cross_entropy_with_logits, pos_weight=2.0), [c % 2 for c in CLASSES]),
    "classes": (3, functools.partial(cross_entropy, weight=[1.0, 0.5, 2.0], label_smoothing=0.1), CLASSES),
    "ignoring": (3, functools.partial(cross_entropy, ignore_index=1), CLASSES),
    "soft": (
        3,
        cross_entropy,
        [[0.25 * (c + 1), 0.5, 0.5 - 0.25 * (c + 1)] for c in (0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 1)],
    ),
}
OPTIMIZERS = {
    "SGD": lambda model: SGD(model.parameters(), lr=0.05, momentum=0.9),
    "AdamW": lambda model: AdamW(groups(model), lr=0.01),
    "RMSprop": lambda model: RMSprop(model.parameters(), lr=0.01, centered=True),
}
SCHEDULES = {
    "none": lambda optimizer: [],
    "step": lambda optimizer: StepLR(optimizer, 1, 0.5),
    "plateau": lambda optimizer: ReduceLROnPlateau(optimizer, patience=0, factor=0.3),
}
RUNS = st.fixed_dictionaries(
    {
        "loss": st.sampled_from([*LOSSES]),
        "optimizer": st.sampled_from([*OPTIMIZERS]),
        "schedule": st.sampled_from([*SCHEDULES]),
        "p": st.sampled_from([0.0, 0.3]),
        "batch_size": st.sampled_from([None, 1, 3, 4]),
        "validation": st.sampled_from([None, 0.3]),
        "sample_weight": st.none() | st.lists(st.sampled_from([0.0, 0.5, 1.0, 3.0]), min_size=11, max_size=11),
        "clip_norm": st.sampled_from([None, 0.5]),
        "seed": st.integers(0, 5),
    }
)


def run(choice, epochs=2, **changes):
    choice = {**choice, **changes}
    outputs, loss, targets = LOSSES[choice.pop("loss")]
    model = Net(outputs, choice.pop("p"))
    optimizer = OPTIMIZERS[choice.pop("optimizer")](model)
    schedule = SCHEDULES[choice.pop("schedule")](optimizer)
    if choice["sample_weight"] is not None and sum(w > 0 for w in choice["sample_weight"]) < 8:
        choice["sample_weight"] = None  # too few for a split
    metrics = [accuracy] if loss is not squared_error else []
    history = fit(
        model, (X, targets), loss=loss, optimizer=optimizer, schedule=schedule, epochs=epochs, metrics=metrics, **choice
    )
    return history.columns(), model.state_dict()


def close(numbers):
    return pytest.approx(numbers, rel=1e-7, abs=1e-9, nan_ok=True)


@settings(deadline=None, max_examples=25)
@given(RUNS)
def test_eager_and_compiled_training_are_the_same(choice):
    (eager, weights), (compiled, compiled_weights) = run(choice), run(choice, compiled=True)
    assert [*compiled] == [*eager]
    for name, series in eager.items():
        assert compiled[name] == close(series)
    assert compiled_weights == close(weights)


@settings(deadline=None, max_examples=10)
@given(RUNS, st.booleans())
def test_an_interrupted_training_is_the_whole_one_to_the_last_bit(choice, compiled):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.json"
        run(choice, epochs=1, compiled=compiled, checkpoint=path)
        assert repr(run(choice, epochs=3, compiled=compiled, checkpoint=path)) == repr(
            run(choice, epochs=3, compiled=compiled)
        )


def test_an_mlp_without_a_mode_is_compiled_as_before():
    from engine.lifting.compiled import Compiled

    assert isinstance(MLP(2, [1]).compile(squared_error), Compiled)
    assert not isinstance(Net(1, 0.5).compile(squared_error), Compiled)
