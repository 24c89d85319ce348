"""What functions of several numbers ask of their arguments, and say when they get something else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.value import Value


def a_list(things: Any, usage: str) -> list[Any]:
    """`things` as a list. TypeError that shows the usage for a single thing."""
    if isinstance(things, str) or not isinstance(things, Iterable):
        raise TypeError(f"expected a list, as in {usage}: got {things!r} of type {type(things).__name__}")
    return [*things]


def a_value(thing: Any, usage: str) -> Value:
    """`thing`, a Value. TypeError that shows the usage for anything else."""
    if not isinstance(thing, Value):
        raise TypeError(f"expected a Value, as in {usage}: got {thing!r} of type {type(thing).__name__}")
    return thing
