"""Waiting for a learner to save a file, or to type a command."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

INTERVAL = 0.3  # seconds between two looks
Stamps = dict[str, tuple[int, ...]]


def stamps(path: Path) -> Stamps:
    """Times of change, size and number of every Python file in a folder."""
    found = {}
    for file in path.glob("*.py"):
        try:
            status = file.stat()
        except OSError:  # an editor that writes a new file and renames it
            continue
        found[file.name] = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
    return found


def events(
    path: Path, lines: queue.Queue[str], before: Stamps | None = None, interval: float = INTERVAL
) -> Iterator[str]:
    """For ever: "saved" whenever a file in the folder has changed, and every line that comes in, stripped.

    Args:
        path: the folder.
        lines: what comes in.
        before: how the folder was when it was last dealt with; as it is now, if not given. While "saved" is dealt with,
            what is saved is noticed too.
        interval: seconds between two looks.
    """
    before = stamps(path) if before is None else before
    while True:
        try:
            line = lines.get(timeout=interval)
        except queue.Empty:
            now = stamps(path)
            if now != before:
                before = now
                yield "saved"
        else:
            yield line.strip()


def typed_lines() -> queue.Queue[str]:
    """The lines typed at a terminal, as they come; none without one."""
    lines: queue.Queue[str] = queue.Queue()
    if sys.stdin is not None and sys.stdin.isatty():
        threading.Thread(target=_pass_on, args=(lines,), daemon=True).start()
    return lines


def _pass_on(lines: queue.Queue[str]) -> None:
    for line in sys.stdin:
        lines.put(line)
