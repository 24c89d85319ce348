"""The picture of a learner's own answer: what their lines compute, as a graph. It is the last hint of every exercise.

Their function is called with Values in place of numbers, and math's functions are the engine's meanwhile; so what comes
back has a graph. Where there is one already (a tape, an engine of theirs), it is drawn with the numbers that their code
gave. The check of an exercise says which: its `picture`, a function of an answer. ``python -m demos.exercises.picture``
makes it in a process of its own, which may hang or crash.
"""

from __future__ import annotations

import contextlib
import json
import math
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import engine
from demos.exercises.answers import Answer, NotYet
from demos.exercises.asked import HERE, check_module
from demos.exercises.replies import has_dots
from engine import Value, draw

MOST_NODES = 120
LINES_SHOWN = 40
MATH = SimpleNamespace(
    **{**vars(math), "fsum": sum, **{n: getattr(engine, n) for n in dir(math) if hasattr(engine, n)}}
)


class Picture(NamedTuple):
    """What is drawn.

    Attributes:
        caption: what it shows, a sentence.
        outputs: the Values at its end.
        derivatives: whether the local derivatives are on the arrows.
    """

    caption: str
    outputs: list[Value]
    derivatives: bool = False


class Drawn(NamedTuple):
    """A picture, made: its caption, as text, and as SVG; or why there is none, in the caption, with nothing else."""

    caption: str
    text: str = ""
    svg: str = ""


def inputs(**numbers: float) -> list[Value]:
    """Values with these names."""
    return [Value(number, name) for name, number in numbers.items()]


def vector(name: str, numbers: Iterable[float]) -> list[Value]:
    """Values called name_1, name_2 and so on."""
    return [Value(number, f"{name}_{k}") for k, number in enumerate(numbers, 1)]


def matrix(name: str, rows: Iterable[Iterable[float]]) -> list[list[Value]]:
    """Rows of Values called name_11, name_12 and so on."""
    return [[Value(x, f"{name}_{j}{k}") for k, x in enumerate(row, 1)] for j, row in enumerate(rows, 1)]


def results(name: str, thing: Any, parts: Sequence[str] = ()) -> list[Value]:
    """What a learner's function returned, as named Values: each number of it.

    Args:
        name: of the whole.
        thing: what was returned.
        parts: the names of its parts, if it has just as many.

    Raises:
        NotYet: it is no number, and no list of them.
    """
    if has_dots(thing):
        raise NotYet("There are three dots in the answer still: put something in their place, and it can be drawn.")
    if isinstance(thing, (list, tuple)):
        names = parts if len(parts) == len(thing) else [f"{name}[{k}]" for k in range(len(thing))]
        return [value for part, called in zip(thing, names) for value in results(called, part)]
    if isinstance(thing, Value):
        if thing.parents and thing.label is None:
            return [thing.named(name)]
        return [Value(thing.data, f"{name} = {thing.label or 'a number'}")]
    if isinstance(thing, (int, float)):
        return [Value(float(thing), f"{name} = a number")]
    raise NotYet(f"There is no number to be drawn: {name} is {type(thing).__name__}.")


def drawn(name: str, answer: Answer) -> Drawn:
    """The picture of an answer to the exercise `name`, or why there is none."""
    try:
        with _on_values(answer.module):
            picture = check_module(name).picture(answer)
        drawing = draw(picture.outputs, derivatives=picture.derivatives, max_nodes=MOST_NODES)
        lines = "\n\n".join(output.tree() for output in picture.outputs).splitlines()
        text = "\n".join([*lines[:LINES_SHOWN], *["..."] * (len(lines) > LINES_SHOWN)])
        return Drawn(picture.caption, text, drawing.pipe(format="svg", encoding="utf-8"))
    except NotYet as reason:
        return Drawn(str(reason))
    except Exception as error:
        return Drawn(f"Your answer cannot be drawn as it is.\n\n{answer.explain(error)}")


def given(name: str) -> str:
    """The SVG of the graph that an exercise is about; "" for one that has none."""
    of_the_exercise = getattr(check_module(name), "given", None)
    return of_the_exercise().pipe(format="svg", encoding="utf-8") if of_the_exercise else ""


@contextlib.contextmanager
def _on_values(module: ModuleType) -> Iterator[None]:
    """While the functions of math that a module uses take Values too."""
    around = vars(module)
    before = dict(around)
    for name, thing in before.items():
        if thing is math:
            around[name] = MATH
        elif getattr(thing, "__module__", None) == "math" and hasattr(MATH, thing.__name__):
            around[name] = getattr(MATH, thing.__name__)
    try:
        yield
    finally:
        around.update(before)


def picture_of(name: str, path: Path, seconds: float) -> Drawn:
    """The picture of the answer in a file, made in a process of its own, which has so many seconds."""
    command = [
        sys.executable,
        "-X",
        "utf8",
        "-W",
        "ignore",
        "-m",
        "demos.exercises.picture",
        name,
        str(path.absolute()),
    ]
    try:
        done = subprocess.run(
            command, cwd=HERE.parents[1], capture_output=True, timeout=seconds, check=False, text=True
        )
    except subprocess.TimeoutExpired:
        return Drawn(f"Your code was still running after {seconds:g} seconds: a loop without end?")
    try:
        return Drawn(*json.loads(done.stdout.splitlines()[-1]))
    except (IndexError, ValueError, TypeError):
        return Drawn("Your code ended Python before it could be drawn.")


def main() -> None:
    """Write the picture of an answer to the standard output, as JSON; what the learner's code prints goes nowhere."""
    name, path = sys.argv[1:]
    with contextlib.redirect_stdout(None):
        try:
            made = drawn(name, Answer(Path(path)))
        except NotYet as reason:
            made = Drawn(str(reason))
    print(json.dumps(made))


if __name__ == "__main__":
    main()
