"""The backend "native": programs compiled by LLVM, in this process."""

from __future__ import annotations

import itertools
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.lifting.backends import Backend, NumPy
from engine.lifting.namespaces import missing, numpy_namespace
from engine.lifting.native.emit import NativeText, emit
from engine.lifting.native.expand import expand_gradients, expand_row_gradients, expand_value
from engine.lifting.native.size import size_of
from engine.lifting.native.terms import Unsupported
from engine.lifting.parameters import in_arrays

if TYPE_CHECKING:
    from engine.lifting.program import ArrayProgram, Program

FEWEST_FOR_LANES = 4  # rows: of fewer one after the other is faster
EXPANSIONS = {"value": expand_value, "gradients": expand_gradients, "row gradients": expand_row_gradients}


class NativeFunction:
    """A function of a program, compiled for one row or for many."""

    def __init__(self, written: NativeText) -> None:
        from engine.lifting.native.machine import Loaded, compiled

        self.written = written
        self._loaded = Loaded(compiled(written.text))
        self._rooms: list[Any] = []  # for numbers, of calls that are over

    def __call__(self, parameters: Any, batch: list[Any], out: Any, rows: int) -> None:
        """Compute into `out`."""
        try:
            room = self._rooms.pop()
        except IndexError:
            room = np.empty(self.written.work)
        arguments = np.array([array.ctypes.data for array in batch], dtype=np.uintp)
        self._loaded.run(parameters.ctypes.data, arguments.ctypes.data, room.ctypes.data, out.ctypes.data, rows)
        self._rooms.append(room)


class NativeProgram:
    """The functions of a program, each compiled when it is first called; None in place of one there is no code for.

    Attributes:
        refusal: why it runs on NumPy; "" where it does not.
    """

    def __init__(self, program: ArrayProgram, refusal: str = "") -> None:
        self._program = program
        self._functions: dict[tuple[str, int], NativeFunction | None] = {}
        self._lock = threading.RLock()
        self.refusal = refusal

    def __str__(self) -> str:
        if self.refusal:
            return f"NumPy: {self.refusal}"
        terms = [function.written.terms for function in self._functions.values() if function is not None]
        if not terms:
            return "native"
        done = size_of(self._program).done
        return f"native: {done:,} scalar operations for a row, {max(terms):,} of them written out"

    def function(self, name: str, rows: int) -> NativeFunction | None:
        """One of the functions of `EXPANSIONS`, for so many rows."""
        from engine.lifting.native.machine import lanes

        if self.refusal:
            return None
        key = name, 1 if rows < FEWEST_FOR_LANES else lanes()
        if key not in self._functions:
            with self._lock:
                if key not in self._functions:
                    self._functions[key] = self._compiled(*key)
        return self._functions[key]

    def _compiled(self, name: str, rows_at_once: int) -> NativeFunction | None:
        from engine.lifting.native.machine import lanes

        try:
            expansion = EXPANSIONS[name](self._program)
        except Unsupported as refused:
            self.refusal = f"there is no native code for {refused}"
            return None
        sizes = [array.size for array in self._program.with_rows]
        return NativeFunction(emit(expansion, sizes, rows_at_once, lanes()))


class Native(Backend):
    """Runs programs as native code; those that there is none for with NumPy.

    Args:
        refuse: says of a program why NumPy is to run it, or "".
    """

    def __init__(self, refuse: Callable[[Program], str] = lambda _: "") -> None:
        try:
            import llvmlite.binding  # noqa: F401
        except ImportError:
            raise missing("native", "llvmlite") from None
        self.namespace = numpy_namespace()
        self._numpy = NumPy()
        self._refuse = refuse
        self._programs: weakref.WeakKeyDictionary[Program, NativeProgram] = weakref.WeakKeyDictionary()

    def native(self, program: Program) -> NativeProgram:
        """The native code of a program."""
        found = self._programs.get(program)
        if found is None:
            found = self._programs.setdefault(program, NativeProgram(program.arrays, self._refuse(program)))
        return found

    def says(self, program: Program) -> str:
        return str(self.native(program))

    def values(self, program: Program, batch: list[Any]) -> Any:
        output, rows = program.arrays.output, _rows(program, batch)
        function = self.native(program).function("value", rows) if rows else None
        if function is None:
            return self._numpy.values(program, batch)
        out = np.empty((rows if output.batched else 1, output.size))
        function(*_given(program, batch), out, rows)
        return out

    def value_and_gradients(self, program: Program, batch: list[Any]) -> tuple[float, list[Any]]:
        rows = _rows(program, batch)
        function = self.native(program).function("gradients", rows)
        if function is None:
            return self._numpy.value_and_gradients(program, batch)
        gradients = program.arrays.gradients or []
        ends = [*itertools.accumulate([array.size for array in gradients], initial=1)]
        out = np.empty(ends[-1])
        function(*_given(program, batch), out, rows)
        return out.item(0), [out[start:end] for start, end in itertools.pairwise(ends)]

    def values_and_row_gradients(self, program: Program, batch: list[Any]) -> tuple[Any, list[Any]]:
        output, rows = program.arrays.output, _rows(program, batch)
        function = self.native(program).function("row gradients", rows) if rows else None
        if function is None:
            return self._numpy.values_and_row_gradients(program, batch)
        sizes = [array.size for array in (output, *(program.arrays.gradients or []))]
        ends = [*itertools.accumulate(sizes, initial=0)]
        out = np.empty((rows, ends[-1]))
        function(*_given(program, batch), out, rows)
        values, *gradients = [out[:, start:end].copy() for start, end in itertools.pairwise(ends)]
        return values, gradients


def _rows(program: Program, batch: list[Any]) -> int:
    """How many rows the arguments have; 1 of none."""
    return next((len(array) for k, array in enumerate(batch) if k not in program.shared), 1)


def _given(program: Program, batch: list[Any]) -> tuple[Any, list[Any]]:
    """What is the same for all rows in one array, and the arguments with rows."""
    parameters, shared = in_arrays(program.kept).data(), program.shared
    if shared:
        parameters = np.concatenate([parameters, *[batch[k].reshape(-1) for k in shared]])
    return parameters, [np.ascontiguousarray(array) for k, array in enumerate(batch) if k not in shared]
