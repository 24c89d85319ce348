"""Modules: finding parameters, and files that keep them."""

import copy
import functools
import json
import math
import os
import pickle
import unicodedata

import pytest

from engine import Value
from nn import MLP, Layer, Module, Neuron


class Model(Module):
    def __init__(self):
        self.scale = Value(2.0)
        self.rows = [[Value(1.0), Value(2.0)], (Value(3.0),)]
        self.parts = {"first": Neuron(1, init=lambda *_: 4.0), "again": self.scale}
        self.name = "a model"
        self._hidden = Value(7.0)
        self.computed = self.scale * 2
        self.me = self


def test_parameters_are_found_by_looking():
    assert [*Model().state_dict().items()] == [
        ("scale", 2.0),
        ("rows.0.0", 1.0),
        ("rows.0.1", 2.0),
        ("rows.1.0", 3.0),
        ("parts.first.w.0", 4.0),
        ("parts.first.b", 0.0),
    ]
    names = [name for name, _ in MLP(2, [2, 1]).named_parameters()]
    assert names[:2] == ["layers.0.weight.0.0", "layers.0.weight.0.1"]
    assert names[-3:] == ["layers.1.weight.0.0", "layers.1.weight.0.1", "layers.1.bias.0"]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_model_can_be_copied_and_pickled(copied):
    model = MLP(2, [3, 1], ["tanh", "swish"], seed=1)
    twin = copied(model)
    assert twin.state_dict() == model.state_dict()
    assert not {*twin.parameters()} & {*model.parameters()}
    assert [layer.activation for layer in twin.layers] == [layer.activation for layer in model.layers]
    twin.layers[0].bias[0].data = 5.0
    assert model.layers[0].bias[0].data == 0.0


def test_zero_grad_forgets_gradients():
    model = MLP(2, [2, 1])
    model([1.0, 2.0]).backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad()
    assert [p.grad for p in model.parameters()] == [0.0] * 9
    assert "grad" not in repr(model.parameters()[0])


def test_a_module_that_computes_nothing_says_so():
    with pytest.raises(NotImplementedError, match="Model does not say what it computes"):
        Model()(1.0)
    assert repr(Model()) == "Model(6 parameters)"


ODD = [math.nan, math.inf, -math.inf, -0.0, 5e-324, 0.1, 1 / 3, 1.7976931348623157e308]


def test_a_file_keeps_every_bit(tmp_path):
    model, other = Layer(len(ODD), 1, seed=1), Layer(len(ODD), 1, seed=2)
    for w, number in zip(model.weight[0], ODD, strict=True):
        w.data = number
    path = tmp_path / "model.json"
    model.save(path)
    other.load(path)
    assert [w.data.hex() for w in other.weight[0]] == [number.hex() for number in ODD]
    assert [*tmp_path.iterdir()] == [path]
    strict = json.loads(path.read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert strict["model"] == repr(model)


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "model.json"
    MLP(1, [1]).save(path)
    before = path.read_bytes()

    def full(descriptor):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        MLP(2, [3, 1]).save(path)
    assert path.read_bytes() == before
    assert [*tmp_path.iterdir()] == [path]


def saved(**changes):
    document = {"format": "liftgrad 1", "model": "MLP", "parameters": {"layers.0.weight.0.0": 1.0}}
    document["parameters"]["layers.0.bias.0"] = 2.0
    return json.dumps({**document, **changes})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not a JSON file"),
        ("{", "is not a JSON file"),
        (b"\xff\xfe\x00", "is not a JSON file"),
        ("[" * 100_000, "is not a JSON file"),
        ("[1, 2]", "expected the format 'liftgrad 1', got None"),
        (saved(format="liftgrad 9"), "expected the format 'liftgrad 1', got 'liftgrad 9'"),
        (saved(parameters=[1.0, 2.0]), "expected an object under 'parameters', got [1.0, 2.0] of type list"),
        (saved(parameters={}), "expected 2 numbers, got 0; layers.0.weight.0.0 is not in the state"),
        (
            saved(parameters={"layers.0.weight.0.0": 1, "layers.0.bias.0": 1, "b": 1}),
            "expected 2 numbers, got 3; b is not a parameter here",
        ),
        (
            saved(parameters={"layers.0.weight.0.0": 1, "layers.0.bias.0": "2"}),
            "layers.0.bias.0: expected a number, got '2' of type str",
        ),
        (
            saved(parameters={"layers.0.weight.0.0": 1, "layers.0.bias.0": None}),
            "layers.0.bias.0: expected a number, got None",
        ),
        (
            saved(parameters={"layers.0.weight.0.0": True, "layers.0.bias.0": 1}),
            "layers.0.weight.0.0: expected a number, got True",
        ),
        (
            saved(parameters={"layers.0.weight.0.0": 10**400, "layers.0.bias.0": 1}),
            "layers.0.weight.0.0: expected a number that a float can hold",
        ),
        (saved(parameters=math.nan), "JSON has no NaN; save() writes it as a string"),
        (saved(parameters={"layers.0.weight.0.0": math.inf, "layers.0.bias.0": 1}), "JSON has no Infinity"),
        (saved(parameters={"layers.0.weight.0.0": 1, "layers.0.bias.0": -math.inf}), "JSON has no -Infinity"),
        (saved(more=[{"deep": math.nan}]), "JSON has no NaN"),
        (saved().replace("2.0", "1e999"), "1e999 is more than a float can hold"),
        (saved().replace("2.0", "-1" + "0" * 5000 + ".0"), "000… is more than a float can hold"),
        (
            saved().replace('"layers.0.bias.0"', '"layers.0.weight.0.0"'),
            "the key 'layers.0.weight.0.0' of type str comes more than once",
        ),
        (
            saved().replace('{"format"', '{"format": "liftgrad 1", "format"'),
            "the key 'format' of type str comes more than once",
        ),
        (
            saved().replace('{"format"', '{"x": {"\\u001b": 1, "\\u001b": 2}, "format"'),
            "the key '\\x1b' of type str comes more",
        ),
    ],
)
def test_a_malformed_file_changes_nothing(tmp_path, text, message):
    path = tmp_path / "model.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    model = MLP(1, [1], seed=0)
    before = model.state_dict()
    with pytest.raises(ValueError, match=r"model\.json") as caught:
        model.load(path)
    assert message in str(caught.value)
    assert model.state_dict() == before


@pytest.mark.parametrize(
    "hostile", ["\x1b[31m\x07red", "two\nlines\r", "\u202eback", "\x9b2J", "M" * 10_000_000, "\ud800"]
)
def test_what_a_file_says_is_shown_safely_and_short(tmp_path, hostile):
    path = tmp_path / "model.json"
    wrong = [
        {"model": hostile},
        {"model": hostile, "parameters": {}},
        {"parameters": {hostile: 1.0}},
        {"parameters": {"layers.0.weight.0.0": hostile, "layers.0.bias.0": 1.0}},
        {"parameters": {"layers.0.weight.0.0": [hostile] * 3, "layers.0.bias.0": 1.0}},
        {"parameters": hostile},
        {"format": hostile},
    ]
    for changes in wrong:
        path.write_text(saved(**changes), encoding="utf-8")
        with pytest.raises(ValueError, match=r"model\.json") as caught:
            MLP(1, [1]).load(path)
        said = str(caught.value)
        assert len(said) < 1500
        assert not [c for c in said if unicodedata.category(c) in ("Cc", "Cf", "Cs")]


def test_a_file_whose_name_is_hostile_is_named_safely(tmp_path):
    path = tmp_path / "a\x1b[31m.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\\x1b\[31m\.json: this is not a JSON file"):
        MLP(1, [1]).load(path)


def test_a_model_that_computes_something_else_is_refused(tmp_path):
    path = tmp_path / "model.json"
    MLP(2, [3, 1], activation="tanh").save(path)
    model = MLP(2, [3, 1], activation="relu", seed=0)
    before = model.state_dict()
    with pytest.raises(ValueError, match=r"model\.json: saved from MLP") as caught:
        model.load(path)
    assert (
        'saved from MLP(2, [3, 1], activation="tanh"): 13 parameters, but this model is '
        'MLP(2, [3, 1], activation="relu"): 13 parameters: build the same model'
    ) in str(caught.value)
    assert model.state_dict() == before
    model.load_state_dict(json.loads(path.read_text(encoding="utf-8"))["parameters"])  # the way out it names
    assert model.state_dict() != before


def test_a_repr_with_addresses_and_numbers_is_still_of_the_same_model(tmp_path):
    class Shown(Module):
        def __init__(self, f):
            self.f, self.w = f, Value(1.0, label="w")

        def __call__(self, x):
            return self.f(self.w * x)

        def __repr__(self):
            return f"Shown({self.f}, {self.w})"

    model, other = Shown(lambda z: z), Shown(lambda z: z)
    model.w.data, other.w.grad = 3.0, 1.5
    assert repr(model) != repr(other)
    model.save(tmp_path / "model.json")
    other.load(tmp_path / "model.json")
    assert other.w.data == 3.0
    with pytest.raises(ValueError, match="saved from Shown"):
        Shown(abs).load(tmp_path / "model.json")


def test_activations_of_ones_own_load(tmp_path):
    def bump(z):
        return z * z

    for k, activation in enumerate((bump, lambda z: z + 1.0, functools.partial(max, 0.0))):
        path = tmp_path / f"{k}.json"
        model, other = (MLP(1, [2, 1], activation, seed=seed) for seed in (1, 2))
        model.save(path)
        other.load(path)
        assert other.state_dict() == model.state_dict()


def test_a_model_of_another_shape_is_refused(tmp_path):
    MLP(2, [3, 1]).save(tmp_path / "model.json")
    model = MLP(2, [4, 1], seed=0)
    before = model.state_dict()
    with pytest.raises(ValueError, match="saved from MLP") as caught:
        model.load(tmp_path / "model.json")
    assert "expected 17 numbers, got 13; layers.0.weight.3.0 is not in the state (nor are 3 more)" in str(caught.value)
    assert model.state_dict() == before
    with pytest.raises(FileNotFoundError):
        model.load(tmp_path / "none.json")
