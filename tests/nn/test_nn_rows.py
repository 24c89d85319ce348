"""Rows and data of any kind, and data that are new for each epoch."""

import copy

import pytest
from line_training import LINE, line_model, train

from engine import Value
from nn import (
    MLP,
    SGD,
    Embedding,
    Layer,
    LayerNorm,
    Linear,
    Neuron,
    RMSNorm,
    accuracy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    evaluate,
    fit,
    hinge,
    l1_loss,
    softmax,
    squared_error,
)
from nn.rows import plain_row

# Rows of any kind


class Tensor:
    """What a row of PyTorch or JAX shows of itself: no list, elements that are no numbers but have tolist."""

    def __init__(self, numbers):
        self.numbers = numbers

    def __len__(self):
        return len(self.numbers)

    def __iter__(self):
        return iter([Tensor(number) for number in self.numbers])

    def tolist(self):
        return copy.deepcopy(self.numbers)


class Frame(Tensor):
    """A frame of pandas: going through it gives the names of its columns."""

    def __iter__(self):
        return iter(["a", "b"])

    tolist = property()

    def to_numpy(self):
        return Tensor(self.numbers)


def kinds():
    yield "list", list
    yield "tuple", tuple
    yield "tensor", Tensor
    yield "list of tensors", lambda row: [Tensor(number) for number in row]
    try:
        import numpy as np
    except ModuleNotFoundError:
        return
    yield "float32", lambda row: np.array(row, np.float32)
    yield "objects", lambda row: np.array(row, object)
    try:
        import jax.numpy as jnp
    except ModuleNotFoundError:
        return
    yield "jax", jnp.array


KINDS = dict(kinds())


@pytest.mark.parametrize("kind", KINDS)
def test_models_predict_trace_and_losses_take_rows_of_every_kind(kind):
    of = KINDS[kind]
    x, y = [0.5, -1.5, 2.0], [1.0, 0.0, 1.0]
    for model in (MLP(3, [4, 3], seed=1), Layer(3, 3, seed=1), Linear(3, 3, seed=1), RMSNorm(3), LayerNorm(3)):
        true = plain_row([a.data if isinstance(a, Value) else a for a in model(x)])
        assert [a.data if isinstance(a, Value) else a for a in model(of(x))] == true
        assert model.predict(of(x)) == true
        model.check_input(of(x))
    model = MLP(3, [4, 3], seed=1)
    assert [a.data for a in model.trace(of(x)).output] == model.predict(x)
    assert Neuron(3, seed=1)(of(x)).data == Neuron(3, seed=1)(x).data
    table = Embedding(3, 2, seed=1)
    assert [e.data for e in table(of(y))] == [e.data for e in table(y)]
    for loss in (squared_error, l1_loss, binary_cross_entropy_with_logits):
        assert loss(of(x), of(y)) == loss(x, y)
    assert hinge(of(x), of([1.0, -1.0, 1.0])) == hinge(x, [1.0, -1.0, 1.0])
    one_hot = [0.0, 1.0, 0.0]
    assert cross_entropy(of(x), of(one_hot)) == cross_entropy(x, one_hot)
    assert softmax(of(x)) == softmax(x)
    assert accuracy(of(x), of(one_hot)) == 0.0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("compiled", [False, True])
def test_data_of_every_kind(kind, compiled):
    if compiled:
        pytest.importorskip("numpy")
    of = KINDS[kind]
    rows, targets = [[0.5, -1.0], [1.0, 2.0], [0.0, 0.25]], [1.0, -1.0, 0.5]

    def trained(data, **changes):
        model = MLP(2, [1], seed=1)
        optimizer = SGD(model.parameters(), lr=0.1)
        fit(model, data, loss=squared_error, optimizer=optimizer, epochs=2, compiled=compiled, **changes)
        return model.state_dict()

    true = trained((rows, targets))
    assert trained([(of(row), target) for row, target in zip(rows, targets)]) == true
    assert trained(([of(row) for row in rows], of(targets)), validation=([of(rows[0])], of(targets[:1]))) == true
    assert trained(zip(map(of, rows), targets)) == true
    assert trained((of(row), target) for row, target in zip(rows, targets)) == true
    assert trained((map(of, rows), iter(targets))) == true
    if kind != "list of tensors":
        assert trained((rows, targets), sample_weight=of([1.0, 1.0, 1.0])) == pytest.approx(true)


def test_frames_are_rows_and_not_names_of_columns():
    rows, targets = [[0.5, -1.0], [1.0, 2.0]], [1.0, -1.0]
    model = MLP(2, [1], seed=1)
    plain = evaluate(model, (rows, targets), squared_error)
    assert evaluate(model, (Frame(rows), Frame(targets)), squared_error) == plain


def test_batches_are_told_from_pairs():
    model, optimizer = line_model()
    batched = [([[0.5], [1.0]], [1.0, 2.0]), ([[0.0], [2.0]], [1.0, 2.0])]
    with pytest.raises(ValueError, match=r"data: row 0 looks like a batch of 2 pairs: .* one by one"):
        train(model, optimizer, data=batched)


# Data that are new for each epoch


@pytest.mark.parametrize("compiled", [False, True])
def test_a_function_gives_the_data_of_each_epoch(compiled):
    if compiled:
        pytest.importorskip("numpy")
    parts = [LINE[:4], LINE[4:6], LINE[6:]]

    def stream():
        calls = iter(parts)
        return lambda: iter(next(calls))

    model, optimizer = line_model()
    history = train(model, optimizer, data=stream(), epochs=3, compiled=compiled, metrics=[l1_loss])
    other, optimizer = line_model()
    losses = [train(other, optimizer, data=part, epochs=1).losses[0] for part in parts]
    assert history.losses == pytest.approx(losses)
    assert model.state_dict() == pytest.approx(other.state_dict())


def test_a_function_of_data_is_refused_where_the_data_must_stay(tmp_path):
    model, optimizer = line_model()
    for changes, message in (
        ({"checkpoint": tmp_path / "run.json"}, "a checkpoint needs data that are the same"),
        ({"validation": 0.5}, "validation is a fraction of the data, which are new in each epoch"),
        ({"sample_weight": [1.0] * 10}, "sample_weight goes with pairs"),
    ):
        with pytest.raises(ValueError, match=message):
            train(model, optimizer, data=lambda: LINE, **changes)
    with pytest.raises(ValueError, match="data: row 1: layer 1 takes 1 input, got 2"):
        train(model, optimizer, data=lambda: [([1.0], 1.0), ([1.0, 2.0], 1.0)])
    once = iter(LINE)
    with pytest.raises(ValueError, match=r"in epoch 2 data is empty: .* only once; make a new one at every call"):
        train(model, optimizer, data=lambda: once)
    with pytest.raises(ValueError, match="data is empty: there is nothing to learn from: a generator can be gone"):
        train(model, optimizer, data=once)
    with pytest.raises(TypeError, match="shuffle must be True or False, got 'no'"):
        train(model, optimizer, shuffle="no")
