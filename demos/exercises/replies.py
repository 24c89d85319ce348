"""What a learner's function returned, on its way from the process that ran it to the one that judges it.

Numbers, and lists and tuples of them, travel as numbers. Anything else travels as a few words, to be shown: it is not
right anyway.
"""

from __future__ import annotations

import reprlib
from numbers import Real
from typing import Any, NamedTuple

from engine import Value

CLOSED = 74  # the exit status of a process whose replies find no way out: EX_IOERR of sysexits.h
SHORT = 60  # characters
DEPTH, ENTRIES = 4, 10_000  # more than any exercise asks for


class Shown:
    """Something that is no number, as it is shown."""

    def __init__(self, words: str) -> None:
        self.words = words

    def __repr__(self) -> str:
        return self.words


class Reply(NamedTuple):
    """What came of one call.

    Attributes:
        value: what was returned.
        fault: why there is nothing to be judged, in words; empty if a value was returned.
        status: what that is for an answer: "wrong", "unfinished" (a hole), "late", or "ended" (Python has ended).
        left: the line of a hole that is left in the function, or 0.
        number: how many calls there were before.
    """

    value: Any = None
    fault: str = ""
    status: str = "wrong"
    left: int = 0
    number: int = 0


def to_json(value: Any) -> Any:
    """A value as JSON has it."""
    return _written(value, DEPTH, [ENTRIES])


def from_json(value: Any) -> Any:
    """The value again.

    Raises:
        ValueError: it was not written by `to_json`.
    """
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    if isinstance(value, list):
        return [from_json(entry) for entry in value]
    if isinstance(value, dict) and len(value) == 1:
        [(kind, content)] = value.items()
        if kind == "tuple" and isinstance(content, list):
            return tuple(from_json(entry) for entry in content)
        if kind == "shown" and isinstance(content, str):
            return Shown(content[:SHORT])
        if kind == "dots":
            return ...
    raise ValueError(f"no value: {str(value)[:SHORT]}")


def has_dots(value: Any) -> bool:
    """Whether three dots are in it."""
    return any(map(has_dots, value)) if isinstance(value, (list, tuple)) else value is ...


def short(thing: Any) -> str:
    """How Python shows it, in a line; whatever its __repr__ does."""
    try:
        shown = thing.words if isinstance(thing, Shown) else _SHORT.repr(thing)
    except Exception:  # a number of too many digits, a __repr__ that raises
        shown = f"something of type {type(thing).__name__}"
    return shown if len(shown) <= SHORT else f"{shown[: SHORT - 3]}..."


_SHORT = reprlib.Repr()
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxdict = _SHORT.maxset = _SHORT.maxother = SHORT
_SHORT.maxstring = _SHORT.maxlong = SHORT


def _written(value: Any, depth: int, left: list[int]) -> Any:
    left[0] -= 1
    if value is None:
        return None
    if value is ...:
        return {"dots": 1}
    if isinstance(value, Value):
        value = value.data
    elif hasattr(value, "tolist"):  # a NumPy array or number
        value = value.tolist()
    if isinstance(value, Real):
        return _number(value)
    if isinstance(value, (list, tuple)) and depth and left[0] >= len(value):
        entries = [_written(entry, depth - 1, left) for entry in value]
        return {"tuple": entries} if isinstance(value, tuple) else entries
    return {"shown": short(value)}


def _number(value: Real) -> Any:
    try:
        number = float(value)
    except (OverflowError, ValueError):  # an integer of more than 308 digits
        return {"shown": short(value)}
    return int(number) if isinstance(value, int) and abs(number) < 2**53 else number
