"""A notebook as a page: its cells can be changed and run as the snippets of a chapter are."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docs.site.markdown import Block

STEPS = re.compile(r"(\w+)\.walkthrough\(\)")
ELSEWHERE = "not-in-browser"  # the tag of a cell that needs what a browser has not, such as NumPy


def blocks(path: Path) -> list[Block]:
    """The cells of a notebook, as blocks of a page.

    A cell with the tag "not-in-browser" is shown with the outputs that it is kept with.
    """
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [block for cell in cells for block in _blocks(cell["cell_type"], "".join(cell["source"]), cell)]


def _blocks(kind: str, source: str, cell: dict[str, Any]) -> Iterator[Block]:
    if kind == "markdown":
        yield "prose", source
    elif steps := STEPS.fullmatch(source.strip()):
        yield "steps", steps[1]
    elif ELSEWHERE not in cell["metadata"].get("tags", ()):
        yield "python", f"{source}\n"
    else:
        yield "html", f'<pre tabindex="0"><code>{html.escape(source)}</code></pre>'
        yield from (_kept(output, source) for output in cell["outputs"])


def _kept(output: dict[str, Any], source: str) -> Block:
    """One output of a cell as it was kept: a picture, a formula, or else its text."""
    data = output.get("data", {})
    if picture := data.get("image/png"):
        what = html.escape(f"What is drawn by {source.splitlines()[-1]}")
        address = f"data:image/png;base64,{''.join(picture).strip()}"
        return "html", f'<div class="picture whole" tabindex="0"><img alt="{what}" src="{address}"></div>'
    if formula := "".join(data.get("text/latex", "")):
        return "prose", f"$${formula.strip('$')}$$"
    text = "".join(output.get("text") or data.get("text/plain", ""))
    return "html", f'<pre class="text" tabindex="0">{html.escape(text)}</pre>'
