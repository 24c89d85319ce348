"""Waiting for a learner to save a file, or to type a command."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

INTERVAL = 0.3  # seconds between two looks


def stamps(path: Path) -> dict[str, tuple[int, int]]:
    """Time of change and size of every Python file in a folder."""
    found = {}
    for file in path.glob("*.py"):
        try:
            status = file.stat()
        except OSError:  # an editor that writes a new file and renames it
            continue
        found[file.name] = (status.st_mtime_ns, status.st_size)
    return found


def events(path: Path, lines: queue.Queue[str], interval: float = INTERVAL) -> Iterator[str]:
    """For ever: "saved" whenever a file in the folder has changed, and every line that comes in, stripped."""
    before = stamps(path)
    while True:
        try:
            yield lines.get(timeout=interval).strip()
        except queue.Empty:
            now = stamps(path)
            if now != before:
                before = now
                yield "saved"


def typed_lines() -> queue.Queue[str]:
    """The lines typed at a terminal, as they come; none without one."""
    lines: queue.Queue[str] = queue.Queue()
    if sys.stdin is not None and sys.stdin.isatty():
        threading.Thread(target=_pass_on, args=(lines,), daemon=True).start()
    return lines


def _pass_on(lines: queue.Queue[str]) -> None:
    for line in sys.stdin:
        lines.put(line)
