"""Modules: finding parameters, and files that keep them."""

import copy
import functools
import json
import math
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

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


def test_saving_goes_through_a_symbolic_link(tmp_path):
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    link.symlink_to(real)
    MLP(1, [1]).save(link)
    assert link.is_symlink()
    assert real.exists()


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


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a process cannot kill itself outright here")
@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_killed_while_saving(tmp_path, moment):
    path = tmp_path / "model.json"
    MLP(1, [1]).save(path)
    before = path.read_bytes()
    program = f"""
        import os, signal
        from nn import MLP
        os.{moment} = lambda *arguments: os.kill(os.getpid(), signal.SIGKILL)
        MLP(2, [8, 1]).save({str(path)!r})
    """
    root = Path(__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], cwd=root, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.read_bytes() == before


def test_a_draft_that_a_killed_process_left_is_gone_after_the_next_save(tmp_path):
    path = tmp_path / "model.json"
    others = [tmp_path / name for name in ("model.json.bak.tmp", "other.json.123.tmp", "model.json.124.tmp")]
    abandoned = tmp_path / "model.json.123.tmp"
    for draft in (abandoned, *others):
        draft.write_text("{", encoding="utf-8")
    hour_ago = time.time() - 3600.0
    for draft in (abandoned, *others[:2]):
        os.utime(draft, (hour_ago, hour_ago))
    MLP(1, [1]).save(path)  # 124 may still be writing
    assert {*tmp_path.iterdir()} == {path, *others}


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
