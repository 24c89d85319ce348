"""Text for a terminal: made harmless, cut to a length, quoted for a shell, spelled in the letters that there are."""

from __future__ import annotations

import codecs
import os
import re
import shlex
import subprocess
import unicodedata

JOINERS = "\u200c\u200d"  # no sign of their own, but Persian, Hindi and others are misspelled without them
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
SPELLED = {
    "∂": "d", "δ": "delta", "σ": "sigma", "θ": "theta", "Σ": "sum", "ε": "eps", "²": "^2", "³": "^3", "⁴": "^4",
    "·": "*", "×": "x", "≈": "~", "≤": "<=", "≥": ">=", "→": "->", "…": "...",
}  # fmt: skip


def harmless(text: str, length: int | None = None) -> str:
    r"""Text of whatever origin without anything that moves a cursor, and not longer than `length`.

    Colours are left out. Other control characters, and those that turn the direction of writing, are shown as Python
    writes them (a bell is \x07); line ends, all kinds of space and the joiners stay.
    """
    text = COLOURS.sub("", text.replace("\r\n", "\n")).replace("\t", "    ")
    more = f"... ({len(text):,} characters)" if length is not None and len(text) > length else ""
    return "".join(map(_harmless, text[:length])) + more


def _harmless(character: str) -> str:
    if character.isprintable() or character in JOINERS or character == "\n" or unicodedata.category(character) == "Zs":
        return character
    return _escaped(character)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def quoted(word: str | os.PathLike[str]) -> str:
    """A word as it is typed at a shell, without control characters."""
    word = os.fspath(word)
    if os.name == "nt":
        return subprocess.list2cmdline([word])
    if harmless(word) == word and "\n" not in word:
        return shlex.quote(word)
    if not any(0xD800 <= ord(character) < 0xE000 for character in word):
        escaped = "".join(c if c.isprintable() and c not in "\\'" else _escaped(c) for c in word)
    else:  # bytes that are no text
        escaped = "".join(chr(b) if 32 <= b < 127 and b not in b"\\'" else f"\\x{b:02x}" for b in os.fsencode(word))
    return f"$'{escaped}'"


def spelled(error: UnicodeError) -> tuple[str, int]:
    """For a stream that has no ∂: it is written d there, and a letter of another script as Python writes it."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(SPELLED.get(c, _escaped(c)) for c in error.object[error.start : error.end]), error.end


codecs.register_error("spelled", spelled)
