"""A drawing in other languages has the same nodes, numbers and arrows, and nothing in a label breaks it."""

import re
import xml.etree.ElementTree as ET

import pytest

from engine import Value, tanh
from nn import MLP, squared_error

NASTY = ['"', "<b>", "a_b^c", "50% & more", "$x$", "{", "}", "\\end{x}", "]:::leaf", "two\nlines", "#1", "ŵ¹[0]", "|"]


def graph(label="w"):
    w, x = Value(-0.5, label), Value(2.0, "x")
    y = (tanh(w * x + 1.5) ** 2).named("y")
    y.backward()
    return y


def test_graphml_has_exact_numbers_and_local_derivatives():
    y = graph()
    root = ET.fromstring(y.draw().graphml())
    space = {"g": "http://graphml.graphdrawing.org/xmlns"}
    nodes = {
        node.get("id"): {data.get("key"): data.text for data in node} for node in root.iterfind(".//g:node", space)
    }
    assert float(nodes["n0"]["data"]) == -0.5
    last = nodes[f"n{len(nodes) - 1}"]
    assert (last["label"], last["role"], float(last["data"]), float(last["grad"])) == ("y", "output", y.data, 1.0)
    edges = [
        (edge.get("source"), edge.get("target"), [data.text for data in edge])
        for edge in root.iterfind(".//g:edge", space)
    ]
    assert ("n0", "n2", ["0", "2.0"]) in edges  # d(w x)/dw = x
    assert len(edges) == 6
    assert {key.get("id") for key in root.iterfind("g:key", space)} >= {*last, "operand", "derivative"}


@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
def test_mermaid_has_a_line_for_every_node_and_arrow(direction):
    text = graph().draw(direction=direction, derivatives=True).mermaid()
    lines = text.splitlines()
    assert lines[0] == f"flowchart {direction}"
    assert '  n0["w<br/>data −0.5<br/>grad 1.454"]:::leaf' in lines
    assert sum(" -->" in line for line in lines) == 6 + 4
    assert '  n0 -->|"2"| o2' in lines
    assert '(("x<sup>2</sup>")):::op' in text


@pytest.mark.parametrize("label", NASTY)
def test_labels_break_nothing(label):
    drawing = graph(label).draw()
    plain = graph("w").draw()
    [node] = [line for line in drawing.mermaid().splitlines() if line.startswith("  n0[")]
    assert re.fullmatch(r'  n0\["[^"<>|{}\\]*(<br/>[^"<>|{}\\]*){2}"\]:::leaf', node)
    assert len(ET.fromstring(drawing.graphml())[-1]) == len(ET.fromstring(plain.graphml())[-1])
    tikz = drawing.tikz()
    assert len(tikz.splitlines()) == len(plain.tikz().splitlines())
    bare = re.sub(r"\\[{}\\$&%#_^~]", "", tikz)
    assert bare.count("{") == bare.count("}")
    assert bare.count("$") % 2 == 0
    [line] = [line for line in bare.splitlines() if "(n0) at" in line]
    assert not re.search(r"[&%#_^~]", line)


def test_tikz_places_nodes_as_the_picture_does():
    text = graph().draw(derivatives=True).tikz()
    assert text.count(r"\node[op]") == 4
    assert text.count(r"\draw[edge]") == 6 + 4
    assert r"\textbf{w}\enspace data $-$0.5" in text
    assert r"{x\textsuperscript{2}}" in text
    at = {name: float(x) for name, x in re.findall(r"\((\w+)\) at \(([-\d.]+),", text)}
    for source, target in re.findall(r"edge\] \((\w+)\) --.*? \((\w+)\);", text):
        assert at[source] < at[target]  # from left to right


def test_a_network_is_written_with_its_names():
    cost = squared_error(MLP(2, [2, 1], activation="tanh", seed=1)([1.0, -0.5]), 1.0)
    assert r"\textbf{z\textsuperscript{1}[0]}" in cost.draw().tikz()
    assert '["z¹[0]<br/>' in cost.draw().mermaid()


def test_what_is_no_graph_of_values_is_refused():
    program = MLP(1, [1], seed=1).compile(squared_error)
    program([1.0], 1.0)
    with pytest.raises(ValueError, match="only the drawing of a graph of Values"):
        program.program.draw().mermaid()
