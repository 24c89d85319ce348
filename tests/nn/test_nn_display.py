"""How notebooks show models and histories: right shapes and counts, well-formed charts, safe text."""

import math
import re
import unicodedata
import xml.etree.ElementTree as ET

import pytest

from engine import Value
from nn import MLP, SGD, History, Module, accuracy, fit, squared_error


def parsed(html):
    return ET.fromstring(html)  # well formed, so that no page can take it for something else


def rows(html):
    table = next(parsed(f"<div>{html}</div>").iter("table"))
    return [[cell.text or "" for cell in row] for row in table.iter("tr")]


def history_of(losses, validation=()):
    history = History()
    history.losses, history.validation_losses = list(losses), list(validation)
    return history


def test_a_network_is_a_row_for_each_layer():
    model = MLP(2, [16, 16, 1], activation="tanh")
    assert rows(model._repr_html_()) == [
        ["layer", "weights W", "biases b", "activation", "parameters"],
        ["1", "16 × 2", "16", "tanh", "48"],
        ["2", "16 × 16", "16", "tanh", "272"],
        ["3", "1 × 16", "1", "linear", "17"],
    ]
    assert "337 parameters" in model._repr_html_()


def test_a_module_of_the_users_is_a_row_for_each_list_of_parameters():
    class Line(Module):
        def __init__(self):
            self.slope = Value(2.0)
            self.rest = [MLP(3, [2]), Value(1.0)]

    line = Line()
    shown = rows(line._repr_html_())
    assert shown == [
        ["parameter", "shape", "numbers"],
        ["slope", "", "1"],
        ["rest.0.layers.0.weight", "2 × 3", "6"],
        ["rest.0.layers.0.bias", "2", "2"],
        ["rest", "2", "1"],
    ]
    assert sum(int(row[-1]) for row in shown[1:]) == len(line.parameters())


def test_names_stay_text():
    class Model(Module):
        def __init__(self):
            self.weight = {"<img onerror=alert(1)>": Value(1.0)}

        def __repr__(self):
            return "<script>"

    html = Model()._repr_html_()
    assert "<img" not in html
    assert "<script" not in html
    assert rows(html)[1][0] == "weight.<img onerror=alert(1)>"


def test_a_history_is_a_chart_and_a_table():
    model = MLP(1, [1], seed=0)
    pairs = [([x / 4], x / 2) for x in range(-4, 5)]
    settings = {"loss": squared_error, "optimizer": SGD(model.parameters(), lr=0.1), "epochs": 5, "progress": False}
    history = fit(model, pairs, metrics={"sign": accuracy}, validation=0.3, seed=0, **settings)
    html = history._repr_html_()
    assert html.count("<svg") == 1
    shown = rows(html)
    assert [row[0] for row in shown[1:]] == ["loss", "sign", "validation_loss", "validation_sign"]
    assert shown[1][1:3] == [f"{history.losses[0]:.4g}", f"{history.losses[-1]:.4g}"]
    assert "5 epochs" in html


def points(html):
    """The points of the first curve, as (x, y) in the picture."""
    curve = next(path.get("d") for path in parsed(html).iter() if path.get("stroke-width") == "2")
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](\S+?) ([\d.]+)", curve)]


def test_the_curve_has_the_shape_of_the_series():
    (x0, y0), (x1, y1), (x2, y2) = points(history_of([4.0, 2.0, 1.0])._repr_html_())
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.11)
    assert y1 - y0 == pytest.approx(2 * (y2 - y1), abs=0.3)


def test_over_many_decades_the_scale_is_logarithmic():
    (_, y0), (_, y1), (_, y2) = points(history_of([1.0, 1e-3, 1e-6])._repr_html_())
    assert y1 - y0 == pytest.approx(y2 - y1, abs=0.2)


@pytest.mark.parametrize(
    "losses",
    [
        [], [0.5], [0.5, 0.5], [0.0, 0.0], [-1.0, -1.0], [math.nan, 1.0, math.inf, 0.5, math.nan],
        [math.nan, math.nan], [1e-300, 1e300], [-1e9, 1e9], [1.0, 1.0 + 1e-15], [5e-324, 1.0],
    ],
)  # fmt: skip
def test_any_series_is_shown(losses):
    html = history_of(losses)._repr_html_()
    parsed(html)
    assert all(0 <= x <= 560 and 0 <= y <= 220 for x, y in (points(html) if 'stroke-width="2"' in html else []))
    assert "nan" not in "".join(re.findall(r' d="([^"]*)"', html))


def test_a_gap_interrupts_the_curve():
    html = history_of([1.0, math.nan, 0.5, math.nan, 0.25])._repr_html_()
    assert html.count("h0") == 3


def test_a_long_training_stays_small():
    html = history_of([1.0 / k for k in range(1, 100_001)])._repr_html_()
    assert len(html) < 20_000
    assert "100,000 epochs" in html


@pytest.mark.parametrize("hostile", ["\x00\x1b[31m", "\u202e", "\x9b2J", "M" * 1_000_000, "\ud800"])
def test_what_is_shown_has_no_control_characters_and_is_short(hostile):
    class Model(Module):
        def __init__(self):
            self.weights = {hostile: Value(1.0)}

        def __repr__(self):
            return f"Model({hostile})"

    history = history_of([2.0, 1.0])
    history.metrics[hostile] = [0.5, 0.6]
    for html in (Model()._repr_html_(), history._repr_html_()):
        parsed(f"<div>{html}</div>")
        assert len(html) < 10_000
        assert not [c for c in html if unicodedata.category(c) in ("Cc", "Cf", "Cs")]


def test_a_chart_takes_nothing_from_its_page():
    html = history_of([2.0, 1.0])._repr_html_()
    style = next(parsed(html).iter("{http://www.w3.org/2000/svg}svg")).get("style")
    assert {"direction:ltr", "letter-spacing:normal", "font-style:normal"} <= {*style.split(";")}
