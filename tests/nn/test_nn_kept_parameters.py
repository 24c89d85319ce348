"""A module's parameters are kept once found, and found again as soon as anything in it is another."""

import copy
import pickle

import pytest

from engine import Value
from nn import MLP, Module, squared_error


class Bag(Module):
    def __init__(self) -> None:
        self.first = Value(1.0)
        self.rows = [[Value(1.0), Value(1.0)], [Value(1.0)]]
        self.named = {"a": Value(1.0), "b": (Value(1.0), 2.0)}
        self.inner = [MLP(1, [1])]
        self.width = 3

    def __call__(self, x):
        return self.first * x


def fresh(module: Module) -> list[tuple[str, int]]:
    """The parameters of a module that has kept nothing."""
    vars(module).pop("_kept_parameters", None)
    return [(name, id(p)) for name, p in module.named_parameters()]


def swap(bag: Bag) -> None:
    bag.named["a"], bag.first = bag.first, bag.named["a"]


def reorder(bag: Bag) -> None:
    bag.named["a"] = bag.named.pop("a")


def move_to_the_end(bag: Bag) -> None:
    bag.first = vars(bag).pop("first")


CHANGES = {
    "an attribute": lambda bag: setattr(bag, "first", Value(1.0)),
    "a new attribute": lambda bag: setattr(bag, "second", Value(1.0)),
    "one that was a number": lambda bag: setattr(bag, "width", Value(3.0)),
    "a row": lambda bag: bag.rows[0].append(Value(1.0)),
    "an equal number in a row": lambda bag: bag.rows[1].__setitem__(0, Value(1.0)),
    "a Value for a number in a tuple": lambda bag: bag.named.__setitem__("b", (bag.named["b"][0], Value(2.0))),
    "an exchange": swap,
    "the order of a dict": reorder,
    "the order of attributes": move_to_the_end,
    "a module": lambda bag: bag.inner.append(MLP(1, [1])),
    "within a module": lambda bag: bag.inner[0].layers[0].bias.__setitem__(0, Value(0.0)),
    "less": lambda bag: bag.rows.pop(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_parameters_are_those_of_now(change: str) -> None:
    bag = Bag()
    before = [id(p) for p in bag.parameters()]
    assert [id(p) for p in bag.parameters()] == before
    CHANGES[change](bag)
    now = [(name, id(p)) for name, p in bag.named_parameters()]
    assert now == fresh(bag)
    for p in bag.parameters():
        p.grad = 1.0
    bag.zero_grad()
    assert {p.grad for p in bag.parameters()} == {0.0}


def test_what_changes_behind_an_underscore_or_cannot_be_compared_does_no_harm() -> None:
    import numpy as np

    bag = Bag()
    bag._scratch = np.zeros(3)
    bag.array = np.array([Value(1.0), Value(2.0)], dtype=object)
    assert len(bag.parameters()) == len(bag.parameters()) == 10
    bag.array[0] = Value(1.0)
    assert any(p is bag.array[0] for p in bag.parameters())


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_finds_its_own(copied) -> None:
    model = MLP(1, [2, 1])
    model.parameters()
    twin = copied(model)
    twin.layers = [*twin.layers, MLP(1, [1])]
    assert [id(p) for p in twin.parameters()] == [p for _, p in fresh(twin)]
    assert len(model.parameters()) == 7


def test_zero_grad_forgets_what_compiled_and_eager_passes_left() -> None:
    model = MLP(2, [4, 1], seed=0)
    loss = model.compile(squared_error)
    for _ in range(3):
        loss.backward([1.0, 2.0], 3.0)
        squared_error(model([1.0, 2.0]), 3.0).backward()
        model.zero_grad()
        assert {p.grad for p in model.parameters()} == {0.0}
        model.zero_grad()
        loss.backward([1.0, 2.0], 3.0)
        assert any(p.grad for p in model.parameters())
