"""Activations and losses of your own: right, trainable either way, and worth having in the demonstration."""

import math
import sys

import mpmath
import pytest

from demos import own_functions
from demos.own_functions import TRIALS, bump, checks, distance, log_cosh, points, pseudo_huber, snake, train
from engine import Value, derivative, gradcheck
from nn import MLP, Adam, fit


@pytest.mark.parametrize(
    ("function", "true"),
    [
        (bump, lambda z: mpmath.exp(-(z**2))),
        (snake, lambda z: z + mpmath.sin(z) ** 2),
        (lambda a: log_cosh(a, 0.5), lambda a: mpmath.log(mpmath.cosh(a - 0.5))),
        (lambda a: pseudo_huber(a, 0.5), lambda a: mpmath.sqrt(1 + (a - 0.5) ** 2) - 1),
    ],
    ids=["bump", "snake", "log_cosh", "pseudo_huber"],
)
@pytest.mark.parametrize("at", [-3.0, -0.4, 0.7, 2.5])
def test_values_and_derivatives(function, true, at):
    assert function(at) == pytest.approx(float(true(at)), rel=1e-12)
    assert derivative(function)(at) == pytest.approx(float(mpmath.diff(true, at)), rel=1e-9)
    assert derivative(derivative(function))(at) == pytest.approx(float(mpmath.diff(true, at, 2)), rel=1e-7)


def test_losses_grow_no_faster_than_the_error():
    assert log_cosh(1000.0, 0.0) == 1000.0 - math.log(2.0)
    assert log_cosh(0.0, 1000.0) == 1000.0 - math.log(2.0)
    assert pseudo_huber(1000.0, 0.0) == pytest.approx(999.0, abs=1e-3)
    assert gradcheck(pseudo_huber, [Value(2.0), Value(-1.0)]).ok


def test_a_primitive_is_one_node():
    assert snake(Value(0.5)).op is snake
    assert pseudo_huber(Value(0.5), 1.0).op is pseudo_huber
    shown = checks()
    assert shown.count("yes") == 4
    assert "NO" not in shown


@pytest.mark.parametrize("trial", TRIALS[1:], ids=["function", "primitive"])
def test_they_train_eagerly_as_compiled(trial):
    losses = []
    for compiled in (False, True):
        model = MLP(1, [4, 1], trial.activation, seed=1)
        history = fit(
            model, points(12), loss=trial.loss, optimizer=Adam(model.parameters()), epochs=5, compiled=compiled
        )
        losses.append(history.losses)
    assert losses[0] == pytest.approx(losses[1], rel=1e-10)
    assert losses[0][-1] < losses[0][0]


def test_the_losses_of_ours_are_not_led_astray():
    off = [distance(train(trial, points())[0]) for trial in TRIALS]
    assert max(off[1:]) < 0.5 * off[0]


def test_the_picture_is_written(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    assert own_functions.main(["--out", str(tmp_path / "new")]) == 0
    picture = tmp_path / "new" / "own_functions.png"
    shown = capsys.readouterr().out
    assert shown.endswith(f"Written: {picture}\n")
    assert 'activation="snake"): 49 parameters, pseudo_huber: loss ' in shown
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_what_is_missing_is_said_in_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert own_functions.main(["--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == 'demos.own_functions needs matplotlib: pip install "liftgrad[demos]"\n'
