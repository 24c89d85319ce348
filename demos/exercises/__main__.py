"""``python -m demos.exercises``: check the answers in order, stop at the first that is not right yet, and say why."""

from __future__ import annotations

import argparse
import io
import math
import os
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

from demos.commands import called
from demos.exercises import sheet
from demos.exercises.asked import HERE
from demos.exercises.folder import Folder, solution_of
from demos.exercises.manifest import EXERCISES, Exercise
from demos.exercises.messages import (
    WATCHING,
    call,
    command,
    farewell,
    flowing,
    heading,
    near,
    number_of,
    progress,
    said,
    shown,
    styled,
    welcome,
)
from demos.exercises.own_graph import draw_answer, draw_given
from demos.exercises.record import RECORD
from demos.exercises.report import report
from demos.exercises.text import harmless, quoted
from demos.exercises.verdict import SECONDS, verdict
from demos.exercises.watch import events, stamps, typed_lines

WORKERS = 2
MESSAGE_SHOWN = 2000  # characters
SHEET = "finish_sheet.html"
SECONDS_NAME = "EXERCISES_SECONDS"
CLOSED = 141  # what a shell says of a program that wrote to a pipe nobody reads: 128 + SIGPIPE
HELP = f"""\
commands:
  (none)            check your answers in order, up to the first that is not right yet
  start [DIR]       give out the exercises into a folder (default: exercises). Where they are already, add new ones
                    and say which are old. Nothing of yours is ever overwritten.
  list              all exercises, and which you have solved
  hint [N]          a hint for the one you are at, or for number N; again for the next hint. The last one draws what
                    your own lines compute
  picture [N]       draw that at once; of an exercise about a graph, its graph
  watch             check whenever you save
  solution [N]      one right answer, explained
  sheet             a sheet to print: what you have solved, when, and the hints you took
  reset N           begin number N afresh; what you had is kept beside it

Each file is imported, in its own folder: it finds its neighbours and its data. What stands under
`if __name__ == "__main__":` is not run.

for teachers:
  --report json [DIR ...]   what everybody has solved; or csv, a table, or html, a page to look at. This runs the code
                            in their folders, with your rights: the verdicts cannot be forged, but files can be read
                            and deleted.
  --workers N               look at so many folders side by side (default: {WORKERS})
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
    """Give out the exercises, or bring them up to date."""
    path, returning = folder.path, folder.begun
    if not returning:
        if Path(os.path.realpath(path)).is_relative_to(os.path.realpath(HERE)):
            raise Refused(f"{shown(path)} is where the exercises come from. Choose a new folder: {_new()}")
        if os.path.lexists(path) and not path.is_dir():
            raise Refused(f"{shown(path)} is there already, and is no folder. Choose a new one: {_new()}")
        if there := folder.collisions():
            raise Refused(
                f"{shown(path)} has {_listed(there)} already, of other contents, and nothing is overwritten. "
                f"Choose a new folder: {_new()}"
            )
    update = folder.fill()
    if not returning:
        print(welcome(folder))
        return 0
    print(f"Your answers in {shown(path)} are as they were.")
    for names, what in (
        (update.added, "Added"),
        (update.renewed, "Brought up to date (you had not begun)"),
        (update.old, "Left as they are, though there is a newer version (you had begun)"),
        (update.gone, "No longer among the exercises, and left as they are"),
    ):
        if names:
            print(f"{what}: {', '.join(names)}.")
    if update.old:
        number = next(number_of(exercise) for exercise in EXERCISES if exercise.name in update.old)
        print(f"The newer version, with yours kept beside it: {call(folder, f'reset {number}')}")
    return 0


def _new() -> str:
    """A command that gives the exercises out into a folder that is not there yet."""
    free = next(name for n in range(1, 10_000) if not os.path.lexists(name := f"exercises{n if n > 1 else ''}"))
    return command(f"start {free}")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def check(folder: Folder, seconds: float) -> int:
    """Check in order, up to the first that is not right yet."""
    for exercise in EXERCISES:
        found = verdict(exercise.name, folder.file(exercise), seconds)
        if folder.note(exercise, found.right):
            print(f"{styled('Right:', 32)} {heading(exercise)}")
            if found.message:
                print(textwrap.indent(flowing(found.message), "    "))
        if not found.right:
            print(f"\n{progress(number_of(exercise) - 1)}\n")
            print(f"{styled(heading(exercise), 1)}    {shown(folder.file(exercise))}\n")
            print(said(found))
            if found.status == "missing":
                print(f"\nA fresh one: {call(folder, f'reset {number_of(exercise)}')}")
            if found.status == "late":
                print(f"\nIf it is only slow, give it more time: {call(folder, f'--seconds {10 * seconds:g}')}")
            print(f"\nA hint: {call(folder, 'hint')}", flush=True)
            return 1
    print(f"\n{progress(len(EXERCISES))}\n\n{farewell()}", flush=True)
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
    if n == exercise.helps:
        print(f"  {n}. Your own lines, drawn:\n")
        draw_answer(folder, exercise)
    more = exercise.helps - n
    again = f" {number_of(exercise)}" if word else ""
    the_end = f"That was the last. One right answer, explained: {call(folder, 'solution' + again)}"
    print(f"\n{more} more: the same again" if more else f"\n{the_end}")
    return 0


def picture(folder: Folder, word: str | None) -> int:
    """What the learner's lines compute, drawn; the graph itself of an exercise that is about one."""
    exercise = chosen(word, folder)
    print(f"{heading(exercise)}\n")
    return 0 if draw_given(folder, exercise) else draw_answer(folder, exercise)


def solution(folder: Folder | None, word: str | None) -> int:
    """One right answer, explained."""
    print(solution_of(chosen(word, folder)), end="")
    return 0


def reset(folder: Folder, word: str | None) -> int:
    """Begin an exercise afresh."""
    if word is None:
        raise Refused(f"Which one? This begins exercise 4 afresh: {call(folder, 'reset 4')}")
    exercise = chosen(word)
    kept = folder.reset(exercise)
    print(
        f"{shown(folder.file(exercise))} is as it was given to you.",
        f"What you had is in {shown(kept)}." if kept else "",
    )
    return 0


def finish_sheet(folder: Folder) -> int:
    """Write the finish sheet."""
    lines = [
        {
            "name": exercise.name,
            "right": exercise.name in folder.solved,
            "when": folder.when.get(exercise.name, ""),
            "hints": min(folder.hints.get(exercise.name, 0), exercise.helps),
        }
        for exercise in EXERCISES
    ]
    path = folder.path / SHEET
    path.write_text(sheet.page(lines), encoding="utf-8")
    print(f"{shown(path)}: what you have solved, when, and the hints you took. Open it in a browser to print it.")
    return 0


def watch(folder: Folder, seconds: float) -> int:
    """Check now, and whenever a file is saved; do what is typed meanwhile."""
    typed: dict[str, Callable[[], int]] = {
        "h": lambda: hint(folder, None),
        "l": lambda: listing(folder),
        "s": lambda: solution(folder, None),
        "": lambda: check(folder, seconds),
        "saved": lambda: check(folder, seconds),
    }
    try:
        before = stamps(folder.path)  # what is saved during the first check is noticed after it
        check(folder, seconds)
        print(WATCHING, flush=True)
        for event in events(folder.path, typed_lines(), before):
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


def class_report(paths: Sequence[Path], form: str, workers: int, seconds: float) -> int:
    """What everybody has solved."""
    if not any(os.path.lexists(path) for path in paths):
        raise Refused(f"There is no folder {', '.join(map(shown, paths))}.")
    print(report(paths, form, workers, seconds), end="")
    return 0


# The command line ---------------------------------------------------------------------------------------------------


def the_folder(path: Path | None) -> Folder:
    """The learner's folder: the one named, or the only one at hand."""
    if path is not None:
        folder = Folder(path)
        if not folder.begun:
            raise Refused(
                f"{shown(path)} has no exercises in it. Give them out: {command(f'start {quoted(near(path))}')}"
            )
        return folder
    found = Folder.find(Path.cwd())
    if not found:
        raise Refused(
            "Welcome. No exercises have been given out here yet. This makes a folder of them, for you to work in:\n\n"
            f"    {command('start')}\n\n(If you have a folder of them elsewhere: --dir DIR)"
        )
    if len(found) > 1:
        raise Refused(f"Which one? Add --dir with one of: {', '.join(quoted(near(folder.path)) for folder in found)}")
    return found[0]


def seconds_allowed(option: float | None) -> float:
    """The time limit: the option's, the environment's, or the usual one."""
    word = os.environ.get(SECONDS_NAME) if option is None else option
    if word is None or word == "":
        return SECONDS
    try:
        seconds = float(word)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        name = SECONDS_NAME if option is None else "--seconds"
        raise Refused(f"{name} is the time for one call, in seconds: a number above 0, not {harmless(str(word), 50)}.")
    return seconds


def run(options: argparse.Namespace) -> int:
    """Do what was asked for."""
    verb, word, *others = [*options.words, None, None][: max(2, len(options.words))]
    seconds = seconds_allowed(options.seconds)
    if options.report:
        if options.workers < 1:
            raise Refused(f"--workers: at least one folder is looked at at a time, got {options.workers}.")
        paths = [Path(path) for path in options.words] or [the_folder(options.dir).path]
        return class_report(paths, options.report, options.workers, seconds)
    if others:
        raise Refused(f"Too many words after {verb!r}: {' '.join([word, *others])}")
    if verb == "start":
        return start(Folder(Path(word) if word else options.dir or Path("exercises")))
    if verb == "solution" and word is not None:
        return solution(None, word)
    folder = the_folder(options.dir)
    try:
        return _in(folder, verb, word, seconds)
    finally:
        if folder.trouble:
            print(
                f"Your progress could not be noted in {shown(folder.path / RECORD)} ({folder.trouble.strerror}). What "
                "was said stands.",
                file=sys.stderr,
            )


def _in(folder: Folder, verb: str | None, word: str | None, seconds: float) -> int:
    """Do a command in a folder."""
    with_a_word = {"hint": hint, "picture": picture, "solution": solution, "reset": reset}
    alone: dict[str | None, Callable[[], int]] = {
        None: lambda: check(folder, seconds),
        "check": lambda: check(folder, seconds),
        "list": lambda: listing(folder),
        "watch": lambda: watch(folder, seconds),
        "sheet": lambda: finish_sheet(folder),
    }
    if verb in with_a_word:
        return with_a_word[verb](folder, word)
    if verb not in alone:
        known = "start, list, hint, picture, watch, solution, sheet and reset"
        raise Refused(f"There is no command {verb!r}: there are {known}.")
    if word is not None:
        raise Refused(f"{verb!r} takes nothing after it, got {word!r}.")
    return alone[verb]()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Returns 0 if all that was asked for is well, 1 if an answer is not right yet, 2 if refused."""
    parser = argparse.ArgumentParser(
        prog=f"python {called('exercises')}",
        usage=f"python {called('exercises')} [command] [--dir DIR] [--seconds S]",
        description="Exercises on backpropagation that answer back.",
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", nargs="*", metavar="command", help=argparse.SUPPRESS)
    parser.add_argument("--dir", type=Path, help="your folder, if it is not this one nor directly in it")
    parser.add_argument(
        "--seconds",
        type=float,
        metavar="S",
        help=f"how long one call of your code may compute (default: {SECONDS:g}; or {SECONDS_NAME} in the environment)",
    )
    parser.add_argument("--report", choices=["json", "csv", "html"], help=argparse.SUPPRESS)
    parser.add_argument("--workers", type=int, default=WORKERS, help=argparse.SUPPRESS)
    try:
        status = run(parser.parse_intermixed_args(arguments))
        sys.stdout.flush()
    except BrokenPipeError:  # as in `| head -1`: nobody wants the rest
        return CLOSED
    except Refused as refusal:
        print(harmless(str(refusal), MESSAGE_SHOWN), file=sys.stderr)
        return 2
    except OSError as error:
        where = f": {shown(Path(os.fsdecode(error.filename)))}" if isinstance(error.filename, (str, bytes)) else ""
        print(f"{error.strerror or error}{where}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return status


def at_a_terminal() -> int:
    """The command line, with streams that take any text, and may be closed."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="spelled")
    status = main()
    if status == CLOSED:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what Python still writes at its end
    return status


if __name__ == "__main__":
    sys.exit(at_a_terminal())
