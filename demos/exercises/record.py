"""The record of a learner's progress: one small file in their folder, written by whoever has something to note."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows, which cannot lock a folder: two notes at the same instant may cost one of them
    fcntl = None  # type: ignore[assignment]

RECORD = ".exercises.json"
LARGEST = 1_000_000  # bytes; it has about three thousand
PATIENCE = 5  # seconds; a note takes a thousandth of one, unless who writes it was stopped in the middle
DAY = re.compile(r"\d{4}-\d\d-\d\d")
Content = dict[str, Any]


def read(folder: Path) -> Content:
    """What is on record; as good as empty where there is nothing or it is damaged: what is solved is found out anew.

    Returns:
        given: what was given out, digests by name. solved: names. when: the days they were solved on, by name.
        hints: how many were taken, by name. And whatever else is in it.
    """
    try:
        record = json.loads(_content(folder / RECORD))
    except (OSError, ValueError, RecursionError):  # RecursionError: [[[[...
        record = {}
    if not isinstance(record, dict):
        record = {}
    given, solved, when, hints = (record.get(key) for key in ("given", "solved", "when", "hints"))
    return {
        **record,
        "given": {name: digest for name, digest in _items(given) if isinstance(digest, str)},
        "solved": [*dict.fromkeys(name for name in solved if isinstance(name, str))]
        if isinstance(solved, list)
        else [],
        "when": {name: day for name, day in _items(when) if isinstance(day, str) and DAY.fullmatch(day)},
        "hints": {name: n for name, n in _items(hints) if type(n) is int and n >= 0},
    }


def update(folder: Path, change: Callable[[Content], None]) -> Content:
    """Change what is on record now, whoever wrote it; return it. A failure leaves the file as it was.

    Raises:
        OSError: it cannot be written.
    """
    with _locked(folder):
        record = read(folder)
        before = copy.deepcopy(record)
        change(record)
        if record != before or not (folder / RECORD).exists():
            _write(folder / RECORD, json.dumps(record, indent=1) + "\n")
    return record


def _items(thing: Any) -> list[tuple[Any, Any]]:
    return [*thing.items()] if isinstance(thing, dict) else []


def _content(path: Path) -> str:
    """The text of a file, if it is one: a pipe would keep us waiting."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
        raise OSError(f"{path} is no record")
    return path.read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    """Whole or not at all: a draft beside it takes its place."""
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise OSError(None, "Not a regular file", str(path))
    draft = target.with_name(f"{target.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("x", encoding="utf-8") as file:
            file.write(text)
        if target.exists():
            draft.chmod(stat.S_IMODE(target.stat().st_mode))
        draft.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """While nobody else writes."""
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        patience = time.monotonic() + PATIENCE
        while time.monotonic() < patience:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.01)
            except OSError:  # a file system without locks
                break
        yield
    finally:
        os.close(handle)
