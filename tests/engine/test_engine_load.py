"""Load: graphs of a million nodes, graphs by the thousand, and several threads at once."""

import asyncio
import gc
import math
import sys
import threading
import tracemalloc

import pytest

import engine
from engine import Value, no_grad

MILLION = 1_000_000
BYTES_A_NODE = 1000  # built and differentiated; about 600 in CPython 3.11


def wide(n):
    """A sum of n products: a graph of 2 operations' depth."""
    x = Value(0.5)
    return x, engine.sum([x * 2.0 for _ in range(n // 2)])


def deep(n):
    x = Value(1.0)
    y = x
    for _ in range(n):
        y = y + x
    return x, y


@pytest.mark.slow
@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize(("build", "slope"), [(wide, MILLION), (deep, MILLION + 1)])
def test_a_million_nodes_take_less_than_a_gigabyte_and_are_freed(build, slope):
    gc.collect()
    tracemalloc.start()
    gc.disable()
    try:
        x, y = build(MILLION)
        y.backward()
        assert x.grad == slope
        _, peak = tracemalloc.get_traced_memory()
        del y
        left, _ = tracemalloc.get_traced_memory()
    finally:
        gc.enable()
        tracemalloc.stop()
    print(f"{build.__name__}: {peak / MILLION:.0f} bytes a node at the peak")
    assert peak < BYTES_A_NODE * MILLION
    assert left < 1_000_000


def test_a_thousand_graphs_in_turn_leave_nothing_without_the_collector():
    leaves = [Value(0.1 * k) for k in range(5)]

    def once():
        y = engine.tanh(engine.logsumexp([x * y + 1.0 for x in leaves for y in leaves]))
        y.backward()
        engine.grad(y, leaves)
        with no_grad():
            engine.sin(leaves[0])

    gc.collect()
    gc.disable()
    try:
        for _ in range(1000):  # until the free lists of the interpreter are full
            once()
        before = sys.getallocatedblocks()
        for _ in range(1000):
            once()
        assert sys.getallocatedblocks() - before < 200
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_four_threads_differentiate_separate_graphs():
    slopes, start = {}, threading.Barrier(4)

    def work(number):
        start.wait()
        for _ in range(200):
            x = Value(number)
            if number > 2:
                with no_grad():
                    assert not (x * x).parents
            y = engine.sin(x) * x
            y.backward()
            slopes.setdefault(number, set()).add((x.grad, engine.grad(y, x).data))

    threads = [threading.Thread(target=work, args=(number,)) for number in (1.0, 2.0, 3.0, 4.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(slopes) == 4
    for number, seen in slopes.items():
        [(eager, higher)] = seen
        assert eager == pytest.approx(math.sin(number) + number * math.cos(number))
        assert higher == pytest.approx(eager)


def test_tasks_switch_inside_no_grad_without_a_leak():
    x = Value(2.0)

    async def work(quiet):
        for _ in range(20):
            if quiet:
                with no_grad():
                    await asyncio.sleep(0)
                    assert not (x * x).parents
            await asyncio.sleep(0)
            assert (x * x).parents

    async def all_of_them():
        await asyncio.gather(*[work(k % 2 == 0) for k in range(6)])

    asyncio.run(all_of_them())
