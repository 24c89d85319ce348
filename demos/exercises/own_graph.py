"""Graphs shown in the terminal: as text, and as a picture in the learner's folder."""

from __future__ import annotations

import textwrap

from demos.exercises.folder import Folder
from demos.exercises.manifest import Exercise
from demos.exercises.messages import flowing, shown
from demos.exercises.picture import given, picture_of
from demos.exercises.text import harmless

SECONDS = 20.0  # on the clock, that drawing an answer may take
CAPTION_SHOWN, TEXT_SHOWN = 2000, 8000  # characters


def draw_answer(folder: Folder, exercise: Exercise) -> int:
    """Show what the learner's lines compute. Returns 1 if that cannot be drawn."""
    made = picture_of(exercise.name, folder.file(exercise), SECONDS)
    print(flowing(harmless(made.caption, CAPTION_SHOWN)))
    if not made.svg:
        return 1
    print(f"\n{textwrap.indent(harmless(made.text, TEXT_SHOWN), '    ')}\n")
    print(f"As a picture: {_written(folder, exercise, made.svg)}")
    return 0


def draw_given(folder: Folder, exercise: Exercise) -> bool:
    """Draw the graph that the exercise is about. Returns whether it is about one."""
    svg = given(exercise.name)
    if svg:
        print(f"Its graph: {_written(folder, exercise, svg)}")
    return bool(svg)


def _written(folder: Folder, exercise: Exercise, svg: str) -> str:
    path = folder.path / f"{exercise.name}.svg"
    path.write_text(svg, encoding="utf-8")
    return shown(path)
