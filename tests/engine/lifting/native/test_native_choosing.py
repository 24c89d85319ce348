"""What "auto" chooses, and what a compiled function says of what runs it and why."""

import sys

import numpy as np
import pytest

import engine
from engine import Value, compile
from engine.lifting.native import choosing, native_code
from engine.lifting.native.size import scalar_operations
from engine.lifting.native.terms import Unsupported
from nn import MLP, SGD, fit, hinge, squared_error


def narrow(choice: str):
    model = MLP(2, [4, 1], seed=0)
    return model.compile(hinge, choice)


def wide(choice: str):
    model = MLP(60, [60, 1], seed=0)
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
    count = int(repr(loss).split("; native: ")[1].removesuffix(" scalar operations for a row>"))
    assert count == pytest.approx(scalar_operations(loss.program.arrays), rel=0.2)


def test_a_program_of_very_many_scalars_is_left_to_numpy(monkeypatch) -> None:
    monkeypatch.setattr(choosing, "MOST_OPERATIONS", 10_000)
    loss, usual = wide("auto"), wide("numpy")
    x = np.linspace(-1.0, 1.0, 60)
    np.testing.assert_array_equal(loss.value_and_grad(x, 0.5)[1], usual.value_and_grad(x, 0.5)[1])
    said = "; NumPy: 11,407 scalar operations a row, more than the 10,000 that auto gives to LLVM>"
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


def size(f, *arguments) -> int:
    compiled = compile(f)
    compiled(*arguments)
    return scalar_operations(compiled.program.arrays)


def test_operations_are_counted_where_they_are_done() -> None:
    w = [Value(float(k)) for k in range(5)]
    assert size(lambda x: engine.exp(w[0] * x), 1.0) == 6  # two; a row's share, two products and a sum for the gradient
    of_turns = [size(lambda x, turns=turns: recurrence(w[0], w[1], x, turns), 1.0) for turns in (20, 40, 60)]
    assert of_turns[2] - of_turns[1] == of_turns[1] - of_turns[0] > 20 * 3  # a loop counts for all its turns


def recurrence(w, b, x, turns):
    for _ in range(turns):
        x = engine.tanh(w * x + b)
    return x
