"""The short way from a caller's numbers to native code and back: a built-in function of Python, made by LLVM.

The usual way of a call takes ten times as long as a small program computes. The short one reads the numbers where
they lie, with no object made on the way, and adds the gradient where the parameters' gradients wait. It is for
arguments of one structure, as they were before; every other call, and every one that is wrong, goes the usual way.
"""

from __future__ import annotations

import ctypes
import functools
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.leaf_arrays import gathered, moving, waiting
from engine.lifting.native.call_text import TEXT, WORDS
from engine.lifting.native.objects import address_of, are_known
from engine.lifting.parameters import Parameters, StoredParameters, in_arrays, stores_are_open
from engine.recording import current

if TYPE_CHECKING:
    from engine.lifting.native.backend import NativeFunction

MOST_WORK = 1_500_000  # scalar operations, about half a millisecond: for more, other threads of Python should run
MOST_COPIED = 8192  # numbers out of lists of a batch
_FASTCALL = 0x80  # Python's METH_FASTCALL

Arguments = tuple[Any, ...]


class Words(np.ndarray[Any, Any]):
    """The array that is `self` of a built-in function; `keeps` is what that needs in memory."""

    keeps: Any


class ShortCall:
    """A native function, called with arguments of one structure. Each method answers None where it does not know one.

    Nothing that a program computes differs from the usual way: it is the same function, and whatever is wrong with the
    arguments is found out there. The interpreter's lock is held, so no thread comes between.

    Args:
        function: the native function: of the value, or of the value and the gradients.
        check: counts the numbers that are not allowed; None where all are.
        kept: the parameters.
        results: which of the numbers that it computes are handed on; the first one is the value.
        by_rows: whether these are computed of every row, and not of all together.
        shapes: of the arguments, of a batch those of a row.
        rows: the least and the largest number of rows of a batch; None for one sample.
        work: how many scalar operations a row is; `is_possible` must be true of those of the least rows.
    """

    def __init__(
        self,
        function: NativeFunction,
        check: NativeFunction | None,
        kept: Parameters,
        results: range,
        by_rows: bool,
        shapes: Sequence[tuple[int, ...]],
        rows: tuple[int, int] | None,
        work: int,
    ) -> None:
        if rows is not None:
            rows = rows[0], min(rows[1], MOST_WORK // max(1, work))
        self._kept, self._key, self._results = kept, id(kept), len(results)
        self._most = rows[1] if rows is not None and by_rows else 0
        self._call = _built_in(function, check, results, by_rows, shapes, rows)

    def values(self, arguments: Arguments) -> tuple[float, Any] | None:
        """The first number, and an array of the results, with an axis of rows in front if they are by rows."""
        if current.get() is not None:
            return None
        shape: Any = self._results
        if self._most:
            shape = _length(arguments), shape
            if not 0 < shape[0] <= self._most:
                return None
        results = np.empty(shape)
        value = self._call(in_arrays(self._kept).data(), None, results, arguments)
        return None if value is None else (value, results)

    def backward(self, arguments: Arguments) -> float | None:
        """The value, whose gradient is added to the parameters'."""
        if current.get() is not None:
            return None
        with moving:
            if stores_are_open():
                return self._in_store(arguments)
            kept, key = self._kept, self._key
            known = gathered.get(key)
            data = None if known is None else known.data
            if data is None:
                data = kept.data()
            total = np.empty(self._results)
            if key in waiting:  # then none of them waits elsewhere
                value: float | None = self._call(data, kept.unsettled, total, arguments)
                if value is not None:
                    kept.unsettled = total
                return value
            value = self._call(data, None, total, arguments)
            if value is not None:
                kept.add_grad(total)
            return value

    def _in_store(self, arguments: Arguments) -> float | None:
        """The same while the parameters, or others, are in a store: added up in its arrays."""
        view = in_arrays(self._kept)
        parts = view.parts if isinstance(view, StoredParameters) else None
        if parts is None:
            total = np.empty(self._results)
            value: float | None = self._call(view.data(), None, total, arguments)
            if value is not None:
                view.add_grad(total)
            return value
        data, grad, reached = parts
        value = self._call(data, grad, grad, arguments)
        if value is not None:
            reached.fill(True)
        return value


def _length(arguments: Arguments) -> int:
    """How many rows there are, by the first argument; 0 where it is not known for certain."""
    first: Any = arguments[0] if arguments else None
    if type(first) is np.ndarray:
        return first.shape[0] if first.ndim else 0
    return len(first) if type(first) in (list, tuple) else 0


def is_possible(shapes: Sequence[tuple[int, ...]], work: int) -> bool:
    """Whether there is a short call for arguments of these shapes, and so many scalar operations."""
    return are_known() and all(map(math.prod, shapes)) and work <= MOST_WORK


def _built_in(
    function: NativeFunction,
    check: NativeFunction | None,
    results: range,
    by_rows: bool,
    shapes: Sequence[tuple[int, ...]],
    rows: tuple[int, int] | None,
) -> Callable[..., Any]:
    """The built-in function of a native function."""
    copied = sum(map(math.prod, shapes))
    copied = copied if rows is None else max(copied, MOST_COPIED)
    sizes = {
        "work": function.written.work,
        "check_work": 0 if check is None else check.written.work,
        "out": max(1, results.stop),
        "pointers": len(shapes),
        "copies": copied,
    }
    room = np.empty(sum(sizes.values()))
    starts = [0, *np.cumsum([*sizes.values()]).tolist()]
    least, most = (1, 1) if rows is None else rows
    known: dict[str, int] = {
        **{name: room.ctypes.data + 8 * start for name, start in zip(sizes, starts)},
        "run": function.address,
        "check": 0 if check is None else check.address,
        "count": len(shapes),
        "batch": int(rows is not None),
        "least_rows": least,
        "most_rows": most,
        "results": len(results),
        "first": results.start,
        "by_rows": int(by_rows and rows is not None),
        "room": copied,
        **_of_python(),
    }
    words = np.array(
        [known[name] for name in WORDS] + [n for shape in shapes for n in (len(shape), math.prod(shape), *shape)],
        dtype=np.int64,
    ).view(Words)
    definition, loaded = _definition()
    words.keeps = function, check, room, definition, loaded
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
    return make(ctypes.addressof(definition), words, None)  # type: ignore[no-any-return]


@functools.cache
def _of_python() -> dict[str, int]:
    """The words that are types and functions of Python and NumPy."""
    api = ctypes.pythonapi
    return {
        "none": id(None),
        **{name: id(kind) for name, kind in (("float", float), ("int", int), ("list", list), ("tuple", tuple))},
        "float64": id(np.float64),
        "array": id(np.ndarray),
        "dtype": id(np.dtype(float)),
        "as_float": address_of(api.PyFloat_AsDouble),
        "as_whole": address_of(api.PyLong_AsLongLongAndOverflow),
        "list_size": address_of(api.PyList_Size),
        "list_item": address_of(api.PyList_GetItem),
        "tuple_size": address_of(api.PyTuple_Size),
        "tuple_item": address_of(api.PyTuple_GetItem),
        "make_float": address_of(api.PyFloat_FromDouble),
        "keep": address_of(api.Py_IncRef),
    }


class _Definition(ctypes.Structure):
    """Python's PyMethodDef."""

    _fields_ = (
        ("name", ctypes.c_char_p), ("function", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p)
    )  # fmt: skip


@functools.cache
def _definition() -> tuple[_Definition, Any]:
    """What Python needs to know of the built-in function, and its code."""
    from engine.lifting.native.machine import LEAST_EFFORT, Loaded, compiled

    loaded = Loaded(compiled(TEXT, LEAST_EFFORT))
    return _Definition(b"native", loaded.address, _FASTCALL, None), loaded
