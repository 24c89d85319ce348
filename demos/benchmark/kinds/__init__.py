"""Kinds of scalar program, in lists and loops as anyone writes them, beside the same in NumPy and JAX by hand.

``python -m demos.benchmark kinds --kinds rnn,fft --rows 64 --backends numpy`` takes some of them.
On a machine that others use, OPENBLAS_NUM_THREADS=1 makes the figures steady.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Any

from demos.benchmark.kinds.kind import KINDS, Problem, difference
from demos.benchmark.stopwatch import best_of
from demos.benchmark.table import table

TITLE = "Kinds of program: value and gradient through loss.backward, beside the same by hand"
OPTIONS = {
    "kinds": f"which of {', '.join(KINDS)}, with commas between; all if left out",
    "rows": "how many, with commas between; 1,64,1000 if left out",
    "backends": "for which backends, with commas between; numpy,jax if left out",
}
MOST_FOR_XLA = 1500  # operations: of more, XLA takes minutes to compile
AGREE = 1e-9


def lines(
    quick: bool,
    kinds: Sequence[str] | None = None,
    rows: Sequence[str] | None = None,
    backends: Sequence[str] | None = None,
) -> Iterator[str]:
    kinds = kinds or [*KINDS]
    for name in kinds:
        if name not in KINDS:
            raise SystemExit(f"no kind {name!r}: there are {', '.join(KINDS)}")
    for backend in backends or (["numpy"] if quick else ["numpy", "jax"]):
        if backend == "jax" and not importlib.util.find_spec("jax"):
            yield 'JAX is not installed: pip install "liftgrad[jax]"'
        else:
            yield from _of_backend(quick, kinds, [*map(int, rows or ([1, 2] if quick else [1, 64, 1000]))], backend)


def _of_backend(quick: bool, kinds: Sequence[str], rows: Sequence[int], backend: str) -> Iterator[str]:
    ratios: dict[int, list[float]] = {n: [] for n in rows}
    other = "JAX" if backend == "jax" else "NumPy"
    heads = ("kind", "lifted, s", "operations", "lines", "rows", f"{other} by hand, us", "program", "backward", "times")
    found: list[tuple[Any, ...]] = [(*heads, "eager, us")]
    gains: dict[str, float] = {}  # of a kind: how many times as long as compiled one row takes eagerly
    for name in kinds:
        problem = Problem(name, max(rows), small=quick, backend=backend)
        began = perf_counter()
        problem.trace()
        lifted = perf_counter() - began
        program = problem.compiled.program
        value, gradient = program.operations
        first = (problem.title, f"{lifted:.1f}", f"{value}/{gradient}", len(program.source.splitlines()))
        if backend == "jax" and gradient > MOST_FOR_XLA:
            found.append((*first, "too many operations for XLA", "", "", "", "", ""))
            continue
        for n in rows:
            problem.take(n)
            seconds = _measured(problem, quick, backend)
            ratios[n].append(seconds["backward"] / seconds["by hand"])
            if "eager" in seconds:
                gains[name] = seconds["eager"] / seconds["backward"]
            hand, bare, whole, eager = (
                f"{1e6 * seconds[each]:.0f}" if each in seconds else ""
                for each in ("by hand", "program", "backward", "eager")
            )
            found.append((*first, f"{n:,}", hand, bare, whole, f"{ratios[n][-1]:.2f}", eager))
            first = ("", "", "", "")
    yield f"Backend {backend}:"
    yield table(*found)
    for n in rows:
        if ratios[n]:
            mean = math.exp(sum(map(math.log, ratios[n])) / len(ratios[n]))
            yield f"{n:,} rows: geometric mean {mean:.2f} times {other} by hand, at most {max(ratios[n]):.2f}"
    if gains:
        least = min(gains, key=gains.__getitem__)
        yield f"1 row, eager: at least {gains[least]:.1f} times as long as compiled ({least})"
    yield ""


def _measured(problem: Problem, quick: bool, backend: str) -> dict[str, float]:
    """Seconds of each, after seeing that they agree."""
    compiled, arguments = problem.compiled, problem.arguments
    problem.gradient()  # of the calls before
    value = compiled.backward(*arguments)
    apart = difference((value, problem.gradient()), problem.by_hand())
    if not apart < AGREE:
        raise AssertionError(f"{problem.title}: compiled and by hand differ by {apart:.1e}")
    runs: dict[str, Callable[[], Any]] = {}
    if backend == "numpy" and len(arguments[0]) == 1:
        problem.eager()
        apart = difference((value, problem.gradient()), problem.by_hand())
        if not apart < AGREE:
            raise AssertionError(f"{problem.title}: eager and by hand differ by {apart:.1e}")
        runs["eager"] = problem.eager
    if backend == "jax":
        with compiled.backend.float64():
            runs["by hand"] = problem.in_jax()
            cost, gradient = runs["by hand"]()
            apart = difference((float(cost), gradient), problem.by_hand())
            if not apart < AGREE:
                raise AssertionError(f"{problem.title}: JAX and NumPy by hand differ by {apart:.1e}")
            runs["backward"] = lambda: compiled.backward(*arguments)
            return best_of(runs, quick=quick, rounds=3)
    if backend == "numpy":
        parameters = compiled.program.parameter_arrays()
        flat = [argument.reshape(len(argument), -1) for argument in arguments]
        runs["program"] = lambda: compiled.program.value_and_gradients(*parameters, *flat)
    runs |= {"by hand": problem.by_hand, "backward": lambda: compiled.backward(*arguments)}
    return best_of(runs, quick=quick, rounds=3)
