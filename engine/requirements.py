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
    require(number, IsIndex(n), refusal)


class IsIndex:
    """Whether a number, or each number of an array, is an index of n things. Equal to another one of as many.

    Args:
        n: how many there are.
        from_the_end: whether negative ones count from the end, as Python's do.
    """

    __slots__ = ("_first", "_n")

    def __init__(self, n: int, from_the_end: bool = False) -> None:
        self._first, self._n = -n if from_the_end else 0, n

    def __call__(self, index: Any) -> Any:
        return (index >= self._first) & (index < self._n) & (index % 1 == 0)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IsIndex) and (self._first, self._n) == (other._first, other._n)

    def __hash__(self) -> int:
        return hash((self._first, self._n))
