"""Indices and targets are checked by a compiled function on every call, as eagerly."""

import gc
import re

import pytest

from engine import Value, compile
from engine.lifting.traced import Traced
from nn import MLP, Embedding, Module, binary_cross_entropy_with_logits, cross_entropy, hinge


class Reader(Module):
    """A token's row, and its first number."""

    def __init__(self) -> None:
        self.table = Embedding(3, 2, seed=0)

    def __call__(self, token):
        return self.table(token)[0]


@pytest.mark.parametrize("backend", ["numpy", "jax", "native"])
def test_class_and_token_indices_are_checked_on_every_call(backend: str) -> None:
    model, reader = MLP(2, [3], seed=0), Reader()
    loss, read = model.compile(cross_entropy, backend), reader.compile(backend=backend)
    for index in (0.0, 1.0, 2.0):
        assert loss([0.1, 0.2], index) == pytest.approx(cross_entropy(model([0.1, 0.2]), index).data)
        assert read(index) == pytest.approx(reader(index).data)
    for index in (3.0, -1.0, 0.5, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="index of one of 3 classes is a whole number from 0 to 2, got") as eager:
            cross_entropy(model([0.1, 0.2]), index)
        with pytest.raises(ValueError, match=re.escape(str(eager.value))):
            loss([0.1, 0.2], index)
        with pytest.raises(ValueError, match=re.escape(str(eager.value))):
            loss.backward([0.1, 0.2], index)
        with pytest.raises(ValueError, match="from 0 to 2, got"):
            read(index)
    with pytest.raises(ValueError, match=r"row 1: .*got 7"):
        loss([[0.1, 0.2]] * 3, [0.0, 7.0, 1.0])


def test_computed_indices_and_targets_are_checked_too() -> None:
    table = Embedding(3, 1, seed=0)
    compiled = compile(lambda x: table(x + 1.0)[0])
    assert compiled(1.0) == table(2)[0].data
    with pytest.raises(ValueError, match="got 3"):
        compiled(2.0)
    target = Value(1.0)
    on_parameter = compile(lambda x: cross_entropy([x, 0.0], target))
    assert on_parameter(1.0) == pytest.approx(cross_entropy([1.0, 0.0], 1))
    target.data = 2.0
    with pytest.raises(ValueError, match="got 2"):
        on_parameter(1.0)
    with pytest.raises(ValueError, match="got 2"):
        cross_entropy([1.0, 0.0], target)


@pytest.mark.parametrize(
    ("loss", "right", "wrong"),
    [
        (hinge, -1.0, 0.0),
        (binary_cross_entropy_with_logits, 0.25, -1.0),
        (binary_cross_entropy_with_logits, 1.0, 1.5),
        (lambda z, y: cross_entropy([z, 0.0], y), [0.25, 0.75], [0.5, 0.25]),
        (lambda z, y: cross_entropy([z, 0.0], y), [1.0, 0.0], [1.5, -0.5]),
    ],
)
def test_targets_are_checked_on_every_call(loss, right, wrong) -> None:
    w = Value(0.5)
    compiled = compile(lambda x, y: loss(w * x, y))
    assert compiled(2.0, right) == pytest.approx(loss(w * 2.0, right).data)
    with pytest.raises(ValueError, match=r".") as eager:
        loss(w * 2.0, wrong)
    with pytest.raises(ValueError, match=re.escape(str(eager.value))):
        compiled(2.0, wrong)


def test_a_program_with_a_check_does_not_keep_the_scalar_graph() -> None:
    def traced_nodes() -> int:
        gc.collect()
        return sum(isinstance(each, Traced) and each.op is not None for each in gc.get_objects())

    before = traced_nodes()
    loss = MLP(2, [3], seed=0).compile(cross_entropy)
    loss.backward([0.1, 0.2], 1.0)
    assert traced_nodes() == before
    with pytest.raises(ValueError, match="from 0 to 2, got 3"):
        loss([0.1, 0.2], 3.0)
