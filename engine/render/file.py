"""Writing a file whole or not at all."""

from __future__ import annotations

import os


def write(path: str | os.PathLike[str], content: bytes) -> str:
    """Write a file and return its path. It appears whole or not at all; OSError where it cannot be written."""
    path = os.fspath(path)
    unfinished = f"{path}.{os.getpid()}.tmp"
    try:
        with open(unfinished, "wb") as file:
            file.write(content)
        os.replace(unfinished, path)
    except OSError:
        if os.path.exists(unfinished):
            os.remove(unfinished)
        raise
    return path
