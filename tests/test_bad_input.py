"""Bad input in one table: what is passed, the exception, and what its message must name: the thing and the way out.

The last columns are fragments of the message. The finer cases of a single function are beside its other tests.
"""

import json
import math
import os
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import engine
from engine import Value, compile, derivative, draw, grad, gradcheck, hessian, jvp, primitive, primitives, sin, tanh
from engine.value import apply
from nn import (
    MLP,
    SGD,
    Adam,
    CosineAnnealingLR,
    History,
    Layer,
    LinearLR,
    Module,
    Neuron,
    Optimizer,
    StepLR,
    accuracy,
    binary_cross_entropy_with_logits,
    clip_grad_norm_,
    clip_grad_value_,
    cross_entropy,
    evaluate,
    fit,
    hinge,
    log_softmax,
    softmax,
    squared_error,
)

X = Value(2.0, label="x")
MODEL = MLP(2, [3, 1], seed=0)
DATA = [([0.0, 1.0], 1.0), ([1.0, 1.0], -1.0)]


def sgd(**settings):
    return SGD(MODEL.parameters(), **settings)


def train(data=DATA, **changes):
    fit(MODEL, data, **{"loss": squared_error, "optimizer": sgd(), "epochs": 1, **changes})


def write_data(data):
    Value(1.0).data = data


def write_grad(grad):
    Value(1.0).grad = grad


def give_parents(node, *parents):
    node.parents = parents


def state(**changes):
    return {**SGD([X]).state_dict(), **changes}


ADAM = Adam([X]).state_dict()
SETTINGS = SGD([X]).state_dict()["settings"]


# fmt: off
ENGINE = [
    # Values: what is not a real number
    (lambda: Value("3"), TypeError, "real number, got '3' of type str", "float('3')"),
    (lambda: Value("w"), TypeError, "got 'w' of type str", "label="),
    (lambda: Value(None), TypeError, "got None of type NoneType", "return missing"),
    (lambda: Value([1, 2]), TypeError, "got [1, 2] of type list", "[Value(x) for x in ...]"),
    (lambda: Value({}), TypeError, "got {} of type dict", "[Value(x) for x in ...]"),
    (lambda: Value(np.zeros(2)), TypeError, "of type ndarray", "[Value(x) for x in ...]"),
    (lambda: Value(1j), TypeError, "got 1j of type complex", ".real, .imag or abs()"),
    (lambda: Value(Decimal(1)), TypeError, "of type Decimal", "float(...)"),
    (lambda: Value(X), TypeError, "got Value(data=2, label='x')", "v.detach()"),
    (lambda: Value(10**400), OverflowError, "integer too large for a float", "1.8e308"),
    (lambda: Value(1.0, (X,)), TypeError, "Value(data, (Value(data=2, label='x'),)): ", "@primitive"),
    (lambda: Value(1.0, label=3), TypeError, "label is a str, got 3 of type int", "str(3)"),
    (lambda: write_data("3"), TypeError, "got '3' of type str", "float('3')"),
    (lambda: write_data(None), TypeError, "got None of type NoneType", "return missing"),
    (lambda: write_data(X), TypeError, "got Value(data=2, label='x')", "v.detach()"),
    (lambda: write_data([1.0]), TypeError, "got [1.0] of type list", "[Value(x) for x in ...]"),
    (lambda: write_data(-Fraction(10) ** 400), OverflowError, "too large for a float", "1.8e308"),
    (lambda: write_grad("0"), TypeError, "got '0' of type str", "float('0')"),
    # operators
    (lambda: X + "1", TypeError, "got '1' of type str", "float('1')"),
    (lambda: [1.0] - X, TypeError, "got [1.0] of type list", "[Value(x) for x in ...]"),
    (lambda: X * None, TypeError, "got None of type NoneType", "return missing"),
    (lambda: X / 1j, TypeError, "got 1j of type complex", ".real, .imag or abs()"),
    (lambda: X < "2", TypeError, "got '2' of type str", "float('2')"),
    (lambda: math.exp(X), TypeError, "lose its gradient", "engine.sin(v)"),
    (lambda: float(X), TypeError, "Value(data=2, label='x')", "v.data"),
    # functions
    (lambda: tanh("a"), TypeError, "got 'a' of type str", "label="),
    (lambda: tanh([1.0]), TypeError, "got [1.0] of type list", "[Value(x) for x in ...]"),
    (lambda: tanh(X, 2.0), TypeError, "tanh() takes 1 positional argument but 2 were given"),
    (lambda: engine.maximum(X), TypeError, "maximum(x, y) takes 2 numbers, got 1"),
    (lambda: engine.sum(X), TypeError, "sum takes a list of numbers, got Value(data=2, label='x')"),
    (lambda: engine.norm2(3), TypeError, "norm2 takes a list of numbers, got 3 of type int"),
    (lambda: engine.max(X), TypeError, "max takes a list of numbers, got Value"),
    (lambda: engine.mean([]), ValueError, "mean of no numbers", "at least one"),
    (lambda: engine.logsumexp([X, None]), TypeError, "got None of type NoneType", "return missing"),
    (lambda: engine.dot([X], [1, 2]), ValueError, "dot of 1 and 2 numbers", "same length"),
    (lambda: engine.weighted_sum([X], [[1.0]]), TypeError, "got [1.0] of type list", "[Value(x) for x in ...]"),
    # primitives and parents
    (lambda: primitive(3), TypeError, "a rule is a Python function", "got 3", "write a def"),
    (lambda: primitive("exp(x)")(math.exp), TypeError, "got <built-in function exp>", "write a def"),
    (lambda: apply(primitives.mul, (X, 3.0)), TypeError, "operand 2 of mul is 3.0 of type float", "mul(...)"),
    (lambda: apply(primitives.tanh, ("x",)), TypeError, "operand 1 of tanh is 'x' of type str", "tanh(...)"),
    (lambda: give_parents(X, X), AttributeError, "Value(data=2, label='x') keeps the parents", "as in a * b"),
    (lambda: give_parents(X * 3.0, 3.0, X), AttributeError, "Value(data=6) keeps the parents", "as in a * b"),
    # derivatives
    (lambda: grad(3.0, X), TypeError, "grad differentiates a Value, got 3.0 of type float", "compute it from Values"),
    (lambda: grad(tanh, X), TypeError, "got <function tanh", "derivative(f)"),
    (lambda: grad(X * X, 2.0), TypeError, "with respect to Values", "got 2.0 of type float"),
    (lambda: grad(X * X, [X, 2.0]), TypeError, "got 2.0 of type float at 1", "make it a Value before y is computed"),
    (lambda: hessian(X * X, X), TypeError, "hessian", "in a list, got Value(data=2, label='x')"),
    (lambda: derivative(X * X), TypeError, "derivative takes a function of numbers, got Value(data=4)", "grad(y, x)"),
    (lambda: derivative(lambda x: None)(1.0), TypeError, "got None of type NoneType", "return missing"),
    (lambda: jvp(3, [1.0], [1.0]), TypeError, "jvp takes a function of numbers, got 3"),
    (lambda: jvp(tanh, 1.0, 1.0), TypeError, "jvp at 1.0 of type float", "a list of numbers"),
    (lambda: jvp(tanh, [1.0], [1.0, 2.0]), ValueError, "1 numbers in a direction of 2", "as many of each"),
    (lambda: gradcheck(X * X, [X]), TypeError, "gradcheck takes a function and its inputs, got Value(data=4)"),
    (lambda: gradcheck(sin, 1.0), TypeError, "got 1.0", "a list of inputs, as [0.5, 2.0]"),
    (lambda: gradcheck(lambda x: [x], [1.0]), TypeError, "got [Value(data=1)] of type list"),
    (lambda: gradcheck(sin, [1.0], eps=0.0), ValueError, "eps", "above 0, got 0.0"),
    # draw
    (lambda: draw(3.0), TypeError, "draw a Value, or several: got 3.0 of type float"),
    (lambda: draw([]), ValueError, "draw of no Values", "at least one"),
    (lambda: draw(X * 2, direction="up"), ValueError, "direction='up'", "'LR', 'RL', 'TB', 'BT'"),
    (lambda: draw(X * 2, max_nodes=2), ValueError, "3 nodes are too many", "max_nodes=3"),
    (lambda: draw(X * 2, depth=-1), ValueError, "depth=-1", "0 or more"),
    (lambda: draw(X * 2, depth="all"), TypeError, "depth='all'", "a whole number"),
    (lambda: draw(X * 2, module=MODEL), ValueError, "none of the 13 parameters of MLP is in this graph"),
    (lambda: draw(X * 2, module=3), TypeError, "module=3", "parameters()"),
    (lambda: (X * 2).to_svg("a.png"), ValueError, "to_svg writes SVG, and a.png", ".render(outfile='a.png'"),
    (lambda: (X * 2).to_svg("no/folder.svg"), FileNotFoundError, "No such file or directory: 'no/folder.svg'"),
    (lambda: (X * 2).walkthrough("no/page.html"), FileNotFoundError, "No such file or directory: 'no/page.html'"),
    # compile
    (lambda: compile(3), TypeError, "a function or a Value, not 3"),
    (lambda: compile(tanh, backend="cuda"), ValueError, "no backend 'cuda'", "'numpy', 'jax'"),
    (lambda: compile(lambda x: x if x > 0 else -x)(1.0), TypeError, "test_bad_input.py:", "engine.where(condition,"),
    (lambda: compile(lambda x: x * x.data)(1.0), TypeError, "number of a traced Value was read", "the Value itself"),
    (lambda: compile(lambda x: math.exp(x))(1.0), TypeError, "turned into a float", "engine.exp(v)"),
    (lambda: compile(lambda x: [1.0, 2.0][x])(1.0), TypeError, "used as an index", "engine.take"),
    (lambda: compile(lambda x: x.backward())(1.0), TypeError, "backward()", "engine.grad inside it"),
    (lambda: compile(lambda x: None)(1.0), TypeError, "got None of type NoneType", "return missing"),
    (lambda: compile(tanh)("a"), TypeError, "expected a real number", "got 'a' of type str"),
    (lambda: compile(tanh)(X), TypeError, "argument 1 is a Value", "pass its number"),
    (lambda: compile(engine.dot)([1.0] * 3, [1.0] * 2), ValueError, "dot of 3 and 2 numbers", "3, 2 rows"),
    (lambda: compile(lambda x: [x, x]).backward(1.0), TypeError, "only a single number has a gradient"),
    (lambda: compile(tanh).backward([]), ValueError, "a batch of no rows", "at least one row"),
    (lambda: compile(tanh).value_and_grad(1.0), ValueError, "nothing to differentiate with respect to", "argnums=0"),
    (lambda: compile(X * 2)(1.0), TypeError, "takes no arguments", "the data of its leaves"),
    (lambda: compile(tanh).program, ValueError, "no program yet", "first called"),
]
NN = [
    # layers
    (lambda: MODEL([1.0]), ValueError, "layer 1 takes 2 inputs, got 1"),
    (lambda: MODEL([1.0, None]), TypeError, "layer 1", "got None of type NoneType"),
    (lambda: Neuron(3)([1.0]), ValueError, "a neuron takes 3 inputs, got 1"),
    (lambda: MLP(2, 3), TypeError, "got 3", "MLP(2, [16, 16, 1])"),
    (lambda: MLP(2, []), ValueError, "at least one layer", "MLP(2, [16, 16, 1])"),
    (lambda: MLP(2, [0]), ValueError, "nout must be at least 1, got 0"),
    (lambda: MLP(2.5, [1]), TypeError, "nin must be a whole number, got 2.5"),
    (lambda: MLP(2, [3, 1], "rleu"), ValueError, "unknown activation 'rleu'", "did you mean 'relu'?"),
    (lambda: MLP(2, [1], "rleu"), ValueError, "unknown activation 'rleu'", "did you mean 'relu'?"),
    (lambda: MLP(2, [3, 1], "softmax"), ValueError, "softmax is a function of all outputs", "cross_entropy"),
    (lambda: MLP(2, [3, 1], ["relu"]), ValueError, "one for each layer", "expected 2, got 1"),
    (lambda: Layer(2, 2, False), TypeError, "an activation is a name or a function, got False", "nonlin=False"),
    (lambda: Layer(2, 2, init="hee"), ValueError, "unknown initialization 'hee'", "did you mean 'he'?"),
    (lambda: Layer(2, 2, seed="a"), TypeError, "seed is a whole number", "got 'a'"),
    (lambda: Module()(1.0), NotImplementedError, "Module does not say what it computes", "define __call__(self, x)"),
    (lambda: MODEL.compile(3), TypeError, "loss is a function (output, target) -> cost", "got 3"),
    # losses
    (lambda: squared_error([1.0, 2.0], [1.0]), ValueError, "squared_error: 2 outputs against 1 target"),
    (lambda: squared_error([], []), ValueError, "squared_error: 0 outputs"),
    (lambda: hinge(X, 0), ValueError, "hinge: a target is -1 or 1, got 0", "2*y - 1"),
    (lambda: binary_cross_entropy_with_logits(X, -1), ValueError, "in [0, 1], got -1", "(y + 1) / 2"),
    (lambda: cross_entropy([X, 1.0], 2), ValueError, "2 classes", "from 0 to 1, got 2"),
    (lambda: cross_entropy([X, 1.0], 0.5), ValueError, "a whole number from 0 to 1, got 0.5"),
    (lambda: cross_entropy([X, 1.0], [1.0]), ValueError, "2 logits need 2 probabilities", "got 1"),
    (lambda: cross_entropy([X, 1.0], [0.5, 0.6]), ValueError, "sum to 1.1, not to 1"),
    (lambda: cross_entropy(X, 0), TypeError, "a list with a number for each class", "give the model an output each"),
    (lambda: softmax([]), ValueError, "softmax of no numbers", "at least one"),
    (lambda: log_softmax("ab"), TypeError, "log_softmax takes a list", "got 'ab'"),
    # states
    (lambda: MODEL.load_state_dict(MLP(2, [4, 1]).state_dict()), ValueError, "expected 13 numbers, got 17",
        "layers.0.weight.3.0 is not a parameter here"),
    (lambda: MODEL.load_state_dict([1.0]), TypeError, "got [1.0]", "state_dict()"),
    (lambda: MODEL.load_state_dict(dict.fromkeys(MODEL.state_dict(), "1")), TypeError, "weight.0.0", "got '1'"),
    (lambda: sgd().load_state_dict(Adam([X]).state_dict()), ValueError, "the state of 'Adam', not of 'SGD'"),
    (lambda: SGD([X]).load_state_dict([1.0]), TypeError, "SGD: expected what state_dict() gave, got [1.0]"),
    (lambda: SGD([X]).load_state_dict(state(steps=["a"])), TypeError, "steps of parameter 0", "got 'a'"),
    (lambda: SGD([X]).load_state_dict(state(buffers=3)), TypeError, "the state's buffers", "state_dict() gave: 3"),
    (lambda: SGD([X]).load_state_dict(state(settings=3)), TypeError, "the state's settings", "state_dict() gave: 3"),
    (lambda: StepLR(sgd(), 2).load_state_dict({}), ValueError, "the state of None, not of 'StepLR'"),
    (lambda: StepLR(sgd(), 2).load_state_dict(2), TypeError, "StepLR: expected what state_dict() gave, got 2"),
    (lambda: StepLR(sgd(), 2).load_state_dict({"schedule": "StepLR", "last_epoch": 1.5, "base_lr": 1}), ValueError,
        "last_epoch", "whole number from 0", "got 1.5"),
    (lambda: StepLR(sgd(), 2).load_state_dict({"schedule": "StepLR", "last_epoch": -1, "base_lr": 1}), ValueError,
        "last_epoch", "whole number from 0", "got -1"),
    (lambda: StepLR(sgd(), 2).load_state_dict({"schedule": "StepLR", "last_epoch": 1, "base_lr": -1}), ValueError,
        "base_lr must be at least 0, got -1"),
    (lambda: SGD([X]).load_state_dict(state(steps=[-1])), ValueError, "steps of parameter 0", "from 0", "got -1"),
    (lambda: SGD([X]).load_state_dict(state(steps=["inf"])), ValueError, "steps of parameter 0", "got 'inf'"),
    (lambda: SGD([X]).load_state_dict(state(settings={**SETTINGS, "lr": -5})), ValueError, "lr", "at least 0, got -5"),
    (lambda: SGD([X]).load_state_dict(state(settings={**SETTINGS, "nesterov": True})), ValueError, "momentum above 0"),
    (lambda: SGD([X]).load_state_dict(state(settings={**SETTINGS, "nesterov": 2})), TypeError, "True or False, got 2"),
    (lambda: Adam([X]).load_state_dict(ADAM | {"settings": ADAM["settings"] | {"beta1": 1.0}}), ValueError,
        "beta1 must be in [0, 1), got 1.0"),
    (lambda: History().load_state_dict([]), TypeError, "History: expected what state_dict() gave, got []"),
    (lambda: History().load_state_dict({**History().state_dict(), "losses": [1.0]}), ValueError,
        "learning_rates: expected 1 numbers beside 1 losses, got 0"),
    # optimizers, schedules, clipping
    (lambda: SGD([]), ValueError, "SGD got no parameters"),
    (lambda: SGD(MODEL), TypeError, "SGD takes model.parameters()", "got MLP"),
    (lambda: SGD([2.0]), TypeError, "parameter 0 is not a Value but 2.0"),
    (lambda: SGD([X * 2]), ValueError, "Value(data=4) is computed from others", "the leaves"),
    (lambda: SGD([X, X]), ValueError, "the same parameter twice"),
    (lambda: SGD([X], lr="fast"), TypeError, "lr must be a number, got 'fast' of type str"),
    (lambda: SGD([X], lr=-0.1), ValueError, "lr must be at least 0, got -0.1"),
    (lambda: SGD([X], lr=math.inf), ValueError, "lr must be at least 0, and finite, got inf"),
    (lambda: SGD([X], dampening=None), TypeError, "dampening must be a number, got None"),
    (lambda: SGD([X], nesterov=True), ValueError, "nesterov needs a momentum above 0"),
    (lambda: Optimizer([X], 0.1, momentum=0.9), TypeError, "Optimizer has no setting 'momentum': there are lr"),
    (lambda: SGD([X], dampening=math.nan), ValueError, "dampening must be finite, got nan"),
    (lambda: SGD([X], nesterov="yes"), TypeError, "nesterov must be True or False, got 'yes'"),
    (lambda: Adam([X], betas=0.9), TypeError, "betas is a pair of numbers, as (0.9, 0.999), got 0.9"),
    (lambda: Adam([X], betas=(1.0, 0.9)), ValueError, "beta1 must be in [0, 1), got 1.0"),
    (lambda: StepLR(0.1, 3), TypeError, "StepLR takes an optimizer, got 0.1"),
    (lambda: StepLR(sgd(), 0), ValueError, "step_size must be at least 1, got 0"),
    (lambda: StepLR(sgd(), 2, gamma="half"), TypeError, "gamma must be a number, got 'half'"),
    (lambda: CosineAnnealingLR(sgd(), 2.5), TypeError, "T_max must be a whole number, got 2.5"),
    (lambda: LinearLR(sgd(), 0.0), ValueError, "start_factor is in (0, 1]", "got 0.0"),
    (lambda: LinearLR(sgd(), 1.0, 2.0), ValueError, "end_factor in [0, 1]", "and 2.0"),
    (lambda: clip_grad_norm_(MODEL, 1.0), TypeError, "clipping takes model.parameters()", "got MLP"),
    (lambda: clip_grad_norm_([X], -1.0), ValueError, "max_norm must be at least 0, got -1.0"),
    (lambda: clip_grad_norm_([X], 1.0, norm_type=0), ValueError, "norm_type must be above 0, got 0"),
    (lambda: clip_grad_value_(X, 1.0), TypeError, "clipping takes a list of Values, got Value"),
    (lambda: clip_grad_value_([1.0], 1.0), TypeError, "clipping: parameter 0 is not a Value but 1.0"),
    # fit and evaluate
    (lambda: fit(sin, DATA, loss=hinge, optimizer=sgd(), epochs=1), TypeError, "fit takes a Module", "nn.Module"),
    (lambda: train([]), ValueError, "data is empty"),
    (lambda: train(5), TypeError, "a list of pairs (x, y), or a tuple (X, Y) of two lists, got 5"),
    (lambda: train([1.0]), TypeError, "data: row 0 is 1.0, not a pair (x, y)", "give (X, Y)"),
    (lambda: train(([[1.0, 2.0]], [])), ValueError, "1 inputs but 0 targets", "a target for each input"),
    (lambda: train([*DATA, ([0.0, math.nan], 1.0)]), ValueError, "data: row 2, x[1] is nan", "leave the row out"),
    (lambda: train([*DATA, ([0.0, 1.0], math.inf)]), ValueError, "data: row 2, y is inf", "leave the row out"),
    (lambda: train((np.array([[0.0, 1.0], [np.nan, 1.0]]), [1, 2])), ValueError, "data: row 1, x[0] is nan"),
    (lambda: train([*DATA, ([0.0], 1.0)]), ValueError, "data: row 2: layer 1 takes 2 inputs, got 1"),
    (lambda: train([*DATA, ([0.0, 1.0], 2)], loss=hinge), ValueError, "data: row 2: hinge: a target is -1 or 1, got 2"),
    (lambda: train([*DATA, ([0.0, 1.0], [1.0, 2.0])], batch_size=1, shuffle=False), ValueError,
        "data: row 2: squared_error: 1 output against 2 targets"),
    (lambda: train(validation=[*DATA, ([0.0, 1.0], [1.0, 2.0])]), ValueError, "validation: row 2: squared_error"),
    (lambda: train(loss="mse"), TypeError, "a function (output, target) -> cost", "nn.squared_error, got 'mse'"),
    (lambda: train(loss=lambda a, y: 1.0), TypeError, "the loss is 1.0, not a Value", "from the model's output"),
    (lambda: train(optimizer="adam"), TypeError, "got 'adam'", "Adam(model.parameters())"),
    (lambda: train(optimizer=SGD([X])), ValueError, "none of this model's parameters", "SGD(model.parameters(), ...)"),
    (lambda: train(epochs=0), ValueError, "epochs must be at least 1, got 0"),
    (lambda: train(batch_size=1.5), TypeError, "batch_size must be a whole number, got 1.5"),
    (lambda: train(validation=1.5), ValueError, "validation, a fraction", "between 0 and 1, got 1.5"),
    (lambda: train(validation=[([0.0], 1.0)]), ValueError, "validation: row 0: layer 1 takes 2 inputs, got 1"),
    (lambda: train(metrics=accuracy), TypeError, "metrics is a list of functions", "[...] around it"),
    (lambda: train(metrics=3), TypeError, "metrics is a list of functions or a dict of them by name, got 3"),
    (lambda: train(metrics=["accuracy"]), TypeError, "metric 'accuracy' is a function", "nn.accuracy"),
    (lambda: train(schedule=0.1), TypeError, "StepLR(optimizer, 10)", "got 0.1"),
    (lambda: train(schedule=StepLR(SGD([X]), 3)), ValueError, "StepLR", "schedule of another optimizer"),
    (lambda: train(clip_norm=0), ValueError, "clip_norm must be above 0, got 0"),
    (lambda: train(on_epoch=3), TypeError, "on_epoch is a function that gets the history, got 3"),
    (lambda: train(checkpoint="run.json"), ValueError, "a checkpoint needs a seed"),
    (lambda: train(compiled=2), TypeError, "compiled is True, False or the name of a backend", "got 2"),
    (lambda: train(compiled="cuda"), ValueError, "no backend 'cuda'", "'numpy', 'jax'"),
    (lambda: train([([0.0, 1.0], 1.0), ([0.0, 1.0], [1.0])], compiled=True), ValueError, "differ in length",
        "leave out compiled"),
    (lambda: evaluate(3, DATA, hinge), TypeError, "evaluate takes a Module", "got 3"),
    (lambda: evaluate(MODEL, [], hinge), ValueError, "data is empty"),
]
FILES = [
    # what is in the file, and what is said beside its name
    ("", ValueError, "not a JSON file that save() wrote"),
    ("{", ValueError, "not a JSON file that save() wrote"),
    ("[1, 2]", ValueError, "expected the format 'liftgrad 1', got None"),
    (json.dumps({"format": "liftgrad 1"}), ValueError, "expected an object under 'parameters', got None"),
    (json.dumps({"format": "liftgrad 1", "model": "MLP(9, [1])", "parameters": {}}), ValueError,
        "saved from MLP(9, [1])", "expected 13 numbers, got 0"),
    (json.dumps({"format": "liftgrad 1", "parameters": {}}), ValueError, "expected a string under 'model', got None"),
    (json.dumps({"format": "liftgrad 1", "model": "MLP(2, [3])", "parameters": MODEL.state_dict()}), ValueError,
        "saved from MLP(2, [3]), but this model is MLP(2, [3, 1]", "build the same model", "load_state_dict("),
    (None, FileNotFoundError, "No such file"),
]
# fmt: on


def check(call, error, fragments):
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    missing = [fragment for fragment in fragments if fragment not in message]
    assert not missing, message


@pytest.mark.parametrize(("call", "error", "fragments"), [(call, error, rest) for call, error, *rest in ENGINE])
def test_bad_input_to_the_engine(call, error, fragments):
    check(call, error, fragments)


@pytest.mark.parametrize(("call", "error", "fragments"), [(call, error, rest) for call, error, *rest in NN])
def test_bad_input_to_nn_changes_no_parameter(call, error, fragments):
    before = MODEL.state_dict()
    check(call, error, fragments)
    assert MODEL.state_dict() == before


@pytest.mark.parametrize(("text", "error", "fragments"), [(text, error, rest) for text, error, *rest in FILES])
def test_a_wrong_file_is_named(tmp_path, text, error, fragments):
    path = tmp_path / "model.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    before = MODEL.state_dict()
    check(lambda: MODEL.load(path), error, [os.fspath(path), *fragments])
    assert MODEL.state_dict() == before


def test_a_file_that_cannot_be_written_is_named_as_it_was_given(tmp_path):
    for path in (tmp_path, tmp_path / "no folder" / "model.json"):
        with pytest.raises(OSError, match=r"No such file|directory") as caught:
            MODEL.save(path)
        assert caught.value.filename == os.fspath(path)
