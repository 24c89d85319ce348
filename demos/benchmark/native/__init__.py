"""Native code: scalar programs one row at a time and many, beside the engine's other ways, CasADi, and C.

``python -m demos.benchmark native``. CasADi is measured where it is installed (``pip install casadi``), and C where
there is a compiler. Every gradient is compared with that of the NumPy backend before anything is measured.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import tempfile
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

import numpy as np

from demos.benchmark.moons import SEED, data_of
from demos.benchmark.native.in_c import COMPILER, in_c
from demos.benchmark.native.in_casadi import InCasADi, TooLarge
from demos.benchmark.native.problems import Problem, problems, random_graph
from demos.benchmark.stopwatch import best_of
from demos.benchmark.table import table
from engine import compile
from engine.lifting.native.code_cache import SWITCH
from nn import MLP, Adam, fit, hinge

TITLE = "Native code: value and gradient, numbers in, gradient added, value out"
WAYS = ["eager", "NumPy backend", "native", "NumPy by hand", "CasADi", "CasADi, buffered", "C -O3"]
MOST_EAGERLY = 0.5  # seconds: what takes longer eagerly is not measured so
AGREE = 1e-9

Calls = dict[str, Callable[[], Any]]


def lines(quick: bool) -> Iterator[str]:
    if not importlib.util.find_spec("llvmlite"):
        yield 'llvmlite is not installed: pip install "liftgrad[native]"'
        return
    chosen = [*problems(quick)]
    rows = [("microseconds", "rows", *WAYS)]
    for problem, counts in chosen:
        for count in counts:
            seconds = best_of(_calls(problem, count), quick=quick, rounds=3)
            rows.append((problem.title, f"{count:,}", *[_shown(1e6, seconds.get(way)) for way in WAYS]))
    yield table(*rows)
    yield ""
    once = [chosen[0][0], random_graph(50)] if quick else [*(problem for problem, _ in chosen), random_graph(10_000)]
    yield table(
        ("seconds until the first gradient is there", "trace, lift", "+ NumPy", "+ native", "+ native, from the disk"),
        *[_first_call(problem) for problem in once],
    )
    yield ""
    yield _training(quick)


def _shown(scale: float, seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{scale * seconds:,.0f}" if scale * seconds >= 100 else f"{scale * seconds:.3g}"


def _calls(problem: Problem, count: int) -> Calls:
    """What is measured of a program for so many rows, after seeing that the gradients agree."""
    arguments = problem.rows(count)
    of_numpy, of_native = (compile(problem.cost, backend) for backend in ("numpy", "native"))
    if count > 1:  # several rows are surely a batch once one of them was a sample
        for each in (of_numpy, of_native):
            each(*problem.rows(1))
    calls: Calls = {}
    expected = _answer(problem, lambda: of_numpy.backward(*arguments))

    def eagerly() -> float:
        cost = problem.cost(*arguments)
        cost.backward()
        return float(cost.data)

    if count == 1:
        began = perf_counter()
        _compare(problem, "eager", _answer(problem, eagerly), expected)
        if perf_counter() - began < MOST_EAGERLY:
            calls["eager"] = eagerly
    calls["NumPy backend"] = lambda: of_numpy.backward(*arguments)
    _compare(problem, "native", _answer(problem, lambda: of_native.backward(*arguments)), expected)
    calls["native"] = lambda: of_native.backward(*arguments)
    if problem.by_hand is not None:
        by_hand = problem.by_hand
        _compare(problem, "NumPy by hand", by_hand(count), expected)
        calls["NumPy by hand"] = lambda: by_hand(count)
    if count == 1 and importlib.util.find_spec("casadi"):
        calls |= _of_casadi(problem, expected)
    if count == 1 and problem.in_c and COMPILER:
        function, gradient = in_c(problem)
        _compare(problem, "C", (function(), gradient), expected)
        calls["C -O3"] = function
    return calls


def _of_casadi(problem: Problem, expected: tuple[float, Any]) -> Calls:
    try:
        function = InCasADi(problem)
    except TooLarge:
        return {}
    value, gradient = function.call()
    _compare(problem, "CasADi", (float(value), gradient.full().ravel()), expected)
    evaluate, value, gradient = function.buffered()
    evaluate()
    _compare(problem, "CasADi, buffered", (value.item(), gradient), expected)
    return {"CasADi": function.call, "CasADi, buffered": evaluate}


def _answer(problem: Problem, backward: Callable[[], float]) -> tuple[float, Any]:
    """The value, and the gradient that the call adds to the parameters."""
    for p in problem.parameters:
        p.grad = None
    value = backward()
    return value, np.array([p.grad for p in problem.parameters])


def _compare(problem: Problem, way: str, found: tuple[float, Any], expected: tuple[float, Any]) -> None:
    scale = max(1.0, np.abs(expected[1]).max())
    apart = max(abs(found[0] - expected[0]) / max(1.0, abs(expected[0])), np.abs(found[1] - expected[1]).max() / scale)
    if not apart < AGREE:
        raise AssertionError(f"{problem.title}: {way} and the NumPy backend differ by {apart:.1e}")


def _first_call(problem: Problem) -> tuple[str, ...]:
    """How long a program for one row takes until its first gradient is there.

    Tracing and lifting it; and then the first call, with NumPy, compiled by LLVM, and with what that has left on the
    disk.
    """
    arguments, seconds = problem.rows(1), []
    before = os.environ.get(SWITCH)
    with tempfile.TemporaryDirectory() as folder:
        os.environ[SWITCH] = folder
        try:
            for backend in ("numpy", "native", "native"):
                compiled = compile(problem.cost, backend)
                began = perf_counter()
                compiled.prepare(*arguments)
                lifted = perf_counter()
                compiled.backward(*arguments)
                seconds += [lifted - began, perf_counter() - lifted]
        finally:
            os.environ.pop(SWITCH)
            if before is not None:
                os.environ[SWITCH] = before
    return (problem.title, *[f"{s:.3f}" for s in (min(seconds[::2]), *seconds[1::2])])


def _training(quick: bool) -> str:
    """Whole calls of `fit`: the first one of a model compiles what it runs, a later one runs it again."""
    steps, backends = 3 if quick else 100, ("numpy", "native")
    data = [*zip(*data_of(5 if quick else 100), strict=True)]
    rows = []
    for backend in backends:
        again = functools.partial(_fit, _moons_model(), data, backend, steps)
        again()
        first = lambda backend=backend: _fit(_moons_model(), data, backend, 1)  # noqa: E731
        seconds = best_of({"first": first, "again": again}, quick=quick, rounds=3)
        rows.append((f'fit(..., compiled="{backend}")', *[f"{1e3 * seconds[way]:.2f}" for way in ("first", "again")]))
    return table(("milliseconds: two moons, 100 rows, Adam", "first, 1 step", f"again, {steps} steps"), *rows)


def _moons_model() -> MLP:
    return MLP(2, [16, 16, 1], seed=SEED)


def _fit(model: MLP, data: list[Any], backend: str, epochs: int) -> Any:
    """The training of a model, from where it was left."""
    optimizer = Adam(model.parameters(), lr=0.01)
    return fit(model, data, loss=hinge, optimizer=optimizer, epochs=epochs, progress=False, compiled=backend)
