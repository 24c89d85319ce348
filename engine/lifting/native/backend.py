"""The backend "native": programs compiled by LLVM, in this process."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.collector import no_collections
from engine.lifting.backends import Backend, NumPy
from engine.lifting.namespaces import missing, numpy_namespace
from engine.lifting.native.row_pieces import in_pieces, rows_at_once
from engine.lifting.native.terms import Unsupported
from engine.lifting.parameters import in_arrays

if TYPE_CHECKING:
    from engine.lifting.native.listing import NativeListing
    from engine.lifting.native.native_code import NativeCode
    from engine.lifting.program import ArrayProgram, Program

SHARED = "there is no native code for arguments that all rows share"
FEWEST_FOR_LANES = 4  # rows: of fewer one after the other is faster


class NativeFunction:
    """A function of a program, compiled for one row or for many."""

    def __init__(self, code: NativeCode) -> None:
        from engine.lifting.native.machine import Loaded

        self.code = code
        self.written = code.written
        self.rows_at_once = rows_at_once(code.written)
        self._loaded = Loaded(code.code)
        self._rooms: list[Any] = []  # for numbers, of calls that are over

    def __call__(self, parameters: Any, batch: list[Any], out: Any, rows: int) -> None:
        """Compute into `out`."""
        if rows > self.rows_at_once:
            return in_pieces(self, parameters, batch, out, rows)
        try:
            room = self._rooms.pop()
        except IndexError:
            room = np.empty(self.written.work)
        arguments = np.array([array.ctypes.data for array in batch], dtype=np.uintp)
        self._loaded.run(parameters.ctypes.data, arguments.ctypes.data, room.ctypes.data, out.ctypes.data, rows)
        self._rooms.append(room)
        return None


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
        return f"native: {max(terms):,} scalar operations for a row" if terms else "native"

    def listing(self) -> NativeListing:
        """What there is native code of; ValueError if there is none."""
        from engine.lifting.native.listing import NativeListing

        if self.refusal:
            raise ValueError(f"this program runs on NumPy: {self.refusal}")
        return NativeListing(self._program, {key: each.code for key, each in self._functions.items() if each})

    def function(self, name: str, rows: int) -> NativeFunction | None:
        """The function `value` or `gradients`, for so many rows."""
        from engine.lifting.native.machine import lanes

        if self.refusal:
            return None
        key = name, 1 if rows < FEWEST_FOR_LANES else lanes()
        if key not in self._functions:
            with self._lock, no_collections():
                if key not in self._functions:
                    self._functions[key] = self._compiled(*key)
        return self._functions[key]

    def _compiled(self, name: str, lanes: int) -> NativeFunction | None:
        from engine.lifting.native.machine import CannotCompile
        from engine.lifting.native.native_code import code_of

        try:
            code = code_of(self._program, name, lanes)
            try:
                return NativeFunction(code)
            except CannotCompile:
                if not code.is_from_cache:
                    raise
            return NativeFunction(code_of(self._program, name, lanes, anew=True))  # what was kept does not fit here
        except Unsupported as refused:
            self.refusal = f"there is no native code for {refused}"
        except CannotCompile as refused:
            self.refusal = f"LLVM cannot compile it: {refused}"
        return None


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
        except OSError as error:  # its library is for another system
            said = str(error).partition(". ")[0]
            raise ImportError(f"llvmlite is installed, but cannot be loaded here: {said}") from error
        self.namespace = numpy_namespace()
        self._numpy = NumPy()
        self._refuse = refuse
        self._programs: weakref.WeakKeyDictionary[Program, NativeProgram] = weakref.WeakKeyDictionary()

    def native(self, program: Program) -> NativeProgram:
        """The native code of a program."""
        found = self._programs.get(program)
        if found is None:
            found = self._programs.setdefault(
                program, NativeProgram(program.arrays, SHARED if program.shared else self._refuse(program))
            )
            program.native_code = found
        return found

    def says(self, program: Program) -> str:
        return str(self.native(program))

    def values(self, program: Program, batch: list[Any]) -> Any:
        rows = len(batch[0]) if batch else 1
        function = self.native(program).function("value", rows) if rows else None
        if function is None:
            return self._numpy.values(program, batch)
        out = np.empty((rows if program.arrays.output.batched else 1, program.arrays.output.size))
        function(in_arrays(program.kept).data(), _contiguous(batch), out, rows)
        return out

    def value_and_gradients(self, program: Program, batch: list[Any]) -> tuple[float, list[Any]]:
        rows = len(batch[0]) if batch else 1
        function = self.native(program).function("gradients", rows)
        if function is None:
            return self._numpy.value_and_gradients(program, batch)
        out = np.empty(1 + len(program.parameters))
        function(in_arrays(program.kept).data(), _contiguous(batch), out, rows)
        return out.item(0), [out[1:]]

    def values_and_row_gradients(self, program: Program, batch: list[Any]) -> tuple[Any, list[Any]]:
        return self._numpy.values_and_row_gradients(program, batch)


def _contiguous(batch: list[Any]) -> list[Any]:
    return [np.ascontiguousarray(array) for array in batch]
