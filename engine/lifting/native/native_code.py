"""The machine code of a function of a program: from the cache, or made."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import engine
from engine.lifting.native import machine
from engine.lifting.native.code_cache import found_cache
from engine.lifting.native.emit import NativeText, emit
from engine.lifting.native.expand import Expansion, expand_gradients, expand_row_gradients, expand_value
from engine.lifting.native.program_key import NoKey, key_of
from engine.lifting.program import ArrayProgram

EXPANDED: dict[str, Callable[[ArrayProgram], Expansion]] = {
    "value": expand_value,
    "gradients": expand_gradients,
    "row gradients": expand_row_gradients,
}
OTHERS = ("command_line", "explanation", "mathematics", "render")  # folders of the engine that code does not come from


@dataclass(frozen=True)
class NativeCode:
    """A function of a program as machine code.

    Attributes:
        code: an object file.
        written: what is to be known of its text, which itself is not kept.
        is_from_cache: whether it was on the disk.
    """

    code: bytes
    written: NativeText
    is_from_cache: bool = False


def text_of(expansion: Expansion, program: ArrayProgram, lanes: int) -> NativeText:
    """A function of a program's arguments in LLVM's text, for so many rows at once."""
    return emit(expansion, [array.size for array in program.with_rows], lanes, machine.lanes())


def made(text: NativeText) -> NativeCode:
    """The machine code of a program's text. Raises CannotCompile if LLVM says so."""
    return NativeCode(machine.made(text.text, text.terms), replace(text, text=""))


def compiled(text: NativeText) -> NativeCode:
    """That of a text without a program, from the cache or made with little effort. CannotCompile as above."""
    return NativeCode(machine.compiled(text.text, machine.LEAST_EFFORT), replace(text, text=""))


def code_of(program: ArrayProgram, name: str, lanes: int, anew: bool = False) -> NativeCode:
    """A function of a program, one of `EXPANDED`, as machine code.

    What is made here is kept on disk, where the user has not turned that off. With `anew` it is made whatever is there.

    Raises:
        Unsupported: if there is no native code for it.
        CannotCompile: if LLVM says so.
    """
    cache, key = found_cache() if FINGERPRINT else None, ""
    if cache is not None:
        try:
            key = key_of(program, name, lanes, machine.described(), machine.EFFORT, FINGERPRINT)
        except NoKey:
            cache = None
    if cache is not None and not anew:
        kept = cache.get(key)
        if kept is not None:
            return _unpacked(kept)
    code = made(text_of(EXPANDED[name](program), program, lanes))
    if cache is not None:
        cache.put(key, _packed(code))
    return code


def _packed(code: NativeCode) -> bytes:
    return json.dumps(asdict(code.written)).encode() + b"\n" + code.code


def _unpacked(content: bytes) -> NativeCode:
    written, code = content.split(b"\n", 1)
    return NativeCode(code, NativeText(**json.loads(written)), is_from_cache=True)


def _fingerprint() -> str:
    """The digest of the engine's own sources that machine code comes from; "" where they are not files."""
    digest = hashlib.blake2b(digest_size=20)
    root = os.path.dirname(os.path.abspath(engine.__file__))
    try:
        for path, folders, names in os.walk(root, onerror=_raised):
            folders[:] = sorted({*folders}.difference(OTHERS))
            for name in sorted(names):
                if name.endswith(".py"):
                    with open(os.path.join(path, name), "rb") as file:
                        content = file.read()
                    digest.update(f"{name} {len(content)}\n".encode())
                    digest.update(content)
    except OSError:
        return ""
    return digest.hexdigest()


def _raised(error: OSError) -> None:
    raise error


FINGERPRINT = _fingerprint()  # now, when the sources are what has been loaded
