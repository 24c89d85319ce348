"""Real text that is on every machine: the names in the source of Python's own standard library."""

from __future__ import annotations

import ast
import re
import sysconfig
import warnings
from pathlib import Path

LONGEST = 15
ORDINARY = re.compile(rf"[a-z_]{{3,{LONGEST}}}")


def identifiers() -> list[str]:
    """The names of functions, methods and arguments in the standard library's modules, each once, sorted.

    Names of 3 to 15 lower-case letters and underscores between them, from the modules that are single files. They
    are the same on every run, and nearly the same from one version of Python to the next.

    Raises:
        FileNotFoundError: if this Python comes without its sources.
    """
    folder = Path(sysconfig.get_path("stdlib"))
    names = {name.strip("_") for path in folder.glob("*.py") for name in names_in(path.read_bytes())}
    ordinary = sorted(name for name in names if ORDINARY.fullmatch(name))
    if not ordinary:
        raise FileNotFoundError(f"this Python has no sources of its standard library in {folder}")
    return ordinary


def names_in(source: bytes | str) -> set[str]:
    """The names that a module's source gives to functions, methods and arguments.

    >>> sorted(names_in("def area(width, *, height=1): return width * height"))
    ['area', 'height', 'width']
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about backslashes in strings, of no concern here
        tree = ast.parse(source)
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
    return names
