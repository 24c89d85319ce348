"""Text of any origin, from a file, a label, an argument or a learner's program, as a person can read it: on one line.

Control characters move the cursor of a terminal, turn its colours on or clear it; format characters turn text round or
hide in it; and what nobody looked at may be a megabyte long. So whatever comes from outside is shown through here.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 120  # characters of one text; a line or two
_JOINERS = "\u200c\u200d"  # words of Persian, Hindi, ... and some emoji are not themselves without them
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, format, half of a character, line and paragraph ends
_NO_WIDTH = {"Mn", "Me", "Cf"}  # marks that combine with what stands before them


def readable(text: object, longest: int = LONGEST) -> str:
    r"""A text on one line, without control characters, its end left out where it is longer than that.

    Characters that do not show themselves are escapes, as in a repr, but for the joiners that words are written with.
    Where nothing would be seen at all, blanks are ␣.

    >>> readable("two\nlines, \x1b[31mred"), readable(" "), readable("ends", 3)
    ('two\\nlines, \\x1b[31mred', '␣', 'en…')
    """
    whole = str(text)
    if len(whole) > longest:
        return readable(beginning(whole, longest - 1), longest) + "…"
    if not is_seen(whole):
        return "".join(["␣" if c == " " else escaped(c) for c in whole])
    return "".join([escaped(c) if is_hidden(c) else c for c in whole])


def readable_repr(thing: object, longest: int = LONGEST) -> str:
    r"""The repr of anything, likewise; of what has none that works, its type.

    >>> readable_repr([1.0] * 1000, 20), readable_repr("\x07")
    ('[1.0, 1.0, 1.0, 1.0…', "'\\x07'")
    """
    try:
        shown = repr(thing)
    except Exception:  # whatever a __repr__ of the user's raises, the message that shows it matters more
        shown = f"<{type(thing).__name__}>"
    return readable(shown, longest)


def is_hidden(c: str) -> bool:
    """Whether a character does not show itself, and does something else."""
    if c in _JOINERS:
        return False
    return unicodedata.category(c) in _HIDDEN or ord(c) & 0xFFFE == 0xFFFE  # the last two are never characters


def is_seen(text: str) -> bool:
    """Whether anything of a text would be seen."""
    return any(not c.isspace() and c not in _JOINERS and not is_hidden(c) for c in text)


def escaped(c: str) -> str:
    r"""A character as its escape: ``\n``, ``\x1b``, ``\u202e``.

    >>> escaped("\n"), escaped("\u200d"), escaped("a")
    ('\\n', '\\u200d', '\\x61')
    """
    escape = c.encode("unicode_escape").decode("ascii")
    return escape if escape != c else f"\\x{ord(c):02x}"


def has_width(c: str) -> bool:
    """Whether a character takes a column of its own: not a mark on another, nor the later part of a Korean syllable."""
    return unicodedata.category(c) not in _NO_WIDTH and not 0x1160 <= ord(c) <= 0x11FF


def beginning(text: str, n: int) -> str:
    """The first n characters, or a few less, so that no mark is parted from what it stands on."""
    end = n
    while end and not has_width(text[end]):
        end -= 1
    return re.sub(f"[{_JOINERS}]+$", "", text[: end or n])
