"""Tables in plain text."""

from __future__ import annotations

from collections.abc import Sequence


def table(*rows: Sequence[object]) -> str:
    """Rows as aligned columns, the first row above a line; the first column to the left, the others to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join([first.ljust(widths[0]), *map(str.rjust, rest, widths[1:])]) for first, *rest in cells]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])
