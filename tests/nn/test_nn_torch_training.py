"""Losses with weights, LayerNorm, RMSprop, groups, plateaus and clipping at the edges, against PyTorch's records."""

import json
import math
from itertools import pairwise
from pathlib import Path

import pytest

import nn
from engine import Value, gradcheck
from nn import SGD, LayerNorm, ReduceLROnPlateau, RMSprop, clip_grad_norm_

RECORD = json.loads((Path(__file__).parents[1] / "data" / "torch_training.json").read_text(encoding="utf-8"))


def close(numbers, tolerance=1e-12):
    return pytest.approx(numbers, rel=tolerance, abs=1e-13)


def rosenbrock(x):
    return sum(4.0 * (b - a**2) ** 2 + (1.0 - a) ** 2 for a, b in pairwise(x))


def start():
    return [Value(number) for number in RECORD["start"]]


def assert_path(optimizer, x, path):
    for true in path:
        optimizer.zero_grad()
        (0.05 * rosenbrock(x)).backward()
        optimizer.step()
        assert [v.data for v in x] == close(true)


@pytest.mark.parametrize("case", RECORD["losses"], ids=lambda c: f"{c['loss']}-{c['x']}-{c['target']}-{c['settings']}")
def test_value_and_gradient_are_pytorchs(case):
    loss, x = getattr(nn, case["loss"]), [Value(number) for number in case["x"]]
    cost = loss(x, case["target"], **case["settings"])
    cost.backward()
    assert cost.data == close(case["value"])
    assert [x_k.grad for x_k in x] == close(case["grad"], 1e-11)
    plain = loss(case["x"], case["target"], **case["settings"])
    assert type(plain) is float
    assert plain == cost.data


@pytest.mark.parametrize("case", RECORD["losses"], ids=lambda c: f"{c['loss']}-{c['x']}-{c['target']}-{c['settings']}")
def test_compiled_losses_are_pytorchs(case):
    pytest.importorskip("numpy")
    loss, x = getattr(nn, case["loss"]), [Value(number) for number in case["x"]]
    compiled = nn.Module.compile(_Outputs(x), lambda output, y: loss(output, y, **case["settings"]))
    assert compiled.backward([0.0], case["target"]) == close(case["value"])
    assert [x_k.grad for x_k in x] == close(case["grad"], 1e-11)


class _Outputs(nn.Module):
    def __init__(self, x):
        self.x = x

    def __call__(self, _):
        return self.x


@pytest.mark.parametrize("case", RECORD["LayerNorm"], ids=["default", "equal", "eps", "no bias", "no weights"])
def test_layer_norm_is_pytorchs(case):
    numbers = case["parameters"]
    norm = LayerNorm(len(case["x"]), case["eps"], bool(numbers), "bias" in numbers)
    norm.load_state_dict({f"{name}.{k}": number for name in numbers for k, number in enumerate(numbers[name])})
    x = [Value(number) for number in case["x"]]
    y = norm(x)
    sum(y_k**2 + 0.5 * y_k for y_k in y).backward()
    assert [y_k.data for y_k in y] == close(case["y"])
    assert [x_k.grad for x_k in x] == close(case["x_gradient"], 1e-9)
    for name in numbers:
        assert [p.grad for p in getattr(norm, name)] == close(case["gradients"][name], 1e-10)


def test_layer_norms_gradient_is_the_finite_difference():
    norm = LayerNorm(3)
    for k, w in enumerate(norm.weight):
        w.data = 1.0 + k
    assert gradcheck(lambda *x: sum(k * y**3 for k, y in enumerate(norm(x), 1)), [0.3, -1.2, 2.0]).ok


@pytest.mark.parametrize("case", RECORD["RMSprop"], ids=lambda case: str(case["settings"]))
def test_rmsprops_path_is_pytorchs(case):
    x = start()
    assert_path(RMSprop(x, **case["settings"]), x, case["path"])


def in_groups(case, x):
    groups = [{"params": part, **own} for part, own in zip((x[:1], x[1:]), case["groups"])]
    return getattr(nn, case["name"])(groups, **case["settings"])


@pytest.mark.parametrize("case", RECORD["groups"], ids=lambda case: case["name"])
def test_groups_paths_are_pytorchs(case):
    x = start()
    assert_path(in_groups(case, x), x, case["path"])


@pytest.mark.parametrize("case", RECORD["groups"], ids=lambda case: case["name"])
def test_groups_paths_are_pytorchs_where_parameters_are_in_arrays(case):
    engine = pytest.importorskip("engine")
    pytest.importorskip("numpy")
    x = start()
    optimizer, loss = in_groups(case, x), engine.compile(lambda: 0.05 * rosenbrock(x))
    for true in case["path"]:
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        assert [v.data for v in x] == close(true)


@pytest.mark.parametrize("case", RECORD["groups"], ids=lambda case: case["name"])
def test_groups_go_on_from_their_state_to_the_last_bit(case):
    def steps(optimizer, n):
        for _ in range(n):
            optimizer.zero_grad()
            (0.05 * rosenbrock(optimizer.parameters)).backward()
            optimizer.step()

    whole = in_groups(case, start())
    steps(whole, 5)
    state = json.loads(json.dumps(whole.state_dict()))
    again = in_groups({**case, "groups": [{}, {}], "settings": {"lr": 9.0}}, [Value(p.data) for p in whole.parameters])
    again.load_state_dict(state)
    assert again.state_dict() == whole.state_dict()
    steps(whole, 5)
    steps(again, 5)
    assert [p.data for p in again.parameters] == [p.data for p in whole.parameters]


@pytest.mark.parametrize("case", RECORD["group_rates"], ids=lambda case: str(case["schedules"]))
def test_a_schedule_sets_the_rates_of_groups_as_pytorch(case):
    optimizer = SGD([{"params": [Value(0.0)]}, {"params": [Value(0.0)], "lr": 0.03}], lr=0.4)
    schedules = [getattr(nn, name)(optimizer, **settings) for name, settings in case["schedules"]]
    found = []
    for _ in case["rates"]:
        found.append([optimizer.lr, optimizer.param_groups[1]["lr"]])
        for schedule in schedules:
            schedule.step()
    for rates, true in zip(found, case["rates"], strict=True):
        assert rates == close(true)


@pytest.mark.parametrize("case", RECORD["plateaus"], ids=lambda case: str(case["settings"]))
def test_plateaus_are_pytorchs(case):
    def made():
        optimizer = SGD([{"params": [Value(0.0)]}, {"params": [Value(0.0)], "lr": 0.03}], lr=0.4)
        return optimizer, ReduceLROnPlateau(optimizer, **case["settings"])

    optimizer, schedule = made()
    for k, (number, true) in enumerate(zip(RECORD["watched"], case["rates"], strict=True)):
        if k == 7:  # going on from a state
            states = json.loads(json.dumps((optimizer.state_dict(), schedule.state_dict())))
            optimizer, schedule = made()
            optimizer.load_state_dict(states[0])
            schedule.load_state_dict(states[1])
        schedule.step(float(number))
        assert [optimizer.lr, optimizer.param_groups[1]["lr"]] == close(true)


@pytest.mark.parametrize("case", RECORD["clip_grad_norm_"], ids=lambda c: f"{c['gradients']}-{c['norm_type']}")
def test_clipping_overflows_as_pytorch(case):
    x = [Value(0.0) for _ in case["gradients"]]
    for v, g in zip(x, case["gradients"]):
        v.grad = g
    norm = clip_grad_norm_(x, 1.0, case["norm_type"])
    assert norm == pytest.approx(float(case["norm"]), rel=1e-12, abs=0.0)
    assert [v.grad for v in x] == pytest.approx([float(g) for g in case["grad"]], rel=1e-12, abs=0.0)


def test_weights_that_are_wrong_are_refused():
    for call, message in (
        (lambda: nn.cross_entropy([1.0, 2.0], 0, weight=[1.0]), "cross_entropy: weight is 2 numbers, got 1"),
        (lambda: nn.cross_entropy([1.0, 2.0], 0, weight=[1.0, -1.0]), "weight 1 must be at least 0, got -1.0"),
        (lambda: nn.cross_entropy([1.0, 2.0], 0, label_smoothing=1.5), r"label_smoothing is in \[0, 1\], got 1.5"),
        (lambda: nn.cross_entropy([1.0, 2.0], -100), "from 0 to 1, got -100"),
        (lambda: nn.binary_cross_entropy_with_logits([1.0], [1.0], pos_weight=math.nan), "pos_weight must be at least"),
        (lambda: nn.huber_loss(1.0, 0.0, delta=0.0), "delta must be above 0, got 0.0"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def test_groups_that_are_wrong_are_refused():
    x, y = Value(1.0), Value(2.0)
    for groups, error, message in (
        ([{"params": [x]}, y], TypeError, "group 1 is a dict"),
        ([{"param": [x]}], TypeError, "group 0 is a dict, as"),
        ([{"params": [x], "momentun": 0.9}], TypeError, "SGD has no setting 'momentun': there are lr, momentum"),
        ([{"params": [x], "lr": -1.0}], ValueError, "lr must be at least 0, got -1.0"),
        ([{"params": [x], "nesterov": True}], ValueError, "nesterov needs a momentum above 0"),
        ([{"params": [x]}, {"params": [x]}], ValueError, "the same parameter twice"),
        ([{"params": [x * y]}], ValueError, "is computed from others"),
        ({x, y}, TypeError, "parameters in a set have no order"),
        ([{"params": {x, y}}], TypeError, "parameters in a set have no order"),
    ):
        with pytest.raises(error, match=message):
            SGD(groups, lr=0.1)
    optimizer = SGD([{"params": [x]}, {"params": y, "lr": 0.5}], lr=0.1)
    assert repr(optimizer).startswith("SGD(2 parameters in 2 groups, lr=0.1, ")
    state = optimizer.state_dict()
    with pytest.raises(ValueError, match="expected groups of 1, 1 parameters, got those of 2"):
        optimizer.load_state_dict({**state, "groups": [{"params": 2}]})
    with pytest.raises(TypeError, match="the state's groups are not what"):
        optimizer.load_state_dict({**state, "groups": 3})
    with pytest.raises(ValueError, match="lr must be at least 0, got -3"):
        optimizer.load_state_dict({**state, "groups": [{"params": 1}, {"params": 1, "lr": -3}]})
    assert optimizer.state_dict() == state


def test_a_plateau_needs_a_number():
    schedule = ReduceLROnPlateau(SGD([Value(0.0)], lr=0.1))
    with pytest.raises(TypeError, match="the number it watches: expected a number, got None"):
        schedule.step()
    for settings, message in (
        ({"factor": 1.0}, "factor must be below 1"),
        ({"mode": "least"}, 'mode is "min" or "max"'),
        ({"patience": -1}, "patience must be at least 0"),
    ):
        with pytest.raises(ValueError, match=message):
            ReduceLROnPlateau(SGD([Value(0.0)], lr=0.1), **settings)


def test_norms_without_an_eps_divide_as_ieee_754_does():
    assert [y.data for y in LayerNorm(2, eps=0.0)([1.0, 1.0])] == pytest.approx([math.nan] * 2, nan_ok=True)
    assert [y.data for y in nn.RMSNorm(2, eps=0.0)([0.0, 0.0])] == pytest.approx([math.nan] * 2, nan_ok=True)
    assert LayerNorm(2, elementwise_affine=False)([1.0, 3.0]) == pytest.approx([-1.0, 1.0], abs=1e-4)
    with pytest.raises(ValueError, match="takes 3 numbers, got 2"):
        LayerNorm(3)([1.0, 2.0])
