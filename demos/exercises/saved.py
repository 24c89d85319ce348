"""A file in which the site's page of exercises has saved somebody's progress, as a folder of exercises."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from demos.exercises.manifest import EXERCISES
from demos.exercises.record import RECORD

LARGEST = 5_000_000  # bytes; with every answer it has about a hundred thousand


class SavedError(ValueError):
    """A file is no progress that was saved."""


def unpack(path: Path, folder: Path) -> None:
    """Write the answers in the file, and the record of hints and days, into an empty folder.

    What the file says of right and wrong is left out: whoever wants to know has the answers checked.

    Raises:
        SavedError: it is no such file.
        OSError: it cannot be read.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
        raise SavedError(f"{path} has {status.st_size:,} bytes: it is no progress saved by the page")
    try:
        content = json.loads(path.read_bytes())
        lines = [line for line in content["learners"][0]["exercises"] if isinstance(line["name"], str)]
    except (ValueError, RecursionError, LookupError, TypeError):
        raise SavedError(f"{path} is no progress saved by the page of the exercises") from None
    known = {exercise.name for exercise in EXERCISES}
    hints, when = {}, {}
    for line in lines:
        name = line["name"]
        if name not in known:
            continue
        hints[name], when[name] = line.get("hints"), line.get("when")
        if isinstance(line.get("answer"), str):
            (folder / f"{name}.py").write_bytes(line["answer"].encode("utf-8", "replace"))
    record = {"given": {}, "solved": [], "hints": hints, "when": when}
    (folder / RECORD).write_text(json.dumps(record), encoding="utf-8")
