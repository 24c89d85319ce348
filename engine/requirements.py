"""What a number must be: checked at once, or, where it is not known yet, by a compiled function on every call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.recording import tracing
from engine.value import Constant, Number, Value, number_of


def require(number: Number, allowed: Callable[[Any], Any], refusal: Callable[[float], Exception]) -> None:
    """Raise `refusal(number)` unless `allowed(number)`.

    Args:
        number: a plain number or a Value. In a function that is traced a Value's number is not known: it is checked
            whenever the compiled function is called.
        allowed: whether a number is allowed; written with operators, ``(x >= 0) & (x < 3)``, so that it serves a whole
            array as well.
        refusal: the error for a number that is not.

    >>> from engine.requirements import require
    >>> require(2.0, lambda x: x >= 0, lambda x: ValueError(f"at least 0, got {x:g}"))
    >>> require(-2.0, lambda x: x >= 0, lambda x: ValueError(f"at least 0, got {x:g}"))
    Traceback (most recent call last):
    ...
    ValueError: at least 0, got -2
    """
    tracer = tracing()
    if tracer is not None and isinstance(number, Value) and not isinstance(number, Constant):
        tracer.require(number, allowed, refusal)
        return
    known = number_of(number)
    if not allowed(known):
        raise refusal(known)


def require_index(number: Number, n: int, refusal: Callable[[float], Exception]) -> None:
    """Raise `refusal(number)` unless it is a whole number from 0 to n - 1; see `require`."""
    require(number, lambda index: is_index(index, n), refusal)


def is_index(index: Any, n: int) -> Any:
    """Whether it is a whole number from 0 to n - 1; of an array, each of its numbers."""
    return (index >= 0) & (index < n) & (index % 1 == 0)
