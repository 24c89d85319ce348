"""What the page learns is what `fit` learns: every parameter, over hundreds of steps, in Chromium."""

import random

import pytest

from demos.playground import circles, curve, moons, spiral
from engine import Value, primitive, sigmoid, tanh
from nn import MLP, SGD, Adam, AdamW, Module, RMSprop, accuracy, cross_entropy, evaluate, fit, squared_error
from nn import binary_cross_entropy_with_logits as log_loss

TRAIN = """
const before = arguments[0];
for (let k = 0; k < before; k++) trainer.advance();
return Object.fromEntries(task.keys.map((key, k) => [key, trainer.theta[k]]));
"""


@primitive
def own(x):
    s = sigmoid(x)
    return x * s, lambda g: (g * (s + x * s * (1 - s)),)


def furthest_apart(model, learned):
    """The largest difference, in units of max(|p|, 0.01)."""
    true = model.state_dict()
    assert {*learned} == {*true}
    return max(abs(learned[name] - p) / max(abs(p), 0.01) for name, p in true.items())


OPTIMIZERS = {
    "momentum": lambda parameters: SGD(parameters, lr=0.1, momentum=0.9),
    "adam": lambda parameters: Adam(parameters, lr=0.01),
}


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "swish", own])
def test_after_1000_steps_every_parameter_is_that_of_fit(open_playground, activation):
    pairs = moons(random.Random(1))
    start = MLP(2, [8, 8, 1], activation=activation, seed=3)
    run = open_playground(start, pairs, optimizer=OPTIMIZERS["momentum"](start.parameters()))
    for name, make in OPTIMIZERS.items():
        if name == "adam":  # the page's own
            run("restart(null, task.theta); change({ optimizer: 'Adam', lr: task.optimizers.Adam.lr });")
        learned = run(TRAIN, 1000)
        model = MLP(2, [8, 8, 1], activation=activation, seed=3)
        fit(model, pairs, loss=log_loss, optimizer=make(model.parameters()), epochs=1000, compiled=True)
        assert furthest_apart(model, learned) < 1e-12, name


@pytest.mark.parametrize("activation", ["relu", "swish"])
def test_where_training_is_chaotic_it_is_as_far_apart_as_fit_from_itself(open_playground, activation):
    """Of large steps the last bit of a sum grows: Python's own numbers are others with its rows in another order."""
    pairs = moons(random.Random(1))

    def model():
        return MLP(2, [8, 8, 1], activation=activation, seed=3)

    def optimizer(of):
        return SGD(of.parameters(), lr=3.0)

    def fitted(rows):
        learning = model()
        fit(learning, rows, loss=log_loss, optimizer=optimizer(learning), epochs=300, compiled=True)
        return learning

    draw = random.Random(0)
    orders = [pairs[::-1], *[draw.sample(pairs, len(pairs)) for _ in range(3)]]
    first, *others = map(fitted, [pairs, *orders])
    own = max(furthest_apart(first, each.state_dict()) for each in others)
    assert own > 1e-10
    page = open_playground(given := model(), pairs, optimizer=optimizer(given))(TRAIN, 300)
    assert furthest_apart(first, page) < 10 * own


def test_a_step_is_that_of_eager_fit_bit_for_bit(open_playground):
    pairs = moons(random.Random(1))
    model = MLP(2, [8, 8, 1], seed=3)
    options = {"batch_size": 32, "seed": 5}
    run = open_playground(
        model, pairs, loss=squared_error, optimizer=OPTIMIZERS["momentum"](model.parameters()), **options
    )
    learned = run(TRAIN, 7 * 8)
    fit(model, pairs, loss=squared_error, optimizer=OPTIMIZERS["momentum"](model.parameters()), epochs=8, **options)
    assert learned == model.state_dict()


@pytest.mark.parametrize("kind", [SGD, AdamW, RMSprop])
def test_batches_and_shuffles_are_those_of_fit(open_playground, kind):
    pairs = circles(random.Random(2))
    model = MLP(2, [6, 1], activation="tanh", seed=0)
    options = {"batch_size": 32, "seed": 2**40 + 7, "validation": 0.2}
    run = open_playground(model, pairs, optimizer=kind(model.parameters(), lr=0.02), **options)
    learned = run(TRAIN, 50)
    fit(model, pairs, loss=log_loss, optimizer=kind(model.parameters(), lr=0.02), epochs=10, compiled=True, **options)
    assert furthest_apart(model, learned) < 1e-12


class Residual(Module):
    """Neurons one by one, and what goes in is added to what comes out."""

    def __init__(self):
        draw = random.Random(5)
        self.w = [[Value(draw.uniform(-1, 1)) for _ in range(2)] for _ in range(2)]
        self.b = [Value(0.1), Value(-0.2)]
        self.out = [Value(0.5), Value(-0.3)]

    def __call__(self, x):
        h = []
        for row, b in zip(self.w, self.b):
            z = b
            for w, x_k in zip(row, x):
                z = z + w * x_k
            h.append(tanh(z))
        return sum((v * (h_k + x_k) for v, h_k, x_k in zip(self.out, h, x)), Value(0.0))


@pytest.mark.parametrize(
    ("model", "pairs", "loss"),
    [
        (MLP(2, [5, 3], activation="tanh", seed=1), spiral(random.Random(0)), cross_entropy),
        (MLP(1, [4, 4, 1], activation="gelu", seed=1), curve(random.Random(0)), squared_error),
        (MLP(2, [4, 2], seed=1), [([a, b], [a * b, a + b]) for a in (-1.0, 0.5) for b in (0.25, 1.0)], squared_error),
        (Residual(), [([a, b], a - b) for a in (-1.0, 0.5) for b in (0.25, 1.0)], squared_error),
    ],
    ids=["three classes", "one input", "several outputs", "a residual net by hand"],
)
def test_other_networks(open_playground, model, pairs, loss):
    run = open_playground(model, pairs)
    learned = run(TRAIN, 100)
    right = run("return measure().learned.right")
    for name, p in model.named_parameters():  # the constant 0 of a sum is none
        assert name in learned, p
    fit(model, pairs, loss=loss, optimizer=Adam(model.parameters(), lr=0.01), epochs=100, compiled=True)
    assert furthest_apart(model, learned) < 1e-12
    if right is not None:
        assert right == pytest.approx(evaluate(model, pairs, loss, [accuracy])["accuracy"], abs=1e-12)


def test_any_step_can_be_gone_back_to(open_playground):
    model = MLP(2, [4, 1], activation="tanh", seed=0)
    run = open_playground(model, moons(random.Random(0)), batch_size=32)
    same = run(
        """const seen = [];
        for (let k = 0; k <= 300; k++) {
          if (k === 40) trainer.change({ lr: 0.05 });
          if (k === 100) trainer.change({ optimizer: "SGD, momentum 0.9", lr: 0.02 });
          if (k === 170) trainer.change({ batch: 0 });
          seen.push(trainer.theta.join());
          trainer.advance();
        }
        return [300, 0, 41, 40, 39, 170, 169, 100, 1, 200, 299].map((step) => {
          trainer.goTo(step);
          return trainer.step === step && trainer.theta.join() === seen[step];
        })"""
    )
    assert all(same)


def test_new_weights_are_those_of_the_seed(open_playground):
    given = MLP(2, [8, 1], seed=3).state_dict()
    run = open_playground(MLP(2, [8, 1], seed=3), moons(random.Random(0)))
    run("newWeights(); newWeights();")
    weights = run(TRAIN, 0)
    assert weights == MLP(2, [8, 1], seed=2).state_dict()
    run("byId('break').click(); trainer.advance(); byId('mend').click();")
    assert run(TRAIN, 0) == weights
    type_seed = "byId('seed').value = arguments[1]; byId('seed').dispatchEvent(new Event('change'));"
    for seed in ("0", "17"):
        assert run(type_seed + TRAIN, 0, seed) == MLP(2, [8, 1], seed=int(seed)).state_dict()
    for unusable in ("-1", "1.5", "abc", "1e10"):
        assert run(type_seed + TRAIN, 0, unusable) == MLP(2, [8, 1], seed=17).state_dict()
        assert run("return byId('seed').getAttribute('aria-invalid')") == "true"
    assert run(type_seed + TRAIN, 0, "") == given


def test_a_long_training_takes_bounded_memory(open_playground):
    run = open_playground(MLP(2, [2, 1], seed=0), moons(random.Random(0))[:10])
    kept, measured, same = run(
        """for (let k = 0; k < 20000; k++) { trainer.advance(); curve.add(trainer.step, [1, 1]); }
        const theta = trainer.theta.join();
        trainer.goTo(777);
        trainer.goTo(20000);
        return [trainer.checkpoints.length, curve.measured.size, trainer.theta.join() === theta]"""
    )
    assert kept <= 400
    assert measured <= 4000
    assert same
