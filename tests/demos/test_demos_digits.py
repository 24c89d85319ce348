"""The digits demonstration: learns real digits, draws them, and shows what training costs."""

import random
import sys

import pytest

pytest.importorskip("sklearn")
pytest.importorskip("matplotlib")

from demos.digits import __main__ as demo
from demos.digits import learning
from demos.digits.picture import draw
from nn import MLP, accuracy
from nn.data import split


@pytest.mark.slow
def test_at_least_95_of_100_held_out_digits_are_read_right(tmp_path, capsys):
    assert demo.main(["--out", str(tmp_path / "new")]) == 0
    shown = capsys.readouterr().out
    assert "of 359 held-out digits are read right" in shown
    assert float(shown.split("read right: ")[1].split("%")[0]) >= 95.0
    assert "epoch   1/20   loss " in shown
    assert "\nepoch  20/20   loss " in shown
    assert (tmp_path / "new" / "digits.png").read_bytes().startswith(b"\x89PNG")


def test_eagerly_and_compiled_the_same_is_learned():
    training, held_out = split(learning.digits()[:150], 0.2, random.Random(0))
    eager, compiled = (
        learning.train(training, held_out, epochs=2, seed=3, compiled=compiled) for compiled in (False, True)
    )
    assert len(eager[1]) == 2
    for name, series in eager[1].columns().items():
        assert series == pytest.approx(compiled[1].columns()[name], rel=1e-9), name
    assert [p.data for p in eager[0].parameters()] == pytest.approx(
        [p.data for p in compiled[0].parameters()], rel=1e-6
    )


def test_what_was_held_out_is_not_learned_from():
    """The digits are all there, once: 1438 to learn from, 359 to measure on, and every class among them."""
    pairs = learning.digits()
    training, held_out = split(pairs, 0.2, random.Random(1))
    assert (len(training), len(held_out)) == (1438, 359)
    assert sorted(training + held_out) == sorted(pairs)
    assert {true for _, true in held_out} == {*range(10)}
    assert min(min(pixels) for pixels, _ in pairs) == 0.0
    assert max(max(pixels) for pixels, _ in pairs) == 1.0


def test_reading():
    pairs = learning.digits()[:40]
    model = MLP(64, [10], seed=1)
    reads = learning.read(model, pairs)
    for digit, (pixels, true) in zip(reads, pairs, strict=True):
        assert sum(digit.probabilities) == pytest.approx(1.0)
        assert float(digit.guess == digit.true) == accuracy(model.predict(pixels), true)
    counts = learning.confusion(reads)
    assert [sum(row) for row in counts] == [sum(true == k for _, true in pairs) for k in range(10)]
    assert sum(counts[k][k] for k in range(10)) == sum(digit.guess == digit.true for digit in reads)


def test_the_costs_of_one_digit():
    model = MLP(64, [32, 10], seed=1)
    pair = learning.digits()[0]
    cost = learning.costs(model, pair, blocks=3, steps=3)
    assert min(cost.training, cost.evaluation) > 0.0  # which is more, the machine says
    weighted_sums_and_activations = 32 + 32 + 10
    inputs_and_parameters = 64 + 2410
    assert cost.nodes == inputs_and_parameters + weighted_sums_and_activations + 2  # and logsumexp minus a logit
    assert all(parameter.grad == 0.0 for parameter in model.parameters())


@pytest.mark.parametrize("share_right", [1.0, 0.9, 0.0])
def test_the_picture_is_drawn_however_many_are_misread(tmp_path, share_right):
    pairs = learning.digits()[:30]
    _, history = learning.train(pairs, pairs, epochs=2)
    reads = [
        learning.Read(
            pixels, true, [float(k == (true if row < 30 * share_right else (true + 1) % 10)) for k in range(10)]
        )
        for row, (pixels, true) in enumerate(pairs)
    ]
    assert draw(history, reads, tmp_path / "digits.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_missing_is_said_in_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert demo.main(["--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == 'demos.digits needs sklearn: pip install "liftgrad[demos]"\n'
    assert [*tmp_path.iterdir()] == []
