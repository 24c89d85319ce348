"""What a type checker sees in a user's file: outputs, losses and histories, and not Any."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
USERS_FILE = """
import functools

from typing_extensions import assert_type

from engine import Value
from nn import (
    MLP, SGD, Adam, Dropout, EarlyStopping, History, Layer, Linear, Module, Neuron, accuracy,
    binary_cross_entropy_with_logits, cross_entropy, evaluate, fit, hinge, huber_loss, l1_loss, squared_error,
)

model = MLP(2, [3, 1], activation="tanh", seed=1)
output = model([1.0, 2.0])
loss: Value = (output - 1.0) ** 2  # one output is a Value
loss.backward()
first: Value = output[0]  # several are a list of them
for a in model.trace([1.0, 2.0]).output:
    print(a.data)
assert_type(squared_error(output, 1.0), Value)
assert_type(squared_error(first, 1.0), Value)
assert_type(squared_error(0.5, 1.0), float)
assert_type(squared_error([0.5, 1.0], [1.0, 2.0]), float)
assert_type(hinge(output, 1.0), Value)
assert_type(huber_loss(output, 1.0, delta=0.5), Value)
assert_type(l1_loss([first], [1.0]), Value)
assert_type(binary_cross_entropy_with_logits(output, 1.0, pos_weight=2.0), Value)
assert_type(cross_entropy(output, 1, weight=[1.0, 2.0], ignore_index=-100), Value)
assert_type(cross_entropy(Linear(2, 3)([1.0, 2.0]), 1), Value)
assert_type(cross_entropy([0.5, 1.0], 1), float)
assert_type(Linear(2, 3)([1.0, 2.0]), list[Value])
assert_type(Neuron(2)([1.0, 2.0]), Value)
assert_type(Layer(2, 1)([1.0, 2.0]).data, float)
assert_type(model.compile(squared_error).backward([1.0, 2.0], 1.0), float)

biases = [p for name, p in model.named_parameters() if ".bias." in name]
optimizer = Adam([{"params": biases, "weight_decay": 0.0}], lr=0.1)
smoothed = functools.partial(cross_entropy, label_smoothing=0.1)
data = [([1.0, 2.0], 1.0)]
history = fit(
    model, data, loss=smoothed, optimizer=optimizer, epochs=3, metrics=[accuracy],
    on_epoch=[EarlyStopping("loss"), lambda history: history.losses[-1] < 0.1],
)
assert_type(history, History)
assert_type(fit(model, iter(data), loss=hinge, optimizer=SGD(biases), epochs=1, compiled="jax").losses, list[float])
assert_type(evaluate(model, data, squared_error, {"right": accuracy}), dict[str, float])


class Net(Module):
    def __init__(self) -> None:
        self.hidden, self.dropout, self.out = Linear(2, 4), Dropout(0.5), Linear(4, 1)

    def __call__(self, x: list[float]) -> Value:
        return self.out(self.dropout(self.hidden(x)))[0]


net = assert_type(Net().eval(), Net)
assert_type(net([1.0, 2.0]), Value)
"""
WRONG = """
from nn import MLP, SGD, fit, squared_error

model = MLP(2, [1])
fit(model, [([1.0, 2.0], 1.0)], loss=squared_error, optimizer=SGD(model.parameters()), epoch=1)  # epochs
squared_error(model([1.0, 2.0]), 1.0).backwards()  # backward
model([1.0, 2.0]).grads  # grad
"""
CHECKERS = {"mypy": ["-m", "mypy", "--strict", "--no-error-summary"], "pyright": ["-m", "pyright"]}


def check(checker, path, text):
    pytest.importorskip(checker)
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    config = path.with_name("pyrightconfig.json")
    config.write_text(f'{{"extraPaths": ["{ROOT}"], "typeCheckingMode": "standard"}}', encoding="utf-8")
    command = [sys.executable, *CHECKERS[checker], path.name]
    environment = {"MYPYPATH": str(ROOT), "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(path.parent)}
    return subprocess.run(command, cwd=path.parent, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("checker", CHECKERS)
def test_a_users_file_is_typed(tmp_path, checker):
    result = check(checker, tmp_path / "users_file.py", USERS_FILE)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("checker", CHECKERS)
def test_slips_are_found(tmp_path, checker):
    result = check(checker, tmp_path / "wrong.py", WRONG)
    found = {int(line.split(":")[1]) for line in result.stdout.splitlines() if ": error" in line or " - error" in line}
    assert found == {5, 6, 7}, result.stdout + result.stderr
