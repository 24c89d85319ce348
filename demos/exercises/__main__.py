"""``python -m demos.exercises``: check the answers in order, stop at the first that is not right yet, and say why."""

from __future__ import annotations

import argparse
import io
import json
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

from demos.exercises.folder import Folder, solution_of
from demos.exercises.manifest import EXERCISES, Exercise
from demos.exercises.messages import (
    WATCHING,
    call,
    farewell,
    flowing,
    heading,
    number_of,
    progress,
    python,
    said,
    shown,
    styled,
    welcome,
)
from demos.exercises.verdict import verdict
from demos.exercises.watch import events, typed_lines

HELP = """\
commands:
  (none)            check your answers in order, up to the first that is not right yet
  start [DIR]       give out the exercises into a new folder (default: exercises); in a folder that has them
                    already, add new ones. Your answers are never overwritten.
  list              all exercises, and which you have solved
  hint [N]          a hint for the one you are at, or for number N; again for the next hint
  watch             check whenever you save
  solution [N]      one right answer, explained
  reset N           begin number N afresh; what you had is kept beside it

  --report json [DIR ...]   for teachers: what everybody has solved. This runs the code in their folders.
"""


class Refused(Exception):  # noqa: N818  it is told to the learner, not handled
    """What cannot be done, why, and the way out."""


def at(folder: Folder) -> Exercise | None:
    """The first exercise that has not been solved; None if all have."""
    return next((exercise for exercise in EXERCISES if exercise.name not in folder.solved), None)


def chosen(word: str | None, folder: Folder | None = None) -> Exercise:
    """The exercise called by its number, name or file; without a word, the one the learner is at."""
    if word is None:
        return (at(folder) if folder else None) or EXERCISES[-1]
    name = Path(word).name.removesuffix(".py")
    for exercise in EXERCISES:
        if name == exercise.name or (name.isdecimal() and int(name) == number_of(exercise)):
            return exercise
    raise Refused(f"There is no exercise {word!r}: they are numbered 1 to {len(EXERCISES)}.")


# The commands -------------------------------------------------------------------------------------------------------


def start(folder: Folder) -> int:
    """Give out the exercises."""
    path = folder.path
    if path.exists() and not folder.begun and (not path.is_dir() or any(path.iterdir())):
        raise Refused(f"{shown(path)} is there already, with other things in it. Choose a new folder: start DIR")
    returning = folder.begun
    added, renewed = folder.fill()
    if returning:
        print(f"Your answers in {shown(path)} are as they were.")
        for names, what in ((added, "Added"), (renewed, "Brought up to date (you had not begun)")):
            if names:
                print(f"{what}: {', '.join(names)}.")
        return 0
    print(welcome(folder))
    return 0


def check(folder: Folder) -> int:
    """Check in order, up to the first that is not right yet."""
    for exercise in EXERCISES:
        found = verdict(exercise.name, folder.file(exercise))
        if folder.note(exercise, found.right):
            print(f"{styled('Right:', 32)} {heading(exercise)}")
            if found.message:
                print(textwrap.indent(flowing(found.message), "    "))
        if not found.right:
            print(f"\n{progress(number_of(exercise) - 1)}\n")
            print(f"{styled(heading(exercise), 1)}    {shown(folder.file(exercise))}\n")
            print(said(found))
            print(f"\nA hint: {call(folder, 'hint')}")
            return 1
    print(f"\n{progress(len(EXERCISES))}\n\n{farewell()}")
    return 0


def listing(folder: Folder) -> int:
    """All exercises, and which are solved."""
    here = at(folder)
    for exercise in EXERCISES:
        solved = exercise.name in folder.solved
        mark = styled("x", 32) if solved else ">" if exercise is here else " "
        print(f"{mark} {number_of(exercise):>2}. {exercise.title:<46} {shown(folder.file(exercise))}")
    print(f"\n{progress(len(folder.solved))}, when last checked")
    return 0


def hint(folder: Folder, word: str | None) -> int:
    """The next hint, after those that have been given."""
    exercise = chosen(word, folder)
    n = folder.next_hint(exercise)
    print(f"{heading(exercise)}\n")
    for k, text in enumerate(exercise.hints[:n], 1):
        print(textwrap.fill(text, 100, initial_indent=f"  {k}. ", subsequent_indent="     ", break_long_words=False))
    more = len(exercise.hints) - n
    again = f" {number_of(exercise)}" if word else ""
    the_end = f"That was the last. One right answer, explained: {call(folder, 'solution' + again)}"
    print(f"\n{more} more: the same again" if more else f"\n{the_end}")
    return 0


def solution(folder: Folder | None, word: str | None) -> int:
    """One right answer, explained."""
    print(solution_of(chosen(word, folder)), end="")
    return 0


def reset(folder: Folder, word: str | None) -> int:
    """Begin an exercise afresh."""
    if word is None:
        raise Refused("Which one? `reset 4` begins exercise 4 afresh.")
    exercise = chosen(word)
    kept = folder.reset(exercise)
    print(
        f"{shown(folder.file(exercise))} is as it was given to you.",
        f"What you had is in {shown(kept)}." if kept else "",
    )
    return 0


def watch(folder: Folder) -> int:
    """Check now, and whenever a file is saved; do what is typed meanwhile."""
    typed: dict[str, Callable[[], int]] = {
        "h": lambda: hint(folder, None),
        "l": lambda: listing(folder),
        "s": lambda: solution(folder, None),
        "": lambda: check(folder),
        "saved": lambda: check(folder),
    }
    try:
        check(folder)
        print(WATCHING, flush=True)
        for event in events(folder.path, typed_lines()):
            if event == "q":
                break
            if event == "saved" and sys.stdout.isatty():
                print("\033[2J\033[H", end="")
            typed.get(event, lambda: 0)()
            print(WATCHING, flush=True)
    except KeyboardInterrupt:
        pass
    print("\nSee you.")
    return 0


def report(paths: Sequence[Path]) -> int:
    """What everybody has solved, as JSON."""
    learners = []
    for path in paths:
        if not path.is_dir():
            raise Refused(f"There is no folder {path}.")
        folder = Folder(path)
        given = EXERCISES if any(folder.file(exercise).exists() for exercise in EXERCISES) else ()
        found = {exercise: verdict(exercise.name, folder.file(exercise)) for exercise in given}
        learners.append(
            {
                "folder": str(path),
                "message": "" if given else f"{path} has no exercises in it.",
                "solved": sum(one.right for one in found.values()),
                "exercises": [
                    {
                        "name": exercise.name,
                        "title": exercise.title,
                        "right": one.right,
                        "message": one.message,
                        "hints": folder.hints.get(exercise.name, 0),
                    }
                    for exercise, one in found.items()
                ],
            }
        )
    print(json.dumps({"total": len(EXERCISES), "learners": learners}, indent=1))
    return 0


# The command line ---------------------------------------------------------------------------------------------------


def the_folder(path: Path | None) -> Folder:
    """The learner's folder: the one named, or the only one at hand."""
    if path is not None:
        folder = Folder(path)
        if not folder.begun:
            raise Refused(f"{path} has no exercises in it. Give them out: {python()} -m demos.exercises start {path}")
        return folder
    found = Folder.find(Path.cwd())
    if not found:
        raise Refused(
            "Welcome. No exercises have been given out here yet. This makes a folder of them, for you to work in:\n\n"
            f"    {python()} -m demos.exercises start\n\n(If you have a folder of them elsewhere: --dir DIR)"
        )
    if len(found) > 1:
        raise Refused(f"Which one? Add --dir with one of: {', '.join(shown(folder.path) for folder in found)}")
    return found[0]


def run(options: argparse.Namespace) -> int:
    """Do what was asked for."""
    command, word, *others = [*options.words, None, None][: max(2, len(options.words))]
    if options.report:
        return report([Path(path) for path in options.words] or [the_folder(options.dir).path])
    if others:
        raise Refused(f"Too many words after {command!r}: {' '.join([word, *others])}")
    if command == "start":
        return start(Folder(Path(word) if word else options.dir or Path("exercises")))
    if command == "solution" and word is not None:
        return solution(None, word)
    folder = the_folder(options.dir)
    with_a_word = {"hint": hint, "solution": solution, "reset": reset}
    alone = {None: check, "check": check, "list": listing, "watch": watch}
    if command in with_a_word:
        return with_a_word[command](folder, word)
    if command not in alone:
        raise Refused(f"There is no command {command!r}: there are start, list, hint, watch, solution and reset.")
    if word is not None:
        raise Refused(f"{command!r} takes nothing after it, got {word!r}.")
    return alone[command](folder)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Returns 0 if all that was asked for is well, 1 if an answer is not right yet, 2 if refused."""
    parser = argparse.ArgumentParser(
        prog="python -m demos.exercises",
        usage="python -m demos.exercises [command] [--dir DIR]",
        description="Exercises on backpropagation that answer back.",
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", nargs="*", metavar="command", help=argparse.SUPPRESS)
    parser.add_argument("--dir", type=Path, help="your folder, if it is not this one nor directly in it")
    parser.add_argument("--report", choices=["json"], help=argparse.SUPPRESS)
    try:
        return run(parser.parse_intermixed_args(arguments))
    except (Refused, OSError) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a console without ∂ shows a ?
    sys.exit(main())
