"""The machine: LLVM compiles a text for this processor, and the result is called by its address."""

from __future__ import annotations

import ctypes
import functools
import itertools
import threading
import weakref
from typing import Any

import llvmlite.binding as llvm

_lock = threading.Lock()
_numbers = itertools.count()
_made: dict[str, Any] = {}


def _machine(effort: int) -> Any:
    """A target machine for this processor; `effort` is how hard it tries, 0 to 3."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    features = llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(llvm.get_host_cpu_name(), features, effort, "pic", "default")


@functools.cache  # LLVM takes a tenth of a millisecond to look
def lanes() -> int:
    """How many numbers this processor's vectors hold well."""
    features = llvm.get_host_cpu_features()
    return 8 if features.get("avx512f") else 4


def compiled(text: str, effort: int = 2) -> bytes:
    """The object code of a text."""
    with _lock:
        machine = _made.get(f"machine {effort}")
        if machine is None:
            machine = _made[f"machine {effort}"] = _machine(effort)
        module = llvm.parse_assembly(text)
        return machine.emit_object(module)  # type: ignore[no-any-return]


class Loaded:
    """Object code in memory, for as long as this object is.

    Attributes:
        address: of the function `run`.
        run: the same, to be called: (parameters, arguments, work, out, rows), all but the last addresses.
    """

    def __init__(self, code: bytes) -> None:
        with _lock:
            jit = _made.get("jit")
            if jit is None:
                _machine(2)
                jit = _made["jit"] = llvm.create_lljit_compiler()
            library = llvm.JITLibraryBuilder().add_object_img(code).add_current_process().export_symbol("run")
            tracker = library.link(jit, f"native{next(_numbers)}")
        self.address: int = tracker["run"]
        self._finalizer = weakref.finalize(self, tracker.close)
        self._finalizer.atexit = False
        address = ctypes.c_void_p
        kind = ctypes.CFUNCTYPE(None, address, address, address, address, ctypes.c_int64)
        self.run = kind(self.address)
