"""Files of numbers: JSON that anyone can read, written whole or not at all.

Never pickle, which runs code from the file. Python's floats go into JSON as their shortest exact decimal and
come back to the last bit. JSON has no nan and no infinities, so these are the strings "nan", "inf" and "-inf".
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import time
from typing import Any

from engine.primitives import is_real

FORMAT = "liftgrad 1"


def write_json(path: str | os.PathLike[str], document: dict[str, Any]) -> None:
    """Write `document` as JSON to `path`: into a new file in the same folder first, which then takes its place."""
    text = json.dumps(_strict({"format": FORMAT, **document}), indent=1, allow_nan=False)
    target = os.path.realpath(path)  # through a symbolic link, not over it
    draft = f"{target}.{os.getpid()}.tmp"
    _remove_abandoned_drafts(target)
    try:
        with open(draft, "w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, target)
    except BaseException as error:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(draft)
        if isinstance(error, OSError) and error.errno is not None:
            raise OSError(error.errno, os.strerror(error.errno), os.fspath(path)) from None  # not of the draft's name
        raise


ABANDONED = 60.0  # seconds after which a draft that nobody has written to was left by a process that was killed


def _remove_abandoned_drafts(target: str) -> None:
    folder, name = os.path.split(target)
    with contextlib.suppress(OSError):  # a folder that is missing or cannot be written to is `write_json`'s to report
        for entry in os.scandir(folder):
            pid = entry.name.removeprefix(f"{name}.").removesuffix(".tmp")
            if (
                entry.name == f"{name}.{pid}.tmp"
                and pid.isdecimal()
                and time.time() - entry.stat().st_mtime > ABANDONED
            ):
                os.unlink(entry.path)


JSON_NAMES: dict[type, str] = {dict: "an object", list: "a list", str: "a string"}


def read_json(path: str | os.PathLike[str], **required: type) -> dict[str, Any]:
    """The document in a file that `write_json` wrote, with a `JSON_NAMES` type, as given, under each required key.

    Raises:
        ValueError: if the file is anything else; the message says what was expected and what was found, not in
            which file: the caller does.
        OSError: if it cannot be read.
    """
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, or nested without end
        raise ValueError(f"this is not a JSON file that save() wrote: {error}") from None
    found = document.get("format") if isinstance(document, dict) else None
    if found != FORMAT:
        raise ValueError(f"this is not a file that save() wrote: expected the format {FORMAT!r}, got {kind(found)}")
    for key, expected in required.items():
        if not isinstance(document.get(key), expected):
            raise ValueError(f"expected {JSON_NAMES[expected]} under {key!r}, got {kind(document.get(key))}")
    return document  # type: ignore[no-any-return]


def json_number(entry: Any, name: str) -> float:
    """The float that `entry` stands for in JSON, or is. TypeError, with its name, if it is no number."""
    if isinstance(entry, str) and entry in ("nan", "inf", "-inf"):
        return float(entry)
    if isinstance(entry, bool) or not is_real(entry):
        raise TypeError(f"{name}: expected a number, got {kind(entry)}")
    try:
        return float(entry)
    except OverflowError:
        raise TypeError(f"{name}: expected a number that a float can hold, got an integer too large") from None
    except TypeError as error:  # a Value: it says why itself
        raise TypeError(f"{name}: {error}") from None


def json_whole(entry: Any, name: str) -> int:
    """The whole number of at least 0 that `entry` is: how many there were of something.

    Raises:
        TypeError: if it is no number.
        ValueError: if it is not whole, below 0, or above 2**53, from where on floats leave some out.
    """
    n = json_number(entry, name)
    if not n.is_integer() or not 0.0 <= n <= 2.0**53:
        raise ValueError(f"{name}: expected a whole number from 0 to 2**53, got {kind(entry)}")
    return int(n)


def _strict(part: Any) -> Any:
    """`part` with nan and the infinities as strings."""
    if isinstance(part, dict):
        return {key: _strict(value) for key, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_strict(value) for value in part]
    return str(part) if isinstance(part, float) and not math.isfinite(part) else part


def kind(entry: Any) -> str:
    """`entry`, shortened, and its type: for errors."""
    shown = repr(entry)
    return f"{shown if len(shown) <= 40 else shown[:37] + '...'} of type {type(entry).__name__}"
