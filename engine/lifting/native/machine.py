"""The machine: LLVM compiles a text for this processor, and the result is called by its address.

LLVM is one thing for the whole process, and one thread at a time may use it.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import itertools
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import llvmlite
import llvmlite.binding as llvm

from engine.lifting.native.code_cache import found_cache

EFFORT = 2  # how hard LLVM tries, of 0 to 3
LEAST_EFFORT = 0  # for what takes longer to make better than that saves
LONG = 500  # terms: what takes LLVM some tenths of a second
BETWEEN_LOOKS = 0.1  # seconds
MOST_LIBRARIES = 64  # of one LLJIT, which keeps some kilobytes of each until it is gone itself

_lock = threading.RLock()
_numbers = itertools.count()
_made: dict[str, Any] = {}
_dropped: deque[list[Any]] = deque()  # libraries that nothing uses any more, each with its LLJIT

if hasattr(os, "register_at_fork"):  # a child has this thread alone, so no other may be in the midst of LLVM then
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


class CannotCompile(Exception):  # noqa: N818  not an error: another backend takes the program
    """What LLVM says where it does not compile something, in one line."""


@contextlib.contextmanager
def _using_llvm() -> Iterator[None]:
    with _lock:
        try:
            yield
        except (RuntimeError, OSError) as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise CannotCompile(lines[0]) from error
        finally:
            _unload()


def _machine(effort: int) -> Any:
    """The target machine of this processor; `effort` is how hard it tries, 0 to 3."""
    name = f"machine {effort}"
    if name not in _made:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        target = llvm.Target.from_default_triple()
        features = llvm.get_host_cpu_features().flatten()
        _made[name] = target.create_target_machine(llvm.get_host_cpu_name(), features, effort, "pic", "default")
    return _made[name]


@functools.cache  # LLVM takes a tenth of a millisecond to look
def lanes() -> int:
    """How many numbers this processor's vectors hold well."""
    with _using_llvm():
        features = llvm.get_host_cpu_features()
    return 8 if features.get("avx512f") else 4


@functools.cache
def described() -> tuple[str, ...]:
    """What the code of a text depends on besides the text: LLVM, and the processor that it compiles for."""
    with _using_llvm():
        versions = f"{llvmlite.__version__} {'.'.join(map(str, llvm.llvm_version_info))}"
        processor = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
        return versions, llvm.get_default_triple(), *processor


def compiled(text: str, effort: int = EFFORT) -> bytes:
    """The object code of a text, from the cache or made: for what has no program behind it.

    CannotCompile if LLVM says so.
    """
    cache = found_cache()
    if cache is None:
        return _compiled(text, effort)
    parts = "\n".join([*described(), str(effort), text])
    key = f"text-{hashlib.blake2b(parts.encode(), digest_size=20).hexdigest()}"
    code = cache.get(key)
    if code is None:
        code = _compiled(text, effort)
        cache.put(key, code)
    return code


def made(text: str, terms: int) -> bytes:
    """The object code of a text of so many terms, made by LLVM.

    Ctrl-C is answered at once, however long LLVM takes: it goes on to its end in a thread of its own.

    CannotCompile if LLVM says so.
    """
    if terms < LONG or threading.current_thread() is not threading.main_thread():
        return _compiled(text, EFFORT)
    result: list[Callable[[], bytes]] = []
    done = threading.Event()

    def work() -> None:
        try:
            code = _compiled(text, EFFORT)
            result.append(lambda: code)
        except BaseException as error:  # raised where it was asked for
            failed = error
            result.append(lambda: _raised(failed))
        done.set()

    try:
        threading.Thread(target=work, name="liftgrad: LLVM").start()
    except RuntimeError:  # there can be no more threads
        return _compiled(text, EFFORT)
    while not done.wait(BETWEEN_LOOKS):
        pass
    return result[0]()


def _raised(error: BaseException) -> Any:
    raise error


def _compiled(text: str, effort: int) -> bytes:
    with _using_llvm():
        machine = _machine(effort)
        with llvm.parse_assembly(text) as module:
            return machine.emit_object(module)  # type: ignore[no-any-return]


def assembly(text: str) -> str:
    """The assembly of a text for this processor."""
    with _using_llvm():
        machine = _machine(EFFORT)
        with llvm.parse_assembly(text) as module:
            return machine.emit_assembly(module)  # type: ignore[no-any-return]


class Loaded:
    """Object code in memory, for as long as this object is.

    Attributes:
        address: of the function `run`.
        run: the same, to be called: (parameters, arguments, work, out, rows), all but the last addresses.
    """

    def __init__(self, code: bytes) -> None:
        with _using_llvm():
            number = next(_numbers)
            if number % MOST_LIBRARIES == 0 or "jit" not in _made:
                llvm.initialize_native_target()
                _made["jit"] = llvm.create_lljit_compiler()
            library = llvm.JITLibraryBuilder().add_object_img(code).add_current_process().export_symbol("run")
            tracker = library.link(_made["jit"], f"native{number}")
            loaded = [tracker, _made["jit"]]
        self.address: int = tracker["run"]
        self._finalizer = weakref.finalize(self, _drop, loaded)
        self._finalizer.atexit = False
        address = ctypes.c_void_p
        kind = ctypes.CFUNCTYPE(None, address, address, address, address, ctypes.c_int64)
        self.run = kind(self.address)


def _drop(loaded: list[Any]) -> None:
    """Unload a library: now, or when LLVM is used next, for the garbage collector must not wait for a thread."""
    _dropped.append(loaded)
    if _lock.acquire(blocking=False):
        try:
            _unload()
        finally:
            _lock.release()


def _unload() -> None:
    while _dropped:
        tracker, _ = _dropped.popleft()  # an LLJIT goes after its last library, when no name is left that is its own
        tracker.close()
