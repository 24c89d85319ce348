"""The structure of a compiled function's arguments, by which its programs are known, and their numbers as arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import numpy as np

from engine.errors import not_a_number
from engine.lifting.trace import Static
from engine.lookup import take
from engine.value import Value

Leaves = Any  # an array, a Static, or a dict or list of such
Spec = Any  # the structure of an argument: a shape, ("static", type, setting), ("dict", keys, specs) or ("list", specs)


def as_arrays(argument: Any, name: str) -> Leaves:
    """An argument with its numbers in arrays: one array if it is rectangular, else a dict or list of such.

    None, a str and a bool are settings and no numbers; but in a list of numbers a bool is 1 or 0.
    """
    if argument is None or isinstance(argument, (bool, str)):
        return Static(argument)
    if type(argument) is np.ndarray:  # one of a class of its own may compute otherwise
        return argument if argument.dtype == float else _numbers(argument, name)
    if isinstance(argument, dict):
        return {key: as_arrays(part, f"{name}[{key!r}]") for key, part in argument.items()}
    if hasattr(argument, "__array__"):
        return _numbers(argument, name)
    if isinstance(argument, (list, tuple)):
        if not any(isinstance(part, (dict, str)) or part is None for part in argument):
            try:
                return _numbers(argument, name)
            except ValueError:
                pass  # lists of different lengths
        return [as_arrays(part, f"{name}[{k}]") for k, part in enumerate(argument)]
    return _numbers(argument, name)


def _numbers(argument: Any, name: str) -> np.ndarray:
    """The argument as an array of floats. ValueError for lists of different lengths, TypeError for other things."""
    if isinstance(argument, Value):
        raise TypeError(f"{name} is a Value: pass its number, or let the function use it directly as a parameter")
    array = np.asarray(argument)
    if array.dtype.kind not in "fiub":  # of objects: big integers and Fractions are numbers too
        odd = [part for part in array.reshape(-1).tolist() if not isinstance(part, Real)]
        if odd or array.dtype.kind != "O":
            reason = not_a_number(odd[0] if odd else argument)
            raise TypeError(f"{name} must be numbers in lists, tuples, dicts or arrays: {reason}")
    return array.astype(float)


def spec_of(leaf: Leaves) -> Spec:
    """The structure of an argument."""
    if isinstance(leaf, np.ndarray):
        return leaf.shape
    if isinstance(leaf, Static):
        return ("static", type(leaf.setting), leaf.setting)
    if isinstance(leaf, dict):
        return ("dict", tuple(leaf), tuple([spec_of(part) for part in leaf.values()]))
    return ("list", tuple([spec_of(part) for part in leaf]))


def arrays_of(leaf: Leaves) -> list[np.ndarray]:
    """The arrays of an argument, in order."""
    if isinstance(leaf, np.ndarray):
        return [leaf]
    if isinstance(leaf, Static):
        return []
    return [array for part in (leaf.values() if isinstance(leaf, dict) else leaf) for array in arrays_of(part)]


def rows_of(leaves: Sequence[Leaves]) -> tuple[int | None, Any]:
    """The length of the leading axis if all arguments share one, and their structure without it."""
    arrays = [array for leaf in leaves for array in arrays_of(leaf)]
    if not arrays or any(array.ndim == 0 for array in arrays):
        return None, None
    lengths = {len(array) for array in arrays}
    if len(lengths) > 1:
        return None, None
    return lengths.pop(), tuple([without_rows(spec_of(leaf)) for leaf in leaves])


def without_rows(spec: Spec) -> Spec:
    """The structure of an argument's row."""
    kind = spec[:1]
    if kind == ("static",):
        return spec
    if kind == ("dict",):
        return ("dict", spec[1], tuple([without_rows(part) for part in spec[2]]))
    if kind == ("list",):
        return ("list", tuple([without_rows(part) for part in spec[1]]))
    return spec[1:]


def without_settings(spec: Spec) -> Spec:
    """A structure, or a tuple of several, with a blank for each setting."""
    if not isinstance(spec, tuple):
        return spec
    return ("static",) if spec[:1] == ("static",) else tuple([without_settings(part) for part in spec])


def flat(leaf: Leaves, rows: int | None) -> np.ndarray:
    """An argument's numbers as one array, rows x numbers; one row for one sample."""
    if not isinstance(leaf, np.ndarray):
        parts = [flat(array, rows) for array in arrays_of(leaf)]
        return np.concatenate(parts, axis=1) if parts else np.zeros((1 if rows is None else rows, 0))
    return leaf.reshape(1, leaf.size) if rows is None else leaf.reshape(rows, math.prod(leaf.shape[1:]))


def mapped(argument: Any, leaf: Leaves, f: Callable[[Any, np.ndarray], Any]) -> Any:
    """The structure of an argument, with f of a part of it and its array in place of each array; None of a setting."""
    if isinstance(leaf, Static):
        return None
    if isinstance(leaf, np.ndarray):
        return f(argument, leaf)
    if isinstance(leaf, dict):
        return {key: mapped(argument[key], part, f) for key, part in leaf.items()}
    parts = [mapped(each, part, f) for each, part in zip(argument, leaf)]
    return tuple(parts) if isinstance(argument, tuple) else parts


def in_structure_of(argument: Any, leaf: Leaves, numbers: np.ndarray, batched: bool) -> Any:
    """Numbers, rows x numbers, one for each number of an argument, in its structure.

    Of one sample that of the argument itself: a list for a list, an array for an array. Of a batch that of its leaves,
    each an array.
    """
    end = 0

    def fill(part: Any, array: np.ndarray) -> Any:
        nonlocal end
        shape = array.shape[1:] if batched else array.shape
        start, end = end, end + math.prod(shape)
        if batched:
            return numbers[:, start:end].reshape(len(numbers), *shape)
        return _like(part, numbers[:, start:end].reshape(shape))

    return mapped(argument, leaf, fill)


def _like(argument: Any, numbers: np.ndarray) -> Any:
    """Numbers as the argument has them: a float, lists or tuples of floats, or an array."""
    if not numbers.ndim:
        return float(numbers)
    if hasattr(argument, "__array__"):
        return numbers.copy()
    parts = numbers.tolist() if numbers.ndim == 1 else [_like(each, part) for each, part in zip(argument, numbers)]
    return tuple(parts) if isinstance(argument, tuple) else parts


class ListArgument(list[Any]):
    """A list argument while it is traced: list arithmetic, which repeats and joins, is surely a mistake."""

    def _refuse(self, _: object) -> Any:
        raise TypeError("this argument is a list of numbers: compute with its elements")

    __add__ = __radd__ = __mul__ = __rmul__ = _refuse

    def __getitem__(self, index: Any) -> Any:
        return take(self, index) if isinstance(index, Value) else super().__getitem__(index)


def example(spec: Spec) -> Any:
    """An argument of that structure: 0.0 for each number."""
    kind = spec[:1]
    if kind == ("static",):
        return Static(spec[2])
    if kind == ("dict",):
        return dict(zip(spec[1], map(example, spec[2])))
    if kind == ("list",):
        return ListArgument(map(example, spec[1]))
    return ListArgument([example(spec[1:])] * spec[0]) if spec else 0.0


def outputs_in(structure: Any, values: np.ndarray, batched: bool) -> Any:
    """The outputs in the structure the function returned; of a batch, lists of equal lengths as further axes."""
    columns = iter(values.T if batched else values.tolist())

    def fill(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: fill(inner) for key, inner in part.items()}
        if isinstance(part, (list, tuple)):
            inner = [fill(each) for each in part]
            if batched and isinstance(part, list) and len({getattr(each, "shape", None) for each in inner}) == 1:
                return np.stack(inner, axis=1) if hasattr(inner[0], "shape") else inner
            return type(part)(inner)
        return next(columns)

    return fill(structure)


def argument_names(f: Any) -> list[str]:
    """What a function calls its arguments; none of a graph, or of what does not say."""
    import inspect

    try:
        named = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return []
    return [each.name if each.kind is each.POSITIONAL_OR_KEYWORD else "" for each in named]
