"""A notebook as a page: its cells can be changed and run as the snippets of a chapter are."""

from __future__ import annotations

import html
import json
import re
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
    return [_block(cell["cell_type"], "".join(cell["source"]), cell) for cell in cells]


def _block(kind: str, source: str, cell: dict[str, Any]) -> Block:
    if kind == "markdown":
        return "prose", source
    if steps := STEPS.fullmatch(source.strip()):
        return "steps", steps[1]
    if ELSEWHERE not in cell["metadata"].get("tags", ()):
        return "python", f"{source}\n"
    outputs = "".join(_kept(output, source) for output in cell["outputs"])
    return "html", f'<pre tabindex="0"><code>{html.escape(source)}</code></pre><div class="outputs">{outputs}</div>'


def _kept(output: dict[str, Any], source: str) -> str:
    """One output of a cell as it was kept: a picture, or else its text."""
    data = output.get("data", {})
    if picture := data.get("image/png"):
        what = html.escape(f"What is drawn by {source.splitlines()[-1]}")
        address = f"data:image/png;base64,{''.join(picture).strip()}"
        return f'<div class="picture whole" tabindex="0"><img alt="{what}" src="{address}"></div>'
    text = "".join(output.get("text") or data.get("text/plain", ""))
    return f'<pre class="text" tabindex="0">{html.escape(text)}</pre>'
