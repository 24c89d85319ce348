"""Files of numbers: JSON that anyone can read, written whole or not at all.

Never pickle, which runs code from the file. Python's floats go into JSON as their shortest exact decimal and
come back to the last bit. JSON has no nan and no infinities, so these are the strings "nan", "inf" and "-inf".
"""

from __future__ import annotations

import json
import math
import os
from typing import Any, NoReturn

from engine import files
from engine.primitives import is_real
from engine.readable import readable

FORMAT = "liftgrad 1"


def write_json(path: str | os.PathLike[str], document: dict[str, Any]) -> None:
    """Write `document` as JSON to `path`, as `engine.files.write` does: whole or not at all."""
    text = json.dumps(_strict({"format": FORMAT, **document}), indent=1, allow_nan=False)
    files.write(path, f"{text}\n".encode())


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
            document = json.load(
                file, parse_constant=_not_json, parse_float=_finite, object_pairs_hook=_without_repeated_keys
            )
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, or nested without end
        raise ValueError(f"this is not a JSON file that save() wrote: {error}") from None
    found = document.get("format") if isinstance(document, dict) else None
    if found != FORMAT:
        raise ValueError(f"this is not a file that save() wrote: expected the format {FORMAT!r}, got {kind(found)}")
    for key, expected in required.items():
        if not isinstance(document.get(key), expected):
            raise ValueError(f"expected {JSON_NAMES[expected]} under {key!r}, got {kind(document.get(key))}")
    return document  # type: ignore[no-any-return]


def _not_json(word: str) -> NoReturn:
    raise ValueError(f"JSON has no {word}; save() writes it as a string")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{readable(digits)} is more than a float can hold")
    return number


def _without_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs. Two of one key would leave one of them out without a word."""
    document = dict(pairs)
    if len(document) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in document if keys.count(key) > 1)
        raise ValueError(f"the key {kind(repeated)} comes more than once in one object")
    return document


def json_number(entry: Any, name: str) -> float:
    """The float that `entry` stands for in JSON, or is. TypeError, with its name, if it is no number."""
    name = readable(name)
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
        raise ValueError(f"{readable(name)}: expected a whole number from 0 to 2**53, got {kind(entry)}")
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
    return f"{readable(repr(entry), 40)} of type {type(entry).__name__}"
