"""What people type when they mean something else: ``2x``, ``sin x``, ``y = x``, ``tahn(x)``."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

TOKEN = re.compile(
    r"""(?P<number> 0[xXoObB]\w+ | (?:\d[\d_]*\.?[\d_]* | \.\d[\d_]*) (?:[eE][+-]?\d+)?)
      | (?P<name> [^\W\d]\w*)
      | (?P<sign> [<>=!]= | \*\* | // | \S)""",
    re.VERBOSE,
)
_BETWEEN = {"and", "or", "if", "else", "in", "is", "not"}  # Python's words that stand between operands, or before one


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, if there is any like it: one of the same letters before all others.

    >>> nearest_name("tahn", ["tan", "tanh"]), nearest_name("sinn", ["cos", "sin"]), nearest_name("foo", ["sin"])
    ('tanh', 'sin', None)
    """
    near = get_close_matches(name, known, n=10)
    return max(near, key=lambda other: sorted(other) == sorted(name), default=None)


def slips(text: str, usage: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """The usual slips in a text that is no expression, and where they are.

    Args:
        text: what Python's parser could not read.
        usage: for the name of each function, how to call it.

    >>> [*slips("3 + 2x", {})]
    [('an operator is missing here: write * to multiply', 5)]
    """
    before = None
    depth = 0
    for token in TOKEN.finditer(text):
        word, column = token[0], token.start()
        operand = token.lastgroup != "sign" and word not in _BETWEEN
        if operand and keyword.iskeyword(word) and word not in ("True", "False", "None"):
            yield f"{word} is a word of Python's own: choose another name", column
        depth += (word in "([") - (word in ")]")
        if word == "=" and depth <= 0:
            yield "= does not belong in an expression: numbers are given behind it, as in: x=2", column
        if before is not None and (
            operand or (word == "(" and before.lastgroup == "number") or (word, before[0]) == ("(", ")")
        ):
            if before[0] in usage:
                yield f"{before[0]} is a function: write {usage[before[0]]}", column
            elif before.lastgroup == token.lastgroup == "number" and before.end() == column:
                yield f"{before[0]}{word} is not a number", before.start()
            elif before.lastgroup == "number" or word != "(":
                yield "an operator is missing here: write * to multiply", column
        before = token if operand or word in (")", "]") else None
    if text[-1] in "+-*/%^<>=,":
        yield f"the expression ends with {text[-1]!r}: something is missing behind it", len(text)
