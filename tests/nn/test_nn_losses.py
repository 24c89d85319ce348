"""Losses against PyTorch's records, closed forms and finite differences."""

import json
import math
from pathlib import Path

import pytest

import nn
from engine import Value, primitive
from nn import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge,
    log_softmax,
    softmax,
    squared_error,
)

RECORD = json.loads((Path(__file__).parents[1] / "data" / "torch_optim.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", RECORD["losses"], ids=lambda case: f"{case['loss']}-{case['target']}")
def test_value_and_gradient_are_pytorchs(case):
    loss = getattr(nn, case["loss"])
    x = [Value(number) for number in case["x"]]
    cost = loss(x, case["target"])
    cost.backward()
    assert cost.data == pytest.approx(case["value"], rel=1e-12, abs=1e-12)
    assert [x_k.grad for x_k in x] == pytest.approx(case["grad"], rel=1e-11, abs=1e-13)
    plain = loss(case["x"], case["target"])
    assert type(plain) is float
    assert plain == cost.data


@pytest.mark.parametrize("case", RECORD["softmax"], ids=lambda case: str(case["x"]))
def test_softmax_is_pytorchs(case):
    assert softmax(case["x"]) == pytest.approx(case["p"], rel=1e-13, abs=1e-300)
    finite = [(p, log_p) for p, log_p in zip(case["p"], log_softmax(case["x"]), strict=True) if p > 0]
    assert [math.exp(log_p) for _, log_p in finite] == pytest.approx([p for p, _ in finite], rel=1e-12)


@pytest.mark.parametrize("function", [softmax, log_softmax])
def test_softmax_gradients_are_the_finite_differences(function):
    at, h = [0.3, -1.2, 0.8], 1e-6
    for i in range(3):
        x = [Value(number) for number in at]
        function(x)[i].backward()
        for k in range(3):
            above, below = ([n + sign * h * (j == k) for j, n in enumerate(at)] for sign in (1, -1))
            slope = (function(above)[i] - function(below)[i]) / (2 * h)
            assert x[k].grad == pytest.approx(slope, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("score", "target", "cost", "slope"),
    [(0.25, 1, 0.75, -1.0), (0.25, -1, 1.25, 1.0), (3.0, 1, 0.0, 0.0), (-3.0, 1, 4.0, -1.0), (-3.0, -1, 0.0, 0.0)],
)
def test_hinge_by_hand(score, target, cost, slope):
    s = Value(score)
    c = hinge(s, target)
    c.backward()
    assert (c.data, s.grad) == (cost, slope)


def test_losses_of_several_outputs_are_sums():
    assert hinge([0.25, 0.25], [1, -1]) == hinge(0.25, 1) + hinge(0.25, -1)
    assert squared_error([3.0, 4.0], [0.0, 0.0]) == 25.0
    assert squared_error(Value(3.0), [1.0]).data == squared_error([3.0], 1.0) == 4.0


def test_stable_where_probabilities_round_to_0_and_1():
    assert binary_cross_entropy_with_logits(40.0, 1) == pytest.approx(math.exp(-40.0), rel=1e-12)
    assert binary_cross_entropy_with_logits(-1000.0, 1) == 1000.0
    assert cross_entropy([1000.0, 0.0], 1) == 1000.0
    assert cross_entropy([-math.inf, 0.0], [0.0, 1.0]) == 0.0
    assert softmax([1000.0, 1000.0]) == [0.5, 0.5]


def test_a_target_that_is_a_value_chooses_by_its_number():
    """A compiled loss takes its targets as Values: the same numbers, for whatever class they hold."""
    x = [0.3, -1.2, 2.5]
    for k in range(3):
        logits = [Value(number) for number in x]
        cost = cross_entropy(logits, Value(float(k)))
        cost.backward()
        assert cost.data == pytest.approx(cross_entropy(x, k), rel=1e-15)
        assert [v.grad for v in logits] == pytest.approx([p - (i == k) for i, p in enumerate(softmax(x))], rel=1e-12)
    one_hot = [Value(0.0), Value(1.0), Value(0.0)]
    assert cross_entropy(x, one_hot).data == pytest.approx(cross_entropy(x, 1), rel=1e-15)
    for y in (0.0, 0.3, 1.0):
        cost = binary_cross_entropy_with_logits(0.7, Value(y))
        assert cost.data == pytest.approx(binary_cross_entropy_with_logits(0.7, y), rel=1e-15)
    assert hinge(0.25, Value(-1.0)).data == 1.25


def test_a_loss_of_your_own():
    @primitive
    def fourth_power(x):
        return x * x * x * x, lambda g: (4.0 * g * x * x * x,)

    model = nn.MLP(1, [1], init=lambda *_: 0.0)
    history = nn.fit(
        model,
        [([1.0], 2.0)],
        loss=lambda a, y: fourth_power(a - y),
        optimizer=nn.SGD(model.parameters(), lr=0.01),
        epochs=1,
    )
    assert history.losses == [16.0]
    assert model.layers[0].weight[0][0].data == pytest.approx(0.01 * 4 * 8)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: squared_error([1.0, 2.0], [1.0]), ValueError, "squared_error: 2 outputs against 1 target"),
        (lambda: squared_error([], []), ValueError, "squared_error: 0 outputs"),
        (lambda: squared_error("ab", 1.0), TypeError, "expected a real number, got 'ab'"),
        (lambda: hinge(0.5, 0), ValueError, "turn classes 0 and 1 into 2*y - 1"),
        (lambda: hinge(0.5, 2), ValueError, "hinge: a target is -1 or 1, got 2"),
        (lambda: hinge(0.5, math.nan), ValueError, "got nan"),
        (lambda: binary_cross_entropy_with_logits(0.5, -1), ValueError, "turn classes -1 and 1 into (y + 1) / 2"),
        (lambda: binary_cross_entropy_with_logits(0.5, 1.5), ValueError, "in [0, 1], got 1.5"),
        (lambda: binary_cross_entropy_with_logits(0.5, math.nan), ValueError, "got nan"),
        (lambda: cross_entropy([0.1, 0.2], 2), ValueError, "one of 2 classes is a whole number from 0 to 1, got 2"),
        (lambda: cross_entropy([0.1, 0.2], -1), ValueError, "got -1"),
        (lambda: cross_entropy([0.1, 0.2], 0.5), ValueError, "got 0.5"),
        (lambda: cross_entropy([0.1, 0.2], "cat"), TypeError, "expected a real number, got 'cat'"),
        (lambda: cross_entropy([0.1, 0.2], [1.0, 0.0, 0.0]), ValueError, "2 logits need 2 probabilities"),
        (lambda: cross_entropy([0.1, 0.2], [1.5, -0.5]), ValueError, "probability 0 is 1.5, outside [0, 1]"),
        (lambda: cross_entropy([0.1, 0.2], [0.5, 0.4]), ValueError, "sum to 0.9, not to 1"),
        (lambda: cross_entropy(0.5, 0), TypeError, "a list with a number for each class, got 0.5"),
        (lambda: cross_entropy([], 0), ValueError, "of no numbers"),
        (lambda: softmax(Value(0.5)), TypeError, "softmax takes a list"),
    ],
)
def test_what_is_wrong_is_said(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
