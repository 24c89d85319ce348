"""What is drawn: elements, numbers, roles, parts; and what is refused."""

import math
import os
import re
import subprocess
import sys
import textwrap
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from engine import Value, draw, exp, primitives, sin, tanh, weighted_sum
from engine.render import svg_for_notebook, to_svg

SVG = "{http://www.w3.org/2000/svg}"


def expression():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    return (a * b + 10.0).named("c"), a, b


def groups(drawing):
    """The nodes and edges of a drawing's SVG by id: (classes, lines of text)."""
    svg = ET.fromstring(drawing.pipe(format="svg"))
    return {
        group.get("id"): (
            group.get("class").split(),
            [
                "".join(piece.itertext()).replace("\xa0", " ").replace("−", "-").strip()
                for piece in group.iter(f"{SVG}text")
            ],
        )
        for group in svg.iter(f"{SVG}g")
        if group.get("id") not in (None, "graph0")
    }


def texts(drawing):
    return {key: "".join(lines) for key, (_, lines) in groups(drawing).items()}


def test_values_and_operations_have_ids_by_their_position():
    c, _, _ = expression()
    assert texts(draw(c)) == {
        "node-0": "adata2grad", "node-1": "bdata-3grad", "node-2": "data-6grad", "op-2": "×", "node-3": "10",
        "node-4": "cdata4grad", "op-4": "+", "edge-2": "", "edge-2-0": "", "edge-2-1": "", "edge-4": "", "edge-4-0": "",
        "edge-4-1": "",
    }  # fmt: skip


def test_grad_is_blank_until_a_backward_pass_and_zero_when_it_is_zero():
    c, a, _ = expression()
    assert texts(draw(c))["node-0"] == "adata2grad"
    c.backward()
    assert texts(draw(c))["node-0"] == "adata2grad-3"
    a.grad = 0.0
    assert texts(draw(c))["node-0"] == "adata2grad0"


def test_roles_differ_in_more_than_colour():
    c, a, _ = expression()
    drawn = groups(draw(c, params={"w": a}))
    assert [drawn[f"node-{i}"][0][-1] for i in range(5)] == ["parameter", "leaf", "inner", "constant", "output"]
    source = draw(c, params={"w": a}).source
    lines = [line for line in source.splitlines() if "id=node-" in line or 'id="node-' in line]
    shapes = [tuple(word in line for word in ("note", "rounded", "plain", "peripheries")) for line in lines]
    assert len({shapes[i] for i in (0, 3, 4)}) == 3
    leaf, inner = lines[1], lines[2]
    assert "style=filled" in leaf
    assert "style=" not in inner  # square corners; inner ones are rounded by default


def test_a_parameter_without_a_label_gets_its_name():
    w = Value(0.5)
    assert texts(draw(w * 2.0, params={"w11": w}))["node-0"] == "w11data0.5grad"


def test_number_format():
    assert texts(draw(Value(1 / 3), number_format=".2f"))["node-0"] == "data0.33grad"


@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
def test_direction(direction):
    assert f"rankdir={direction}" in draw(expression()[0], direction=direction).source


def test_an_operand_used_twice_is_two_edges():
    a = Value(3.0)
    assert {"edge-1-0", "edge-1-1"} <= texts(draw(a * a)).keys()


def test_local_derivatives_are_on_the_edges():
    x = Value(0.7)
    edges = texts(draw(sin(x) * exp(x), derivatives=True, number_format=".10g"))
    assert float(edges["edge-1-0"]) == pytest.approx(math.cos(0.7))
    assert float(edges["edge-2-0"]) == pytest.approx(math.exp(0.7))
    assert float(edges["edge-3-0"]) == pytest.approx(math.exp(0.7))
    assert float(edges["edge-3-1"]) == pytest.approx(math.sin(0.7))


def test_adjoints_add_up_at_a_fan_out_and_no_grad_is_touched():
    a = Value(3.0, "a")
    y = a * a + a * 2.0  # dy/da = 2a + 2 = 8
    drawn = texts(draw(y, adjoint="only"))
    assert drawn["adjoint-node-0"] == "aadjoint2 + 3 + 3 =8"
    assert drawn["adjoint-edge-1-0"] == "1 × 3 =3"
    assert a._grad is None


def test_arrows_of_the_adjoint_graph_are_reversed():
    edges = [line for line in draw(expression()[0], adjoint="only").source.splitlines() if "->" in line]
    assert len(edges) == 5
    assert all("dir=back" in line for line in edges)


def test_beside_has_both_graphs():
    c = expression()[0]
    both, forward, adjoint = (texts(draw(c, adjoint=how)) for how in ("beside", None, "only"))
    assert {key: text for key, text in both.items() if not key.startswith("clust")} == {**forward, **adjoint}


def test_expanding_draws_products_and_their_sum():
    w, x, b = [Value(0.5, "w1"), Value(-1.0, "w2")], [Value(2.0, "x1"), Value(4.0, "x2")], Value(0.25, "b")
    z = weighted_sum(w, x, b).named("z")
    tanh(z).backward()
    z.backward()
    drawn = texts(draw(z, expand=True, derivatives=True))
    assert sorted(text for key, text in drawn.items() if key.startswith("op-")) == ["×", "×", "Σ"]
    assert sorted(text for key, text in drawn.items() if text.startswith("data")) == ["data-4grad1", "data1grad1"]
    product = next(key.split("-")[1] for key, text in drawn.items() if text == "data-4grad1")
    assert (drawn[f"edge-{product}-0"], drawn[f"edge-{product}-1"]) == ("4", "-1")
    adjoint = texts(draw(z, expand=True, adjoint="only"))
    assert {"w2adjoint4", "x2adjoint-1", "badjoint1"} <= set(adjoint.values())


def test_several_outputs_are_one_graph():
    a = Value(2.0, "a")
    drawn = groups(draw([a * 3.0, a + 1.0]))
    assert [classes[-1] for key, (classes, _) in drawn.items() if key.startswith("node")].count("output") == 2


def test_depth_leaves_dashes_where_it_cuts():
    a = Value(2.0, "a")
    b = tanh(a)
    drawing = draw(tanh(b), depth=1)
    assert {key for key in texts(drawing) if key.startswith("node")} == {"node-0", "node-1"}
    assert texts(drawing)["before-0"] == "…"
    assert "…" not in draw(tanh(b), depth=2).source


class Layer:
    def __init__(self, *parameters):
        self._parameters = parameters

    def parameters(self):
        return list(self._parameters)


def test_a_module_is_drawn_with_its_operands_and_nothing_else():
    x, w1, w2 = Value(1.0, "x"), Value(2.0, "w1"), Value(3.0, "w2")
    hidden = tanh(w1 * (x + 1.0).named("input")).named("hidden")
    loss = ((w2 * hidden).named("output") - 1.0) ** 2
    first = texts(draw(loss, module=Layer(w1))).values()
    assert {text.partition("data")[0] for text in first if "data" in text} == {"w1", "input", "", "hidden"}
    second = texts(draw(loss, module=Layer(w2))).values()
    assert {text.partition("data")[0] for text in second if "data" in text} == {"w2", "hidden", "output", ""}


def test_a_module_that_is_not_in_the_graph_is_refused():
    with pytest.raises(ValueError, match="none of the 1 parameters of Layer is in this graph"):
        draw(expression()[0], module=Layer(Value(1.0)))
    with pytest.raises(TypeError, match=r"parameters\(\)"):
        draw(expression()[0], module=3)


def test_too_many_nodes_are_refused_with_their_number():
    v = Value(1.0)
    for _ in range(600):
        v = tanh(v)
    with pytest.raises(ValueError, match=r"601 nodes .* depth=.* module=.* max_nodes=601"):
        draw(v)
    assert len(draw(v, depth=3).source) < 10_000


@pytest.mark.usefixtures("untraced")
def test_a_chain_of_a_million_nodes_is_refused_and_a_part_of_it_drawn():
    v = Value(1.0)
    for _ in range(1_000_000):
        v = -v
    start = time.perf_counter()
    with pytest.raises(ValueError, match="1,000,001 nodes"):
        draw(v)
    assert svg_for_notebook(v) is None
    assert time.perf_counter() - start < 10
    assert "node-3" in draw(v, depth=3).source


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(TypeError, match=r"3\.0 of type float"):
        draw([Value(1.0), 3.0])
    with pytest.raises(ValueError, match="no Values"):
        draw([])
    with pytest.raises(ValueError, match=r"direction='up'.*'LR'"):
        draw(Value(1.0), direction="up")
    with pytest.raises(ValueError, match=r"adjoint='both'.*'beside'"):
        draw(Value(1.0), adjoint="both")
    with pytest.raises(ValueError, match="format"):
        draw(Value(1.0), number_format="no")
    with pytest.raises(ValueError, match="depth=-1"):
        draw(Value(1.0), depth=-1)


def test_the_same_graph_gives_the_same_bytes():
    one, other = (draw(expression()[0], adjoint="beside") for _ in range(2))
    assert one.source == other.source
    assert one.pipe() == other.pipe()


def test_infinities_and_nan_are_drawn():
    drawn = texts(draw(Value(float("inf")) - float("inf"), derivatives=True))
    assert {"datainfgrad", "inf", "datanangrad"} <= set(drawn.values())


@pytest.mark.parametrize("name", ["relu", "abs", "logsumexp", "norm2", "where", "maximum", "dot"])
def test_every_kind_of_operation_is_drawn(name):
    y = getattr(primitives, name)(*[Value(float(k + 1)) for k in range({"relu": 1, "abs": 1, "where": 3}.get(name, 2))])
    assert getattr(primitives, name).symbol in texts(draw(y, adjoint="beside", derivatives=True, expand=False)).values()


def test_500_nodes_are_drawn_within_seconds():
    values = [Value(0.5)]
    for k in range(165):
        values.append(values[-1] * values[(k * 7919) % len(values)] + 0.1)
    start = time.perf_counter()
    assert values[-1].draw().pipe(format="svg").startswith(b"<?xml")
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize("name", ["graph", "graph.1", "graph.SVG", "png"])
def test_to_svg_under_any_name_that_is_no_other_formats(tmp_path, name):
    assert ET.parse(to_svg(expression()[0], tmp_path / name)).getroot().tag == f"{SVG}svg"


@pytest.mark.parametrize("suffix", ["png", "jpg", "PNG"])
def test_another_format_is_written_as_to_svg_says(tmp_path, suffix, monkeypatch):
    monkeypatch.chdir(tmp_path)
    v = expression()[0]
    with pytest.raises(ValueError, match="the name of another format") as caught:
        v.to_svg(f"graph.{suffix}")
    assert not [*tmp_path.iterdir()]
    eval(str(caught.value).partition(" with ")[2], {"v": v})
    assert [file.name for file in tmp_path.iterdir()] == [f"graph.{suffix}"]
    assert b"<svg" not in (tmp_path / f"graph.{suffix}").read_bytes()


def test_a_drawing_says_what_it_is_and_its_text_is_the_source():
    drawing = expression()[0].draw()
    assert re.fullmatch(r"<Drawing, \d+ lines of DOT: .*\.render\(.*>", repr(drawing))
    assert len(repr(drawing)) < 120
    assert repr((expression()[0] * 2).draw().copy()).startswith("<Drawing, ")
    assert drawing.source == "".join(drawing)
    assert str(drawing).startswith(drawing.source)
    assert ".view()" in str(drawing).splitlines()[-1]


def test_to_svg_writes_a_whole_file_and_returns_its_path(tmp_path):
    path = tmp_path / "graph.svg"
    assert to_svg(expression()[0], path) == str(path)
    assert ET.parse(path).getroot().tag == f"{SVG}svg"
    assert [file.name for file in tmp_path.iterdir()] == ["graph.svg"]
    with pytest.raises(OSError, match="missing"):
        to_svg(expression()[0], tmp_path / "missing" / "graph.svg")


def test_a_notebook_shows_a_graph_but_not_a_leaf():
    c, a, _ = expression()
    assert "<svg" in c._repr_svg_()
    assert a._repr_svg_() is None
    assert "<svg" in c.draw()._repr_mimebundle_()["image/svg+xml"]


def test_without_the_graphviz_package_the_error_says_what_to_install(monkeypatch):
    for module in [
        name for name in sys.modules if name.startswith(("graphviz", "engine.render.d", "engine.render.layout"))
    ]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(ImportError, match="needs the package graphviz: pip install graphviz"):
        draw(expression()[0])
    assert svg_for_notebook(expression()[0]) is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("x = 1", "graphviz.backend'; 'graphviz' is not a package; is a file of your own called graphviz.py?"),
        ("import no_such_library", "No module named 'no_such_library'"),
        ("raise ImportError('libgvc.so: no such file')", "libgvc.so: no such file"),
    ],
)
def test_a_graphviz_package_that_does_not_work_is_not_called_missing(tmp_path, content, said):
    (tmp_path / "graphviz.py").write_text(content)
    program = """
        from engine import Value
        y = Value(1.0) * 2.0
        print(y._repr_svg_())
        for act in (y.draw, lambda: y.walkthrough("page.html")):
            try:
                act()
            except ImportError as error:
                print(error)
    """
    run = [sys.executable, "-c", textwrap.dedent(program)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(__file__).parents[3])])}
    notebook, *errors = subprocess.check_output(run, cwd=tmp_path, env=environment, text=True).splitlines()
    assert notebook == "None"
    assert len(errors) == 2
    for error in errors:
        assert error.startswith("drawing needs the package graphviz, which is there but cannot be imported: ")
        assert said in error


def test_an_svg_takes_nothing_from_its_page_and_needs_no_font():
    y = tanh(Value(2.0, "w") * 3.0).named("y")
    for options in ({}, {"adjoint": "beside", "derivatives": True}):
        svg = y.draw(**options).pipe(encoding="utf-8")
        root = ET.fromstring(svg)
        assert {"direction:ltr", "letter-spacing:normal", "text-transform:none"} <= {*root.get("style").split(";")}
        families = {text.get("font-family") for text in root.iter(f"{SVG}text")}
        assert families == {"Arial,Helvetica,Liberation Sans,Arimo,Nimbus Sans,sans-serif"}
