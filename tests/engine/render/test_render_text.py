"""Any label is drawn as it was typed, by every layout program there is."""

import random
import shutil
import subprocess
import xml.etree.ElementTree as ET

import pytest

from engine import Value, primitive
from engine.render.program import _graphviz_pure

SVG = "{http://www.w3.org/2000/svg}"
PROGRAMS = [program for program in (shutil.which("dot"), _graphviz_pure()) if program]

LABELS = [
    'say "x"', "it's", "{a|b}", "a|b", "<b>", "<", ">", "</TD></TR></TABLE>", "<script>alert(1)</script>",
    "<img onerror=x>",
    "&", "&amp;", "&lt;b&gt;", "&#38;", "&#x41;", "&nbsp;", "a & b;", "]]>", "<!-- a -->", "\\", "a\\", "\\\\", "\\n",
    "\\N",
    "\\G", "\\E", "\\T", "\\H", "\\L", "\\l\\r", "x\\Ny\\G", "\\<N", '\\"', "%s {0}", "$x$", "node", "", "-4.2", "😀",
    "δˡ", "日本語", "é\u0301", "two  spaces", " ends ", "a;b", "// c", "#c", "/* c */", "a->b", "x:y:s", "'\"",
    "\u2028",
    "\u202eabc",
]  # fmt: skip


def svg_of(value, program):
    source = value.draw().source
    done = subprocess.run([program, "-Tsvg"], input=source.encode(), capture_output=True, check=True)
    return ET.fromstring(done.stdout)


def lines_of(node):
    """The lines of text in a node of an SVG, each joined from its pieces."""
    lines = {}
    for piece in node.iter(f"{SVG}text"):
        lines.setdefault(float(piece.get("y")), []).append("".join(piece.itertext()).replace("\xa0", " "))
    return lines


def label_in(svg, index):
    """What is drawn before the captions of a node."""
    node = next(group for group in svg.iter(f"{SVG}g") if group.get("id") == f"node-{index}")
    pieces = ["".join(piece.itertext()).replace("\xa0", " ") for piece in node.iter(f"{SVG}text")]
    return "".join(pieces[: pieces.index("data")])


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("label", [*LABELS, "".join(LABELS)])
def test_a_label_is_drawn_as_typed(label, program):
    assert label_in(svg_of(Value(1.0, label), program), 0) == label


@pytest.mark.parametrize("program", PROGRAMS)
def test_random_labels_are_drawn_as_typed(program):
    alphabet = "aN\\\\<>&;\"'{}|#x4 \t/[]-é😀"
    rng = random.Random(0)
    for _ in range(25):
        label = "".join(rng.choices(alphabet, k=12))
        assert label_in(svg_of(Value(1.0, label), program), 0) == label.replace("\t", "␉")


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_line_end_starts_a_new_line(ending, program):
    svg = svg_of(Value(1.0, f"above{ending}below"), program)
    node = next(group for group in svg.iter(f"{SVG}g") if group.get("id") == "node-0")
    assert [pieces[0] for y, pieces in sorted(lines_of(node).items()) if pieces[0] in ("above", "below")] == [
        "above",
        "below",
    ]


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(
    ("typed", "drawn"),
    [
        ("a\x00b", "a␀b"),
        ("\x07", "␇"),
        ("\x1b[31m", "␛[31m"),
        ("\x7f", "␡"),
        ("\ud800x", "\ufffdx"),
        ("\uffff", "\ufffd"),
    ],
)
def test_what_xml_cannot_hold_is_drawn_as_its_picture(typed, drawn, program):
    assert label_in(svg_of(Value(1.0, typed), program), 0) == drawn


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_markup_in_a_label_becomes_markup(program):
    svg = svg_of(Value(1.0, '<script>alert("x")</script><a href="javascript:1">'), program)
    assert {element.tag.removeprefix(SVG) for element in svg.iter()} <= {
        "svg",
        "g",
        "title",
        "polygon",
        "polyline",
        "text",
        "path",
    }


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_symbol_of_a_users_primitive_is_safe_too(program):
    for symbol in ('<"|&amp;\\N>', "<b>"):
        operation = primitive("x", "1", symbol=symbol)(lambda x: (x, lambda g: (g,)))
        svg = svg_of(operation(Value(1.0)), program)
        op = next(group for group in svg.iter(f"{SVG}g") if group.get("id") == "op-1")
        assert "".join(["".join(piece.itertext()) for piece in op.iter(f"{SVG}text")]) == symbol


def test_names_in_dot_never_come_from_labels():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    before = (a * b).draw().source
    a.label, b.label = "label", "rank = same"
    after = (a * b).draw().source
    assert after.replace("label</B>", "a</B>").replace("rank = same</B>", "b</B>") == before
