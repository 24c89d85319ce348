"""What is marked in a drawing: old numbers, and what differs from another graph."""

import xml.etree.ElementTree as ET

import pytest

from engine import Value, explain, sin, tanh

SVG = "{http://www.w3.org/2000/svg}"


def groups(drawing):
    """The classes of each node, and its title, by id."""
    found = {}
    for group in ET.fromstring(drawing.pipe()).iter(f"{SVG}g"):
        identity = group.get("id") or ""
        assert identity not in found or not identity
        title = group.find(f"{SVG}title")
        found[identity] = ({*(group.get("class") or "").split()}, "" if title is None else title.text)
    return found


def marked(drawing, mark):
    return {identity for identity, (classes, _) in groups(drawing).items() if mark in classes}


def build(b=-3.0, f=tanh, name="y"):
    a, b = Value(2.0, "a"), Value(b, "b")
    return (a * b + f(a)).named(name), a, b


def test_every_node_with_an_old_number_is_marked():
    y, _, b = build()
    assert marked(y.draw(), "old") == set()
    b.data = 1.0
    drawing = y.draw()
    old = marked(drawing, "old")
    titles = [groups(drawing)[identity][1] for identity in old]
    assert sorted(title.split(" = ")[0] for title in titles) == ["value", "y"]  # a*b and y, not tanh(a)
    assert all("old: a leaf has changed since" in title for title in titles)
    assert "old numbers" in ET.fromstring(drawing.pipe()).find(f"{SVG}desc").text
    assert "old numbers" in "".join(ET.fromstring(y.draw(adjoint="beside").pipe()).itertext())
    assert "old numbers" in y.tree(width=200)
    with pytest.raises(RuntimeError, match="old numbers"):
        explain(y, b)
    y.forward()
    assert marked(y.draw(), "old") == set()
    assert explain(y, b).derivative == 2.0


def test_the_same_graph_twice_has_nothing_marked():
    assert marked(build()[0].draw(beside=build()[0]), "differs") == set()


def test_what_differs_is_marked_in_both_graphs():
    drawing = build()[0].draw(beside=build(b=4.0)[0])
    titles = sorted(groups(drawing)[identity][1] for identity in marked(drawing, "differs"))
    assert [title.split(" (")[0] for title in titles] == sorted(
        ["b = −3", "b = 4", "value = −6", "value = 8", "y = −5.036", "y = 8.964"]
    )
    root = ET.fromstring(drawing.pipe())
    assert root.get("aria-label") == "Two computation graphs, 6 of 10 nodes differ"


@pytest.mark.parametrize("other", [build(f=sin)[0], build(name="z")[0], (build()[0] * 2.0).named("y")])
def test_operations_names_and_shapes_are_compared(other):
    assert marked(build()[0].draw(beside=other), "differs")


def test_beside_another_graph_there_are_no_adjoints():
    with pytest.raises(ValueError, match="adjoint='only'"):
        build()[0].draw(beside=build()[0], adjoint="only")
    with pytest.raises(TypeError, match="draw a Value"):
        build()[0].draw(beside=3.0)
