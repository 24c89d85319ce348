"""The backend "native": programs compiled by LLVM, in this process."""

from __future__ import annotations

import itertools
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.collector import no_collections
from engine.lifting.backends import Backend, NumPy
from engine.lifting.namespaces import missing, numpy_namespace
from engine.lifting.native.refusals import expand_refusals
from engine.lifting.native.row_pieces import in_pieces, rows_at_once
from engine.lifting.native.short_call import MOST_WORK, ShortCall, is_possible
from engine.lifting.native.size import size_of
from engine.lifting.native.terms import Unsupported
from engine.lifting.parameters import in_arrays

if TYPE_CHECKING:
    from engine.lifting.argument_checks import Check
    from engine.lifting.native.listing import NativeListing
    from engine.lifting.native.native_code import NativeCode
    from engine.lifting.program import ArrayProgram, Program
    from engine.lifting.short_calls import CallForm

FEWEST_FOR_LANES = 4  # rows: of fewer one after the other is faster


class NativeFunction:
    """A function of a program, compiled for one row or for many.

    Attributes:
        code: its machine code.
        written: what is known of its text.
        rows_at_once: how many rows a call computes before Python may look for Ctrl-C.
        address: where it is in memory.
    """

    def __init__(self, code: NativeCode) -> None:
        from engine.lifting.native.machine import Loaded

        self.code = code
        self.written = code.written
        self.rows_at_once = rows_at_once(code.written)
        self._loaded = Loaded(code.code)
        self.address = self._loaded.address
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
        self._short_calls: dict[Any, ShortCall | None] = {}
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

    def listing(self) -> NativeListing:
        """What there is native code of; ValueError if there is none."""
        from engine.lifting.native.listing import NativeListing

        if self.refusal:
            raise ValueError(f"this program runs on NumPy: {self.refusal}")
        return NativeListing(self._program, {key: each.code for key, each in self._functions.items() if each})

    def function(self, name: str, rows: int) -> NativeFunction | None:
        """One of the functions of `native_code.EXPANDED`, for so many rows."""
        from engine.lifting.native.machine import lanes

        if self.refusal:
            return None
        key = name, 1 if rows < FEWEST_FOR_LANES else lanes()
        if key not in self._functions:
            with self._lock, no_collections():
                if key not in self._functions:
                    self._functions[key] = self._compiled(*key)
        return self._functions[key]

    def short_call(self, form: CallForm) -> ShortCall | None:
        """The short call of that form; see `Backend.short_call`."""
        function = self.function(form.name, 1 if form.rows is None else form.rows)
        if function is None:
            return None
        key = form.name, form.shapes, None if form.rows is None else function.written.lanes
        if key not in self._short_calls:
            with self._lock:
                if key not in self._short_calls:
                    self._short_calls[key] = self._made_short(function, form)
        return self._short_calls[key]

    def _made_short(self, function: NativeFunction, form: CallForm) -> ShortCall | None:
        from engine.lifting.native.machine import CannotCompile

        program, lanes, batched = self._program, function.written.lanes, form.rows is not None
        by_rows = form.name != "gradients"
        if form.name == "value":
            results = range(program.output.size)
        else:
            results = range(1, 1 + sum(array.size for array in program.gradients or ()))
        rows = (1, FEWEST_FOR_LANES - 1) if lanes == 1 else (FEWEST_FOR_LANES, min(MOST_WORK, function.rows_at_once))
        work = size_of(program).done
        if not is_possible(form.shapes, rows[0] * work) or (by_rows and batched and not program.output.batched):
            return None
        check, kept = form.check, form.program.kept
        try:
            counted = self._counting(check, lanes) if check.given or check.computed else None
            limits = rows if batched else None
            return ShortCall(function, counted, kept, results, by_rows, form.shapes, limits, work)
        except (Unsupported, CannotCompile):
            return None

    def _counting(self, check: Check, lanes: int) -> NativeFunction:
        """Counts the numbers that are not allowed."""
        from engine.lifting.native.native_code import compiled, text_of

        return NativeFunction(compiled(text_of(expand_refusals(check), self._program, lanes)))

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
            found = self._programs.setdefault(program, NativeProgram(program.arrays, self._refuse(program)))
            program.native_program = found
        return found

    def says(self, program: Program) -> str:
        return str(self.native(program))

    def short_call(self, form: CallForm) -> ShortCall | None:
        return self.native(form.program).short_call(form)

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
