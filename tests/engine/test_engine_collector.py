"""Full collections wait while graphs grow, and come back when something else does."""

import gc
import subprocess
import sys
import weakref

import pytest

from engine import Value
from engine.collector import PATIENCE, wait_while_graphs_grow

GROWS = """
import gc
from engine import Value
{change}
gc.collect()
before = gc.get_stats()[2]["collections"]
x = Value(0.5)
y = x
for _ in range(100_000):
    y = y * x + 1.0
print(gc.get_stats()[2]["collections"] - before)
"""


def grow_a_graph():
    y = x = Value(0.5)
    for _ in range(10_000):
        y = y * x
    return y


def grow_lists():
    return [[] for _ in range(20_000)]


@pytest.fixture(params=[10, 5])
def third(request):
    """The collector's third threshold, as someone may have set it."""
    before = gc.get_threshold()
    gc.set_threshold(*before[:2], request.param)
    yield request.param
    gc.set_threshold(*before)


def full_collections(change):
    """How many there are while a graph of 200,000 nodes grows, in a process that has little else."""
    ran = subprocess.run(
        [sys.executable, "-c", GROWS.format(change=change)], capture_output=True, text=True, check=True
    )
    return int(ran.stdout)


def test_full_collections_wait_while_a_graph_grows():
    assert full_collections("") <= 1
    assert full_collections("gc.callbacks.clear()") >= 5


def test_the_threshold_is_as_it_was_when_something_else_grows(third):
    graph = grow_a_graph()
    assert gc.get_threshold()[2] == PATIENCE
    lists = grow_lists()
    assert gc.get_threshold()[2] == third
    del graph, lists


def test_a_threshold_that_is_changed_meanwhile_stays(third):
    graph = grow_a_graph()
    gc.set_threshold(*gc.get_threshold()[:2], 20)
    lists = grow_lists()
    assert gc.get_threshold()[2] == 20
    del graph, lists


def test_a_collector_that_is_more_patient_still_is_left_alone(third):
    gc.set_threshold(*gc.get_threshold()[:2], PATIENCE + 1)
    graph, lists = grow_a_graph(), grow_lists()
    assert gc.get_threshold()[2] == PATIENCE + 1
    del graph, lists


def test_what_is_asked_for_is_collected_at_once(third):
    class Knot:
        pass

    graph = grow_a_graph()
    knot = Knot()
    knot.itself = knot
    gone = weakref.ref(knot)
    del knot
    gc.collect()
    assert gone() is None
    del graph


def test_it_is_told_once():
    assert gc.callbacks.count(wait_while_graphs_grow) == 1
