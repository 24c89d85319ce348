"""Optimizers, schedules and clipping against PyTorch's recorded numbers."""

import json
import math
from itertools import pairwise
from pathlib import Path

import pytest

import nn
from engine import Value
from nn import (
    SGD,
    Adam,
    AdamW,
    CosineAnnealingLR,
    LinearLR,
    Optimizer,
    Schedule,
    StepLR,
    clip_grad_norm_,
    clip_grad_value_,
)

RECORD = json.loads((Path(__file__).parents[1] / "data" / "torch_optim.json").read_text(encoding="utf-8"))


def rosenbrock(x):
    return sum(4.0 * (b - a**2) ** 2 + (1.0 - a) ** 2 for a, b in pairwise(x))


def start():
    return [Value(number) for number in RECORD["start"]]


def step(optimizer):
    optimizer.zero_grad()
    (0.05 * rosenbrock(optimizer.parameters)).backward()
    optimizer.step()


@pytest.mark.parametrize("case", RECORD["optimizers"], ids=lambda case: f"{case['name']}-{case['settings']}")
def test_the_path_is_pytorchs(case):
    x = start()
    optimizer = getattr(nn, case["name"])(x, **case["settings"])
    for true in case["path"]:
        step(optimizer)
        assert [v.data for v in x] == pytest.approx(true, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("case", RECORD["optimizers"], ids=lambda case: f"{case['name']}-{case['settings']}")
def test_a_restored_optimizer_goes_on_to_the_last_bit(case):
    make = getattr(nn, case["name"])
    whole = make(start(), **case["settings"])
    for _ in range(10):
        step(whole)
    state = json.loads(json.dumps(whole.state_dict()))
    resumed = make([Value(v.data) for v in whole.parameters], lr=123.0)
    resumed.load_state_dict(state)
    for _ in range(5):
        step(whole)
        step(resumed)
    assert [v.data for v in whole.parameters] == [v.data for v in resumed.parameters]
    assert whole.state_dict() == resumed.state_dict()


@pytest.mark.parametrize("case", RECORD["schedules"], ids=lambda case: str(case["schedules"]))
def test_the_learning_rates_are_pytorchs(case):
    optimizer = SGD([Value(0.0)], lr=0.4)
    schedules = [getattr(nn, name)(optimizer, **settings) for name, settings in case["schedules"]]
    rates = []
    for _ in case["rates"]:
        rates.append(optimizer.lr)
        for schedule in schedules:
            schedule.step()
    assert rates == pytest.approx(case["rates"], rel=1e-12, abs=1e-15)


def test_a_schedule_goes_on_from_its_state():
    optimizer = SGD([Value(0.0)], lr=0.4)
    whole = CosineAnnealingLR(optimizer, T_max=6)
    for _ in range(4):
        whole.step()
    state, settings = json.loads(json.dumps((whole.state_dict(), optimizer.state_dict())))
    other = SGD([Value(0.0)], lr=0.1)
    resumed = CosineAnnealingLR(other, T_max=6)
    other.load_state_dict(settings)
    resumed.load_state_dict(state)
    for _ in range(5):
        whole.step()
        resumed.step()
        assert resumed.get_last_lr() == whole.get_last_lr()
    with pytest.raises(ValueError, match="the state of 'CosineAnnealingLR', not of 'StepLR'"):
        StepLR(other, 3).load_state_dict(state)


@pytest.mark.parametrize("case", RECORD["clip_grad_norm_"], ids=lambda case: f"{case['max_norm']}-{case['norm_type']}")
def test_clipping_by_norm_is_pytorchs(case):
    x = start()
    rosenbrock(x).backward()
    norm = clip_grad_norm_(x, case["max_norm"], float(case["norm_type"]))
    assert norm == pytest.approx(case["norm"], rel=1e-12)
    assert [v.grad for v in x] == pytest.approx(case["grad"], rel=1e-12)


def test_clipping_by_norm_with_nothing_finite():
    x = Value(1.0)
    x.grad = math.inf
    with pytest.raises(FloatingPointError, match="norm of the gradients is inf"):
        clip_grad_norm_([x], 1.0, error_if_nonfinite=True)
    assert x.grad == math.inf
    assert clip_grad_norm_([x, Value(2.0)], 1.0) == math.inf
    assert math.isnan(x.grad)  # inf * 0, as in PyTorch


def test_clipping_by_value():
    x = [Value(0.0) for _ in range(4)]
    for v, g in zip(x, (-3.0, 0.5, 3.0)):
        v.grad = g
    clip_grad_value_(x, 1.0)
    assert [v.grad for v in x] == [-1.0, 0.5, 1.0, 0.0]


def test_a_parameter_without_a_gradient_stays():
    x, y = Value(1.0), Value(1.0)
    optimizer = AdamW([x, y], lr=0.1)
    (x * x).backward()
    optimizer.step()
    assert x.data < 1.0
    assert y.data == 1.0


def test_an_interrupted_step_changes_nothing():
    class Stubborn(Value):
        __slots__ = ()

        @property
        def data(self):
            return self._data

        @data.setter
        def data(self, number):
            if number != 1.0:
                raise KeyboardInterrupt
            self._data = number

    first, last = Value(1.0), Stubborn(1.0)
    first.grad = last.grad = 1.0
    optimizer = SGD([first, last], lr=0.5, momentum=0.9)
    before = optimizer.state_dict()
    with pytest.raises(KeyboardInterrupt):
        optimizer.step()
    assert first.data == 1.0
    assert optimizer.state_dict() == before


def test_a_refused_state_changes_nothing():
    optimizer = Adam([Value(1.0)], lr=0.1)
    before = optimizer.state_dict()
    for state, message in (
        ({}, "the state of None, not of 'Adam'"),
        ({**before, "optimizer": "SGD"}, "the state of 'SGD', not of 'Adam'"),
        ({**before, "settings": {"lr": 0.5}}, "expected the settings lr, beta1"),
        ({**before, "steps": [1, 2]}, "expected 2 buffers for each of 1 parameters"),
        ({**before, "buffers": [[0.0]]}, "expected 2 buffers for each of 1 parameters"),
    ):
        with pytest.raises(ValueError, match=message):
            optimizer.load_state_dict(state)
    with pytest.raises(TypeError, match="buffer of parameter 0: expected a number, got None"):
        optimizer.load_state_dict({**before, "buffers": [[0.0, None]]})
    assert optimizer.state_dict() == before


def test_a_rule_that_is_missing_is_named():
    class Rule(Optimizer):
        pass

    class Rate(Schedule):
        pass

    x = Value(1.0)
    optimizer = Rule([x], lr=0.1)
    x.grad = 1.0
    with pytest.raises(NotImplementedError, match="Rule has no rule: define update"):
        optimizer.step()
    with pytest.raises(NotImplementedError, match="Rate has no rule: define rate"):
        Rate(optimizer)


def test_reprs():
    optimizer = SGD([Value(1.0)], lr=0.5)
    assert repr(optimizer) == (
        "SGD(1 parameters, lr=0.5, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False)"
    )
    assert repr(StepLR(optimizer, 3)) == "StepLR(step_size=3, gamma=0.1; epoch 0, lr=0.5)"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: SGD([], 0.1), ValueError, "no parameters"),
        (lambda: SGD(nn.MLP(2, [1]), 0.1), TypeError, "SGD takes model.parameters(), got MLP"),
        (lambda: Adam([1.0]), TypeError, "Adam: parameter 0 is not a Value but 1.0"),
        (lambda: SGD([Value(1.0) + 1], 0.1), ValueError, "is computed from others"),
        (lambda: SGD([*(x := [Value(1.0)]), *x], 0.1), ValueError, "twice"),
        (lambda: SGD([Value(1.0)], -0.1), ValueError, "lr must be at least 0, got -0.1"),
        (lambda: SGD([Value(1.0)], math.nan), ValueError, "lr must be at least 0, got nan"),
        (lambda: SGD([Value(1.0)], momentum=-1), ValueError, "momentum must be at least 0"),
        (lambda: SGD([Value(1.0)], nesterov=True), ValueError, "nesterov needs a momentum"),
        (lambda: Adam([Value(1.0)], betas=(0.9, 1.0)), ValueError, "beta2 must be in [0, 1), got 1.0"),
        (lambda: Adam([Value(1.0)], eps=-1e-8), ValueError, "eps must be at least 0"),
        (lambda: StepLR(0.1, 3), TypeError, "StepLR takes an optimizer, got 0.1"),
        (lambda: StepLR(SGD([Value(1.0)]), 0), ValueError, "step_size must be at least 1, got 0"),
        (lambda: LinearLR(SGD([Value(1.0)]), start_factor=0.0), ValueError, "start_factor is in (0, 1]"),
    ],
)
def test_what_is_wrong_is_said(make, error, message):
    with pytest.raises(error) as caught:
        make()
    assert message in str(caught.value)
