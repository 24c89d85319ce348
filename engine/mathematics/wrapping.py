"""Lines of Python no wider than a page."""

from __future__ import annotations

import re

WIDTH = 100  # columns of a page
_TIGHT = re.compile(r" ([*/@]) ")  # no line is broken at a product where it can be at a sum


def wrapped(line: str, width: int = WIDTH) -> str:
    """A line of Python, one without texts in quotes, in several if it is wider: broken at spaces but those of products.

    Python goes on reading within brackets. Where a break would be outside of any, the line gets brackets of its own.

    >>> print(wrapped("total = first + second", 16))
    total = (
        first +
        second
    )
    >>> print(wrapped("def f(first, second):", 16))
    def f(first,
        second):
    """
    if len(line) <= width:
        return line
    if line[0] == " ":
        text = line.lstrip()
        indent = " " * (len(line) - len(text))
        return indent + wrapped(text, width - len(indent)).replace("\n", f"\n{indent}")
    filled, is_outside = _filled(line, width)
    if not is_outside:
        return filled
    head, equals, text = line.partition(" = ")
    if not equals:
        head, equals, text = ("", "return ", line[7:]) if line.startswith("return ") else ("", "", line)
    inner, _ = _filled(f"    {text}", width)
    return f"{head}{equals}(\n{inner}\n)"


def _filled(text: str, width: int) -> tuple[str, bool]:
    """The words in lines, and whether a line ends outside of all brackets."""
    lines, depth, is_outside = [""], 0, False
    for word in _TIGHT.sub("\0\\1\0", text).split(" "):
        if lines[-1].strip() and len(lines[-1]) + len(word) > width:
            is_outside = is_outside or depth == 0
            lines.append("    ")
        lines[-1] += f"{word} "
        depth += sum(map(word.count, "([{")) - sum(map(word.count, ")]}"))
    return "\n".join([line.rstrip() for line in lines]).replace("\0", " "), is_outside
