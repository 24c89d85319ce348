"""The training set: pairs (x, y) of an input and its target."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterator, Sequence
from numbers import Real
from typing import Any, TypeVar

from engine.primitives import is_real
from nn.initialization import Generator
from nn.rows import plain_row

Pair = tuple[Any, Any]
Each = TypeVar("Each")
Data = Any  # pairs (x, y) in a list or another iterable, or a tuple (X, Y) of two lists


def pairs_of(data: Data, name: str = "data") -> list[Pair]:
    """`data` as a list of pairs of plain numbers and lists, checked.

    Args:
        data: pairs (x, y), in a list or anything that gives them one after another, as a generator, a zip, a DataLoader
            of single pairs; or a tuple (X, Y) of as many inputs as targets. Arrays, tensors and frames of NumPy,
            PyTorch, JAX and pandas are taken as lists.
        name: what errors call it.

    Raises:
        ValueError: if it is empty, if X and Y differ in length, if an entry is nan or infinite: with its row.
        TypeError: if it is neither.
    """
    if isinstance(data, tuple) and len(data) == 2:
        xs, ys = (plain_rows(side, name) for side in data)
        if len(xs) != len(ys):
            raise ValueError(f"{name}: {len(xs)} inputs but {len(ys)} targets: give a target for each input")
        pairs = [*zip(xs, ys)]
    else:
        pairs = []
        for row, pair in enumerate(plain_rows(data, name)):
            if not isinstance(pair, (list, tuple)) or len(pair) != 2:
                raise TypeError(f"{name}: row {row} is {_short(pair)}, not a pair (x, y); for two lists give (X, Y)")
            pairs.append((pair[0], pair[1]))
    if not pairs:
        again = ": a generator can be gone through only once" if hasattr(data, "__next__") else ""
        raise ValueError(f"{name} is empty: there is nothing to learn from{again}")
    for row, (x, y) in enumerate(pairs):
        for side, entry in (("x", x), ("y", y)):
            if _is_finite_row(entry):
                continue
            for where, number in _numbers(side, entry):
                if not math.isfinite(number):
                    raise ValueError(f"{name}: row {row}, {where} is {number}: leave the row out or fill the gap")
    return pairs


def is_source(data: Any) -> bool:
    """Whether it is a function that gives data anew for each epoch."""
    return callable(data) and not hasattr(data, "__iter__")


def pairs_from(source: Callable[[], Data], epoch: int) -> list[Pair]:
    """The pairs that a function gives for an epoch, checked. Raises as `pairs_of`."""
    data = source()
    try:
        return pairs_of(data, "data")
    except ValueError as error:
        if epoch > 1 and hasattr(data, "__next__"):
            raise ValueError(
                f"in epoch {epoch} {error}; make a new one at every call, as in `lambda: generator()`"
            ) from None
        raise


def fingerprint(pairs: Sequence[Pair]) -> str:
    """A short text that other pairs do not have, for telling whether data are those of before."""
    shown = re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(_alike(pairs)))
    return f"{len(pairs)} pairs, {hashlib.sha256(shown.encode()).hexdigest()[:16]}"


def _alike(part: Any) -> Any:
    """`part` so that equal numbers look alike, whatever kind they are of."""
    if isinstance(part, (list, tuple)):
        return [_alike(each) for each in part]
    return float(part) if is_real(part) else part


def split(pairs: list[Each], fraction: float, generator: Generator) -> tuple[list[Each], list[Each]]:
    """(training pairs, validation pairs): a random `fraction`, at least one, is held out.

    Raises:
        ValueError: if the fraction is not in (0, 1), or leaves nothing to train on.
    """
    if not 0.0 < fraction < 1.0:
        raise ValueError(f"validation, a fraction of the data, must be between 0 and 1, got {fraction}")
    held_out = max(1, round(fraction * len(pairs)))
    if held_out >= len(pairs):
        raise ValueError(f"validation={fraction} of {len(pairs)} pairs leaves nothing to train on")
    order = [*range(len(pairs))]
    generator.shuffle(order)
    return [pairs[k] for k in sorted(order[held_out:])], [pairs[k] for k in sorted(order[:held_out])]


def batches(n: int, size: int | None, generator: Generator | None) -> Iterator[list[int]]:
    """The rows of one epoch in batches of `size` (the last may be smaller), in an order drawn from `generator`."""
    order = [*range(n)]
    if generator is not None:
        generator.shuffle(order)
    size = n if size is None else size
    for start in range(0, n, size):
        yield order[start : start + size]


def plain_rows(side: Any, name: str) -> list[Any]:
    """A list of rows, in Python's own lists and numbers."""
    rows = plain_row(side)
    if isinstance(rows, (str, bytes, dict)) or not (hasattr(rows, "__iter__") or hasattr(rows, "__getitem__")):
        raise TypeError(f"{name} is a list of pairs (x, y), or a tuple (X, Y) of two lists, got {_short(side)}")
    return [plain_row(row) for row in rows]


def _is_finite_row(entry: Any) -> bool:
    """Whether it is plainly a list of finite floats, or one, which need not be gone through one by one."""
    row = entry if type(entry) is list else [entry]
    return {*map(type, row)} == {float} and all(map(math.isfinite, row))


def _numbers(where: str, entry: Any) -> Iterator[tuple[str, float]]:
    """(where it is, number) for every number in an entry, in lists to any depth."""
    if isinstance(entry, Sequence) and not isinstance(entry, (str, bytes)):
        for k, part in enumerate(entry):
            yield from _numbers(f"{where}[{k}]", part)
    elif isinstance(entry, Real):
        yield where, float(entry)


def _short(thing: Any) -> str:
    shown = repr(thing)
    return shown if len(shown) <= 60 else shown[:57] + "..."
