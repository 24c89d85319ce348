"""plot(): what is drawn is the function, its derivative and its tangent, by the numbers of the lines."""

import math
from pathlib import Path

import numpy as np
import pytest

from engine import Value, exp, log, maximum, plot, relu, sin, tanh


def lines(drawn):
    return {line.get_label(): np.array(line.get_xydata()) for line in drawn.figure.axes[0].get_lines()}


def test_a_curve_its_derivative_and_its_tangent():
    drawn = plot(sin, around=1.0, width=2.0)
    found = lines(drawn)
    x, y = found["sin(x)"].T
    assert (x[0], x[-1]) == (-1.0, 3.0)
    assert y == pytest.approx(np.sin(x))
    x, y = found["its derivative"].T
    assert y == pytest.approx(np.cos(x))
    x, y = found["the tangent"].T
    assert y == pytest.approx(math.sin(1.0) + math.cos(1.0) * (x - 1.0))
    assert drawn.title == "sin near 1: slope 0.540302"
    assert drawn.figure.axes[0].get_title() == drawn.title


def test_of_two_numbers_a_map_with_the_gradient():
    drawn = plot(lambda x, y: x**2 + 3 * y, around=[1.0, 2.0])
    axes = drawn.figure.axes[0]
    assert drawn.title == "f near (1, 2): 7, gradient (2, 3)"
    [arrow] = axes.texts
    dx, dy = np.subtract(arrow.xy, (1.0, 2.0))
    assert dy / dx == pytest.approx(1.5)
    assert math.hypot(dx, dy) == pytest.approx(1.0)
    assert axes.collections


def test_a_function_of_two_needs_no_point():
    assert plot(maximum).title == "maximum near (0, 0): 0, gradient (0.5, 0.5)"


def test_outside_of_its_domain_and_at_a_kink():
    x, y = lines(plot(log, around=1.0, width=3.0))["log(x)"].T
    assert np.isnan(y[x < 0.0]).all()
    assert plot(relu).title == "relu near 0: slope 0"
    low, high = plot(lambda x: 1 / x, around=1.0).figure.axes[0].get_ylim()
    assert -1000 < low < high < 1000
    plot(exp, around=700.0, width=50.0)


def test_around_a_value_and_of_a_constant():
    assert plot(tanh, around=Value(0.5)).title == "tanh near 0.5: slope 0.786448"
    assert plot(lambda x: 3.0, around=0).title == "f near 0: slope 0"


def test_written_and_shown(tmp_path, capsys):
    drawn = plot(sin)
    assert Path(drawn.save(tmp_path / "sin.svg")).read_text(encoding="utf-8").startswith("<?xml")
    assert Path(drawn.view()).read_bytes().startswith(b"\x89PNG")
    assert "sin.png" in capsys.readouterr().err
    assert drawn._repr_png_().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda: plot(3.0), TypeError, "plot draws a function, got 3.0 of type float"),
        (lambda: plot(Value(3.0)), TypeError, r"plot\(lambda x: x\*\*2\)"),
        (lambda: plot(sin, around=[1, 2]), TypeError, "got 2 for sin, which takes 1"),
        (lambda: plot(lambda a, b, c: a, around=[1, 2, 3]), TypeError, "got 3 for f, which takes 3"),
        (lambda: plot(sin, around=math.inf), ValueError, "the point must be finite"),
        (lambda: plot(sin, width=0), ValueError, "above 0"),
        (lambda: plot(lambda x: x.data**2), TypeError, "f returned a plain number, 0.0, of a Value"),
        (lambda: plot(lambda x: None), TypeError, "return missing|not a number|NoneType"),
    ],
)
def test_what_it_refuses(call, kind, said):
    with pytest.raises(kind, match=said):
        call()
