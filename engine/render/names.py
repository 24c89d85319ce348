"""What values are called where they are looked at: any label made safe to show, and a name for every value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, count

from engine.render.terminal import printable

_LINE_END = re.compile(r"\r\n|\r|\n")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOT_A_CHARACTER = re.compile(r"[\ud800-\udfff\ufffe\uffff]")


def visible(label: str) -> str:
    r"""A label as it is drawn: character for character, with a new line at each line end.

    XML has no other control characters: they are drawn as their pictures (␀ to ␡), and what is no character at all as
    U+FFFD. A label of which nothing would be seen, such as a blank, is written as in a terminal.

    >>> visible("tab\t"), visible(" "), visible("\u2003")
    ('tab␉', '␣', '\\u2003')
    """
    seen = any(c.isprintable() and not c.isspace() for c in label)
    lines = [
        _NOT_A_CHARACTER.sub("\ufffd", _CONTROL.sub(_picture, line))
        for line in (_LINE_END.split(label) if seen else [label])
    ]
    return "\n".join(lines) if seen else printable(lines[0])


def _picture(control: re.Match[str]) -> str:
    return chr(0x2421 if control[0] == "\x7f" else 0x2400 + ord(control[0]))


def distinct(labels: Sequence[str | None]) -> list[str]:
    """A name for each value of a graph in reading order, by their labels: no two have the same.

    A label that comes again gets a number; what has none is called v1, v2, ..., and the last, the result, y.

    >>> distinct(["w", None, None, "w", "v1", None])
    ['w', 'v2', 'v3', 'w#2', 'v1', 'y']
    """
    taken: set[str] = set()
    again: dict[str, Iterator[str]] = {}

    def free(candidates: Iterator[str]) -> str:
        name = next(name for name in candidates if name not in taken)
        taken.add(name)
        return name

    def labelled(label: str) -> str:
        if label not in again:
            again[label] = chain([label], (f"{label}#{k}" for k in count(2)))
        return free(again[label])

    names = [labelled(label) if label else "" for label in labels]
    if names and not names[-1]:
        names[-1] = free(chain(["y", "result"], (f"y{k}" for k in count())))
    unnamed = (f"v{k}" for k in count(1))
    return [name or free(unnamed) for name in names]
