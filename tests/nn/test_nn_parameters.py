"""Where parameters are found, and where they would be overlooked."""

import random
import warnings
from collections import deque

import pytest
from line_training import LINE

import engine
from engine import Value
from nn import (
    MLP,
    SGD,
    Module,
    fit,
    squared_error,
)

# Where parameters are


def same(some, others):
    """Whether they are the very same Values, and not only of equal numbers."""
    return [*map(id, some)] == [*map(id, others)]


class Kept(Module):
    def __init__(self, kept):
        self.kept = kept


def test_values_in_an_array_or_a_deque_are_parameters():
    np = pytest.importorskip("numpy")
    values = [Value(float(k)) for k in range(6)]
    assert same(Kept(np.array(values, object)).parameters(), values)
    square = Kept(np.array(values, object).reshape(2, 3))
    assert [*square.state_dict()] == ["kept.0.0", "kept.0.1", "kept.0.2", "kept.1.0", "kept.1.1", "kept.1.2"]
    assert same(square.parameters(), values)
    assert Kept(np.array(values[0], object)).state_dict() == {"kept.0": 0.0}
    assert Kept(deque(values)).state_dict() == {f"kept.{k}": float(k) for k in range(6)}
    assert same(Kept({"a": (values[:2], deque([values[2]]))}).parameters(), values[:3])
    assert Kept(np.array([[MLP(1, [1]), 3], ["x", None]], object)).parameters()[0].label == "w¹[0][0]"


class Block:
    """An object that is no Module."""

    def __init__(self, *values):
        self.values = values


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        ({Value(1.0)}, "Kept: kept is of set and has Values in it"),
        (frozenset([Value(1.0)]), "kept is of frozenset"),
        (Block(Value(1.0)), "kept is of Block and has Values in it, which would not be found as parameters: derive"),
        ([1, {"a": Block([Value(1.0)])}], "kept.1.a is of Block"),
        ({"a": {Value(1.0)}}, "kept.a is of set"),
        (Block(Block({Value(1.0)})), "kept is of Block"),
        (Block(MLP(1, [1])), "kept is of Block"),
    ],
)
def test_values_that_would_be_overlooked_are_refused(kept, message):
    for use in (Module.parameters, Module.state_dict, Module.zero_grad, lambda module: SGD(module.parameters())):
        with pytest.raises(TypeError, match=message):
            use(Kept(kept))


def test_what_holds_no_parameters_of_its_own_is_left_alone():
    x = Value(1.0)
    module = Kept(x)
    module.optimizer = SGD([x], lr=0.1)
    module.same = {x}
    module.computed = Block(x * 2, 3.0, "text", engine.tanh)
    module.function, module.kind, module._hidden = (lambda: x), Value, {Value(2.0)}
    module.shared = random.Random(1)
    assert same(module.parameters(), [x])


def test_micrograds_way_of_naming_ones_parameters_goes_on_working():
    class Neurons:
        def __init__(self):
            self.w = [Value(0.5), Value(0.25)]

        def parameters(self):
            return self.w

    class Mine(Module):
        def __init__(self):
            self.parts = Neurons()

        def __call__(self, x):
            return engine.dot(self.parts.w, x)

        def parameters(self):
            return self.parts.parameters()

    model = Mine()
    data = [([1.0, 0.0], 2.0), ([0.0, 1.0], -1.0)]
    fit(model, data, loss=squared_error, optimizer=SGD(model.parameters(), 0.5), epochs=60)
    assert [p.data for p in model.parameters()] == pytest.approx([2.0, -1.0])
    with pytest.raises(TypeError, match="Mine: parts is of Neurons and has Values in it"):
        model.state_dict()


# Values are never compared


def test_equal_numbers_are_not_the_same_parameter():
    model = MLP(1, [2, 1], init=lambda *_: 1.0)
    assert len({*map(id, model.parameters())}) == len(model.parameters()) == 7
    SGD(model.parameters(), lr=0.1)  # not "the same parameter twice"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        other = MLP(1, [2, 1], init=lambda *_: 1.0)
        with pytest.raises(ValueError, match="none of this model's parameters"):
            fit(model, LINE, loss=squared_error, optimizer=SGD(other.parameters()), epochs=1)
