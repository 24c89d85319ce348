"""A learner's file: loading it, calling it, and saying in words what went wrong in it."""

from __future__ import annotations

import ast
import importlib.util
import linecache
import stat
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

from demos.exercises.asked import ORIGINALS
from demos.exercises.holes import Hole, holes, untouched
from demos.exercises.replies import Reply, from_json, has_dots, to_json

LARGEST = 1_000_000  # bytes of a file
TEXT_SHOWN = 300  # characters of an error's text, or of a line


class NotYet(Exception):  # noqa: N818  it is no error
    """Why an answer is not right yet, in words for the learner."""

    status = "wrong"


class Incomplete(NotYet):
    """There is nothing to be judged yet: a function is missing, or has its hole."""

    status = "unfinished"


class Missing(NotYet):
    """There is no such file."""

    status = "missing"


class Late(NotYet):
    """It takes too long."""

    status = "late"


class Answer:
    """The functions of a learner's file, as attributes; and what comes of calling them.

    The file is imported under its own name. What stands under ``if __name__ == "__main__":`` is not run.

    Attributes:
        module: the file, imported.
        judged_elsewhere: whether the results are only passed on here, and another process compares them.

    Raises:
        NotYet: on loading, if the file is missing, is not Python, or raises.
        Incomplete: for a function that is not there, or is as it was given out.
    """

    judged_elsewhere = False

    def __init__(self, path: Path) -> None:
        self._path, self._count = str(path), 0
        tree, self._code = _read(path)
        original = ORIGINALS / path.name
        given = ast.parse(original.read_text(encoding="utf-8")) if original.exists() else ast.Module([], [])
        self._holes, self._untouched = holes(tree, given), untouched(tree, given)
        self._left: Hole | None = None  # the first hole in a function that the present call asked for
        self._load()

    def _load(self) -> None:
        name = Path(self._path).stem
        spec = importlib.util.spec_from_file_location(name, self._path)
        if spec is None:
            raise NotYet(f"{Path(self._path).name} is not called like a Python file.")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # where dataclasses and pickle look a module up
        try:
            exec(self._code, vars(module))  # noqa: S102  to run the learner's code is what we are asked for
        except BaseException as error:
            raise NotYet(self.explain(error)) from error
        self.module = module

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        hole = self._holes.get(name)
        if hole and hole.untouched:
            raise Incomplete(_unfinished(name, hole.line))
        if not hasattr(self.module, name):
            raise Incomplete(f"The file no longer defines `{name}`, which the exercise asks for. Is it renamed?")
        if hole and self._left is None:
            self._left, self._asked = hole, name
        return getattr(self.module, name)

    def result(self, call: Callable[[], Any]) -> Reply:
        """What comes of a call that uses these functions."""
        number, self._count, self._left = self._count, self._count + 1, None
        try:
            return self._reply(number, value=from_json(to_json(call())))
        except NotYet as reason:
            return self._reply(number, fault=str(reason), status=reason.status)
        except BaseException as error:
            return self._reply(number, fault=self.explain(error))

    def _reply(self, number: int, value: Any = None, fault: str = "", status: str = "wrong") -> Reply:
        left = self._left.line if self._left else 0
        if left and (has_dots(value) or "ellipsis" in fault.lower()):
            value, fault, status = None, _unfinished(self._asked, left), Incomplete.status
        return Reply(value, fault, Incomplete.status if self._untouched else status, left, number)

    def anew(self, number: int, call: Callable[[], Any]) -> Reply:  # noqa: ARG002  a process needs it, see verdict.py
        """What comes of a call, once number `number`, if it is the first after loading the file."""
        self._load()
        return self.result(call)

    def explain(self, error: BaseException) -> str:
        """What to tell the learner about an error raised in their code, with their line."""
        return explain(error, self._path)


def _unfinished(name: str, line: int) -> str:
    return f"`{name}` has a hole in line {line}: put your answer in place of the three dots."


def _read(path: Path) -> tuple[ast.Module, CodeType]:
    """A file, parsed and compiled."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise NotYet(f"{path.name} is no file that could be read, but {_kind(status.st_mode)}.")
        if status.st_size > LARGEST:
            raise NotYet(f"{path.name} has {status.st_size:,} bytes: that cannot be an answer.")
        tree = ast.parse(path.read_bytes(), filename=str(path))
        return tree, compile(tree, str(path), "exec")
    except FileNotFoundError:
        link = f": it is a link to {path.readlink()}, which is not there" if path.is_symlink() else ""
        raise Missing(f"There is no {path.name}{link}.") from None
    except OSError as error:
        raise NotYet(f"{path.name} cannot be read ({error.strerror}).") from None
    except SyntaxError as error:
        raise NotYet(_syntax(error)) from None
    except (ValueError, RecursionError, MemoryError) as error:  # a null byte, before Python 3.12; brackets too deep
        raise NotYet(f"Python cannot read this file: {error or type(error).__name__}.") from None


def _kind(mode: int) -> str:
    return "a folder" if stat.S_ISDIR(mode) else "a pipe" if stat.S_ISFIFO(mode) else "a device or socket"


def explain(error: BaseException, path: str) -> str:
    """What to tell a learner about an error raised in the code of the file at `path`, with the line."""
    kind, text = type(error).__name__, _text(error)
    if isinstance(error, RecursionError):
        says = "Your code calls itself without end (RecursionError)."
    elif isinstance(error, SystemExit):
        says = "Your code ends Python (SystemExit): take the exit() out, a check goes on after it."
    elif isinstance(error, EOFError):
        says = "Your code asks for input(): nobody answers during a check."
    else:
        says = f"Your code raised {kind}: {text}" if text else f"Your code raised {kind}."
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if is_theirs(frame.filename, path)]
    return f"{says}\n\n{place(path, lines[-1].filename, lines[-1].lineno, lines[-1].name)}" if lines else says


def _text(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # a __str__ of the learner's own
        return ""
    return text if len(text) <= TEXT_SHOWN else f"{text[:TEXT_SHOWN]}... ({len(text):,} characters)"


def is_theirs(file: str, path: str) -> bool:
    """Whether code comes from a learner's file, or from one beside it that it imports."""
    return file == path or (file.endswith(".py") and Path(path).parent in Path(file).parents)


def place(path: str, file: str, line: int | None, function: str) -> str:
    """A line of a learner's file, or of one beside it, to be shown."""
    other = "" if file == path else f" of {Path(file).name}"
    where = "" if function == "<module>" else f", in {function}"
    return f"    line {line}{other}{where}:  {linecache.getline(file, line or 0).strip()[:TEXT_SHOWN]}"


def _syntax(error: SyntaxError) -> str:
    message = f"Python cannot read this file: {error.msg}, line {error.lineno}."
    if error.text is None or error.offset is None or len(error.text) > TEXT_SHOWN:
        return message
    text = error.text.rstrip("\n")
    caret = len(text[: error.offset - 1].expandtabs(4))
    return f"{message}\n\n    {text.expandtabs(4)}\n    {' ' * caret}^"
