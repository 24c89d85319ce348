"""Full collections of Python's garbage collector wait once there was a large graph."""

import gc
import subprocess
import sys

import pytest

from engine import Value
from engine.collector import NODES

GROWS_TWICE = """
import gc
from engine import Value

def grow():
    before = gc.get_stats()[2]["collections"]
    y = x = Value(0.5)
    for _ in range(100_000):
        y = y * x + 1.0
    print(gc.get_stats()[2]["collections"] - before)
    return y

gc.collect()
grow().backward()
gc.collect()
grow()
"""


def differentiate(n):
    y = x = Value(0.5)
    for _ in range(n - 1):
        y = y * x
    y.backward()


@pytest.fixture
def third():
    """Sets the collector's third threshold, and the others to what is not their default."""
    before = gc.get_threshold()
    yield lambda number: gc.set_threshold(800, 11, number)
    gc.set_threshold(*before)


def test_full_collections_come_with_the_first_large_graph_and_not_with_the_second():
    first, second = map(int, subprocess.check_output([sys.executable, "-c", GROWS_TWICE], text=True).split())
    assert first >= 2 > second  # Python 3.13 has fewer of them than others


def test_the_threshold_follows_the_largest_graph(third):
    third(10)
    for n, expected in ((10 * NODES, 10), (21 * NODES, 21), (11 * NODES, 21), (30 * NODES, 30)):
        differentiate(n)
        assert gc.get_threshold() == (800, 11, expected)


def test_a_threshold_that_is_higher_stays(third):
    third(1000)
    differentiate(20 * NODES)
    assert gc.get_threshold() == (800, 11, 1000)


def test_a_collector_that_is_off_stays_off(third):
    third(10)
    gc.disable()
    try:
        differentiate(20 * NODES)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_importing_changes_nothing():
    code = (
        "import gc; before = gc.get_threshold(); import engine, nn; print(gc.get_threshold() == before, gc.callbacks)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "True []\n"
