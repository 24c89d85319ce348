"""What "auto" chooses, and what a compiled function says of what runs it and why."""

import re
import sys

import numpy as np
import pytest

import engine
from demos.benchmark.kinds import kalman, lstm
from demos.benchmark.native.problems import of_kind, problems
from engine import Value, compile
from engine.lifting.native import choosing, native_code
from engine.lifting.native.size import Size, size_of
from engine.lifting.native.terms import Unsupported
from nn import MLP, SGD, fit, hinge, squared_error

SMALL = {lstm: {"inputs": 1, "width": 2}}


def narrow(choice: str):
    model = MLP(2, [4, 1], seed=0)
    return model.compile(hinge, choice)


def wide(choice: str):
    model = MLP(1, [100, 100, 1], seed=0)
    return model.compile(squared_error, choice)


def test_of_numpy_nothing_more_is_said_than_before() -> None:
    loss = narrow("numpy")
    loss([0.5, -0.5], 1.0)
    assert repr(loss).endswith("operations>")


@pytest.mark.parametrize("choice", ["native", "auto"])
def test_native_code_says_how_many_operations_it_has(choice: str) -> None:
    loss = narrow(choice)
    assert repr(loss).endswith(": not traced yet>")
    loss.backward([0.5, -0.5], 1.0)
    found = re.search(r"; native: (\d+) scalar operations for a row, (\d+) of them written out>$", repr(loss))
    size = size_of(loss.program.arrays)
    assert found
    assert [*map(int, found.groups())] == pytest.approx([size.done, size.written], rel=0.2)


def test_products_of_wide_matrices_are_left_to_blas() -> None:
    loss, usual = wide("auto"), wide("numpy")
    x = [0.5]
    np.testing.assert_array_equal(loss.value_and_grad(x, 0.5)[1], usual.value_and_grad(x, 0.5)[1])
    size = size_of(loss.program.arrays)
    assert size.in_wide_products == 3 * 2 * 100 * 100
    said = f"; NumPy: 97% of {size.done:,} scalar operations a row are in products of wide matrices, left to BLAS>"
    assert repr(loss).endswith(said)


def test_a_program_of_very_many_operations_one_by_one_is_left_to_numpy(monkeypatch) -> None:
    monkeypatch.setattr(choosing, "MOST_WRITTEN", 50)
    loss = narrow("auto")
    loss.backward([0.5, -0.5], 1.0)
    written = size_of(loss.program.arrays).written
    said = f"; NumPy: {written} scalar operations to write out, more than the 50 auto gives to LLVM>"
    assert repr(loss).endswith(said)


def test_without_llvmlite_it_is_numpy(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    loss = narrow("auto")
    assert loss.backward([0.5, -0.5], 1.0) == narrow("numpy").backward([0.5, -0.5], 1.0)
    assert repr(loss).endswith("; NumPy: llvmlite is not installed>")
    with pytest.raises(ImportError, match=r'^llvmlite is not installed: pip install "liftgrad\[native\]"$'):
        narrow("native")


def test_where_llvmlite_is_for_another_system_it_is_numpy(monkeypatch) -> None:
    class Loader:
        def find_spec(self, name, *_):
            if name == "llvmlite.binding":
                raise OSError("Could not find/load shared object file 'libllvmlite.so'. This could mean\nmuch")

    monkeypatch.delitem(sys.modules, "llvmlite.binding", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Loader(), *sys.meta_path])
    with pytest.raises(ImportError, match=r"^llvmlite is installed, but cannot be loaded here: Could [^\n]*\.so'$"):
        narrow("native")
    loss = narrow("auto")
    loss.backward([0.5, -0.5], 1.0)
    assert repr(loss).endswith("; NumPy: llvmlite is installed, but cannot be loaded here>")


@pytest.mark.parametrize("choice", ["native", "auto"])
def test_what_there_is_no_native_code_for_runs_on_numpy_and_says_so(monkeypatch, choice: str) -> None:
    def refused(_):
        raise Unsupported("the array operation spin")

    monkeypatch.setitem(native_code.EXPANDED, "gradients", refused)
    loss = narrow(choice)
    assert loss.backward([0.5, -0.5], 1.0) == narrow("numpy").backward([0.5, -0.5], 1.0)
    assert repr(loss).endswith("; NumPy: there is no native code for the array operation spin>")


def test_fit_chooses_too() -> None:
    data = [([x / 4, 1.0], x / 2) for x in range(-4, 5)]
    weights = []
    for compiled in (True, "auto", "native"):
        model = MLP(2, [3, 1], seed=1)
        optimizer = SGD(model.parameters(), lr=0.1)
        fit(model, data, loss=squared_error, optimizer=optimizer, epochs=5, progress=False, compiled=compiled)
        weights.append([p.data for p in model.parameters()])
    assert weights[1] == weights[2]
    assert weights[1] == pytest.approx(weights[0], rel=1e-12)


def compiled_program(problem, choice: str):
    compiled = compile(problem.cost, choice)
    compiled.backward(*problem.rows(1))
    return compiled


@pytest.mark.parametrize("problem", [problem for problem, _ in problems(quick=True)], ids=lambda problem: problem.title)
def test_what_is_faster_as_native_code_is_given_to_it(problem) -> None:
    """The programs of ``python -m demos.benchmark native``: in all of them native code is several times as fast."""
    compiled = compiled_program(problem, "auto")
    assert "; native: " in repr(compiled)
    assert compiled.backend.native(compiled.program).function("gradients", 1)


@pytest.mark.parametrize("kind", [kalman, lstm])
def test_long_loops_are_small(kind) -> None:
    """What is written out of a loop, which is what LLVM takes its time for, stays the same; what is done grows."""
    sizes = []
    for turns in (100, 200):
        made, arguments = kind.problem(np.random.default_rng(0), 1, turns=turns, **SMALL.get(kind, {}))
        problem = of_kind(kind.TITLE, kind, (made, arguments))
        compiled = compiled_program(problem, "auto")
        assert "; native: " in repr(compiled)
        sizes.append(size_of(compiled.program.arrays))
        written = compiled.backend.native(compiled.program).function("gradients", 1).written
        assert written.terms < 1000
    assert sizes[0].written == sizes[1].written < 1000
    assert sizes[1].done == pytest.approx(2 * sizes[0].done, rel=0.02)


def size(f, *arguments) -> Size:
    compiled = compile(f)
    compiled(*arguments)
    return size_of(compiled.program.arrays)


def test_operations_are_counted_where_they_are_done() -> None:
    w = [Value(float(k)) for k in range(5)]
    exponential = size(lambda x: engine.exp(w[0] * x), 1.0)
    assert exponential.done == exponential.written == 5  # two; two products and a sum for the gradient
    of_turns = [size(lambda x, turns=turns: recurrence(w[0], w[1], x, turns), 1.0).done for turns in (20, 40, 60)]
    assert of_turns[2] - of_turns[1] == of_turns[1] - of_turns[0] > 20 * 3  # a loop counts for all its turns


def recurrence(w, b, x, turns):
    for _ in range(turns):
        x = engine.tanh(w * x + b)
    return x
