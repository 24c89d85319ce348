"""A learner's folder: a copy of the exercises, which is theirs, and a record beside it.

The record, in RECORD, says what was given out (so that a file nobody has touched may be brought up to date, and no
other), which exercises have been solved, and how many hints were taken. Nothing is kept anywhere else.
"""

from __future__ import annotations

import hashlib
import json
from itertools import count
from pathlib import Path
from typing import Any

from demos.exercises.manifest import EXERCISES, Exercise

ORIGINALS = Path(__file__).parent / "exercises"
SOLUTIONS = Path(__file__).parent / "solutions"
RECORD = ".exercises.json"


class Folder:
    """A learner's folder.

    Attributes:
        path: where it is.
        solved: the names of the exercises that have been right once.
        hints: how many hints were taken, by name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        record = _read(path / RECORD)
        self.given: dict[str, str] = record["given"]
        self.solved: list[str] = record["solved"]
        self.hints: dict[str, int] = record["hints"]

    @classmethod
    def find(cls, here: Path) -> list[Folder]:
        """The learner's folders at hand: `here` itself, or those directly in it."""
        places = [here, *sorted(path for path in here.iterdir() if path.is_dir())]
        found = [folder for folder in map(cls, places) if folder.begun]
        return found[:1] if found and found[0].path == here else found

    @property
    def begun(self) -> bool:
        """Whether exercises have been given out into it."""
        try:
            return (self.path / RECORD).is_file()
        except OSError:  # somebody else's folder
            return False

    def file(self, exercise: Exercise) -> Path:
        """The learner's file for an exercise."""
        return self.path / f"{exercise.name}.py"

    def fill(self) -> tuple[list[str], list[str]]:
        """Give out what is missing, and bring up to date what nobody has touched: (names added, names renewed)."""
        self.path.mkdir(parents=True, exist_ok=True)
        added, renewed = [], []
        for exercise in EXERCISES:
            file, original = self.file(exercise), original_of(exercise)
            if not file.exists():
                added.append(exercise.name)
            elif _digest(file.read_bytes()) == self.given.get(exercise.name) != _digest(original):
                renewed.append(exercise.name)
            else:
                continue
            self._give(exercise)
        self.save()
        return added, renewed

    def reset(self, exercise: Exercise) -> Path | None:
        """Put the original in place again. What was there is kept: its path, or None if nothing was theirs."""
        file, kept = self.file(exercise), None
        if file.exists() and file.read_bytes() != original_of(exercise):
            names = (file.with_suffix(f".py.{number}") for number in count(1))
            kept = file.rename(next(name for name in names if not name.exists()))
        self._give(exercise)
        if exercise.name in self.solved:
            self.solved.remove(exercise.name)
        self.save()
        return kept

    def next_hint(self, exercise: Exercise) -> int:
        """How many hints to show: one more than last time, if there is one more."""
        self.hints[exercise.name] = min(self.hints.get(exercise.name, 0) + 1, len(exercise.hints))
        self.save()
        return self.hints[exercise.name]

    def note(self, exercise: Exercise, right: bool) -> bool:
        """Record whether an answer is right; True if it is for the first time."""
        news = right and exercise.name not in self.solved
        if right != (exercise.name in self.solved):
            if right:
                self.solved.append(exercise.name)
            else:
                self.solved.remove(exercise.name)
            self.save()
        return news

    def save(self) -> None:
        """Write the record."""
        record = {"given": self.given, "solved": self.solved, "hints": self.hints}
        (self.path / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")

    def _give(self, exercise: Exercise) -> None:
        original = original_of(exercise)
        self.file(exercise).write_bytes(original)
        self.given[exercise.name] = _digest(original)


def original_of(exercise: Exercise) -> bytes:
    """The exercise as it is given out."""
    return (ORIGINALS / f"{exercise.name}.py").read_bytes()


def solution_of(exercise: Exercise) -> str:
    """Its solution."""
    return (SOLUTIONS / f"{exercise.name}.py").read_text(encoding="utf-8")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(path: Path) -> dict[str, Any]:
    """The record; as good as empty where there is none or it is damaged: what is solved is found out anew."""
    empty: dict[str, Any] = {"given": {}, "solved": [], "hints": {}}
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return empty
    kept = record if isinstance(record, dict) else {}
    return {key: kept[key] if isinstance(kept.get(key), type(default)) else default for key, default in empty.items()}
