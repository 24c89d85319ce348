"""What native code a program has become, for the curious: LLVM's text, and the assembly of this processor."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.lifting.native.code_cache import found_cache
from engine.lifting.native.native_code import EXPANDED, NativeCode, text_of
from engine.lifting.program import ArrayProgram

FULL_NAMES = {"gradients": "value_and_gradients"}  # as in the program's text


class NativeListing:
    """The functions of a program that have been compiled so far: `print` it for their text, as LLVM got it.

    The text is made again from the program when it is asked for. LLVM's intermediate representation is explained in
    its Language Reference, https://llvm.org/docs/LangRef.html; `run`, the last function, calls the others.

    Attributes:
        functions: of each, by its name and the rows that it computes at once, the machine code.
    """

    def __init__(self, program: ArrayProgram, functions: Mapping[tuple[str, int], NativeCode]) -> None:
        self.functions = {**functions}
        self._program = program

    @property
    def assembly(self) -> str:
        """The same in the language of this processor, as LLVM writes it."""
        from engine.lifting.native.machine import assembly

        return self._text(assembly, "#")

    def __str__(self) -> str:
        return self._text(lambda text: text, ";")

    def __repr__(self) -> str:
        parts = [
            f"{name}, {rows}: {terms} scalar operations, {size} bytes, {origin}"
            for name, rows, terms, size, origin in self._rows()
        ]
        cache = found_cache()
        if cache is not None and cache.refusal():
            parts.append(f"nothing is kept on disk: {cache.refusal()}")
        return f"<native code: {'; '.join(parts) or 'no function has been called yet'}>"

    def _repr_html_(self) -> str:
        from engine.html_table import html_table

        return html_table("native code", ["function", "rows", "scalar operations", "bytes", ""], self._rows())

    def _rows(self) -> list[tuple[str, str, str, str, str]]:
        return [
            (
                FULL_NAMES.get(name, name),
                _at_once(lanes),
                f"{code.written.terms:,}",
                f"{len(code.code):,}",
                "from the disk" if code.is_from_cache else "compiled here",
            )
            for (name, lanes), code in self.functions.items()
        ]

    def _text(self, written: Callable[[str], str], comment: str) -> str:
        parts = []
        for name, lanes in self.functions:
            text = written(text_of(EXPANDED[name](self._program), self._program, lanes).text)
            parts.append(f"{comment} {FULL_NAMES.get(name, name)}, {_at_once(lanes)}\n{text}")
        return "\n".join(parts)


def _at_once(lanes: int) -> str:
    return "one row at a time" if lanes == 1 else f"{lanes} rows at a time"
