"""Yours beside true: a learner's function at random points, and mistakes that are known by sight.

A check states what is true, mostly by finite differences (the `numeric` of `engine.gradcheck`), and what comes out if
one makes a certain mistake. An answer that equals a mistake's at every point gets that mistake's message.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from numbers import Real
from typing import Any, NamedTuple

from demos.exercises.answers import Answer, Incomplete, NotYet
from engine import Value, gradcheck

RTOL, ATOL = 1e-6, 1e-8  # what a finite difference is good for
ROWS_SHOWN = 8


Numbers = list[tuple[str, float]]  # the numbers of a result, each with its name


class Mistake(NamedTuple):
    """What comes out if one makes it, as a function of the point, and what to say to that."""

    answer: Callable[..., Any]
    message: str


class Trial(NamedTuple):
    """A point, what the parts of a result there are called, and what the answer gave."""

    point: Sequence[Any]
    names: Sequence[str] | str
    got: Numbers


class Random(random.Random):
    """Numbers to try an answer with: the same every time, of two decimals, none near 0."""

    def number(self) -> float:
        """One from -2 to 2."""
        return self.choice((-1, 1)) * round(self.uniform(0.2, 2.0), 2)

    def vector(self, n: int) -> list[float]:
        """n of them."""
        return [self.number() for _ in range(n)]

    def matrix(self, rows: int, columns: int) -> list[list[float]]:
        """A list of rows."""
        return [self.vector(columns) for _ in range(rows)]


def slopes(f: Callable[..., Any], *at: float) -> list[float]:
    """The derivative of f with respect to each of its arguments, by finite differences."""
    return [row.numeric for row in gradcheck(f, at).rows]


def compare(
    answer: Answer,
    what: str,
    yours: Callable[..., Any],
    true: Callable[..., Any],
    points: Sequence[Sequence[Any]],
    *,
    inputs: str | Callable[..., str],
    names: Sequence[str] | str | Callable[..., Sequence[str]] = "",
    mistakes: Sequence[Mistake] = (),
    source: str = "a finite difference",
    rtol: float = RTOL,
    atol: float = ATOL,
) -> None:
    """Raise NotYet unless yours(*point) is true(*point) at every point.

    Args:
        answer: whose code `yours` runs.
        what: what is compared: the subject of a sentence.
        yours: a function of a point, that returns a number, or lists or tuples of them.
        true: what it should return.
        points: where to compare. The first should be such that mistakes show as numbers, not as shapes that differ.
        inputs: the names of a point's coordinates, separated by blanks; or a function that puts a point into words.
        names: what each part of a tuple is called, or the whole; or a function of the point that says so.
        mistakes: what to look for when they differ.
        source: who says what is true.
        rtol: the difference allowed, relative to what is true.
        atol: the difference allowed, absolute.
    """

    def near(a: float, b: float) -> bool:
        return abs(a - b) <= atol + rtol * abs(b)

    tried: list[Trial] = []
    part, message = "", ""  # where they differ first, and how
    for point in points:
        at = f"{inputs(*point) if callable(inputs) else _at(inputs, point)}\n\n"
        called = names(*point) if callable(names) else names
        right = true(*_fresh(point))
        try:
            got = _flat(yours(*_fresh(point)), right, what, called)
        except Incomplete:
            raise
        except Exception as error:
            if message:
                break
            raise NotYet(at + (str(error) if isinstance(error, NotYet) else answer.explain(error))) from error
        expected = _flat(right, right, what, called)
        tried.append(Trial(point, called, got))
        agrees = [near(y, t) for (_, y), (_, t) in zip(got, expected)]
        if not message and not all(agrees):
            part, message = _part(got[agrees.index(False)][0]), at + _beside(what, got, expected, agrees, source)
    if message:
        known = _recognized(mistakes, tried, near, "") or _recognized(mistakes, tried, near, part)
        raise NotYet(f"{message}\n\n{known}" if known else message)


def _recognized(
    mistakes: Sequence[Mistake],
    tried: Sequence[Trial],
    near: Callable[[float, float], bool],
    part: str,
) -> str:
    """What to say to the first mistake that gives the same numbers at every point, in the part called so or in all."""
    for mistake in mistakes:
        if all(_same(trial, _made(mistake, trial), near, part) for trial in tried):
            return mistake.message
    return ""


def _same(trial: Trial, made: dict[str, float], near: Callable[[float, float], bool], part: str) -> bool:
    return all(name in made and near(y, made[name]) for name, y in trial.got if not part or _part(name) == part)


def _made(mistake: Mistake, trial: Trial) -> dict[str, float]:
    """The numbers that a mistake gives, by name; none where even that is impossible."""
    try:
        result = mistake.answer(*_fresh(trial.point))
    except (ArithmeticError, IndexError):
        return {}
    return dict(_flat(result, result, "", trial.names))


def _part(name: str) -> str:
    """dW1 of dW1[0][2]."""
    return name.split("[")[0]


def rule_of(result: Any, name: str) -> tuple[Any, Callable[..., Any]]:
    """The value and the pullback that a rule returned."""
    if isinstance(result, tuple) and len(result) == 2 and callable(result[1]):
        return result
    raise NotYet(
        f"`{name}` returned {_short(result)}; a rule returns two things, the value and its pullback (a function)."
    )


def _fresh(thing: Any) -> Any:
    """A copy of lists, so that an answer that changes its arguments changes nothing else."""
    return type(thing)(map(_fresh, thing)) if isinstance(thing, (list, tuple)) else thing


def _flat(result: Any, like: Any, what: str, names: Sequence[str] | str) -> Numbers:
    """(name, number) for every number of a result. NotYet if it is not of the same shape as `like`."""
    if hasattr(result, "tolist"):  # a NumPy array
        result = result.tolist()
    if isinstance(names, str):
        return [*_walk(result, like, what, names)]
    if not isinstance(result, (tuple, list)) or len(result) != len(names):
        listed = ", ".join(names)
        comma = " A tuple of one is written with a comma: (x,)." if len(names) == 1 else ""
        raise NotYet(f"{what}: expected {_count(len(names), 'result')} ({listed}), got {_short(result)}.{comma}")
    return [entry for part, whole, name in zip(result, like, names) for entry in _walk(part, whole, what, name)]


def _walk(result: Any, like: Any, what: str, name: str) -> Iterator[tuple[str, float]]:
    where = f"{what}, {name}" if name else what
    if result is None:
        raise NotYet(f"{where}: expected {_kind(like)}, got None. Is a `return` missing?")
    if not isinstance(like, (list, tuple)):
        if isinstance(result, Value):
            result = result.data
        if not isinstance(result, Real):
            raise NotYet(f"{where}: expected a number, got {_short(result)}.")
        yield name, float(result) + 0.0  # -0.0 as 0
        return
    if hasattr(result, "tolist"):
        result = result.tolist()
    if not isinstance(result, (list, tuple)):
        raise NotYet(f"{where}: expected {_kind(like)}, got {_short(result)}.")
    if len(result) != len(like):
        if _shape(result) == _shape(like)[::-1]:
            raise NotYet(f"{where}: expected {_kind(like)}, got {_kind(result)}: yours is the transpose.")
        raise NotYet(f"{where}: expected {_kind(like)}, got {_kind(result)}.")
    for k, (part, whole) in enumerate(zip(result, like)):
        yield from _walk(part, whole, what, f"{name}[{k}]")


def _shape(thing: Any) -> tuple[int, ...]:
    if not isinstance(thing, (list, tuple)):
        return ()
    return (len(thing), *_shape(thing[0])) if thing else (0,)


def _kind(thing: Any) -> str:
    shape = _shape(thing)
    if len(shape) == 2:
        return f"a matrix of {_count(shape[0], 'row')} and {_count(shape[1], 'column')}"
    return f"a list of {_count(shape[0], 'number')}" if shape else "a number"


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'s'[: n != 1]}"


def _short(thing: Any) -> str:
    shown = repr(thing)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _at(inputs: str, point: Sequence[Any]) -> str:
    """The point in words; matrices, which would fill the screen, below each other."""
    named = [*zip(inputs.split(), point)]
    if any(len(_shape(thing)) > 1 for _, thing in named):
        return "With\n\n" + "\n".join(f"    {name} = {_written(thing)}" for name, thing in named)
    return "At " + ", ".join(f"{name} = {_written(thing)}" for name, thing in named) + ":" if named else ""


def _written(thing: Any) -> str:
    if callable(thing):
        return getattr(thing, "__name__", "f")
    if isinstance(thing, (list, tuple)):
        return f"[{', '.join(map(_written, thing))}]"
    return f"{thing:g}" if isinstance(thing, Real) else _short(thing)


def _beside(what: str, yours: Numbers, true: Numbers, agrees: list[bool], source: str) -> str:
    """Where they first differ, in words; and all of them, if there are several."""
    first = agrees.index(False)
    y, t = _apart(yours[first][1], true[first][1])
    name = yours[first][0]
    message = f"{what} gave {y}{f' for {name}' if name else ''}; {source} says {t}."
    if len(yours) == 1:
        return message
    rows = [
        (name, *((f"{y:.4g}", f"{t:.4g}") if same else _apart(y, t)), "" if same else "  <")
        for (name, y), (_, t), same in zip(yours, true, agrees)
    ]
    shown = sorted(rows, key=lambda row: not row[3])[:ROWS_SHOWN] if len(rows) > ROWS_SHOWN else rows
    width = max(len(row[0]) for row in shown)
    table = [f"    {'':<{width}}  {'yours':>12}  {'true':>12}"]
    table += [f"    {name:<{width}}  {y:>12}  {t:>12}{mark}" for name, y, t, mark in shown]
    if len(rows) > len(shown):
        table.append(f"    ({len(rows) - len(shown)} more)")
    return message + "\n\n" + "\n".join(table)


def _apart(y: float, t: float) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to tell them apart, at least four."""
    for digits in range(4, 17):
        if f"{y:.{digits}g}" != f"{t:.{digits}g}" or y == t:
            break
    return f"{y:.{digits}g}", f"{t:.{digits}g}"
