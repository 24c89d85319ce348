"""The page as a file: what it holds, what it refuses, and its colours."""

import base64
import hashlib
import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from engine import Value, exp, explain, primitive, tanh, weighted_sum
from engine.render.walkthrough import walkthrough
from engine.render.walkthrough.page import _file
from engine.render.web_page import script_json, theme
from nn import MLP

HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>\"'&\N{PARTY POPPER}"


class Page(HTMLParser):
    """The elements of a page and the text of its scripts."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.scripts, self.attributes = [], {}, []
        self._script = None
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "script":
            self._script = dict(attrs).get("type")

    def handle_data(self, data):
        if self._script:
            self.scripts[self._script] = self.scripts.get(self._script, "") + data

    def handle_endtag(self, tag):
        if tag == "script":
            self._script = None

    @property
    def graph(self):
        return json.loads(self.scripts["application/json"])


def expression():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    return (a * b + a).named("L")


@pytest.fixture
def page(tmp_path):
    return lambda value, **options: Page(Path(value.walkthrough(tmp_path / "page.html", **options)))


def test_it_is_one_file_that_needs_no_other(page):
    written = page(expression())
    assert not {"iframe", "object", "embed", "img", "image", "base"} & {*written.tags}
    assert [value for name, value in written.attributes if name in ("src", "href")] == ["data:,"]
    addresses = set(re.findall(r"https?://[\w./]+", written.text))
    assert addresses == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}  # names, not places
    assert "default-src 'none'" in written.text
    assert "@import" not in written.text
    assert "url(" not in written.text.replace('url("#head")', "")


def test_only_its_own_script_may_run(page):
    written = page(expression())
    digest = base64.b64encode(hashlib.sha256(written.scripts["module"].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in written.text


def test_the_path_is_returned_and_the_file_replaced(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("something else", encoding="utf-8")
    assert expression().walkthrough(path) == str(path)
    assert "Step through the gradient of L" in path.read_text(encoding="utf-8")
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]


def test_the_numbers_are_the_engines(page):
    y = tanh(exp(expression()) * 0.1)
    graph = page(y).graph
    y.backward()
    order = {node["name"]: node for node in graph["nodes"]}
    a, b = y.parents[0].parents[0].parents[0].parents[0].parents
    assert (order["a"]["value"], order["a"]["adjoint"]) == (2.0, a.grad)
    assert (order["b"]["value"], order["b"]["adjoint"]) == (-3.0, b.grad)
    assert graph["nodes"][-1]["adjoint"] == 1.0
    assert graph["editable"]
    assert graph["note"] == ""


def test_no_gradient_is_touched(page):
    y = expression()
    y.backward()
    before = [node.grad for node in (y, *y.parents, *y.parents[0].parents)]
    page(y)
    assert [node.grad for node in (y, *y.parents, *y.parents[0].parents)] == before


def test_numbers_that_json_lacks():
    kept = json.loads(script_json([math.inf, -math.inf, math.nan, -0.0, 0.1]))
    assert kept[:3] == [{"number": "inf"}, {"number": "-inf"}, {"number": "nan"}]
    assert math.copysign(1.0, kept[3]) == -1.0
    assert kept[4] == 0.1


def test_labels_stay_text(page):
    written = page((Value(1.0, HOSTILE) * 2.0).named(HOSTILE))
    plain = page((Value(1.0, "x") * 2.0).named("y"))
    assert written.tags == plain.tags
    assert not [name for name, _ in written.attributes if name.startswith("on")]
    assert written.graph["nodes"][0]["name"] == HOSTILE
    assert written.graph["output"] == f"{HOSTILE}#2"  # told apart


def test_labels_that_are_no_text(page):
    graph = page((Value(1.0, "nul \x00 half \ud800") * 2.0).named("\ud800\n\x1b")).graph
    assert graph["nodes"][0]["name"] == "nul ␀ half \ufffd"


def test_names_are_those_of_explain(page):
    w, x, b = Value(-0.5, "w"), Value(2.0), Value(1.5, "w")
    y = tanh(w * x + b)
    names = [node["name"] for node in page(y).graph["nodes"]]
    assert names == ["w", "v1", "v2", "w#2", "v3", "y"]
    assert "w → v2 → v3 → y" in str(explain(y, w))
    assert "w#2 → v3 → y" in str(explain(y, b))


def test_a_constant_is_called_by_its_number(page):
    assert [node["name"] for node in page(Value(1.0) * 2.5).graph["nodes"]] == ["v1", "2.5", "y"]


def test_an_output_that_is_not_shown_has_its_name(page):
    model = MLP(2, [2, 1], seed=0)
    y = model([1.0, 2.0]) ** 2
    graph = page(y, module=model.layers[0]).graph
    assert graph["output"] == "y"
    assert "y" not in [node["name"] for node in graph["nodes"]]


def test_rules_are_written_once_for_each_number_of_operands(page):
    x = [Value(float(k)) for k in range(3)]
    y = weighted_sum(x[:1], x[:1], 1.0) + weighted_sum(x[1:], x[:2], 1.0) + weighted_sum(x[:2], x[1:], 1.0)
    source = page(y).scripts["module"]
    rules = source[source.index("const rules = [") : source.index(_file("page.js"))]
    assert rules.count("ieee.weighted_sum") == 2
    assert rules.count("x0 + x1") == 1


def test_a_part_cannot_be_edited_and_says_so(page):
    y = tanh(expression()).named("y")
    graph = page(y, depth=1).graph
    assert [node["name"] for node in graph["nodes"]] == ["L", "y"]
    assert graph["nodes"][0]["operands"] == [None, None]
    assert not graph["editable"]
    assert "part of a larger graph" in graph["note"]


def test_a_module_of_a_network(page):
    model = MLP(2, [2, 1], seed=0)
    loss = (model([Value(1.0, "x1"), Value(0.5, "x2")]) ** 2).named("C")
    graph = page(loss, module=model.layers[0]).graph
    names = [node["name"] for node in graph["nodes"]]
    assert "C" not in names
    assert {parameter.label for parameter in model.layers[0].parameters()} <= {*names}
    assert any(node["unseenUses"] for node in graph["nodes"])


def test_a_primitive_that_the_page_cannot_compute_is_named(page):
    @primitive
    def own_exp(x):
        return math.exp(x), lambda g: (g * math.exp(x),)

    graph = page(own_exp(own_exp(Value(0.5, "x")) * 2.0)).graph
    assert not graph["editable"]
    assert graph["note"].count("own_exp") == 1


def test_a_leaf_that_was_changed_is_told(page):
    y = expression()
    y.parents[1].data = 5.0
    graph = page(y).graph
    assert graph["note"].startswith("A leaf was changed")
    assert graph["editable"]
    assert graph["nodes"][-1]["value"] == -4.0


def test_weighted_sums_expanded(page):
    w, x = [Value(2.0, "w1"), Value(3.0, "w2")], [Value(4.0, "x1"), Value(5.0, "x2")]
    graph = page(weighted_sum(w, x, Value(1.0, "b")).named("z"), expand=True).graph
    assert [node.get("symbol") for node in graph["nodes"]].count("×") == 2
    assert graph["nodes"][-1]["symbol"] == "Σ"
    assert graph["note"] == ""
    assert {node["name"]: node["adjoint"] for node in graph["nodes"]}["w2"] == 5.0


def test_a_leaf_alone(page):
    assert page(Value(2.0, "x")).graph["nodes"][0]["adjoint"] == 1.0


def test_what_is_too_large_is_refused_with_the_way_out(tmp_path):
    y = Value(0.0)
    for _ in range(300):
        y = y + 1.0
    with pytest.raises(ValueError, match=r"601 nodes are too many .*max_nodes=500.*depth=.*module="):
        y.walkthrough(tmp_path / "page.html")
    assert not list(tmp_path.iterdir())
    assert y.walkthrough(tmp_path / "page.html", depth=3)


def test_mistakes_are_told(tmp_path):
    with pytest.raises(ValueError, match="direction='up'"):
        expression().walkthrough(tmp_path / "page.html", direction="up")
    with pytest.raises(TypeError, match=r"walkthrough of a Value: got 2\.0"):
        walkthrough(2.0, tmp_path / "page.html")
    with pytest.raises(FileNotFoundError, match=r"missing.page\.html'$"):  # not a name with .tmp behind it
        expression().walkthrough(tmp_path / "missing" / "page.html")


# Colours


def themes():
    """The colours of the light theme and of the dark one, by name."""
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", theme())
    return {"light": {name: light for name, light, _ in found}, "dark": {name: dark for name, _, dark in found}}


def luminance(colour):
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_the_contrast_of_level_aa(theme):
    colours = themes()[theme]
    pairs = [
        *[(text, paper) for text in ("ink", "quiet", "forward", "adjoint") for paper in ("page", "paper")],
        *[("ink", paper) for paper in ("operation", "forward-paper", "adjoint-paper")],
        ("paper", "forward"), ("paper", "adjoint"),  # an operation that is lit, the play button
        ("forward", "forward-paper"), ("adjoint", "adjoint-paper"), ("adjoint", "forward-paper"),
    ]  # fmt: skip
    low = [(text, paper) for text, paper in pairs if contrast(colours[text], colours[paper]) < 4.5]
    assert not low
    lines = [(line, paper) for line in ("line", "forward", "adjoint-line") for paper in ("page", "paper")]
    assert not [pair for pair in lines if contrast(*[colours[name] for name in pair]) < 3.0]
