"""Programs that nothing uses any more give back what they took."""

import gc
import weakref

import pytest

import engine
from engine import Value, compile
from engine.lifting.arrays import ArrayGraph

pytest.importorskip("llvmlite")

from engine.lifting.native import machine

TEXT = "define double @run() {\n  ret double 1.0\n}\n"


def alive(kind: type) -> int:
    gc.collect()
    return sum(isinstance(each, kind) for each in gc.get_objects())


@pytest.mark.parametrize("backend", ["numpy", "native"])
def test_dropped_programs_are_gone(backend: str) -> None:
    def call(offset: float) -> None:
        w = Value(0.5)

        def f(x):
            for _ in range(30):  # a loop, so that there is a turn too
                x = engine.tanh(w * x + offset)
            return x

        compile(f, backend=backend).backward(0.3)

    call(0.1)
    before = alive(ArrayGraph), alive(machine.Loaded)
    for k in range(5):
        call(0.2 + k)
    assert (alive(ArrayGraph), alive(machine.Loaded)) == before


def test_many_libraries_are_unloaded_and_so_is_what_loaded_them() -> None:
    code = machine.compiled(TEXT)
    kept = machine.Loaded(code)
    engines = weakref.WeakSet[object]()
    for _ in range(5 * machine.MOST_LIBRARIES):
        machine.Loaded(code)
        engines.add(machine._made["jit"])
    gc.collect()
    assert len(engines) <= 2  # that of `kept`, and the one that is in use now
    assert not machine._dropped
    assert kept.address


def test_the_collector_waits_for_no_thread_that_uses_llvm() -> None:
    """Else of two threads each might wait for the other."""
    import threading

    loaded, has_lock, may_end = machine.Loaded(machine.compiled(TEXT)), threading.Event(), threading.Event()

    def work() -> None:
        with machine._using_llvm():
            has_lock.set()
            may_end.wait(30.0)

    other = threading.Thread(target=work)
    other.start()
    has_lock.wait(30.0)
    del loaded  # would wait for ever
    assert len(machine._dropped) == 1
    may_end.set()
    other.join()
    assert not machine._dropped
