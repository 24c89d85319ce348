"""The pendulum fitted to measured points: its motion and gradient are right, and every way of computing it agrees."""

import math
import sys

import pytest

import engine
from demos import simulation
from demos.simulation import ERROR, STEP, TRUE, WAYS, Pendulum, first_guess, fit, measure, timed
from engine import Value, no_grad


def test_a_small_swing_is_a_cosine():
    with no_grad():  # angle'' = -g/length angle, for which a step of 5 ms is exact to about its square
        angles = [angle.data for angle in Pendulum(1.0, 0.0, 1e-3, 0.0)(1000)]
    omega = math.sqrt(simulation.GRAVITY)
    for k, angle in enumerate(angles):
        assert angle == pytest.approx(1e-3 * math.cos(omega * STEP * (k + 1)), abs=2e-5)


def test_friction_slows_it():
    with no_grad():
        free, slowed = (max(a.data for a in Pendulum(0.8, friction, 1.0, 0.0)(1000)[-400:]) for friction in (0.0, 0.25))
    assert slowed == pytest.approx(free * math.exp(-0.25 * 4.0 / 2), rel=0.1)


def test_its_gradient_is_that_of_differences():
    measured = measure()[:8]  # 8 readings: 200 of the 1,000 steps matter
    report = engine.gradcheck(lambda *numbers: distance(numbers, measured), [Value(x) for x in (1.2, 0.05, 0.8, 0.3)])
    assert report.ok, str(report)


def distance(numbers, measured):
    pendulum = Pendulum(0.0, 0.0, 0.0, 0.0)
    pendulum.length, pendulum.friction, pendulum.angle, pendulum.speed = numbers
    return pendulum.distance(measured)


@pytest.mark.parametrize("name", [name for name in WAYS if name != "eager"])
def test_every_way_has_the_eager_gradient(name):
    measured = measure()
    ways = [timed(WAYS[each], measured, times=0).gradient for each in ("eager", name)]
    assert ways[1] == pytest.approx(ways[0], rel=1e-10)


def test_the_fit_finds_what_the_readings_were_made_with():
    fitted = fit(WAYS["compiled, NumPy"], measure(), steps=120)
    found = [parameter.data for parameter in fitted.pendulum.parameters()]
    assert found[:3] == pytest.approx(TRUE[:3], rel=0.03)
    assert math.sqrt(fitted.distances[-1]) == pytest.approx(ERROR, rel=0.2)
    assert fitted.parameters[0] == [parameter.data for parameter in first_guess().parameters()]


def test_the_picture_is_written(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    assert simulation.main(["--out", str(tmp_path / "new")]) == 0
    picture = tmp_path / "new" / "simulation.png"
    shown = capsys.readouterr().out
    assert shown.endswith(f"Written: {picture}\n")
    assert "eager" in shown
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_what_is_missing_is_said_in_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert simulation.main(["--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == 'demos.simulation needs matplotlib: pip install "liftgrad[demos]"\n'
