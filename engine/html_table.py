"""A table as HTML, for notebooks; it takes its colours from the page, light or dark."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from engine.readable import readable

LONGEST_TEXT = 200  # characters of a cell


def html_table(caption: str, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with a caption, a title for each column, and the rows; all of them are texts."""
    cells = "padding:0.15em 0.8em;text-align:right"
    head = "".join(f'<th style="{cells}">{html_text(title)}</th>' for title in titles)
    body = "".join(
        "<tr>" + "".join(f'<td style="{cells}">{html_text(cell)}</td>' for cell in row) + "</tr>" for row in rows
    )
    style = "text-align:left;caption-side:top;padding:0.3em 0;color:inherit;white-space:nowrap"
    return (
        f'<table dir="ltr"><caption style="{style}">{html_text(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def html_text(text: str) -> str:
    """A text as HTML that shows it, cut where it is very long."""
    return html.escape(readable(text, LONGEST_TEXT))
