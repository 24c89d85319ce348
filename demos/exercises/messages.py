"""What is said to the learner that does not come from a check, and how text is fitted to the terminal."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from pathlib import Path

from demos.__main__ import python_here
from demos.exercises.folder import Folder
from demos.exercises.manifest import EXERCISES, Exercise
from demos.exercises.verdict import Verdict

PRINTED_SHOWN = 10  # lines
WATCHING = "\n(watching: save to check again; h Enter for a hint, l list, s solution, q to stop)"


def call(folder: Folder, words: str = "") -> str:
    """The command line that does `words` in this folder."""
    at_hand = [found.path for found in Folder.find(Path.cwd())] == [folder.path.absolute()]
    chosen = "" if at_hand else f" --dir {shown(folder.path)}"
    return f"{python()} -m demos.exercises{chosen}{words and ' '}{words}"


def python() -> str:
    """How to call this Python from here."""
    known = shutil.which("python")
    return "python" if known and Path(known).samefile(sys.executable) else python_here()


def shown(path: Path) -> str:
    """A path as short as it can be written from here."""
    absolute = path.absolute()
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(path)


def styled(text: str, code: int) -> str:
    """Text in bold (1) or green (32), at a terminal."""
    return f"\033[{code}m{text}\033[0m" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text


def flowing(text: str) -> str:
    """Text with its paragraphs fitted to the terminal; what is indented (code, tables) stays as it is."""
    width = min(shutil.get_terminal_size().columns, 100)
    return "\n\n".join(
        part if any(line.startswith("  ") for line in part.splitlines()) else textwrap.fill(part, width)
        for part in text.split("\n\n")
    )


def number_of(exercise: Exercise) -> int:
    """Its place in the order, from 1."""
    return EXERCISES.index(exercise) + 1


def heading(exercise: Exercise) -> str:
    """Its number and title."""
    return f"{number_of(exercise)}. {exercise.title}"


def welcome(folder: Folder) -> str:
    """The first message."""
    first = shown(folder.file(EXERCISES[0]))
    return flowing(
        f"""\
{styled("Welcome.", 1)} Here are {len(EXERCISES)} exercises on backpropagation, from the slope of a curve to a
network that learns. Each is one idea, and takes a line or a few. Nothing is graded; wrong answers are where it gets
interesting.

They are in {shown(folder.path)}, and they are yours. Open {first} in an editor, read it, put your answer in place
of the three dots, save, and

    {call(folder)}

tells you whether it is right, and if not, what it got and what is true. Stuck? Add `hint`. For a check at every
save, add `watch`. (And --help has the rest.)"""
    )


def said(found: Verdict) -> str:
    """What to tell about an answer that is not right yet."""
    lines = found.printed.splitlines()
    shown_lines = [*lines[:PRINTED_SHOWN], *([f"... ({len(lines)} lines)"] if len(lines) > PRINTED_SHOWN else [])]
    printed = textwrap.indent("\n".join(shown_lines), "    ")
    message = flowing(found.message)
    return f"{message}\n\nYour code printed:\n\n{printed}" if printed else message


def progress(solved: int) -> str:
    """How far it is."""
    n = len(EXERCISES)
    return f"[{styled('#' * solved, 32)}{'.' * (n - solved)}] {solved} of {n}"


def farewell() -> str:
    """The last message."""
    return flowing(
        f"""\
{styled("All of them.", 1)} You have built backpropagation: local derivatives, the pass from back to front that
adds them up, the deltas of a network, its matrix form, and a network that learned with your own lines.

You can now read the engine like a letter from someone you know:

    engine/primitives.py     exercises 4, 5, 15 and 16, for every operation
    engine/graph.py          exercise 7, for a million nodes
    engine/value.py          exercise 6: look for `backward`
    engine/derivatives.py    exercises 17 and 18
    nn/                      exercises 8 to 14, and 19

And then: `python -m demos.moons` trains a network; `python -m demos.benchmark` shows how fast. Thank you for
staying."""
    )
