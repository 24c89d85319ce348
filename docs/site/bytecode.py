"""Archives of Python's bytecode. It runs in Pyodide: the bytecode must be that of the Python that reads it."""

from __future__ import annotations

import importlib._bootstrap_external as bootstrap
import os
import sys
import zipfile
from collections.abc import Container

FIXED = (1980, 1, 1, 0, 0, 0)  # the same files make the same archive


def compiled(source: str, target: str, place: str, modules: Container[str], optimize: int) -> None:
    """Write an archive anew, with bytecode in place of the text of some modules.

    Args:
        source: the archive to read.
        target: the archive to write.
        place: where the target lies when it is imported from; errors name its files by that.
        modules: what to compile, as files of the archive.
        optimize: as for `compile`; 2 leaves docstrings out.
    """
    with zipfile.ZipFile(source) as files, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for name in files.namelist():
            content, written = files.read(name), name
            if name in modules:
                code = compile(content, f"{place}/{name}", "exec", dont_inherit=True, optimize=optimize)
                content = bootstrap._code_to_hash_pyc(code, bytes(8), checked=False)
                written = f"{name}c"
            entry = zipfile.ZipInfo(written, FIXED)
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, content, compresslevel=9)


def imported_from(beginning: str) -> tuple[str, set[str]]:
    """The archive whose path begins so, and those of its files that have been imported."""
    specs = [getattr(module, "__spec__", None) for module in [*sys.modules.values()]]
    origins = [getattr(spec, "origin", None) or "" for spec in specs]
    split = [origin.partition(f".zip{os.sep}") for origin in origins if origin.startswith(beginning)]
    [place] = {f"{archive}.zip" for archive, _, _ in split}
    return place, {name for _, _, name in split}
