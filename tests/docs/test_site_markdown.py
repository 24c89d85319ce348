"""From Markdown to HTML, and the running of snippets, without a browser and without anything fetched."""

import json
import re
from pathlib import Path

import pytest

from docs.site import curves, notebook, snippets
from docs.site.maps import Attention, Valley, contour
from docs.site.markdown import COMPUTED, FENCE, Page, SnippetError
from docs.site.mathematics import adjusted

ROOT = Path(__file__).parents[2]


def page(text, run=True):
    return Page(text, "page", lambda formula, display: f"<math>{formula}|{display}</math>", known, run)


def known(target):
    return {"there.md": "there.html"}.get(target)


def test_blocks():
    made = page(
        "# A title\n\nSome *words* and `x < y`,\non two lines.\n\n- one\n- two\n  lines\n\n## Part two\n\n1. a\n"
    )
    assert made.title == "A title"
    assert "<p>Some <em>words</em> and <code>x &lt; y</code>, on two lines.</p>" in made.body
    assert "<ul><li>one</li><li>two lines</li></ul>" in made.body
    assert '<h2 id="part-two">Part two</h2>' in made.body
    assert "<ol><li>a</li></ol>" in made.body


def test_mathematics_and_stars_in_it():
    assert "<p>of <math>a*b*c|False</math></p>" in page("of $a*b*c$").body
    assert "<math>\\frac{1}{2}|True</math>" in page("see\n\n$$\\frac{1}{2}$$\n\nthere").body


def test_a_link_to_what_is_no_page_is_its_words():
    assert page("[a](there.md) and [b](engine/value.py)").body == '<p><a href="there.html">a</a> and b</p>'


def test_html_in_the_text_stays_text():
    assert "<script>" not in page("# <script>\n\na <script> `<script>`\n\n```\n<script>\n```\n").body


def test_numbers_are_computed_with_what_stands_before_them():
    text = "```python\nx = 2\n```\n\n{{ x + 1 }}\n\n```python\nx = 10\n```\n\n{{ x + 1 }}\n"
    assert "<p>3</p>" in page(text).body
    assert "<p>11</p>" in page(text).body
    assert "{{ x + 1 }}" in page(text, run=False).body


NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")


@pytest.mark.parametrize("path", sorted((ROOT / "docs/course").glob("*.md")), ids=lambda path: path.stem)
def test_numbers_of_a_chapter_are_computed_or_stand_in_a_snippet(path):
    text = path.read_text(encoding="utf-8")
    given = {number for fence in FENCE.finditer(text) for number in NUMBER.findall(fence[2])}
    prose = COMPUTED.sub("", FENCE.sub("", text))
    for aside in (r"^Now you: .*$", r"`[^`]*`", r"\]\([^)]*\)", r"(10\^|[_^])\{[^}]*\}"):
        prose = re.sub(aside, "", prose, flags=re.MULTILINE)
    written = [number for number in NUMBER.findall(prose) if "." in number or len(number) > 1]
    assert [number for number in written if number not in given] == []


def test_a_snippet_that_raises_ends_the_build():
    with pytest.raises(SnippetError, match="ZeroDivisionError"):
        page("```python\n1 / 0\n```\n")


def test_a_picture_of_curves_is_shown_alone():
    made = page(
        "```picture\nfrom docs.site.curves import Curves\n"
        "Curves({'x²': lambda x: x**2}, (-2, 2), (-1, 4), tangents=[1], points=[(1, 1, 'slope 2', 'right')],"
        "title='T')\n```\n"
    )
    assert made.body.strip().startswith('<div class="picture whole" tabindex="0"><svg')
    assert "slope 2</text>" in made.body
    assert "Curves object" not in made.body


def test_the_slope_of_a_curve():
    assert curves.slope_of(lambda x: x**3, 2.0) == 12
    assert curves.value_of(lambda x: 5, 2.0) == 5


def test_a_contour_is_where_the_height_is():
    heights = [[float(x * x + y * y) for x in range(-5, 6)] for y in range(-5, 6)]
    ends = [end for piece in contour(heights, 9.5) for end in piece]
    assert len(ends) > 30
    assert all(abs((x - 5) ** 2 + (y - 5) ** 2 - 9.5) < 0.5 for x, y in ends)


def test_maps():
    valley = Valley(
        lambda w, b: w * w + b, (-1, 1, "w"), (-1, 1, "b"), levels=[0.5], paths={"down": [(0, 0)]}, title="V"
    )
    assert "down</text>" in valley._repr_svg_()
    seen = Attention([[[1.0, 0.0], [0.25, 0.75]]], "ab", "A")._repr_svg_()
    assert seen.count("<rect") == 1 + 2 * 3  # three cells with a square each, on paper


def test_signs_and_primes_of_formulas():
    assert adjusted("<mo>(</mo><mo>−</mo><mn>1</mn>") == '<mo>(</mo><mo form="prefix">−</mo><mn>1</mn>'
    assert adjusted("<mi>a</mi><mo>−</mo><mn>1</mn>") == "<mi>a</mi><mo>−</mo><mn>1</mn>"
    prime = '<mo mathvariant="normal">′</mo>'
    for primes, written in ((prime, "′"), (f"<mrow>{prime}{prime}</mrow>", "′′")):
        made = adjusted(f"<msup><mi>f</mi>{primes}</msup>")
        assert made == f'<mrow><mi>f</mi><mo lspace="0em" rspace="0em">{written}</mo></mrow>'


def test_what_a_snippet_shows():
    assert snippets.run("print('a')\n1 + 1", {}) == [{"kind": "text", "text": "a\n"}, {"kind": "text", "text": "2\n"}]
    assert snippets.run("x = 1", {}) == []
    assert snippets.run("None", {}) == []
    value, picture = snippets.run("from engine import Value\nValue(2.0, 'a') * 3", {})
    assert value["text"] == "Value(data=6)\n"
    assert picture["kind"] == "svg"


def test_an_error_names_the_line():
    [error] = snippets.run("x = 1\n\nx / 0", {})
    assert error == {"kind": "error", "text": "line 3: x / 0\nZeroDivisionError: division by zero\n"}
    [error] = snippets.run("x = = 1", {})
    assert "SyntaxError" in error["text"]


def test_the_playground_differentiates_what_was_not():
    code = "a = Value(3.0, 'a')\ny = (a * a).named('y')\n{}y"
    once = [*snippets.playground(code.format(""))]
    assert [output["kind"] for output in once] == ["text", "svg", "gradients", "explanation", "steps"]
    assert once[2]["text"] == "∂y/∂a = 6\n"
    assert "a.grad is the same" in once[3]["text"]
    assert "grad=6" in next(snippets.playground(code.format("y.backward()\n") + "\na"))["text"]


def test_the_playground_knows_the_names_of_both_packages():
    assert next(snippets.playground("MLP(1, [1], seed=0)"))["text"].startswith("MLP(1, [1])")
    assert "MLP" not in snippets._names_of("MLP = 3\nMLP + 1")
    assert [output["kind"] for output in snippets.playground("1 +")] == ["error"]


def test_a_notebook_is_a_page(tmp_path):
    cells = [
        ("markdown", "# A tour\n\nOf *it*.", [], []),
        ("code", "from engine import Value\ny = Value(2.0, 'a') * 3\ny", [], []),
        ("code", "y.walkthrough()", [], []),
        (
            "code",
            "import numpy\nplot('<')",
            ["not-in-browser"],
            [{"data": {"image/png": "QQ==", "text/plain": "a plot"}}],
        ),
        ("code", "print(1)", ["not-in-browser"], [{"text": ["1 <", " 2"]}]),
    ]
    made_of = {
        "cells": [
            {"cell_type": kind, "source": [source], "metadata": {"tags": tags}, "outputs": outputs}
            for kind, source, tags, outputs in cells
        ]
    }
    path = tmp_path / "tour.ipynb"
    path.write_text(json.dumps(made_of), encoding="utf-8")
    made = page(notebook.blocks(path))
    assert made.title == "A tour"
    assert made.body.count('class="snippet"') == 1
    assert [*made.embedded] == ["page-1.html"]
    picture = '<img alt="What is drawn by plot(&#x27;&lt;&#x27;)" src="data:image/png;base64,QQ==">'
    assert picture in made.body
    assert '<pre class="text" tabindex="0">1 &lt; 2</pre>' in made.body


def test_pages_put_into_a_page_are_files_of_their_own():
    made = page(
        "```python\nfrom engine import Value\nfrom nn import MLP\ny = Value(2.0, 'a') * 3\nmodel = MLP(1, [1])\n```\n\n"
        '```steps\ny\n```\n\n```playground\nmodel, [([1.0], 2.0), ([0.0], 0.0)], title="A line"\n```\n'
    )
    assert [*made.embedded] == ["page-1.html", "page-2.html"]
    assert all(f'src="embedded/{name}"' in made.body for name in made.embedded)
    assert "<title>A line" in made.embedded["page-2.html"]
    assert 'data-steps="y"' in made.body
