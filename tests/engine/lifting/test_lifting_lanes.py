"""A program with its gradients is drawn in two lanes, a layer in a column, and no line runs through a box."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from engine import Value, compile, tanh
from engine.lifting.lanes import LaneLayout
from nn import MLP, squared_error

SVG = "{http://www.w3.org/2000/svg}"


def program_of(sizes):
    model = MLP(2, sizes, activation="tanh", seed=0)
    loss = model.compile(squared_error)
    loss.backward([[1.0, 2.0]], [1.0])
    return loss.program


def layout(program):
    statements = program.statements["value_and_gradients"]
    return LaneLayout(statements, program.shapes, len(program.statements["value"]))


def overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def segments(path):
    """Boxes of the straight parts of a path, corners taken as points."""
    numbers = [*map(float, re.findall(r"-?[\d.]+", path))]
    points = [*zip(numbers[::2], numbers[1::2])]
    for (x1, y1), (x2, y2) in pairwise(points):
        yield min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def residual():
    w = [Value(0.3), Value(0.4), Value(-0.2)]

    def f(x):
        a = tanh(w[0] * x)
        b = tanh(w[1] * a)
        return (w[2] * b + a + x) ** 2

    compiled = compile(f)
    compiled.backward([1.0, 2.0])
    return compiled.program


@pytest.mark.parametrize("make", [lambda: program_of([3, 1]), lambda: program_of([8, 8, 8, 1]), residual])
def test_no_line_runs_through_a_box_and_no_box_through_another(make):
    program = make()
    picture = ET.fromstring(program.draw(gradients=True).pipe())
    width, height = float(picture.get("width")), float(picture.get("height"))
    corners = [
        [float(r.get(name, "nan")) for name in ("x", "y", "width", "height")] for r in picture.iter(f"{SVG}rect")
    ]
    at = [(x, y, x + wide, y + high) for x, y, wide, high in corners if x == x]  # the paper has no x
    assert len(at) == len(layout(program).boxes)
    for k, box in enumerate(at):
        assert not any(overlap(box, other) for other in at[:k])
        assert 0 <= box[0] < box[2] <= width
        assert 0 <= box[1] < box[3] <= height
    inside = [(left + 1, top + 1, right - 1, bottom - 1) for left, top, right, bottom in at]
    lines = [path.get("d") for path in picture.iter(f"{SVG}path")]
    assert len(lines) == len(layout(program).edges)
    for line in lines:
        for part in segments(line):
            assert not any(overlap(part, box) for box in inside), line


def test_forward_goes_right_backward_goes_left_and_gradients_stand_under_their_layer():
    boxes = layout(program_of([8, 8, 1])).boxes
    assert boxes["z1"].left < boxes["z2"].left < boxes["z3"].left
    assert boxes["delta1"].left < boxes["delta2"].left < boxes["delta3"].left
    lane = max(box.top for name, box in boxes.items() if name[0] in "Wbxza")
    for layer in "123":
        delta = boxes[f"delta{layer}"]
        assert delta.top > lane
        for name in (f"dW{layer}", f"db{layer}"):
            assert boxes[name].column == delta.column == boxes[f"z{layer}"].column == boxes[f"W{layer}"].column
            assert boxes[name].top > delta.top


def test_it_says_its_formulas_and_is_still_a_graph():
    program = program_of([3, 1])
    picture = program.draw(gradients=True)
    root = ET.fromstring(picture.pipe())
    assert root.get("aria-label") == "The program of a lifted graph, with its gradients"
    assert "delta2 = " in root.find(f"{SVG}desc").text
    assert "delta1 -> dW1" in picture.source
