"""`fit(..., compiled="native")`: its steps are those of the rules, and a training ends where an eager one does."""

import copy
import functools
import itertools
import pickle
import random

import numpy as np
import pytest

from engine import Value
from nn import (
    MLP,
    SGD,
    Adam,
    AdamW,
    CosineAnnealingLR,
    Module,
    ReduceLROnPlateau,
    RMSprop,
    StepLR,
    accuracy,
    fit,
    hinge,
    squared_error,
)
from nn import native_rules as native

draw = random.Random(0)
DATA = [((x := [draw.gauss(0.0, 1.0), draw.gauss(0.0, 1.0)]), 1.0 if x[0] * x[1] > 0.0 else -1.0) for _ in range(22)]

RULES = [
    lambda p: SGD(p, lr=0.1),
    lambda p: SGD(p, lr=0.05, momentum=0.9, dampening=0.1, weight_decay=0.01),
    lambda p: SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    lambda p: Adam(p, lr=0.02, weight_decay=0.01),
    lambda p: AdamW(p, lr=0.02),
    lambda p: RMSprop(p, lr=0.01, momentum=0.5, centered=True, weight_decay=0.01),
    lambda p: RMSprop(p, lr=0.01),
    lambda p: Adam([{"params": p[:4], "lr": 0.1, "betas": (0.5, 0.9)}, {"params": p[4:]}], lr=0.02),
]


@pytest.mark.parametrize("make", RULES, ids=range(len(RULES)))
@pytest.mark.parametrize("step", [1, 2, 1000])
def test_a_rule_gives_what_it_gives_for_floats_to_the_last_bit(make, step) -> None:
    optimizer = make([Value(0.0) for _ in range(5)])
    settings = tuple([(name, getattr(optimizer, name)) for name in optimizer.settings if name != "lr"])
    odd = [0.0, -0.0, 1.0, -1.5, 1e-300, -1e300, float("inf"), float("nan"), 0.1]
    theta, g = np.array([*itertools.product(odd, odd)]).T.copy()
    kept = [np.zeros(theta.size) if step == 1 else abs(np.roll(theta, 7 * k + 1)) for k in range(optimizer.buffers)]
    expected = [optimizer.update(*map(float, row[:2]), step, *map(float, row[2:])) for row in zip(theta, g, *kept)]
    given = np.array([step, optimizer.lr, -1.0])
    addresses = np.array([array.ctypes.data for array in (theta, g, *kept)], dtype=np.uintp)
    update = native.array_rules(type(optimizer), settings)[step > 1]
    update(given.ctypes.data, addresses.ctypes.data, theta.size)
    np.testing.assert_array_equal(np.array([theta, *kept]).T, expected)
    assert given[2] == step


@functools.cache
def network(loss):
    """A model for each loss, which keeps what is compiled of it, and its weights at first."""
    model = MLP(2, [2, 1], activation="tanh", seed=1)
    return model, [p.data for p in model.parameters()]


def trained(make, compiled, *, loss=squared_error, epochs=6, schedule=lambda _: (), **options):
    model, weights = network(loss)
    for p, number in zip(model.parameters(), weights):
        p.data, p.grad = number, None
    optimizer = make(model.parameters())
    options = {"seed": 0, "progress": False, "schedule": schedule(optimizer), **options}
    history = fit(model, DATA, loss=loss, optimizer=optimizer, epochs=epochs, compiled=compiled, **options)
    return [p.data for p in model.parameters()], history, optimizer


@pytest.fixture
def taken(monkeypatch) -> list[bool]:
    """Whether each step was native."""
    found: list[bool] = []
    call = native.NativeSteps.__call__

    def noted(self, arrays):
        found.append(call(self, arrays))
        return found[-1]

    monkeypatch.setattr(native.NativeSteps, "__call__", noted)
    return found


def alike(one, other) -> None:
    np.testing.assert_allclose(one[0], other[0], rtol=1e-12, atol=1e-13)
    for name, series in other[1].columns().items():
        np.testing.assert_allclose(one[1].columns()[name], series, rtol=1e-12, atol=1e-13)
    assert one[1].learning_rates == other[1].learning_rates
    states = [each[2].state_dict() for each in (one, other)]
    np.testing.assert_allclose(*[state.pop("buffers") for state in states], rtol=1e-11, atol=1e-13)
    assert states[0] == states[1]


@pytest.mark.parametrize("make", RULES[1::2], ids=range(1, len(RULES), 2))
def test_a_training_ends_where_an_eager_one_does(make, taken) -> None:
    options = {"batch_size": 8, "clip_norm": 0.5, "schedule": lambda optimizer: StepLR(optimizer, 2, 0.5)}
    alike(trained(make, "native", **options), trained(make, False, **options))
    assert taken == [True] * 18


def test_with_everything_that_fit_has(taken) -> None:
    def options():
        stopped = iter([False] * 4 + [True])
        return {
            "loss": hinge,
            "metrics": [accuracy],
            "validation": 0.25,
            "sample_weight": [1.0 + (k % 3) for k in range(len(DATA))],
            "schedule": lambda optimizer: [CosineAnnealingLR(optimizer, 9), ReduceLROnPlateau(optimizer, patience=1)],
            "on_epoch": lambda _: next(stopped),
        }

    alike(trained(RULES[3], "native", **options()), trained(RULES[3], False, **options()))
    assert taken == [True] * 5


def test_it_goes_on_from_a_checkpoint_to_the_same_bits(tmp_path, taken) -> None:
    whole = trained(RULES[1], "native", batch_size=5)
    trained(RULES[1], "native", batch_size=5, epochs=2, checkpoint=tmp_path / "run.json")
    rest = trained(RULES[1], "native", batch_size=5, checkpoint=tmp_path / "run.json")
    assert whole[0] == rest[0]
    assert whole[1].losses == rest[1].losses
    assert all(taken)


def test_settings_state_and_copies_in_between(taken) -> None:
    copies = []

    def options(optimizers):
        def change(history):
            optimizer = optimizers[-1]
            if len(history) == 2:
                optimizer.beta1 = 0.5
                optimizer.load_state_dict(optimizer.state_dict())
            if len(history) == 3:
                copies.append((copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))))

        return {"on_epoch": change, "schedule": lambda optimizer: optimizers.append(optimizer) or ()}

    alike(trained(RULES[3], "native", **options([])), trained(RULES[3], False, **options([])))
    assert taken == [True] * 6
    for each in copies[0]:
        assert each.array_step is None
        assert [*each._steps] == [3] * 9


class Line(Module):
    def __init__(self) -> None:
        self.w, self.b = Value(0.5), Value(0.0)

    def __call__(self, x):
        return self.w * x[0] * x[1] + self.b


def test_of_few_parameters(taken) -> None:
    weights = []
    for compiled in ("native", False):
        model = Line()
        optimizer = Adam(model.parameters(), lr=0.1)
        options = {"epochs": 5, "clip_norm": 0.1, "progress": False, "compiled": compiled}
        fit(model, DATA, loss=squared_error, optimizer=optimizer, **options)
        weights.append([model.w.data, model.b.data])
    np.testing.assert_allclose(*weights, rtol=1e-12)
    assert taken == [True] * 5


class Slower(SGD):
    def update(self, theta, g, step, *buffers):
        return super().update(theta, g / step, step, *buffers)


def test_what_is_not_ours_takes_the_usual_steps(taken) -> None:
    alike(trained(lambda p: Slower(p, lr=0.1), "native"), trained(lambda p: Slower(p, lr=0.1), False))
    assert not taken


@pytest.mark.parametrize("is_of_class", [False, True])
def test_another_rule_in_place_of_ours_is_followed(taken, monkeypatch, is_of_class: bool) -> None:
    def halved(theta, g, step, *buffers):
        return theta - 0.05 * g, *buffers

    def make(p):
        optimizer = SGD(p, lr=0.1)
        if not is_of_class:
            monkeypatch.setattr(optimizer, "update", halved)
        return optimizer

    if is_of_class:
        monkeypatch.setattr(SGD, "update", lambda _, *given: halved(*given))
    alike(trained(make, "native"), trained(make, False))
    assert taken == [False] * 6


@pytest.mark.parametrize(
    ("change", "natively"),
    [
        (lambda groups: groups.reverse(), True),
        (lambda groups: groups[0]["params"].extend([Value(0.0) for _ in range(5)]), False),  # none of them is trained
    ],
)
def test_groups_that_change_meanwhile(taken, change, natively: bool) -> None:
    def options(optimizers):
        return {
            "on_epoch": lambda history: len(history) == 2 and change(optimizers[0].param_groups),
            "schedule": lambda optimizer: optimizers.append(optimizer) or (),
        }

    found = trained(RULES[-1], "native", **options([]))
    np.testing.assert_allclose(found[0], trained(RULES[-1], False, **options([]))[0], rtol=1e-12)
    assert taken == [True] * 2 + [natively] * 4


def test_parameters_in_another_order_and_some_of_them(taken) -> None:
    def groups(p):
        return RMSprop([{"params": p[5:2:-1], "alpha": 0.5}, {"params": p[7:]}], lr=0.02, momentum=0.5)

    for make in (lambda p: Adam(p[::-1], lr=0.1), lambda p: SGD(p[::2], lr=0.1, momentum=0.5), groups):
        alike(trained(make, "native"), trained(make, False))
    assert taken == [True] * 18


def test_a_parameter_that_no_loss_reaches_stays_as_it_is(taken) -> None:
    apart = Value(1.0)
    found = trained(lambda p: Adam([*p, apart], lr=0.02), "native")
    expected = trained(lambda p: Adam([*p, Value(1.0)], lr=0.02), False)
    alike(found, expected)
    assert apart.data == 1.0
    assert not any(taken)


def test_an_interrupted_step_is_taken_as_a_whole(monkeypatch) -> None:
    def interrupted(self, *given):
        call(self, *given)
        calls.append(given)
        if len(calls) == 5:  # between the groups of the third step
            raise KeyboardInterrupt

    call, calls = native.ArrayRule.__call__, []
    monkeypatch.setattr(native.ArrayRule, "__call__", interrupted)
    weights, history, optimizer = trained(RULES[7], "native")
    assert history.interrupted
    assert len(history) == 2
    assert [*optimizer._steps] == [3] * 9
    monkeypatch.undo()
    assert weights == trained(RULES[7], "native", epochs=3)[0]
