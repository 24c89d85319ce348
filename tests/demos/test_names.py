"""The names demonstration: real names, the same training eager and compiled, new names, pictures."""

import random
import sys

import pytest

from demos import names
from demos.gpt import GPT
from demos.identifiers import identifiers, names_in
from engine import Value


def small_model():
    return GPT(len(names.ALPHABET), names.POSITIONS, width=4, heads=2)


@pytest.fixture(scope="module")
def library():
    return identifiers()


@pytest.fixture
def small(monkeypatch, library):
    """The demonstration with a small model and few names."""
    some = library[::100]
    monkeypatch.setattr(names, "new_model", small_model)
    monkeypatch.setattr(names, "identifiers", lambda: some)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")  # so that what the demonstration sets is unset again
    return some


def test_identifiers_are_those_of_the_standard_library(library):
    assert library == sorted({*library})
    assert len(library) > 2000
    assert {"deepcopy", "copytree", "read", "encoding", "add_argument"} <= {*library}
    assert all(3 <= len(name) <= 15 and {*name} <= {*names.ALPHABET[1:]} for name in library)


def test_names_in_code_are_those_it_defines():
    source = """
    class Stack:
        async def push(self, item, *rest, key=lambda entry: 1, **options):
            used = other.attribute  # comment
            "text"
    """
    assert names_in(source.replace("\n    ", "\n")) == {"push", "self", "item", "rest", "key", "entry", "options"}


def test_positions_that_fill_up_change_nothing():
    model = small_model()
    costs = {}
    for length in (None, 5, names.POSITIONS):
        x, y = names.pair("get", length)
        model.zero_grad()
        cost = names.loss(model(x), y)
        cost.backward()
        costs[length] = [cost.data, *(p.grad for p in model.parameters())]
    assert costs[5] == pytest.approx(costs[None], rel=1e-12, abs=1e-16)
    assert costs[names.POSITIONS] == pytest.approx(costs[None], rel=1e-12, abs=1e-16)


def test_the_models_gradient_is_right():
    model = GPT(vocabulary=4, longest=3, width=4, heads=2, layers=2, seed=3)
    generator = random.Random(4)
    for p in model.parameters():
        p.data = generator.gauss(0.0, 0.7)  # away from 0, where norms are curved

    def cost():
        return names.loss(model([0, 2, 3]), ([2, 3, 0], [0.5, 0.2, 0.3]))

    cost().backward()
    h = 1e-5
    for name, p in model.named_parameters():
        at = p.data
        p.data = at + h
        above = cost().data
        p.data = at - h
        below = cost().data
        p.data = at
        assert p.grad == pytest.approx((above - below) / (2 * h), rel=1e-5, abs=1e-8), name


def test_a_token_may_be_given_by_its_index_or_one_hot():
    model = small_model()
    one_hot = [[float(k == token) for k in range(len(names.ALPHABET))] for token in (0, 7, 5)]
    for tokens in (one_hot, [Value(0), Value(7), Value(5)]):
        for a, b in zip(model.predict(tokens), model.predict([0, 7, 5]), strict=True):
            assert a == pytest.approx(b, rel=1e-13)


def test_a_sequence_too_long_is_refused():
    with pytest.raises(ValueError, match="the longest sequence is of 3 tokens, got 4"):
        GPT(4, longest=3, width=4)([0, 1, 2, 3])


def test_eager_and_compiled_learn_the_same():
    pytest.importorskip("numpy")
    text = ["get_header", "set", "write_line"]
    eager, compiled = small_model(), small_model()
    before = eager.state_dict()
    histories = [
        names.train(model, text, 4, compiled, batch_size=None, held_out=["put"])
        for model, compiled in ((eager, False), (compiled, True))
    ]
    assert histories[1].losses == pytest.approx(histories[0].losses, rel=1e-9)
    assert histories[1].validation_losses == pytest.approx(histories[0].validation_losses, rel=1e-9)
    assert histories[0].losses[-1] < histories[0].losses[0]
    after = eager.state_dict()
    assert after != before
    assert compiled.state_dict() == pytest.approx(after, rel=1e-6, abs=1e-9)
    beginning = [0, 3, 15]
    logits = [names.next_logits(model, c)(beginning) for model, c in ((eager, False), (compiled, True))]
    assert logits[1] == pytest.approx(logits[0], rel=1e-6)


def test_array_operations_do_not_grow_with_the_width_or_the_alphabet():
    pytest.importorskip("numpy")

    def operations(vocabulary, longest, width, heads):
        compiled = GPT(vocabulary, longest, width=width, heads=heads).compile(names.loss)
        compiled.backward([0] * longest, ([1] * longest, [1.0 / longest] * longest))
        return compiled.program.operations

    assert operations(4, 3, 4, 2) == operations(9, 6, 15, 3)


def test_names_are_drawn_from_what_the_model_says():
    def spelling(word):
        letters = [names.ALPHABET.index(letter) for letter in word] + [0]
        return lambda tokens: [50.0 * (k == letters[len(tokens) - 1]) for k in range(len(names.ALPHABET))]

    assert names.sample(spelling("get_it"), random.Random(1)) == "get_it"
    assert names.sample(spelling("a" * 40), random.Random(1)) == "a" * 15

    def even(tokens):  # a or b, and an end after three letters
        return [float("-inf") if (k == 0) != (len(tokens) > 3) or k > 2 else 0.0 for k in range(len(names.ALPHABET))]

    drawn = {names.sample(even, random.Random(seed)) for seed in range(100)}
    assert drawn == {a + b + c for a in "ab" for b in "ab" for c in "ab"}
    assert names.samples(even, 5) == names.samples(even, 5)


def test_a_lower_temperature_prefers_what_is_likely():
    def logits(tokens):
        return [-50.0, 1.0, 0.0] if len(tokens) < 2 else [50.0, 0.0, 0.0]

    def share(temperature):
        generator = random.Random(1)
        drawn = [
            names.sample(lambda tokens: [*logits(tokens), *[-1e3] * 25], generator, temperature) for _ in range(300)
        ]
        return drawn.count("a") / 300

    for temperature, expected in ((1.0, 0.731), (0.5, 0.881)):  # 1 / (1 + e^(-1/temperature))
        assert share(temperature) == pytest.approx(expected, abs=0.06)


def test_it_trains_both_ways_and_draws(small, tmp_path, capsys):
    pytest.importorskip("numpy")
    pytest.importorskip("matplotlib")
    assert names.main(["--epochs", "2", "--out", str(tmp_path / "pictures")]) == 0
    shown = capsys.readouterr().out
    assert f"{len(small)} names" in shown
    table = {
        line.split()[0]: line.split()[1:] for line in shown.splitlines() if line.startswith("    ") and line.split()
    }
    (eager_seconds, *eager), (compiled_seconds, *compiled) = table["eager"], table["compiled"]
    assert len(eager) == 2
    assert [*map(float, compiled)] == pytest.approx([*map(float, eager)], abs=1e-9)
    assert float(eager_seconds) > float(compiled_seconds)
    assert "\nstep     4   loss" in shown
    for picture in ("names_loss.png", "names_attention.png"):
        assert str(tmp_path / "pictures" / picture) in shown
        assert (tmp_path / "pictures" / picture).read_bytes().startswith(b"\x89PNG")


def test_the_scalar_engine_alone_needs_nothing_else(small, tmp_path, capsys, monkeypatch):
    for package in ("numpy", "matplotlib"):
        monkeypatch.setitem(sys.modules, package, None)
    assert names.main(["--eager", "--epochs", "2", "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert "2 steps took" in shown.out
    assert shown.err == ""
    assert names.main(["--epochs", "1", "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert "1 steps took" in shown.out
    assert shown.err.startswith('demos.names needs numpy: pip install "liftgrad[demos]"\n')
    assert [*tmp_path.iterdir()] == []
