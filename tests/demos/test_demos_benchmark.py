"""The benchmark at tiny sizes: it runs, compares equals, and prints its tables."""

import gc

import pytest

import engine
from demos.benchmark import __main__ as benchmark
from demos.benchmark import moons
from demos.benchmark.scalar_network import ScalarMLP, loss_of
from demos.benchmark.stopwatch import best_blocks
from demos.benchmark.table import table

micrograd_nn = pytest.importorskip("micrograd.nn")


@pytest.fixture
def small_heap():
    """A heap as in a process of its own: else the collector walks through all that the tests before left."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


SAID = {
    "operations": ["geometric mean of the ratios"],
    "moons": ["\nmicrograd ", "\nthe same scalar code, this engine ", "\nnn.MLP ", "ms per step", "nodes per second"],
    "memory": ["bytes per node"],
    "growth": ["\n1,000 ", "\n10,000 ", "backward, ns"],
    "compiled": ["times by hand", "value and gradient in"],
    "compile_time": ["\nA chain of operations drawn at random ", "tracing, us"],
    "wide": ["times by hand"],
    "native": ["\ntwo moons, MLP(2, [3, 3, 1]) ", "until the first gradient", 'compiled="native"'],
    "gpt": ["microseconds per node"],
    "names": ["times as fast"],
    "kinds": ["geometric mean"],
}


@pytest.mark.parametrize("section", benchmark.SECTIONS)
def test_a_section_reports(capsys, small_heap, section):
    benchmark.main([section, "--quick"])
    report = capsys.readouterr().out
    for words in SAID[section]:
        assert words in report


def test_sections_are_chosen_by_name(capsys, small_heap):
    benchmark.main(["memory", "--quick"])
    report = capsys.readouterr().out
    assert "bytes per node" in report
    assert "ms per step" not in report
    with pytest.raises(SystemExit):
        benchmark.main(["nothing"])
    assert "no section 'nothing': there are operations, moons, memory" in capsys.readouterr().err


def test_without_micrograd_its_row_is_left_out(monkeypatch):
    monkeypatch.setattr(moons, "micrograd_value", lambda: None)
    report = "\n".join(moons.lines(quick=True))
    assert "micrograd is not installed" in report
    assert "\nmicrograd " not in report
    assert "\nnn.MLP " in report


def test_the_scalar_network_is_that_of_micrograd():
    """Same weights in micrograd's own MLP: the same number, bit for bit, from as many nodes."""
    theirs, ours = moons.micrograd_value(), micrograd_nn.MLP(2, [3, 3, 1])
    network = ScalarMLP(theirs, 2, [3, 3, 1], seed=1)
    for p, q in zip(ours.parameters(), network.parameters(), strict=True):
        p.data = q.data
    x = [0.3, -1.2]
    own, copied = ours([theirs(x_k) for x_k in x]), network(x)
    assert own.data == copied.data
    assert moons.node_count(own) == moons.node_count(copied)


def test_contestants_compute_the_same_loss_and_gradient():
    data = moons.data_of(10)
    runs = moons.contestants(data, hidden=3)
    losses = [[run().data for run in runs.values()] for _ in range(5)]
    for row in losses:
        assert row == pytest.approx([row[0]] * 3, rel=1e-12)
    assert losses[4][0] < losses[0][0]


def test_node_count_counts_each_node_once():
    model = ScalarMLP(engine.Value, 2, [2, 1], seed=0)
    loss = loss_of(model, *moons.data_of(4))
    assert moons.node_count(loss) == len({*engine.graph.topological_order(loss)})


def test_blocks_take_turns_and_the_best_counts():
    calls = []
    best = best_blocks({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, blocks=2, steps=3)
    assert calls == [*"aaabbbaaabbb"]
    assert [*best] == ["a", "b"]


def test_table():
    assert table(("", "n"), ("one", 1), ("ten", 10)) == "\n".join(["      n", "---  --", "one   1", "ten  10"])
