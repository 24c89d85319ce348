"""What is said to the learner that does not come from a check, and how text is fitted to the terminal."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from pathlib import Path

from demos.commands import called
from demos.exercises.folder import Folder
from demos.exercises.manifest import EXERCISES, Exercise
from demos.exercises.text import harmless, quoted
from demos.exercises.verdict import ROOT, Verdict

PRINTED_SHOWN, WIDTH_SHOWN = 10, 200  # lines, and characters of one
PATH_SHOWN = 300  # characters
WATCHING = "\n(watching: save to check again; h Enter for a hint, l list, s solution, q to stop)"


def call(folder: Folder, words: str = "") -> str:
    """The command line that does `words` in this folder."""
    at_hand = [found.path.absolute() for found in Folder.find(Path.cwd())] == [folder.path.absolute()]
    return command(words if at_hand else f"--dir {quoted(near(folder.path))} {words}")


def command(words: str = "") -> str:
    """A command line of these exercises that does what it says when it is pasted here."""
    return f"{_found_by()}{python()} {called('exercises')} {words}".rstrip()


def other(demo: str) -> str:
    """The command line of another demo."""
    return f"{_found_by()}{python()} {called(demo)}"


def _found_by() -> str:
    """What tells Python where these exercises are, if that is what does."""
    path = os.environ.get("PYTHONPATH", "")
    roots = [os.path.abspath(entry) for entry in path.split(os.pathsep) if entry]  # noqa: PTH100  not resolved
    needed = str(ROOT) in roots and Path.cwd() != ROOT and os.name != "nt"
    return f"PYTHONPATH={quoted(path)} " if needed else ""


def python() -> str:
    """How to call this Python from here."""
    here = Path(sys.executable or "python")
    for name in ("python", "python3"):
        known = shutil.which(name)
        # Not where links lead to: the Python of a virtual environment is a link to another, with other packages.
        if known and Path(known).absolute().parent == here.parent and Path(known).samefile(here):
            return name
    return quoted(near(here)) if here.is_absolute() else "python"


def near(path: Path) -> str:
    """A path as short as it can be written from here, and such that it is not taken for an option or a command."""
    absolute = path.absolute()
    if not absolute.is_relative_to(Path.cwd()):
        return str(path)
    relative = str(absolute.relative_to(Path.cwd()))
    return f".{os.sep}{relative}" if relative.startswith("-") or absolute == Path(sys.executable) else relative


def shown(path: Path) -> str:
    """A path to be read."""
    return "this folder" if path.absolute() == Path.cwd() else harmless(near(path), PATH_SHOWN)


def styled(text: str, code: int) -> str:
    """Text in bold (1) or green (32), at a terminal."""
    return f"\033[{code}m{text}\033[0m" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text


def flowing(text: str) -> str:
    """Text with its paragraphs fitted to the terminal; what is indented (code, tables, commands) stays as it is."""
    return "\n\n".join(map(_fitted, text.split("\n\n")))


def _fitted(part: str) -> str:
    width = min(shutil.get_terminal_size().columns, 100)
    if any(line.startswith("  ") for line in part.splitlines()):
        return part
    return textwrap.fill(part, width, break_long_words=False, break_on_hyphens=False)


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
    lines = [line if len(line) <= WIDTH_SHOWN else f"{line[:WIDTH_SHOWN]}..." for line in found.printed.split("\n")]
    lines = lines[:-1] if lines[-1] == "" else lines
    shown_lines = [*lines[:PRINTED_SHOWN], *["..."] * (len(lines) > PRINTED_SHOWN)]
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

And then:

    {other("moons")}        trains a network
    {other("benchmark")}    shows how fast

Thank you for staying."""
    )
