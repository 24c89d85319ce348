"""Text in the columns of a terminal."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence

from engine.readable import has_width


class Text(str):
    r"""A text that the prompt shows as it prints, line by line.

    >>> Text("two\nlines")
    two
    lines
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def spelled(text: str, encoding: str | None = None) -> str:
    r"""A text as a stream of that encoding can show it, standard output by default: in ASCII where it must be.

    >>> spelled("├─ δ → …", "ascii"), spelled("├─ δ → …", "utf-8")
    ('|- \\u03b4 -> ...', '├─ δ → …')
    """
    encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        shown = "".join([c if _fits(c, encoding) else _IN_ASCII.get(c, c) for c in text])
        return shown.encode(encoding, "backslashreplace").decode(encoding)
    return text


_IN_ASCII = {"├": "|", "└": "`", "│": "|", "─": "-", "↑": "^", "→": "->", "…": "...", "×": "x", "␣": "_", "Σ": "sum"}
_IN_ASCII |= dict(zip("▁▂▃▄▅▆▇█", "_.:-=+*#"))


def _fits(c: str, encoding: str) -> bool:
    try:
        c.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def display_width(text: str) -> int:
    """How many columns of a terminal a text takes: two for wide characters, none for those that combine.

    >>> display_width("δ"), display_width("重み")
    (1, 4)
    """
    return sum(_columns_of(c) for c in text)


def clipped(text: str, width: int) -> str:
    """The text, or its beginning and an ellipsis if it takes more columns than that.

    >>> clipped("a long name", 7)
    'a long…'
    """
    if display_width(text) <= width:
        return text
    taken, columns = "", 1
    for c in text:
        columns += _columns_of(c)
        if columns > width:
            break
        taken += c
    return taken + "…"


def _columns_of(c: str) -> int:
    if not has_width(c):
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1


def in_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows as lines, their cells one below another, in characters that standard output has.

    >>> in_columns([["y", "=", "1"], ["total", "=", "2"]])
    ['y     = 1', 'total = 2']
    """
    rows = [[spelled(cell) for cell in row] for row in rows]
    widths = [max(map(display_width, column)) for column in zip(*rows)]
    return [
        " ".join(cell + " " * (width - display_width(cell)) for cell, width in zip(row, widths)).rstrip()
        for row in rows
    ]


def aligned(numbers: Sequence[str]) -> list[str]:
    """Written numbers with their decimal points below one another.

    >>> aligned(["0.5", "-12", "1e-08"])
    ['  0.5', '-12', '  1e-08']
    """
    widest = max(map(_whole_digits, numbers), default=0)
    return [" " * (widest - _whole_digits(number)) + number if number else "" for number in numbers]


def _whole_digits(number: str) -> int:
    """Where the point of a written number is, or would be."""
    return min((number.find(end) for end in ".e" if end in number), default=len(number))
