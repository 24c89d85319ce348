"""A model drawn in columns: every unit, weight and number is there and right, and no two labels overlap."""

import re
import xml.etree.ElementTree as ET

import pytest

from engine.render import style
from engine.render.font import width
from nn import MLP, Layer, Linear, Module, Neuron, RMSNorm, cross_entropy, squared_error
from nn.drawing.columns import NEGATIVE, POSITIVE, shown_units

SVG = "{http://www.w3.org/2000/svg}"


def parts(picture, kind):
    """The titles of the parts of a kind, by id."""
    groups = ET.fromstring(picture.svg).iter(f"{SVG}g")
    return {group.get("id"): group.find(f"{SVG}title").text for group in groups if group.get("class") == kind}


def texts(picture):
    return [text.text for text in ET.fromstring(picture.svg).iter(f"{SVG}text")]


def number(text):
    return float(text.replace("−", "-"))


def test_units_show_what_trace_and_backward_say():
    model = MLP(2, [3, 1], activation="tanh", seed=1)
    picture = model.draw([1.0, -0.5], 1.0, loss=squared_error, number_format=".9g")
    assert all(p._grad is None for p in model.parameters())  # none is touched
    trace = model.trace([1.0, -0.5])
    cost = squared_error(trace.output, 1.0)
    cost.backward()
    units = parts(picture, "unit")
    assert len(units) == 4
    for place, (zs, activations, deltas) in enumerate(zip(trace.z, trace.a, trace.deltas), 1):
        for j, (z, a, delta) in enumerate(zip(zs, activations, deltas)):
            said = dict(re.findall(r"(\w) = (\S+?)(?:,|$)", units[f"unit-{place}-{j}"]))
            assert [number(said[key]) for key in "bzaδ"] == pytest.approx([0.0, z.data, a.data, delta])
    assert [*parts(picture, "input").values()] == ["x[0]: 1", "x[1]: −0.5"]
    assert "C = " + f"{cost.data:.9g}" in texts(picture)


def test_the_cost_stands_below_the_last_unit_and_above_the_legend():
    for outputs in (1, 2):
        root = ET.fromstring(MLP(2, [2, outputs], seed=2).draw([1.0, 2.0], [0.0] * outputs, loss=squared_error).svg)
        heights = {text.text: float(text.get("y")) for text in root.iter(f"{SVG}text")}
        [cost] = [y for text, y in heights.items() if text.startswith("C = ")]
        [legend] = [y for text, y in heights.items() if text.startswith("weight: ")]
        last = [one for one in root.iter(f"{SVG}g") if one.get("class") == "unit"][-1].find(f"{SVG}rect")
        assert float(last.get("y")) + float(last.get("height")) < cost - 8 < legend - 16


@pytest.mark.parametrize("edges", ["weight", "gradient"])
def test_edges_say_sign_and_size_of_every_weight(edges):
    model = MLP(2, [3, 1], activation="tanh", seed=1)
    squared_error(model([1.0, -0.5]), 1.0).backward()
    root = ET.fromstring(model.draw(edges=edges).svg)
    drawn = [group for group in root.iter(f"{SVG}g") if group.get("class") == "weight"]
    assert len(drawn) == 9
    for place, layer in enumerate(model.layers, 1):
        thickness = {}
        for group in drawn:
            where = [*map(int, re.findall(r"\d+", group.get("id")))]
            if where[0] != place:
                continue
            w = layer.weight[where[1]][where[2]]
            value = w.grad if edges == "gradient" else w.data
            line = group.find(f"{SVG}path")
            assert line.get("stroke") == (NEGATIVE if value < 0 else POSITIVE)
            assert (line.get("stroke-dasharray") is not None) == (value < 0)
            thickness[abs(value)] = float(line.get("stroke-width"))
        assert [thickness[size] for size in sorted(thickness)] == sorted(thickness.values())


@pytest.mark.parametrize("sizes", [(2, [3, 1]), (3, [4, 4, 2]), (1, [1]), (9, [12, 12, 12, 5])])
def test_no_two_texts_overlap_and_none_leaves_the_picture(sizes):
    picture = MLP(*sizes, activation="tanh", seed=3).draw([0.25] * sizes[0])
    root = ET.fromstring(picture.svg)
    boxes = []
    for text in root.iter(f"{SVG}text"):
        size = float(text.get("font-size"))
        wide = width(text.text, size, bold=text.get("font-weight") == "bold") or 0.7 * size * len(text.text)
        x, y = float(text.get("x")), float(text.get("y"))
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[text.get("text-anchor")]
        boxes.append((left, y - 0.75 * size, left + wide, y, text.text))
    assert max(box[2] for box in boxes) <= float(root.get("width"))
    assert max(box[3] for box in boxes) <= float(root.get("height"))
    for k, one in enumerate(boxes):
        for other in boxes[:k]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, (one, other)


def test_hundreds_of_units_are_summed_up():
    model = MLP(300, [400, 10], init=lambda *_: 0.5, seed=1)
    picture = model.draw([1.0] * 300, max_units=7)
    assert len(parts(picture, "unit")) == 14
    assert parts(picture, "unit")["unit-1-3"] == "units 3 to 396 of layer 1"
    assert "394 more" in texts(picture)
    assert parts(picture, "weight")["weight-2-0-3"] == "w²[0][3…396]: root mean square of 394 numbers, 0.5"
    assert len(picture.svg) < 200_000


@pytest.mark.parametrize(("size", "most"), [(1, 3), (3, 3), (4, 3), (100, 8), (101, 9)])
def test_every_unit_is_shown_once(size, most):
    shown = shown_units(size, most)
    assert [k for units in shown for k in units] == [*range(size)]
    assert len(shown) == min(size, most)


class Perceptron(Module):
    def __init__(self):
        self.first, self.second = Linear(2, 3, seed=1), Linear(3, 2, bias=False, seed=2)

    def __call__(self, x):
        return self.second([a.tanh() for a in self.first(x)])


def test_modules_of_layers_alone_are_drawn_in_columns():
    model = Perceptron()
    units = parts(model.draw([1.0, 2.0], 1, loss=cross_entropy), "unit")
    assert len(units) == 5
    hidden = model.first([1.0, 2.0])[0]
    assert f"z = {hidden.data:.3g}".replace("-", "−") in units["unit-1-0"]
    assert f"a = {hidden.tanh().data:.3g}".replace("-", "−") in units["unit-1-0"]
    for part, n in ((Layer(2, 3), 3), (Neuron(4), 1), (Linear(2, 5), 5)):
        assert len(parts(part.draw(), "unit")) == n


class Scaled(Module):
    def __init__(self):
        self.norm, self.blocks = RMSNorm(2), [Perceptron(), Perceptron()]

    def __call__(self, x):
        return self.blocks[1](self.blocks[0](self.norm(x)))


def test_any_other_module_is_boxes_within_boxes():
    picture = Scaled().draw()
    modules = parts(picture, "module")
    assert {"module-norm", "module-blocks.1", "module-blocks.1.second"} <= modules.keys()
    assert modules["module-blocks.0.first"].endswith("weight 3 × 2, bias 3: 9 parameters")
    with pytest.raises(ValueError, match="not layers one after another"):
        Scaled().draw([1.0, 2.0])


class Twice(Module):
    def __init__(self):
        self.layer = Layer(2, 2, seed=1)

    def __call__(self, x):
        return self.layer(self.layer(x))


def test_what_cannot_be_drawn_is_refused():
    model = MLP(2, [3, 1])
    with pytest.raises(ValueError, match="layer is used 2 times"):
        Twice().draw([1.0, 2.0])
    with pytest.raises(ValueError, match="takes 2 inputs, got 3"):
        model.draw([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="for one input"):
        model.draw(loss=squared_error)
    with pytest.raises(ValueError, match="edges='delta'"):
        model.draw(edges="delta")
    with pytest.raises(ValueError, match="max_units=2"):
        model.draw(max_units=2)


def test_it_says_what_it_shows_in_both_themes(tmp_path):
    picture = MLP(2, [3, 1], seed=1).draw([1.0, 2.0])
    root = ET.parse(picture.to_svg(tmp_path / "network.svg")).getroot()
    assert root.get("role") == "img"
    assert root.get("aria-label").startswith("MLP(2, [3, 1]")
    assert root.find(f"{SVG}desc").text.startswith("2 inputs: 1, 2; layer 1: 3 units, relu, a = ")
    used = {*re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', picture.svg)}
    assert used <= {*style.DARK}
    assert picture._repr_svg_() == picture.pipe(encoding="utf-8")
    with pytest.raises(ValueError, match="is SVG"):
        picture.pipe("png")


def test_summary_has_every_module_its_shapes_and_the_norm_of_its_gradient():
    model = MLP(2, [3, 1], activation="tanh", seed=1)
    assert "gradient norm" not in model.summary()
    squared_error(model([1.0, -0.5]), 1.0).backward()
    rows = [re.split(r" {2,}", line) for line in model.summary().splitlines()]
    assert rows[0] == ["module", "shapes", "parameters", "gradient norm"]
    assert [row[0] for row in rows[1:]] == ["model", "layers.0", "layers.1"]
    norms = [sum(p.grad**2 for p in part.parameters()) ** 0.5 for part in (model, *model.layers)]
    assert [float(row[-1]) for row in rows[1:]] == pytest.approx(norms, rel=1e-3)
    assert rows[2][2:4] == ["weight 3 × 2, bias 3", "9"]
    assert "blocks.1.first" in Scaled().summary()
