"""The same loops in C, compiled with -O3 where there is a C compiler."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from demos.benchmark.native.problems import Problem

SOURCE = Path(__file__).with_name("same_loops.c")
COMPILER = shutil.which("cc")


def in_c(problem: Problem) -> tuple[Callable[[], float], Any]:
    """A problem's function in C for its first row, and the array in which a call leaves the gradient."""
    assert COMPILER is not None
    first, *others = [argument[0] for argument in problem.arguments]
    turns = len(first)
    width = next((n for n in range(1, 257) if n + 4 * n * (4 + n + 1) == len(problem.parameters)), 16)
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "same_loops.so"
        flags = ["-O3", "-march=native", f"-DN={width}", "-shared", "-fPIC"]
        subprocess.run([COMPILER, *flags, str(SOURCE), "-o", str(library), "-lm"], check=True)
        function = getattr(ctypes.CDLL(str(library)), problem.in_c)
    function.restype = ctypes.c_double
    first = np.ascontiguousarray(first)
    parameters = np.array([p.data for p in problem.parameters])
    gradient = np.empty(len(parameters))

    def pointer(array: Any) -> Any:
        return array.ctypes.data_as(ctypes.c_void_p)

    numbers = [ctypes.c_double(other) for other in others]
    arguments = pointer(parameters), pointer(first), *numbers, pointer(gradient), ctypes.c_long(turns)
    return lambda: function(*arguments), gradient
