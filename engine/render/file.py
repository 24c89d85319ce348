"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import os


def write(path: str | os.PathLike[str], content: bytes) -> str:
    """Write a file and return its path. It appears whole or not at all; OSError where it cannot be written."""
    path = os.fsdecode(path)
    unfinished = f"{path}.{os.getpid()}.tmp"
    try:
        with open(unfinished, "wb") as file:
            file.write(content)
        os.replace(unfinished, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.remove(unfinished)
        raise OSError(error.errno, error.strerror, path) from None  # not of a name that nobody asked for
    return path
