"""The frame of every page, and the two pages that are more than text: the front page and the exercises."""

from __future__ import annotations

import html
import json
import re
import textwrap

from demos.exercises.asked import ORIGINALS, SOLUTIONS
from demos.exercises.manifest import EXERCISES, KINDS
from demos.exercises.picture import given
from engine.render import style, svg

MENU = (
    ("course.html", "Course"),
    ("exercises.html", "Exercises"),
    ("gallery.html", "Gallery"),
    ("reference.html", "Reference"),
    ("howto.html", "How to"),
    ("architecture.html", "How it is built"),
)
HERE = ' aria-current="true"'
CODE = re.compile("`(.+?)`")
FIRST = """\
# A neuron. Change a number, or write your own.
w = Value(-0.5, label="w")
x = Value(2.0, label="x")
b = Value(1.5, label="b")

y = tanh(w * x + b).named("y")
y
"""


def document(
    title: str, body: str, *, within: str = "", script: str = "page.js", wide: bool = False, below: str = ""
) -> str:
    """A whole page. `within` is the part of the site that it belongs to, by the address in the menu."""
    modules = "".join(f'<link rel="modulepreload" href="assets/{name}">\n' for name in ("python.js", "page.js"))
    menu = "".join(f'<a href="{address}"{HERE if address == within else ""}>{words}</a>' for address, words in MENU)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)} · liftgrad</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="assets/site.css">
{modules}<script type="module" src="assets/{script}"></script>
</head>
<body>
<header>
<a href="index.html"><strong>liftgrad</strong></a>
<nav aria-label="Site">{menu}</nav>
<button id="theme" aria-pressed="false">Dark</button>
</header>
<main{' class="front"' if wide else ""}>
{body}
</main>
<footer>{below}</footer>
</body>
</html>
"""


def drawings() -> str:
    """The style sheet that draws the engine's pictures in the theme of the page, light or dark."""
    return "".join(
        f':root .{svg.CLASS} [{attribute}="{light}"] {{ {attribute}: light-dark({light}, {dark}); }}\n'
        for light, dark in style.DARK.items()
        for attribute in ("fill", "stroke")
    )


def front() -> str:
    """The front page."""
    code = FIRST.rstrip()
    body = f"""\
<h1>Numbers that remember where they came from</h1>
<p>Type Python that ends with a <code>Value</code>: below are its graph, the gradient of every input, and both passes of
backpropagation, step by step. Nothing is installed, and nothing leaves your browser. New to this? Begin with
<a href="01_slope.html">the course</a>.</p>
<textarea id="code" spellcheck="false" autocapitalize="off" autocomplete="off" aria-label="Python">{code}</textarea>
<div class="tools"><button id="run">Run</button><button id="share">Copy a link to this</button>
<span id="said" class="quiet" role="status"></span></div>
<div id="outputs" aria-live="polite"></div>"""
    return document("Numbers that remember where they came from", body, script="front.js", wide=True)


def _parts(file: str) -> dict[str, str]:
    """The file of an exercise: its docstring as HTML, without the title, and the code below it."""
    _, docstring, code = file.split('"""', 2)
    blocks = docstring.strip().split("\n\n")[1:]
    task = "".join(
        f'<pre tabindex="0">{html.escape(textwrap.dedent(block))}</pre>'
        if block.startswith("    ")
        else f"<p>{CODE.sub(_as_code, html.escape(' '.join(block.split())))}</p>"
        for block in blocks
    )
    return {"task": task, "text": code.strip() + "\n"}


def _as_code(found: re.Match[str]) -> str:
    return f"<code>{found[1]}</code>"


def exercises() -> str:
    """The page of the exercises."""
    content = [
        {
            "name": one.name,
            "title": one.title,
            "kind": KINDS[one.kind],
            "given": given(one.name),
            "hints": one.hints,
            **_parts((ORIGINALS / f"{one.name}.py").read_text(encoding="utf-8")),
            "solution": (SOLUTIONS / f"{one.name}.py").read_text(encoding="utf-8"),
        }
        for one in EXERCISES
    ]
    data = json.dumps(content).replace("<", "\\u003c")
    body = f"""\
<h1>Exercises</h1>
<p>From the slope of a curve to a network that learns, and an engine you write yourself. Put your answer in place of the
three dots and press Check: you are told what came out, what is true, and at which point. Your answers stay in this
browser. (Teaching a class? <a href="teaching.html">Read this</a>.)</p>
<div class="columns">
<div>
<p id="progress" role="status"></p>
<details id="all" open><summary>All exercises</summary><div id="exercise-list"></div></details>
<div class="tools"><button id="export">Save progress as a file</button>
<label for="import">Load such a file: <input id="import" type="file" accept="application/json,.json"></label>
<button id="print">Print a finish sheet</button></div>
</div>
<div>
<h2 id="heading">Exercise</h2>
<div id="task"></div>
<div id="given"></div>
<textarea id="answer" spellcheck="false" autocapitalize="off" autocomplete="off" aria-label="Your answer"></textarea>
<div class="tools"><button id="check" class="run">Check</button><button id="try">Run</button>
<button id="hint">Hint</button>
<button id="solution">Solution</button><button id="reset">Begin afresh</button></div>
<div id="verdict" aria-live="polite"></div>
<ol id="hints"></ol>
<div id="drawn" aria-live="polite"></div>
</div>
</div>
<section id="sheet" aria-label="Finish sheet" hidden></section>
<script type="application/json" id="exercises">{data}</script>"""
    return document("Exercises", body, within="exercises.html", script="exercises.js", wide=True)
