"""Looking a number up in a table by an index that is a number of the graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.primitive import NAN, Pullback, Scalar, as_float, primitive
from engine.primitives.choosing import equal, less, where
from engine.primitives.stopping import NOTHING
from engine.requirements import IsIndex, require
from engine.value import Number, Value


@primitive("take(x_1, ..., x_n)", "1 where x_k is the entry taken, else 0", symbol="take")
def entry_at(index: Scalar, *entries: Scalar) -> tuple[Scalar, Pullback]:
    """The entry at an index, from the end if that is negative; nan if there is none. Its adjoint is that entry's."""
    n = len(entries)
    if type(index) is float:
        k = int(index) if IsIndex(n, from_the_end=True)(index) else None
        at = None if k is None else k % n
        value: Scalar = NAN if k is None else entries[k]
        return value, lambda g, n=n, at=at: (NOTHING, *[g if i == at else 0.0 for i in range(n)])
    place = where(less(index, 0.0), index + float(n), index)
    chosen = [equal(place, float(k)) for k in range(n)]
    value = NAN
    for is_chosen, entry in zip(chosen, entries):
        value = where(is_chosen, entry, value)
    return value, lambda g, chosen=chosen: (NOTHING, *[where(is_chosen, g, 0.0) for is_chosen in chosen])


entry_at.name = "take"  # in formulas and pictures, after the function that users call


def take(table: Sequence[Any], index: Number) -> Any:
    """table[index], also where the index is a number of the graph, as an argument of a compiled function is.

    There Python's own ``table[index]`` is refused: it would be looked up once and for all. This is looked up on every
    call, and checked. The derivative with respect to the entry that is taken is 1, to others and to the index 0.

    Args:
        table: numbers and Values; or lists of them, all of one length, of which one is taken.
        index: a whole number from -n to n - 1 for a table of n, negative ones counted from the end.

    Raises:
        IndexError: for any other index.
        ValueError: for rows of different lengths.
        TypeError: for a table that is no list.

    >>> from engine import Value, compile, take
    >>> table = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]
    >>> take(table, -1)
    [Value(data=3), Value(data=4)]
    >>> row_sum = compile(lambda i: take(table, i)[0] + take(table, i)[1])
    >>> row_sum([0, 1, 1])
    array([3., 7., 7.])
    """
    entries = _listed(table)
    if not isinstance(entries, (list, tuple)):
        raise TypeError(f"take looks up in a list, got {table!r} of type {type(table).__name__}: take(table, index)")
    n = len(entries)

    def refusal(k: float) -> IndexError:
        if not n:
            return IndexError("take from a table without entries")
        return IndexError(f"take: an index of {n} entries is a whole number from {-n} to {n - 1}, got {k:g}")

    require(index, IsIndex(n, from_the_end=True), refusal)
    if isinstance(index, Value):
        return taken(entries, index)
    return entries[int(as_float(index))]


def taken(entries: Sequence[Any], index: Value) -> Any:
    """The entry at an index that is in range: of numbers a number, of lists a list."""
    rows = [each for each in map(_listed, entries) if isinstance(each, (list, tuple))]
    if not rows:
        return entry_at(index, *entries)
    lengths = [len(row) for row in rows]
    if len(rows) < len(entries) or len({*lengths}) > 1:
        numbers = f", and {len(entries) - len(rows)} numbers" if len(rows) < len(entries) else ""
        raise ValueError(f"take: the rows of a table are of one length, got lengths {sorted({*lengths})}{numbers}")
    return [taken(column, index) for column in zip(*rows)]


def _listed(part: Any) -> Any:
    """An array as a list; anything else as it is."""
    return part.tolist() if hasattr(part, "tolist") else part
