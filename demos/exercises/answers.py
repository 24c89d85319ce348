"""A learner's file: loading it, and saying in words what went wrong in it."""

from __future__ import annotations

import ast
import linecache
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any


class NotYet(Exception):  # noqa: N818  it is no error
    """Why an answer is not right yet, in words for the learner."""


class Incomplete(NotYet):
    """There is nothing to be judged yet: a function is missing, or has its hole."""


class Answer:
    """The functions of a learner's file, as attributes.

    Raises:
        NotYet: on loading, if the file is missing, is not Python, or raises.
        Incomplete: for a function that is not there, or still has its hole.
    """

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        try:
            source = path.read_bytes()
            tree = ast.parse(source, filename=self._path)
            code = compile(tree, self._path, "exec")
        except OSError as error:
            raise NotYet(f"{path} cannot be read ({error.strerror}). `reset` gives you a fresh one.") from None
        except SyntaxError as error:
            raise NotYet(_syntax(error)) from None
        except ValueError as error:  # a null byte, before Python 3.12
            raise NotYet(f"Python cannot read this file: {error}.") from None
        self._holes = _holes(tree)
        module = ModuleType("answer")
        module.__file__ = self._path
        sys.modules["answer"] = module  # where dataclasses and pickle look a module up
        try:
            exec(code, vars(module))  # noqa: S102  to run the learner's code is what we are asked for
        except (Exception, SystemExit) as error:
            raise NotYet(self.explain(error)) from error
        self._module = module

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._holes:
            raise Incomplete(
                f"`{name}` has a hole in line {self._holes[name]}: put your answer in place of the three dots."
            )
        if not hasattr(self._module, name):
            raise Incomplete(f"The file no longer defines `{name}`, which the exercise asks for. Is it renamed?")
        return getattr(self._module, name)

    def explain(self, error: BaseException) -> str:
        """What to tell the learner about an error raised in their code, with their line."""
        return explain(error, self._path)


def explain(error: BaseException, path: str) -> str:
    """What to tell a learner about an error raised in the code of the file at `path`, with the line."""
    kind, text = type(error).__name__, str(error)
    if isinstance(error, RecursionError):
        says = "Your code calls itself without end (RecursionError)."
    elif isinstance(error, SystemExit):
        says = "Your code ends Python (SystemExit): take the exit() out, a check goes on after it."
    elif isinstance(error, EOFError):
        says = "Your code asks for input(): nobody answers during a check."
    else:
        says = f"Your code raised {kind}: {text}" if text else f"Your code raised {kind}."
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    return f"{says}\n\n{_place(path, lines[-1].lineno, lines[-1].name)}" if lines else says


def busy_at(thread: int, path: str) -> str:
    """The line of the file at `path` that a thread is in; empty if it is elsewhere."""
    frame = sys._current_frames().get(thread)
    while frame is not None and frame.f_code.co_filename != path:
        frame = frame.f_back
    return "" if frame is None else _place(path, frame.f_lineno, frame.f_code.co_name)


def _place(path: str, line: int | None, function: str) -> str:
    where = "" if function == "<module>" else f", in {function}"
    return f"    line {line}{where}:  {linecache.getline(path, line or 0).strip()}"


def _syntax(error: SyntaxError) -> str:
    message = f"Python cannot read this file: {error.msg}, line {error.lineno}."
    if error.text is None or error.offset is None:
        return message
    text = error.text.rstrip("\n")
    caret = len(text[: error.offset - 1].expandtabs(4))
    return f"{message}\n\n    {text.expandtabs(4)}\n    {' ' * caret}^"


def _holes(tree: ast.Module) -> dict[str, int]:
    """The line of the first ... in each function of a file."""
    return {
        function.name: min(hole.lineno for hole in holes)
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        and (holes := [n for n in ast.walk(function) if isinstance(n, ast.Constant) and n.value is ...])
    }
