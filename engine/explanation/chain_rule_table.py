"""An `Explanation` as a notebook shows it: its steps as a table, its paths with their products as another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.explanation.chain_rule_text import parts_of
from engine.html_table import html_table, html_text

if TYPE_CHECKING:
    from engine.explanation.chain_rule import Explanation


def table_of(explanation: Explanation) -> str:
    """The explanation as HTML."""
    first, steps, paths, last = parts_of(explanation)
    if not steps:
        return f"<p>{html_text(first)}</p>"
    below = "".join(f"<p>{html_text(line)}</p>" for line in last.splitlines())
    return (
        html_table(first, ["step", "value", "local derivative", ""], steps)
        + html_table("", ["path", "chain rule", "numbers", "product"], paths)
        + below
    )
