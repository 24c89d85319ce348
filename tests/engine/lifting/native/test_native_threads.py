"""Native code in threads and processes of one's own, in copies, and where Ctrl-C comes."""

import copy
import math
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import engine
from engine import Value, compile
from engine.lifting.native import row_pieces
from nn import MLP, squared_error

pytest.importorskip("llvmlite")

from engine.lifting.native import machine


def decay(steps: int, rate: float = 0.9):
    """A small program, another one for each number of steps; its value and its gradient."""
    w = [Value(rate), Value(0.1)]

    def f(x):
        for _ in range(steps):
            x = engine.tanh(w[0] * x + w[1])
        return x

    return compile(f, backend="native")


def test_threads_call_one_program_and_compile_others() -> None:
    shared, expected = decay(7), decay(7).value_and_grad(0.3)
    many = np.linspace(-1.0, 1.0, 50)
    of_rows = decay(7)(many).tolist()

    def work(k: int):
        own = decay(2 + k % 3)
        assert own(0.3) == decay(2 + k % 3)(0.3)
        return [shared.value_and_grad(0.3) for _ in range(20)], shared(many).tolist()

    with ThreadPoolExecutor(4) as pool:
        for found, rows in pool.map(work, range(4)):
            assert all(value == expected[0] and gradient.tolist() == expected[1].tolist() for value, gradient in found)
            assert rows == of_rows


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_goes_on_with_programs_and_compiles_others_while_a_thread_compiles() -> None:
    script = """
        import os, threading
        from engine.lifting.native import machine
        from tests.engine.lifting.native.test_native_threads import decay
        f = decay(5)
        value = f(0.3)
        started, compiled = threading.Event(), machine._compiled
        machine._compiled = lambda *text: started.set() or compiled(*text)
        other = threading.Thread(target=lambda: [decay(steps)(0.3) for steps in (40, 41, 42)])
        other.start()
        started.wait()
        for _ in range(3):
            child = os.fork()
            if not child:
                os._exit(f(0.3) != value or decay(5)(0.3) != value)
            assert os.waitpid(child, 0)[1] == 0
        other.join()
        print(value)  # and the interpreter ends with programs that are alive
    """
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", textwrap.dedent(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert float(done.stdout) == decay(5)(0.3)


def test_copies_compute_the_same() -> None:
    model = MLP(2, [3, 1], seed=0)
    loss = model.compile(squared_error, "native")
    cost = loss.backward([0.5, -0.5], 1.0)
    for again in (pickle.loads(pickle.dumps(loss)), copy.deepcopy(loss), copy.copy(loss)):
        assert again.backward([0.5, -0.5], 1.0) == cost
        assert "; native: " in repr(again)
    assert model.parameters()[0].grad == pytest.approx(2 * copy.deepcopy(loss).value_and_grad([0.5, -0.5], 1.0)[1][0])


def test_ctrl_c_is_answered_while_llvm_works(monkeypatch) -> None:
    started, may_end, compiled = threading.Event(), threading.Event(), machine._compiled

    def slow(text: str, effort: int) -> bytes:
        started.set()
        may_end.wait(30.0)
        return compiled(text, effort)

    def interrupt() -> None:
        started.wait(30.0)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(machine, "LONG", 0)
    monkeypatch.setattr(machine, "_compiled", slow)
    f, other = decay(6), threading.Thread(target=interrupt)
    other.start()
    with pytest.raises(KeyboardInterrupt):
        f(0.3)
    assert not may_end.is_set()
    may_end.set()
    other.join()
    assert f(0.3) == decay(6)(0.3)


def test_what_llvm_says_in_its_thread_is_raised_where_it_was_asked(monkeypatch) -> None:
    monkeypatch.setattr(machine, "LONG", 0)
    with pytest.raises(machine.CannotCompile, match=r"^LLVM IR parsing error$"):
        machine.made("define nonsense", 0)
    monkeypatch.setattr(threading.Thread, "start", lambda _: (_ for _ in ()).throw(RuntimeError("can't start")))
    with pytest.raises(machine.CannotCompile, match=r"^LLVM IR parsing error$"):
        machine.made("define nonsense", 0)


@pytest.mark.parametrize("where", ["_machine", "Loaded"])
def test_where_llvm_does_not_know_the_processor_it_is_numpy(monkeypatch, where: str) -> None:
    def refused(*_):
        raise machine.CannotCompile("No available targets are compatible with triple")

    monkeypatch.setattr(machine, where, refused)
    f = decay(3)
    assert f(0.3) == pytest.approx(decay(3).value_and_grad(0.3)[0])
    said = "; NumPy: LLVM cannot compile it: No available targets are compatible with triple>"
    assert repr(f).endswith(said)


def test_very_many_rows_are_computed_in_pieces_on_any_number_of_threads(monkeypatch) -> None:
    """Between pieces Ctrl-C is seen."""
    rows, whole = np.linspace(-1.0, 1.0, 101), growth()
    monkeypatch.setattr(row_pieces, "MOST_OPERATIONS", 500)
    values, gradients = [], []
    for threads in "13":
        monkeypatch.setenv("LIFTGRAD_THREADS", threads)
        f = growth()
        value, gradient = f.value_and_grad(rows)
        values.append(f(rows))
        gradients.append([value, *gradient])
        native = f.backend.native(f.program)
        for name in ("value", "gradients"):
            assert machine.lanes() <= native.function(name, 101).rows_at_once < 101
    np.testing.assert_array_equal(*values)
    np.testing.assert_array_equal(*gradients)
    monkeypatch.undo()
    np.testing.assert_array_equal(values[0], whole(rows))
    expected, of_whole = whole.value_and_grad(rows)
    np.testing.assert_allclose(gradients[0], [expected, *of_whole], rtol=1e-13)


def test_what_is_the_same_for_all_rows_is_computed_once(monkeypatch) -> None:
    monkeypatch.setattr(row_pieces, "MOST_OPERATIONS", 1)
    monkeypatch.setattr(row_pieces, "in_pieces", None)
    w = Value(0.7)
    f = compile(lambda x: engine.exp(w) / 3.0, backend="native", in_axes=0)
    assert f(np.zeros(100)) == pytest.approx(np.full(100, math.exp(0.7) / 3.0))


def test_pieces_are_computed_without_threads_where_there_can_be_none(monkeypatch) -> None:
    monkeypatch.setattr(row_pieces, "MOST_OPERATIONS", 500)
    monkeypatch.setattr(row_pieces, "_pools", {})
    monkeypatch.setenv("LIFTGRAD_THREADS", "4")
    monkeypatch.setattr(threading.Thread, "start", lambda _: (_ for _ in ()).throw(RuntimeError("can't start")))
    rows = np.linspace(-1.0, 1.0, 101)
    np.testing.assert_array_equal(growth()(rows), growth()(rows))


@pytest.mark.parametrize(("said", "count"), [("1", 1), ("5", 5), ("0", 1), ("", 3), ("many", 3)])
def test_there_are_as_many_threads_as_processors_unless_told(monkeypatch, said: str, count: int) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 7}, raising=False)
    monkeypatch.setenv("LIFTGRAD_THREADS", said)
    assert row_pieces.threads() == count


def growth():
    w, b = Value(0.7), Value(-0.2)
    return compile(lambda x: engine.exp(w * x) + b, backend="native")
