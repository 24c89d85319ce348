"""Any label is drawn as it was typed, by every layout program there is."""

import json
import random
import re
import shutil
import subprocess
import unicodedata
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import engine
from engine import Value, primitive
from engine.render.layout_program import _graphviz_pure

SVG = "{http://www.w3.org/2000/svg}"
PROGRAMS = [program for program in (shutil.which("dot"), _graphviz_pure()) if program]

LABELS = [
    'say "x"', "it's", "{a|b}", "a|b", "<b>", "<", ">", "</TD></TR></TABLE>", "<script>alert(1)</script>",
    "<img onerror=x>",
    "&", "&amp;", "&lt;b&gt;", "&#38;", "&#x41;", "&nbsp;", "a & b;", "]]>", "<!-- a -->", "\\", "a\\", "\\\\", "\\n",
    "\\N",
    "\\G", "\\E", "\\T", "\\H", "\\L", "\\l\\r", "x\\Ny\\G", "\\<N", '\\"', "%s {0}", "$x$", "node", "", "-4.2", "😀",
    "δˡ", "日本語", "é\u0301", "two  spaces", " ends ", "a;b", "// c", "#c", "/* c */", "a->b", "x:y:s", "'\"",
    "क्\u200dष", "می\u200cخواهم", "👩\u200d🔬", "e\u2003m", "\ue000 of a private font", "x" * 120,
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
@pytest.mark.parametrize("label", [*LABELS, *["".join(LABELS)[k : k + 120] for k in range(0, 350, 90)]])
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
        (" ", "␣"),
        ("\u2003", r"\u2003"),
        ("\u202e", r"\u202e"),
        ("\r\n", "␍␊"),
        ("\x85\x0b", r"\x85␋"),
        ("\u202eabc", r"\u202eabc"),  # turns the text round
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),  # hides in it
        ("a\x9b31m", r"a\x9b31m"),  # the other control characters
        ("a\u2028b\u2029", r"a\u2028b\u2029"),
        ("\u200d\u200c", r"\u200d\u200c"),
        ("x" * 121, "x" * 119 + "…"),
        ("x" * 1_000_000, "x" * 119 + "…"),
        ("e\u0301" * 100, "e\u0301" * 59 + "…"),  # no accent is parted from its letter
        ("\x00" * 1000, "␀" * 120),
    ],
    ids=lambda text: ascii(text[:20]),  # pytest puts the id into the environment of layout programs
)
def test_what_could_not_be_seen_is_drawn_as_its_picture(typed, drawn, program):
    assert label_in(svg_of(Value(1.0, typed), program), 0) == drawn


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_label_of_many_lines_has_only_the_first(program):
    assert label_in(svg_of(Value(1.0, "1\n2\n3\n4\n5\n6\n7\n8"), program), 0) == "12345678"
    assert label_in(svg_of(Value(1.0, "ab\n" * 100), program), 0) == "ab" * 7 + "…"


def blanks_and_controls():
    """Every character that leaves nothing to be seen: blanks, controls, marks of direction, halves of characters."""
    for code in [*range(0x3100), *range(0xD7FF, 0xDBFF, 0x100), 0xFEFF, 0xFFFE, 0xFFFF, 0xE0001]:
        if chr(code).isspace() or unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs"):
            yield chr(code)


def test_a_label_that_would_vanish_shows_in_picture_and_page_alike(tmp_path):
    labels = [*blanks_and_controls(), "   ", "\n \n", "\u200b" * 3]
    assert len(labels) > 100
    values = [Value(1.0, label) for label in labels]
    svg = svg_of(engine.sum(values), PROGRAMS[0])
    drawn = [label_in(svg, k) for k in range(len(labels))]
    assert all(any(c.isprintable() and not c.isspace() for c in label) for label in drawn)
    page = Path(engine.sum(values).walkthrough(tmp_path / "page.html")).read_text(encoding="utf-8")
    [graph] = re.findall(r'<script[^>]*id="graph"[^>]*>(.*?)</script>', page, flags=re.DOTALL)
    assert [node["name"].partition("#")[0] for node in json.loads(graph)["nodes"]] == [*drawn, "y"]


@pytest.mark.parametrize("label", [" ", "\x0b", "\x85", "a\n \nb", "\x00", "\ud800", "\u202e", "😀", "x" * 100_000])
@pytest.mark.parametrize("program", PROGRAMS)
def test_any_label_goes_through_every_layout(label, program, tmp_path):
    y = (Value(1.0, label) * Value(2.0, label)).named(label)
    assert svg_of(y, program) is not None
    assert y.draw(adjoint="beside", derivatives=True).pipe()
    assert y.walkthrough(tmp_path / "page.html")
    assert y.tree()
    assert str(engine.explain(y, y.parents[0]))


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


def without_widths(source):
    return re.sub(r' WIDTH="\d+"', "", source)


def test_names_in_dot_never_come_from_labels():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    before = without_widths((a * b).draw().source)
    a.label, b.label = "label", "rank = same"
    after = without_widths((a * b).draw().source)
    assert after.replace("label</B>", "a</B>").replace("rank = same</B>", "b</B>") == before
