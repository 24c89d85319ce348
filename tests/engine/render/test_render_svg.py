"""What every SVG has: a title, a description, a role, both themes; and adjoints stand where their values do."""

import re
import xml.etree.ElementTree as ET

import pytest

from engine import Value, tanh
from engine.render import style
from engine.render.typography import printed_number

SVG = "{http://www.w3.org/2000/svg}"


def neuron():
    w, x, b = Value(-0.5, "w"), Value(2.0, "x"), Value(1.5, "b")
    return tanh(w * x + b).named("y")


def root_of(drawing):
    return ET.fromstring(drawing.pipe(format="svg"))


def test_a_screen_reader_is_told_what_is_drawn():
    y = neuron()
    y.backward()
    root = root_of(y.draw())
    assert root.get("role") == "img"
    assert root.get("aria-label") == root.find(f"{SVG}title").text == "Computation graph of y"
    description = root.find(f"{SVG}desc").text
    assert "3 operations on 3 leaves: w = −0.5, grad 1.573" in description
    assert description.endswith("Result: y = 0.4621, grad 1.")


def test_the_titles_of_the_parts_are_what_they_show():
    parts = {group.get("id"): group.find(f"{SVG}title") for group in root_of(neuron().draw()).iter(f"{SVG}g")}
    assert parts["node-0"].text == "w = −0.5"
    assert parts["op-2"].text == "×"
    assert parts["edge-2-0"] is None  # no name that only the layout program knows


@pytest.mark.parametrize("label", ["<&>", '"', "two\nlines", "\x1b"])
def test_labels_are_safe_in_titles(label):
    root = root_of((Value(1.0, label) * 2.0).named(label).draw())
    assert "Computation graph of" in root.get("aria-label")


def test_every_colour_of_a_drawing_has_a_dark_one_in_its_place():
    y = neuron()
    y.backward()
    for options in ({}, {"adjoint": "beside"}, {"adjoint": "only", "derivatives": True}, {"depth": 1}):
        svg = y.draw(params={"w": y}, **options).pipe(format="svg", encoding="utf-8")
        used = {*re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', svg)}
        assert used <= {*style.DARK}
        for light in used:
            assert f'[fill="{light}"]{{fill:{style.DARK[light]}}}' in svg


def boxes(svg):
    """(left, right, middle) of each record, by its id."""
    found = {}
    for group in svg.iter(f"{SVG}g"):
        shapes = " ".join([shape.get("points") or shape.get("d") or "" for shape in group])
        if group.get("id", "").startswith(("node-", "adjoint-node-")) and shapes.strip():
            numbers = [*map(float, re.findall(r"-?[\d.]+", shapes))]
            xs, ys = numbers[::2], numbers[1::2]
            found[group.get("id")] = (min(xs), max(xs), (min(ys) + max(ys)) / 2)
    return found


@pytest.mark.parametrize("ran", [False, True])
def test_every_adjoint_is_where_its_value_is(ran):
    a, b = Value(3.0, "a"), Value(-1.25, "a rather long name")
    y = ((a + b) * a - a * 2.0 * b).named("y")
    if ran:
        y.backward()
    at = boxes(root_of(y.draw(adjoint="beside")))
    values = {key: box for key, box in at.items() if key.startswith("node-")}
    pairs = [(box, at[f"adjoint-{key}"]) for key, box in values.items() if f"adjoint-{key}" in at]
    assert len(pairs) >= 7
    for value, adjoint in pairs:
        assert adjoint == pytest.approx(value, abs=1.5)


def test_records_of_one_column_are_as_wide_as_each_other():
    y = neuron()
    y.backward()
    at = boxes(root_of(y.draw()))
    left = [box for box in at.values() if box[0] < 5]
    assert len(left) == 2
    assert left[0][:2] == pytest.approx(left[1][:2], abs=0.5)


@pytest.mark.parametrize(("number", "shown"), [(-0.0, "0"), (-1e-9, "−1e−09"), (float("-inf"), "−inf"), (1.5, "1.5")])
def test_numbers_as_print_has_them(number, shown):
    assert printed_number(number, ".4g") == shown
