"""Metrics: accuracy of every kind of output, names, and metrics that fail or diverge."""

import functools
import math
from pathlib import Path

import pytest
from line_training import LINE, line_model, train

import engine
from engine import Value
from nn import (
    MLP,
    SGD,
    Linear,
    Module,
    accuracy,
    binary_cross_entropy_with_logits,
    evaluate,
    fit,
    hinge,
    l1_loss,
    squared_error,
)

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
    assert [Path(warning.filename).name for warning in told] == ["line_training.py"]
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
