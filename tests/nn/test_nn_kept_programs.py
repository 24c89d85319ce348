"""A second `fit` of a model runs what the first one compiled, unless it could be another program by now."""

import copy
import functools
import pickle

import pytest

from engine import Value, sin
from nn import MLP, SGD, Layer, Module, fit, hinge, kept_programs, squared_error
from nn.kept_programs import programs_of

DATA = [([0.5, -1.0], 1.0), ([1.0, 0.25], -1.0), ([0.0, 2.0], 1.0)]


def kept(model: Module, loss=squared_error, backend: str = "numpy", dtype: str = "float64"):
    return programs_of(model, loss, backend, dtype)


def network(**options) -> MLP:
    return MLP(2, [3, 1], seed=0, **{"activation": "tanh", **options})


def test_the_same_model_and_loss_have_the_same_programs() -> None:
    model = network()
    first = kept(model)
    assert kept(model) is first
    assert kept(network()) is not first
    for other in (
        kept(model, hinge),
        kept(model, dtype="float32"),
        kept(model, functools.partial(squared_error)),
        kept(model, lambda output, target: squared_error(output, target)),
    ):
        assert other is not first
        assert kept(model) is not other


@pytest.mark.parametrize(
    "change",
    [
        lambda model: setattr(model.layers[0], "activation", sin),
        lambda model: setattr(model.layers[1], "weight", [[Value(1.0)] * 3]),
        lambda model: model.layers[0].bias.__setitem__(0, Value(1.0)),
        lambda model: model.layers.reverse(),
        lambda model: setattr(model, "scale", 2.0),
        lambda model: setattr(model.layers[0], "__dict__", {**vars(model.layers[0]), "activation": sin}),
        lambda model: setattr(model.layers[0], "__class__", type("Other", (Layer,), {})),
    ],
)
def test_a_changed_model_has_programs_of_its_own(change) -> None:
    model = network()
    first = kept(model)
    change(model)
    assert kept(model) is not first


def test_a_method_may_depend_on_what_it_is_of() -> None:
    model, loss = network(), network().train
    assert kept(model, loss) is not kept(model, loss)


@pytest.mark.parametrize("is_users", [False, True])
def test_another_method_in_a_class_makes_other_programs(monkeypatch, is_users: bool) -> None:
    model = network()
    first = kept(model)
    forward = (lambda _, x: sin(x[0])) if is_users else Layer.__call__
    monkeypatch.setattr(MLP, "__call__", forward)
    second = kept(model)
    assert second is not first
    assert (kept(model) is second) == (not is_users)


def test_what_a_users_code_does_may_be_another_thing_every_time() -> None:
    scales: list[float] = []

    def stretched(x):
        return scales[-1] * x

    class Scaled(Module):
        def __init__(self) -> None:
            self.inner = network()

        def __call__(self, x):
            return scales[-1] * self.inner(x)

    for model, loss in (
        (network(activation=stretched), squared_error),
        (Scaled(), squared_error),
        (network(), lambda output, target: scales[-1] * squared_error(output, target)),
    ):
        losses = []
        for scale in (1.0, 2.0):
            scales.append(scale)
            optimizer = SGD(model.parameters(), lr=0.0)
            for compiled in (True, False):
                options = {"epochs": 1, "progress": False, "compiled": compiled}
                losses += fit(model, DATA, loss=loss, optimizer=optimizer, **options).losses
        assert losses[0::2] == pytest.approx(losses[1::2])
        assert losses[0] != losses[2]


def test_copies_and_pickles_have_none() -> None:
    model = network()
    first = kept(model)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model)), copy.copy(model)):
        assert kept(twin) is not first
        assert kept(twin).loss([0.5, 1.0], 0.5) == pytest.approx(first.loss([0.5, 1.0], 0.5))
    assert kept(model) is first


def test_a_training_goes_on_as_if_nothing_was_kept() -> None:
    def losses(model, again) -> list[float]:
        found = []
        for epochs in (2, 3):
            optimizer = SGD(model.parameters(), lr=0.1)
            found += fit(
                model, DATA, loss=hinge, optimizer=optimizer, epochs=epochs, progress=False, compiled=True
            ).losses
            again(model)
        return found

    expected = losses(network(), lambda model: vars(vars(model)["_kept_parameters"]).update(programs=None))
    assert losses(network(), lambda _: None) == expected


def test_those_of_a_few_models_are_kept(monkeypatch) -> None:
    models = [network() for _ in range(4)]
    monkeypatch.setattr(kept_programs, "MOST", 3)
    first = [kept(model) for model in models]
    assert [kept(model) is programs for model, programs in zip(models[1:], first[1:])] == [True] * 3
    assert kept(models[0]) is not first[0]
    del models[1]
    assert kept(models[1]) is first[2]
