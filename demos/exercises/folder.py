"""A learner's folder: a copy of the exercises, which is theirs, and the record of their progress beside it.

The record (record.py) says what was given out (so that a file nobody has touched may be brought up to date, and no
other), which exercises have been solved, and how many hints were taken. Nothing is kept anywhere else.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import date
from itertools import count
from pathlib import Path
from typing import NamedTuple

from demos.exercises import record
from demos.exercises.asked import ORIGINALS, SOLUTIONS
from demos.exercises.manifest import EXERCISES, Exercise
from demos.exercises.record import RECORD


class Update(NamedTuple):
    """Names of exercises: those that were added or renewed, that were left though they are old, and that are gone."""

    added: list[str]
    renewed: list[str]
    old: list[str]
    gone: list[str]


class Folder:
    """A learner's folder.

    Attributes:
        path: where it is.
        hints: how many hints were taken, by name.
        when: the day on which an exercise was solved, by name.
        trouble: why the last note could not be taken; None if it could. What was to be noted holds in this object.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.trouble: OSError | None = None
        self._unsaved: list[Callable[[record.Content], None]] = []
        self._take(record.read(path))

    def _take(self, content: record.Content) -> None:
        self.given: dict[str, str] = content["given"]
        self.hints: dict[str, int] = content["hints"]
        self.when: dict[str, str] = content["when"]
        self._solved: list[str] = content["solved"]

    @classmethod
    def find(cls, here: Path) -> list[Folder]:
        """The learner's folders at hand: `here` itself, or those directly in it."""
        found = [folder for folder in map(cls, [here, *sorted(here.iterdir())]) if folder.begun]
        return found[:1] if found and found[0].path == here else found

    @property
    def begun(self) -> bool:
        """Whether exercises have been given out into it."""
        try:
            return (self.path / RECORD).is_file()
        except OSError:  # somebody else's folder
            return False

    @property
    def solved(self) -> list[str]:
        """The names of the exercises that were right when last checked, and whose files are there."""
        return [exercise.name for exercise in EXERCISES if exercise.name in self._solved and self.has(exercise)]

    def file(self, exercise: Exercise) -> Path:
        """The learner's file for an exercise."""
        return self.path / f"{exercise.name}.py"

    def has(self, exercise: Exercise) -> bool:
        """Whether there is anything in its place."""
        return os.path.lexists(self.file(exercise))

    def collisions(self) -> list[str]:
        """What is there, is not ours, and would have to give way if exercises were given out here: names of files."""
        found = [
            self.file(exercise).name
            for exercise in EXERCISES
            if self.has(exercise) and _content(self.file(exercise)) != original_of(exercise)
        ]
        return found + [RECORD] * os.path.lexists(self.path / RECORD)

    def fill(self) -> Update:
        """Give out what is missing, and bring up to date what nobody has touched.

        Raises:
            OSError: a file cannot be written.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        update, given = Update([], [], [], []), dict(self.given)
        for exercise in EXERCISES:
            name, file, original = exercise.name, self.file(exercise), original_of(exercise)
            if not self.has(exercise):
                with file.open("xb") as new:
                    new.write(original)
                update.added.append(name)
            elif (there := _content(file)) == original:
                pass
            elif there is not None and _digest(there) == given.get(name):
                file.write_bytes(original)
                update.renewed.append(name)
            else:
                if given.get(name, _digest(original)) != _digest(original):
                    update.old.append(name)
                continue
            given[name] = _digest(original)
        known = {exercise.name for exercise in EXERCISES}
        update.gone.extend(name for name in given if name not in known and (self.path / f"{name}.py").exists())
        self._note(lambda content: content["given"].update(given))
        if self.trouble and not self.begun:  # without a record the folder would not be found again
            raise self.trouble
        return update

    def reset(self, exercise: Exercise) -> Path | None:
        """Put the original in place again. What was there is kept: its path, or None if nothing was theirs.

        Raises:
            OSError: a file cannot be written.
        """
        file, kept, original = self.file(exercise), None, original_of(exercise)
        if self.has(exercise) and _content(file) != original:
            names = (file.with_suffix(f".py.{number}") for number in count(1))
            kept = file.rename(next(name for name in names if not os.path.lexists(name)))
        file.write_bytes(original)

        def afresh(content: record.Content) -> None:
            content["given"][exercise.name] = _digest(original)
            content["solved"] = [name for name in content["solved"] if name != exercise.name]
            content["when"].pop(exercise.name, None)

        self._note(afresh)
        return kept

    def next_hint(self, exercise: Exercise) -> int:
        """How many hints to show: one more than last time, if there is one more; all, if that cannot be noted."""

        def another(content: record.Content) -> None:
            content["hints"][exercise.name] = min(content["hints"].get(exercise.name, 0) + 1, exercise.helps)

        self._note(another)
        return exercise.helps if self.trouble else self.hints[exercise.name]

    def note(self, exercise: Exercise, right: bool) -> bool:
        """Record whether an answer is right; True if it is for the first time."""
        news = []

        def noted(content: record.Content) -> None:
            others = [name for name in content["solved"] if name != exercise.name]
            was = len(others) < len(content["solved"])
            if right and not was:
                news.append(exercise.name)
            if right != was:
                content["solved"] = [*others, *[exercise.name] * right]
            if not right:
                content["when"].pop(exercise.name, None)
            elif exercise.name not in content["when"]:
                content["when"][exercise.name] = date.today().isoformat()

        self._note(noted)
        return bool(news)

    def _note(self, change: Callable[[record.Content], None]) -> None:
        """Change the record; if that fails, this object alone, and the record along with the next note.

        A note is no reason to lose what is noted.
        """
        self._unsaved.append(change)

        def all_of_them(content: record.Content) -> None:
            for unsaved in self._unsaved:
                unsaved(content)

        try:
            self._take(record.update(self.path, all_of_them))
            self._unsaved, self.trouble = [], None
        except OSError as error:
            content = {"given": self.given, "solved": self._solved, "when": self.when, "hints": self.hints}
            change(content)
            self._take(content)
            self.trouble = error


def original_of(exercise: Exercise) -> bytes:
    """The exercise as it is given out."""
    return (ORIGINALS / f"{exercise.name}.py").read_bytes()


def solution_of(exercise: Exercise) -> str:
    """Its solution."""
    return (SOLUTIONS / f"{exercise.name}.py").read_text(encoding="utf-8")


def _content(path: Path) -> bytes | None:
    """The bytes of a file; None if it is no file, or not to be read."""
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError:
        return None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
