"""Is a gradient right? Backward's beside what the function itself says when its inputs are moved a little."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from engine.primitives import as_float
from engine.recording import enable_grad
from engine.value import Number, Value, as_value, number_of

DIFFERENCES = 14  # central differences taken for one derivative, each with half the step of the one before
ROWS_SHOWN = 20


class Row(NamedTuple):
    """One input of a gradient check.

    Attributes:
        input: its label, or x_1, x_2, ... in the order of the inputs.
        at: its number.
        yours: the derivative that `backward` computes.
        numeric: the derivative by central differences.
        difference: yours - numeric.
        ok: whether they agree within the tolerance.
    """

    input: str
    at: float
    yours: float
    numeric: float
    difference: float
    ok: bool


class GradientCheck:
    """What `gradcheck` found: true if every derivative agrees. Printed, a table of yours beside the numeric value.

    Attributes:
        rows: a `Row` for each input.
        tolerance: how far apart two that agree may be, in words.
    """

    def __init__(self, rows: Sequence[Row], tolerance: str) -> None:
        self.rows = list(rows)
        self.tolerance = tolerance

    @property
    def ok(self) -> bool:
        """Whether every derivative agrees."""
        return all(row.ok for row in self.rows)

    def __bool__(self) -> bool:
        return self.ok

    def _repr_html_(self) -> str:
        from engine.html_table import html_table

        cells = [
            [
                _shown(row.input),
                *(f"{number:.6g}" for number in row[1:4]),
                f"{row.difference:.2g}",
                "agree" if row.ok else "differ",
            ]
            for row in self._shown_rows()
        ]
        titles = ["input", "at", "yours", "numeric", "difference", ""]
        return html_table(f"{repr(self).splitlines()[0]}; tolerance {self.tolerance}", titles, cells)

    def _shown_rows(self) -> list[Row]:
        """Those that differ before the others, the first of many."""
        return sorted(self.rows, key=lambda row: row.ok)[:ROWS_SHOWN]

    def __repr__(self) -> str:
        wrong = [row for row in self.rows if not row.ok]
        if wrong:
            first = wrong[0]
            verdict = (
                f"{len(wrong)} of {len(self.rows)} derivatives differ, first {_shown(first.input)} at {first.at:.6g}: "
                f"yours {first.yours:.6g}, numeric {first.numeric:.6g}"
            )
        else:
            verdict = f"{len(self.rows)} of {len(self.rows)} derivatives agree"
        shown = self._shown_rows()
        left_out = len(self.rows) - len(shown)
        more = f"\n({left_out} more)" if left_out else ""
        return f"gradcheck: {verdict}\n{_table(shown)}{more}\ntolerance: {self.tolerance}"


def gradcheck(
    f: Callable[..., Any], inputs: Iterable[Number], *, eps: float = 1e-2, rtol: float = 1e-6, atol: float = 1e-8
) -> GradientCheck:
    """Compare the gradient that `backward` computes with central differences (f(x + h) - f(x - h)) / 2h.

    Two derivatives agree if abs(yours - numeric) <= atol + rtol * abs(numeric); nan and infinities never do. At a kink
    (relu at 0) the two differ rightly: there is no derivative, and the central difference is the mean of both sides.

    Args:
        f: a function of len(inputs) numbers that returns one. It is called many times, so it must be a pure function.
        inputs: the point: numbers, or Values (they are read, and their `grad` is left alone).
        eps: the largest step h, as a part of max(1, abs(x)). It is halved 13 times and the results are extrapolated
            to h = 0 (Ridders 1982, doi:10.1016/S0141-1195(82)80057-0), so it seldom needs a thought.
        rtol: the difference allowed, relative to the numeric derivative.
        atol: the difference allowed, absolute.

    Returns:
        A `GradientCheck`, true if all agree, so that a test is one line.

    Raises:
        TypeError: if f does not return one number, or the inputs are not a list of numbers.
        ValueError: for an eps that is not above 0.

    >>> from engine import gradcheck, primitive, tanh
    >>> assert gradcheck(lambda x, y: tanh(x * y) / y, [0.5, -3.0])

    A wrong one shows where and by how much:

    >>> @primitive
    ... def square(x):
    ...     return x * x, lambda g: (g * x,)
    >>> gradcheck(lambda x, y: square(x) + 3 * y, [1.5, 2.0])
    gradcheck: 1 of 2 derivatives differ, first x_1 at 1.5: yours 1.5, numeric 3
      input   at  yours  numeric  difference
    > x_1    1.5    1.5        3        -1.5
      x_2      2      3        3    -1.8e-13
    tolerance: 1e-08 + 1e-06 * |numeric|
    """
    if not callable(f):
        got = f"{_shown(repr(f))} of type {type(f).__name__}"
        raise TypeError(f"gradcheck takes a function and its inputs, got {got}")
    if not hasattr(inputs, "__iter__"):
        raise TypeError(f"gradcheck takes a list of inputs, as [0.5, 2.0], got {_shown(repr(inputs))}")
    if not as_float(eps) > 0.0:
        raise ValueError(f"eps, the largest step, must be above 0, got {eps}")
    inputs = list(inputs)
    at = [number_of(number) for number in inputs]
    leaves = [Value(x) for x in at]

    def along(k: int) -> Callable[[float], float]:
        return lambda x: number_of(f(*[Value(x if j == k else other) for j, other in enumerate(at)]))

    rows = []
    with enable_grad():
        as_value(f(*leaves)).backward()
        for k, (given, x, leaf) in enumerate(zip(inputs, at, leaves)):
            numeric = _numeric_derivative(along(k), x, as_float(eps) * max(1.0, abs(x)))
            difference = leaf.grad - numeric
            label = given.label if isinstance(given, Value) else None
            ok = abs(difference) <= atol + rtol * abs(numeric) < math.inf
            rows.append(Row(label or f"x_{k + 1}", x, leaf.grad, numeric, difference, ok))
    return GradientCheck(rows, f"{atol:g} + {rtol:g} * |numeric|")


def _numeric_derivative(f: Callable[[float], float], x: float, step: float) -> float:
    """The derivative of f at x by central differences, extrapolated to a step of 0.

    A central difference is f' + c_2 h^2 + c_4 h^4 + ...: from two of them, one with half the step, comes one without
    the h^2, from two of those one without the h^4. The best of all is the one that differs least from what it came
    from: a step too large leaves the series, one too small drowns in rounding.
    """
    best, least = math.nan, math.inf
    above: list[float] = []
    for _ in range(DIFFERENCES):
        high, low = x + step, x - step
        row = [(f(high) - f(low)) / (high - low)]
        for k, coarser in enumerate(above, start=1):
            row.append(row[-1] + (row[-1] - coarser) / (4.0**k - 1.0))
            error = max(abs(row[-1] - row[-2]), abs(row[-1] - coarser))
            if error < least:
                best, least = row[-1], error
        above = row
        step /= 2.0
    return best


def _shown(name: str) -> str:
    from engine.readable import readable  # here, since it would slow down `import engine`

    return readable(name, 60)


def _table(rows: Sequence[Row]) -> str:
    cells = [("input", "at", "yours", "numeric", "difference")]
    cells += [
        (_shown(row.input), f"{row.at:.6g}", f"{row.yours:.9g}", f"{row.numeric:.9g}", f"{row.difference:.2g}")
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells)]
    marks = [" ", *(" " if row.ok else ">" for row in rows)]
    return "\n".join(
        f"{mark} {line[0]:<{widths[0]}}  " + "  ".join(f"{cell:>{w}}" for cell, w in zip(line[1:], widths[1:]))
        for mark, line in zip(marks, cells)
    )
