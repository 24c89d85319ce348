"""Checks of arguments that several parts of nn take: how many, and which by name."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from typing import Any, TypeVar

from engine.primitives import is_real

Choice = TypeVar("Choice")


def count(name: str, n: Any, least: int = 1) -> int:
    """`n` as an int of at least 1: how many there are of something.

    Raises:
        TypeError: if it is not a whole number.
        ValueError: if it is below 1, or another `least`.
    """
    if isinstance(n, bool) or not hasattr(n, "__index__"):
        raise TypeError(f"{name} must be a whole number, got {n!r}")
    if n < least:
        raise ValueError(f"{name} must be at least {least}, got {n}")
    return int(n)


def real(name: str, setting: Any) -> float:
    """`setting` as a float. TypeError, with its name, if it is not a real number."""
    if not is_real(setting):
        raise TypeError(f"{name} must be a number, got {setting!r} of type {type(setting).__name__}")
    return float(setting)


def finite(name: str, setting: Any) -> float:
    """`setting` as a finite float. Raises as `at_least_0`, but negative numbers are fine."""
    number = real(name, setting)
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {setting}")
    return number


def at_least_0(name: str, setting: Any) -> float:
    """`setting` as a float, finite and not negative: a rate, a factor, a limit.

    Raises:
        TypeError: if it is not a real number.
        ValueError: if it is below 0, nan or infinite.
    """
    number = real(name, setting)
    if not 0.0 <= number < math.inf:
        raise ValueError(f"{name} must be at least 0{', and finite' if number == math.inf else ''}, got {setting}")
    return number


def from_0_below_1(name: str, setting: Any) -> float:
    """`setting` as a float in [0, 1): how much of a running mean is kept. Raises as `at_least_0`."""
    number = real(name, setting)
    if not 0.0 <= number < 1.0:
        raise ValueError(f"{name} must be in [0, 1), got {setting}")
    return number


def above_0(name: str, setting: Any) -> float:
    """`setting` as a float above 0; infinity is. Raises as `at_least_0`."""
    number = real(name, setting)
    if not number > 0.0:
        raise ValueError(f"{name} must be above 0, got {setting}")
    return number


def flag(name: str, setting: Any) -> bool:
    """`setting` as a bool. TypeError, with its name, if it is neither True nor False (nor 1 nor 0)."""
    if not is_real(setting) or setting not in (True, False):
        raise TypeError(f"{name} must be True or False, got {setting!r}")
    return bool(setting)


def function(name: str, f: Any, kind: str) -> Any:
    """`f`, if it can be called. TypeError that says what `kind` of function `name` is if not."""
    if not callable(f):
        raise TypeError(f"{name} is a function {kind}, got {f!r}")
    return f


def by_name(kind: str, name: str, choices: Mapping[str, Choice]) -> Choice:
    """The one of `choices` that `name` names. ValueError, with the nearest name there is, if there is none."""
    if name in choices:
        return choices[name]
    near = difflib.get_close_matches(name.lower(), choices, 1, 0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise ValueError(f"unknown {kind} {name!r}: {hint}There are {', '.join(choices)}; or give a function")
