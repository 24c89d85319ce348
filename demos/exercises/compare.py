"""Yours beside true: a learner's function at random points, and mistakes that are known by sight.

A check states what is true, mostly by finite differences (the `numeric` of `engine.gradcheck`), and what comes out if
one makes a certain mistake. An answer that equals a mistake's at every point gets that mistake's message.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from numbers import Real
from typing import Any, NamedTuple

from demos.exercises.answers import Answer, Incomplete, Late, NotYet
from demos.exercises.replies import Reply, short
from engine import gradcheck

RTOL, ATOL = 1e-6, 1e-8  # what a finite difference is good for
ROWS_SHOWN = 8
LATER = (
    "Called first thing, it gives what is true here; after other calls it does not. So something stays from one call "
    "to the next: a list as a default value (`seen=[]`), or a name outside the function that is changed inside?"
)

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
    told: bool = True,
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
        told: whether what is true is told; not where that would be the answer.
    """

    def near(a: float, b: float) -> bool:
        return abs(a - b) <= atol + rtol * abs(b)

    def calling(point: Sequence[Any]) -> Callable[[], Any]:
        return lambda: yours(*_fresh(point))

    if answer.judged_elsewhere:
        for point in points:
            answer.result(calling(point))
        return

    tried: list[Trial] = []
    part, found = "", None  # where they differ first; and how
    for point in points:
        at = f"{inputs(*point) if callable(inputs) else _at(inputs, point)}\n\n"
        called = names(*point) if callable(names) else names
        right = true(*_fresh(point))
        expected = _flat(right, right, what, called)

        def holds(reply: Reply, right=right, called=called, expected=expected) -> bool:
            try:
                got = _flat(reply.value, right, what, called)
            except NotYet:
                return False
            return all(near(y, t) for (_, y), (_, t) in zip(got, expected))

        reply = answer.result(calling(point))
        try:
            if reply.fault:
                raise NotYet(reply.fault)
            got = _flat(reply.value, right, what, called)
        except NotYet as reason:
            if found:
                break
            message = str(reason) if reply.status == Incomplete.status else f"{at}{reason}"
            raise failure(answer, reply, calling(point), message, holds) from None
        tried.append(Trial(point, called, got))
        agrees = [near(y, t) for (_, y), (_, t) in zip(got, expected)]
        if not found and not all(agrees):
            part = _part(got[agrees.index(False)][0])
            found = (reply, calling(point), at + _beside(what, got, expected, agrees, source, told), holds)
    if found:
        known = _recognized(mistakes, tried, near, "") or _recognized(mistakes, tried, near, part)
        raise failure(answer, *found, known)


def compare_said(
    answer: Answer,
    what: str,
    said: Callable[[], Any],
    true: Any,
    *,
    about: str,
    source: str,
    mistakes: Sequence[Mistake],
    names: Sequence[str] | str = "",
) -> None:
    """Raise NotYet unless what a learner says of something that is given is true; what is true is not told.

    Args:
        answer: whose code `said` runs.
        what: what is said: the subject of a sentence.
        said: gives it.
        true: what it should be.
        about: what it is about, as the beginning of a sentence.
        source: who says what is true.
        mistakes: what to look for when it is not.
        names: as for `compare`.
    """
    compare(
        answer,
        what,
        said,
        lambda: true,
        [()],
        inputs=lambda: about,
        names=names,
        mistakes=mistakes,
        source=source,
        told=False,
    )


def failure(
    answer: Answer,
    reply: Reply,
    call: Callable[[], Any],
    message: str,
    holds: Callable[[Reply], bool],
    known: str = "",
) -> NotYet:
    """What to raise when a reply is not right.

    Args:
        answer: whose reply it is.
        reply: the reply.
        call: what it came of.
        message: what is wrong with it.
        holds: whether another reply to the same call would be right.
        known: what is known about a mistake like this one.
    """
    if reply.status == Incomplete.status:
        return Incomplete(message)
    if reply.status == Late.status:
        return Late(message)
    if reply.number and reply.status == NotYet.status:
        again = answer.anew(reply.number, call)
        if not again.fault and holds(again):
            known = LATER
    left = f"(The three dots in line {reply.left} are still there.)" if reply.left else ""
    return NotYet("\n\n".join(filter(None, (message, known, left))))


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
        f"`{name}` returned {short(result)}; a rule returns two things, the value and its pullback (a function)."
    )


def _fresh(thing: Any) -> Any:
    """A copy of lists, so that an answer that changes its arguments changes nothing else."""
    return type(thing)(map(_fresh, thing)) if isinstance(thing, (list, tuple)) else thing


def _flat(result: Any, like: Any, what: str, names: Sequence[str] | str) -> Numbers:
    """(name, number) for every number of a result. NotYet if it is not of the same shape as `like`."""
    if isinstance(names, str):
        return [*_walk(result, like, what, names)]
    if not isinstance(result, (tuple, list)) or len(result) != len(names):
        listed = ", ".join(names)
        comma = " A tuple of one is written with a comma: (x,)." if len(names) == 1 else ""
        raise NotYet(f"{what}: expected {_count(len(names), 'result')} ({listed}), got {short(result)}.{comma}")
    return [entry for part, whole, name in zip(result, like, names) for entry in _walk(part, whole, what, name)]


def _walk(result: Any, like: Any, what: str, name: str) -> Iterator[tuple[str, float]]:
    where = f"{what}, {name}" if name else what
    if result is None:
        raise NotYet(f"{where}: expected {_kind(like)}, got None. Is a `return` missing?")
    if not isinstance(like, (list, tuple)):
        if not isinstance(result, Real):
            raise NotYet(f"{where}: expected a number, got {short(result)}.")
        yield name, float(result) + 0.0  # -0.0 as 0
        return
    if not isinstance(result, (list, tuple)):
        raise NotYet(f"{where}: expected {_kind(like)}, got {short(result)}.")
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
    return f"{thing:g}" if isinstance(thing, Real) else short(thing)


def _beside(what: str, yours: Numbers, true: Numbers, agrees: list[bool], source: str, told: bool) -> str:
    """Where they first differ, in words; and all of them, if there are several."""
    first = agrees.index(False)
    y, t = _apart(yours[first][1], true[first][1])
    name = yours[first][0]
    message = f"{what} gave {y}{f' for {name}' if name else ''}; {source} says {t if told else 'something else'}."
    if len(yours) == 1:
        return message
    rows = [
        (name, *((f"{y:.4g}", f"{t:.4g}") if same else _apart(y, t)), "" if same else "  <")
        for (name, y), (_, t), same in zip(yours, true, agrees)
    ]
    shown = sorted(rows, key=lambda row: not row[3])[:ROWS_SHOWN] if len(rows) > ROWS_SHOWN else rows
    width = max(len(row[0]) for row in shown)
    table = [f"    {'':<{width}}  {'yours':>12}  {'true' if told else '':>12}".rstrip()]
    table += [f"    {name:<{width}}  {y:>12}  {t if told else '':>12}{mark}".rstrip() for name, y, t, mark in shown]
    if len(rows) > len(shown):
        table.append(f"    ({len(rows) - len(shown)} more)")
    return message + "\n\n" + "\n".join(table)


def _apart(y: float, t: float) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to tell them apart, at least four."""
    for digits in range(4, 17):
        if f"{y:.{digits}g}" != f"{t:.{digits}g}" or y == t:
            break
    return f"{y:.{digits}g}", f"{t:.{digits}g}"
