"""A report of what everybody in a class has solved, for teachers. It runs the code in their folders.

Whatever one learner's folder holds or does, all the others are in the report, and that one with what is wrong.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import sys
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from demos.exercises import saved
from demos.exercises.asked import check_of
from demos.exercises.folder import Folder
from demos.exercises.manifest import EXERCISES
from demos.exercises.report_page import page
from demos.exercises.text import harmless
from demos.exercises.verdict import Verdict, verdict

MISTAKE_SHOWN = 300  # characters in a table
Line = dict[str, Any]


def report(paths: Sequence[Path], form: str, workers: int, seconds: float) -> str:
    """What is in these folders, in their order: "json", "csv" or "html"; so many are looked at side by side."""
    for exercise in EXERCISES:  # now, not after somebody's code had a chance to write to their files
        check_of(exercise.name)
    stopped = threading.Event()
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(_learner, path, seconds, stopped) for path in paths]
        try:
            _tell_progress(paths, futures)
        except BaseException:
            stopped.set()
            raise
    learners = [future.result() for future in futures]
    if form == "csv":
        return _table(learners)
    if form == "html":
        return page(learners, _first_mistake)
    return json.dumps({"total": len(EXERCISES), "learners": learners}, indent=1) + "\n"


def _learner(path: Path, seconds: float, stopped: threading.Event) -> Line:
    """The line of one learner, whatever happens."""
    try:
        exercises, message = _exercises(path, seconds, stopped)
    except Exception as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else f"{type(error).__name__}: {error}"
        exercises, message = [], f"{path} cannot be checked ({reason})."
    return {
        "folder": harmless(str(path)),
        "message": harmless(message, MISTAKE_SHOWN),
        "solved": sum(one["right"] for one in exercises),
        "exercises": exercises,
    }


def _exercises(path: Path, seconds: float, stopped: threading.Event) -> tuple[list[Line], str]:
    """What is to be said of each exercise, and of the folder."""
    if not os.path.lexists(path):
        return [], f"There is no {path}."
    if not path.exists():
        return [], f"{path} is a link to {path.readlink()}, which is not there."
    if path.suffix == ".json" and path.is_file():
        with tempfile.TemporaryDirectory() as unpacked:
            try:
                saved.unpack(path, Path(unpacked))
            except saved.SavedError as error:
                return [], f"{error}."
            return _exercises(Path(unpacked), seconds, stopped)
    if not path.is_dir():
        return [], f"{path} is not a folder."
    folder = Folder(path)
    if not {folder.file(exercise).name for exercise in EXERCISES} & {entry.name for entry in path.iterdir()}:
        below = Folder.find(path)  # as everywhere: the folder itself, or one directly in it
        if len(below) != 1:
            several = f" itself, but {', '.join(one.path.name for one in below)} have" if below else ""
            return [], f"{path} has no exercises in it{several}."
        [folder] = below
    exercises = []
    for exercise in EXERCISES:
        if stopped.is_set():
            break
        try:
            found = verdict(exercise.name, folder.file(exercise), seconds)
        except Exception as error:  # no more processes, no more memory
            found = Verdict(False, f"This could not be checked ({type(error).__name__}: {error}).", status="unknown")
        exercises.append(
            {
                "name": exercise.name,
                "title": exercise.title,
                "right": found.right,
                "status": found.status,
                "when": folder.when.get(exercise.name, "") if found.right else "",
                "message": found.message,
                "hints": min(folder.hints.get(exercise.name, 0), exercise.helps),
                "seconds": round(found.seconds, 2),
            }
        )
    return exercises, ""


def _tell_progress(paths: Sequence[Path], futures: Sequence[Future[Line]]) -> None:
    for number, future in enumerate(as_completed(futures), 1):
        line = future.result()
        what = line["message"] or f"{line['solved']} of {len(EXERCISES)}"
        with contextlib.suppress(OSError, ValueError):  # nobody listens any more: no reason to give up the report
            print(f"[{number}/{len(paths)}] {line['folder']}: {what}", file=sys.stderr, flush=True)


def _table(learners: Sequence[Line]) -> str:
    """A row for each learner, a column for each exercise; then the first mistake, and the time taken."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    names = [exercise.name for exercise in EXERCISES]
    table.writerow(["folder", "solved", *names, "first mistake", "seconds", "message"])
    for line in learners:
        status = {one["name"]: one["status"] for one in line["exercises"]}
        row = [
            line["folder"],
            line["solved"],
            *[status.get(name, "") for name in names],
            _first_mistake(line["exercises"]),
            round(sum(one["seconds"] for one in line["exercises"]), 2),
            line["message"],
        ]
        table.writerow([_cell(entry) for entry in row])
    return text.getvalue()


def _first_mistake(exercises: Sequence[Line]) -> str:
    """The first answer that was tried and is not right, with the message in one line."""
    for number, one in enumerate(exercises, 1):
        if one["status"] not in ("right", "unfinished", "missing"):
            return harmless(f"{number}. {' '.join(one['message'].split())}", MISTAKE_SHOWN)
    return ""


def _cell(entry: object) -> object:
    """An entry that no spreadsheet takes for a formula: a folder may be called =1+1."""
    return f"'{entry}" if isinstance(entry, str) and entry.startswith(("=", "+", "-", "@")) else entry
