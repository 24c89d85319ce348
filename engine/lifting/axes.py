"""Which axis of each argument goes over the rows of a batch, as `jax.vmap` has it in `in_axes`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.lifting.structures import Leaves, Spec, flat, spec_of, without_rows
from engine.lifting.trace import Static

EITHER = "either"  # one sample or a batch, whichever the function takes


def check_axes(in_axes: Any) -> None:
    """Raise if `in_axes` is nothing that says where the rows of arguments are.

    Raises:
        TypeError: for what is no whole number, None, or a structure of such.
        ValueError: if no argument has rows.
    """
    if isinstance(in_axes, str) and in_axes == EITHER:
        return
    found = [*_axes_in(in_axes)]
    for axis in found:
        if axis is not None and (isinstance(axis, bool) or not hasattr(axis, "__index__")):
            raise TypeError(
                "in_axes says where the rows of each argument are, as jax.vmap has it: 0, None for an argument that all"
                f" rows share, or a tuple of such, one for each argument; got {axis!r} of type {type(axis).__name__}"
            )
    if all(axis is None for axis in found):
        raise ValueError(f"in_axes={in_axes!r}: at least one argument must have rows, as in_axes=(None, 0)")


def _axes_in(part: Any) -> Iterator[Any]:
    if isinstance(part, (list, tuple, dict)):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from _axes_in(inner)
    else:
        yield part


@dataclass(frozen=True)
class Rows:
    """The arguments of a call, with their rows first.

    Attributes:
        leaves: the arrays of each argument, in its structure.
        spec: the structure of one row, with that of what is shared.
        count: how many rows there are.
        shared: the numbers of the arguments that all rows share.
        mixed: the numbers of those of which a part has rows and another has none.
    """

    leaves: list[Leaves]
    spec: tuple[Spec, ...]
    count: int
    shared: frozenset[int]
    mixed: frozenset[int]

    def numbers(self, k: int) -> np.ndarray:
        """The numbers of argument k: rows x numbers, or if it is shared the one row."""
        return flat(self.leaves[k], None if k in self.shared else self.count)


def rows_by_axes(leaves: Sequence[Leaves], in_axes: Any) -> Rows:
    """The rows of arguments of which `in_axes` says where those are.

    Raises:
        ValueError: for an axis that is not there, a structure that is not the argument's, and different numbers of
            rows; says the shapes.
    """
    if isinstance(in_axes, (list, tuple)):
        if len(in_axes) != len(leaves):
            raise ValueError(f"in_axes={in_axes!r} is for {len(in_axes)} arguments, but there are {len(leaves)}")
        axes = [*in_axes]
    else:
        axes = [in_axes] * len(leaves)
    finder = _Finder()
    found = [finder.find(leaf, axis, f"argument {k + 1}") for k, (leaf, axis) in enumerate(zip(leaves, axes))]
    if len({*finder.rows.values()}) > 1:
        some = ", ".join([f"{name} has {n}" for name, n in finder.rows.items()])
        raise ValueError(f"the arguments have different numbers of rows: {some}")
    if not finder.rows:
        raise ValueError(f"no argument has rows (in_axes={in_axes!r}): pass one that has numbers in arrays or lists")
    count = next(iter(finder.rows.values()))
    kinds = [{*_kinds(each)} for each in found]
    shared = frozenset([k for k, kind in enumerate(kinds) if kind == {False}])
    return Rows(
        [_in_full(each, None if k in shared else count) for k, each in enumerate(found)],
        tuple([_row_spec(each) for each in found]),
        count,
        shared,
        frozenset([k for k, kind in enumerate(kinds) if len(kind) == 2]),
    )


@dataclass(frozen=True)
class _Shared:
    """An array that all rows share."""

    array: np.ndarray


class _Finder:
    """Looks for the rows of arguments, and notes how many each part has, by its name."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}

    def find(self, leaf: Leaves, axes: Any, name: str) -> Any:
        """The structure of an argument, with each array's rows first, or the array as `_Shared`."""
        if isinstance(leaf, Static):
            return leaf
        if isinstance(axes, dict):
            if not isinstance(leaf, dict) or {*leaf} != {*axes}:
                what = f"keys {[*leaf]!r}" if isinstance(leaf, dict) else "no keys"
                raise ValueError(f"in_axes has keys {[*axes]!r} for {name}, which has {what}")
            return {key: self.find(part, axes[key], f"{name}[{key!r}]") for key, part in leaf.items()}
        if isinstance(axes, (list, tuple)):
            parts = [*leaf] if isinstance(leaf, list) or (isinstance(leaf, np.ndarray) and leaf.ndim) else None
            if parts is None or len(parts) != len(axes):
                what = "no parts in order" if parts is None else f"{len(parts)} parts"
                raise ValueError(f"in_axes has {len(axes)} parts for {name}, which has {what}")
            return [self.find(part, axis, f"{name}[{k}]") for k, (part, axis) in enumerate(zip(parts, axes))]
        if isinstance(leaf, dict):
            return {key: self.find(part, axes, f"{name}[{key!r}]") for key, part in leaf.items()}
        if isinstance(leaf, list):
            return [self.find(part, axes, f"{name}[{k}]") for k, part in enumerate(leaf)]
        if axes is None:
            return _Shared(leaf)
        if not -leaf.ndim <= axes < leaf.ndim:
            what = f"is of shape {leaf.shape}" if leaf.ndim else "is one number"
            raise ValueError(
                f"{name} {what} and has no axis {axes} for the rows: None in in_axes says that all share it"
            )
        self.rows[f"{name}, of shape {leaf.shape} with the rows in axis {axes},"] = leaf.shape[axes]
        return np.moveaxis(leaf, axes, 0)


def _kinds(found: Any) -> Iterator[bool]:
    """For each array whether it has rows."""
    if isinstance(found, (dict, list)):
        for part in found.values() if isinstance(found, dict) else found:
            yield from _kinds(part)
    elif not isinstance(found, Static):
        yield not isinstance(found, _Shared)


def _in_full(found: Any, rows: int | None) -> Leaves:
    """The structure with arrays alone: what is shared repeated for all rows, but where there are none."""
    if isinstance(found, dict):
        return {key: _in_full(part, rows) for key, part in found.items()}
    if isinstance(found, list):
        return [_in_full(part, rows) for part in found]
    if isinstance(found, _Shared):
        return found.array if rows is None else np.broadcast_to(found.array, (rows, *found.array.shape))
    return found


def _row_spec(found: Any) -> Spec:
    if isinstance(found, dict):
        return ("dict", tuple(found), tuple([_row_spec(part) for part in found.values()]))
    if isinstance(found, list):
        return ("list", tuple([_row_spec(part) for part in found]))
    if isinstance(found, _Shared):
        return spec_of(found.array)
    return without_rows(spec_of(found))
