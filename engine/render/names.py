"""What values are called where they are looked at: any label made safe to show, and a name for every value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, count

from engine.readable import LONGEST, beginning, escaped, is_hidden, is_seen, readable

MOST_LINES = 8  # of a label in a picture
LONGEST_NAME = 40  # characters of a label in formulas
_LINE_END = re.compile(r"\r\n|\r|\n")


def visible(label: str) -> str:
    r"""A label as it is drawn: character for character, with a new line at each line end; of a long one the beginning.

    XML has no other control characters: they are drawn as their pictures (␀ to ␡), and what is no character at all as
    U+FFFD. Characters that turn the text round or hide in it are escapes. A label of which nothing would be seen, such
    as a blank, is written as in a terminal.

    >>> visible("tab\t"), visible(" "), visible("\u2003"), visible("\u202eabc")
    ('tab␉', '␣', '\\u2003', '\\u202eabc')
    """
    if not is_seen(label):
        pictures = [_as_picture(c) for c in label[:LONGEST]]
        return "".join([readable(c) if c == picture else picture for c, picture in zip(label, pictures)])
    lines = _LINE_END.split(label if len(label) <= LONGEST else beginning(label, LONGEST - 1) + "…")
    if len(lines) > MOST_LINES:
        lines[MOST_LINES - 1 :] = ["…"]
    return "\n".join(["".join(map(_as_picture, line)) for line in lines])


def _as_picture(c: str) -> str:
    """A character as it is drawn, as itself if it can be."""
    code = ord(c)
    if code < 0x20 or code == 0x7F:
        return chr(0x2421 if code == 0x7F else 0x2400 + code)
    if 0xD800 <= code < 0xE000 or code & 0xFFFE == 0xFFFE:
        return "\ufffd"
    return escaped(c) if is_hidden(c) else c


def short_label(label: str | None) -> str | None:
    """A label as a name that comes again and again in a text; None without one."""
    return readable(label, LONGEST_NAME) if label else None


def distinct_names(labels: Sequence[str | None]) -> list[str]:
    """A name for each value of a graph in reading order, by their labels: no two have the same.

    A label that comes again gets a number; what has none is called v1, v2, ..., and the last, the result, y.

    >>> distinct_names(["w", None, None, "w", "v1", None])
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
