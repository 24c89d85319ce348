"""The program that lays out a drawing: Graphviz's `dot`, or `graphviz-pure`, which comes from pip."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import graphviz
from graphviz.backend import dot_command

_swapping = threading.RLock()


class GraphvizNotFound(graphviz.ExecutableNotFound):  # type: ignore[misc]
    """There is no program that can lay out a drawing."""

    def __init__(self) -> None:
        RuntimeError.__init__(
            self,
            "no program to lay out the drawing: pip install graphviz-pure, or install Graphviz so that `dot` is on "
            "PATH (the DOT source is in .source all the same)",
        )


def layout_program() -> str:
    """The path of `dot` if it is on PATH, else of `graphviz-pure`. GraphvizNotFound if there is neither."""
    found = shutil.which("dot") or _graphviz_pure()
    if found is None:
        raise GraphvizNotFound
    return found


def _graphviz_pure() -> str | None:
    """Where pip put the program: its wheel has no Python module to ask, and the environment may not be activated."""
    name = "graphviz-pure.exe" if os.name == "nt" else "graphviz-pure"
    try:
        files = metadata.files("graphviz-pure") or []
    except metadata.PackageNotFoundError:
        files = []
    installed = [Path(str(file.locate())).resolve() for file in files if file.name == name]
    beside = [Path(sysconfig.get_path("scripts")), Path(sys.executable).parent]
    for path in (*installed, *(folder / name for folder in beside)):
        if os.access(path, os.X_OK):
            return str(path)
    return shutil.which(name)


@contextmanager
def using_layout_program() -> Iterator[None]:
    """Within the block the graphviz package runs the program that was found, wherever it is."""
    program = Path(layout_program())
    with _swapping:
        usual, dot_command.DOT_BINARY = dot_command.DOT_BINARY, program
        try:
            yield
        finally:
            dot_command.DOT_BINARY = usual
