"""What is taken home: code, the film of the training, the equations."""

import base64
import io
import random
import subprocess
import sys

import numpy as np
import pytest

import engine
from demos.playground import curve, moons, spiral
from engine import compile, primitive, sigmoid, tanh
from engine.lifting.namespaces import numpy_namespace
from nn import MLP, Module, cross_entropy, hinge, squared_error
from nn import binary_cross_entropy_with_logits as log_loss
from nn.activations import ACTIVATIONS

pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

MOONS = moons(random.Random(0))

FILM = """
Object.assign(FILM, { frames: 16, width: 180, height: 144 });
for (let k = 0; k < 90; k++) trainer.advance();
moveTo(70);
const theta = trainer.theta.join();
const frames = filmFrames();
const text = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
const drawn = [0, frames.length >> 1, frames.length - 1].map((k) => [k, text(frames[k].data)]);
return [text(gifOf(frames)), drawn, trainer.step === 70 && trainer.theta.join() === theta];
"""


@pytest.mark.parametrize("pairs", [MOONS, spiral(random.Random(0))], ids=["contour", "classes"])
def test_the_film_is_a_gif_of_what_the_canvas_shows(open_playground, pairs):
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    outputs = 3 if any(y == 2 for _, y in pairs) else 1
    run = open_playground(MLP(len(pairs[0][0]), [3, outputs], activation="tanh", seed=0), pairs, validation=0.2)
    gif, drawn, same = run(FILM)
    assert same  # the training stands where it stood
    film = image.open(io.BytesIO(base64.b64decode(gif)))
    assert film.format == "GIF"
    assert film.info["loop"] == 0  # again and again
    assert film.n_frames == 15  # the first two are one step
    assert film.size == (180, 144)
    pauses = []
    for k in range(film.n_frames):
        film.seek(k)
        pauses.append(film.info["duration"])
    assert pauses[-1] > 1000 > pauses[0] == pauses[-2]
    for k, data in drawn:
        film.seek(k)
        shown = np.asarray(film.convert("RGB"), dtype=int)
        true = np.frombuffer(base64.b64decode(data), dtype=np.uint8).reshape(*shown.shape[:2], 4)[..., :3]
        apart = np.abs(shown - true).max(-1)
        assert np.mean(apart) < 4  # of 255: 256 colours for the whole film
        assert np.mean(apart < 16) > 0.99


def slope_of(f):
    """f' on arrays, by the compiler."""
    compiled = compile(f)
    return lambda z: compiled.value_and_grad(np.ravel(z), argnums=0)[1].reshape(np.shape(z))


def run_equations(text):
    """The function that the page's equations are, after the formulas below them have been checked."""
    scope = {
        **vars(engine),
        "pi": np.pi,
        **numpy_namespace(),
        **{f"{name}_slope": slope_of(f) for name, f in ACTIVATIONS.items()},
    }
    scope |= {name: f for name, f in ACTIVATIONS.items() if name not in scope}
    points = np.array([-1.5, -0.2, 0.3, 2.0])
    for block in text.replace("'(", "_slope(").split("\n\n"):
        if block.startswith("def "):
            exec(block, scope)
            continue
        for line in reversed(block.splitlines()):  # a setting stands below the formulas that have it
            left, _, right = line.partition(" = ")
            if left.startswith("k"):
                scope[left] = np.array(eval(right))
            elif "(" not in left:
                scope[left] = float(right)
            else:
                shown = eval(right, {**scope, "x": points})
                assert np.allclose(eval(left, {**scope, "x": points}), shown, rtol=1e-12), line
    return scope["value_and_gradients"]


@pytest.mark.parametrize(
    ("pairs", "loss", "hidden"),
    [
        (MOONS, log_loss, [(3, "tanh"), (5, "silu"), (5, "linear"), (1, "leaky_relu"), (2, "sigmoid")]),
        (MOONS, log_loss, []),
        ([(x, 2 * y - 1) for x, y in MOONS], hinge, [(4, "elu"), (4, "elu")]),
        (spiral(random.Random(0)), cross_entropy, [(3, "gelu"), (2, "relu")]),
        (curve(random.Random(0)), squared_error, [(6, "mish")]),
    ],
    ids=["five", "none", "hinge", "classes", "one input"],
)
def test_the_equations_of_a_changed_network_are_those_of_python(open_playground, pairs, loss, hidden):
    inputs, outputs = len(pairs[0][0]), 3 if loss is cross_entropy else 1
    run = open_playground(MLP(inputs, [8, outputs], activation="softplus", seed=0), pairs, loss=loss)
    text = run(
        """setNetwork(arguments[0]);
        byId("show-equations").click();
        return byId("equations").querySelector("pre").textContent""",
        hidden,
    )
    names = [name for _, name in hidden]
    model = MLP(inputs, [*[size for size, _ in hidden], outputs], activation=[*names, "linear"], seed=4)
    compiled = model.compile(loss)
    X, Y = np.array([x for x, _ in pairs]), np.array([[y] for _, y in pairs], dtype=float)
    _, gradient = compiled.value_and_grad(X, Y[:, 0])
    values = dict(zip(compiled.parameters, gradient))
    matrices = [part for layer in model.layers for part in (layer.weight, layer.bias)]
    arrays = [np.vectorize(lambda value: value.data)(np.array(part, dtype=object)) for part in matrices]
    if inputs == 1:
        arrays[0] = arrays[0].ravel()  # its weights are a vector
    found = run_equations(text)(*arrays, X, Y)
    assert found[0][:, 0] == pytest.approx(compiled(X, Y[:, 0]), rel=1e-12)
    for part, gradients in zip(matrices, found[1:], strict=True):
        true = np.vectorize(values.get)(np.array(part, dtype=object))
        assert gradients.ravel() == pytest.approx(true.ravel(), rel=1e-10, abs=1e-14)


STRETCH = 1.5


@primitive
def own(x):
    s = sigmoid(STRETCH * x)
    return x * s, lambda g: (g * (s + x * STRETCH * s * (1 - s)),)


class Residual(Module):
    """Of this file alone: what is taken home has its source."""

    def __init__(self, width, f=own):
        self.width, self.f = width, f
        self.first, self.last = MLP(2, [width], seed=1), MLP(width, [1], seed=2)

    def __call__(self, x):
        h = self.first(x)
        return self.last([z + self.f(z) for z in h])


def own_loss(output, target):
    return squared_error(output, target) * 0.5


@pytest.mark.parametrize(
    ("model", "options"),
    [
        (MLP(2, [6, 1], activation="tanh", seed=0), {}),
        (MLP(2, [4, 1], activation=[own, "linear"], seed=0), {"batch_size": 32}),
        (Residual(3), {"loss": own_loss, "batch_size": 32}),
    ],
    ids=["MLP", "own activation", "own class and loss"],
)
def test_what_is_taken_home_goes_on_with_the_same_losses(open_playground, tmp_path, model, options):
    run = open_playground(model, MOONS, validation=0.2, **options)
    code, weights, losses = run(
        """for (let k = 0; k < 25; k++) trainer.advance();
        const taken = [pythonCode(task, trainer), weightsFile(task, trainer.theta)];
        const losses = [];
        const steps = task.batch ? 5 : 1;
        const rows = task.learned.rows;
        const size = task.batch || rows;
        for (let epoch = 0; epoch < 100; epoch++) {
          let total = 0;
          for (let k = 0; k < steps; k++) total += trainer.advance() * Math.min(size, rows - k * size);
          losses.push(total / rows);
        }
        return [...taken, losses]"""
    )
    (tmp_path / "weights.json").write_text(weights, encoding="utf-8")
    model.load(tmp_path / "weights.json")
    if type(model) is MLP:
        scope = {"__name__": "training"}
        exec(code, scope)
        gone_on = scope["history"].losses
    else:  # a file on its own
        (tmp_path / "training.py").write_text(code + "print(repr(history.losses))\n", encoding="utf-8")
        shown = subprocess.check_output([sys.executable, "training.py"], text=True, cwd=tmp_path)
        gone_on = eval(shown.splitlines()[-1])
    assert gone_on == pytest.approx(losses, rel=1e-12)


def test_a_changed_network_of_an_activation_of_ones_own_is_taken_home(open_playground):
    run = open_playground(MLP(2, [4, 1], activation=[own, "linear"], seed=0), MOONS)
    code, losses = run(
        """setNetwork([[3, "own"], [2, "tanh"]]);
        for (let k = 0; k < 5; k++) trainer.advance();
        return [pythonCode(task, trainer), Array.from({ length: 20 }, () => trainer.advance())]"""
    )
    scope = {"__name__": "training"}
    exec(code.replace("epochs=100", "epochs=20"), scope)
    assert scope["history"].losses == pytest.approx(losses, rel=1e-12)
    assert {"MLP", "Adam", "fit"} < {*scope}
    assert "RMSprop" not in scope  # what is not used is not imported


def test_what_has_no_python_says_why(open_playground):
    run = open_playground(Residual(3, f=lambda z: tanh(z)), MOONS)
    note = run("return byId('take-note').textContent")
    assert note == "No Python of this: a lambda has no name: write it as a def. The weights load into your own."
    assert run("return byId('take-python').disabled && byId('drawn').hidden")
