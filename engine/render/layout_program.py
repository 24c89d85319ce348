"""The programs that lay out a drawing: `graphviz-pure`, which comes from pip, and Graphviz's own `dot`.

graphviz-pure comes first, so that a graph is the same picture on every machine. `dot` is asked for what that does not
do, such as PDF, and where there is none; and either, where the other fails or does not come to an end.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import graphviz

from engine.readable import readable

SECONDS = 60.0  # that a program may take; 500 nodes take about one


class GraphvizNotFound(graphviz.ExecutableNotFound):  # type: ignore[misc]
    """There is no program that can lay out a drawing."""

    def __init__(self) -> None:
        RuntimeError.__init__(
            self,
            "no program to lay out the drawing: pip install graphviz-pure, or install Graphviz so that `dot` is on "
            "PATH (the DOT source is in .source all the same)",
        )


class LayoutError(graphviz.CalledProcessError, RuntimeError):  # type: ignore[misc]
    """No program could lay out a drawing. Says which were asked, and what each of them said."""

    def __init__(self, failures: Sequence[tuple[str, str]], status: int, arguments: Sequence[str]) -> None:
        super().__init__(status, [failures[-1][0], *arguments])
        self.stderr = "; ".join([f"{os.path.basename(program)} {said}" for program, said in failures])

    def __str__(self) -> str:
        return f"the drawing could not be laid out: {self.stderr}"


def layout_programs() -> list[str]:
    """The paths of the programs there are, in the order in which they are asked."""
    return list(filter(None, [_graphviz_pure(), shutil.which("dot")]))


def lay_out(source: bytes, arguments: Sequence[str], seconds: float | None = SECONDS) -> bytes:
    """What the first program that can do it makes of a DOT source.

    Args:
        source: the drawing in the DOT language.
        arguments: those of the program, as in ``dot -Tsvg``.
        seconds: how long each program may take; None for as long as it does.

    Raises:
        GraphvizNotFound: if there is no program.
        LayoutError: if none of them succeeds.
    """
    programs = layout_programs()
    if not programs:
        raise GraphvizNotFound
    failures = []
    status = 1
    for program in programs:
        try:
            done = _run([program, *arguments], source, seconds)
        except OSError as error:  # it is no program for this machine, or gone by now
            failures.append((program, f"cannot be run: {error.strerror or error}"))
            continue
        except subprocess.TimeoutExpired:
            way_out = "a larger graph may take longer: drawing.seconds = None"
            failures.append((program, f"did not come to an end within {seconds:g} s ({way_out})"))
            continue
        if done.returncode == 0 and done.stdout:
            return done.stdout
        status = done.returncode or 1
        said = readable(done.stderr.decode(errors="replace").strip(), 300) or "nothing at all"
        failures.append((program, f"exited with status {done.returncode} and said {said}"))
    raise LayoutError(failures, status, arguments)


def _run(command: Sequence[str], source: bytes, seconds: float | None) -> subprocess.CompletedProcess[bytes]:
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # on Windows, where a window would flash up
    return subprocess.run(  # noqa: S603  programs that were looked up above, no shell
        command, input=source, capture_output=True, timeout=seconds, check=False, creationflags=flags
    )


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
