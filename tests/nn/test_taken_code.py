"""The Python that makes a model again: run on its own, it computes what the model does."""

import functools
import math

import pytest

from engine import Value, exp, primitive, sigmoid, tanh
from nn import MLP, Adam, CausalSelfAttention, LayerNorm, Linear, Module, cross_entropy, squared_error
from nn.taken_code import NoCodeError, TakenCode, check_taken

PAIRS = [([0.5, -1.0], 1.0), ([0.0, 2.0], 0.0)]
SCALES = (2.0, -math.inf, {"a": [0.5]})


def first(output, y):
    return squared_error(output[0] if isinstance(output, list) else output, y)


def doubled(function):
    @functools.wraps(function)
    def both(z):
        return 2.0 * function(z)

    return both


@doubled
def scaled(z):
    return SCALES[0] * tanh(z) + math.pi * SCALES[2]["a"][0]


def undecorated(x):
    return exp(x), lambda g: (g * exp(x),)


OWN = primitive(undecorated)


def shifted(shift):
    def of(z):
        return tanh(z) + shift

    return of


class Base(Module):
    def activation(self, z):
        return OWN(scaled(z))


class Net(Base):
    def __init__(self, width, /, *parts, depth=2, f=tanh, bias=True, **other):
        self.width, self.parts, self.depth, self.f = width, parts, depth, f
        self.first = MLP(2, [width], seed=0)
        self.bias = Value(0.25) if bias else None

    def __call__(self, x):
        h = [self.activation(z) for z in self.first(x)]
        for part in (*self.parts, *[self.f] * self.depth):
            h = part(h) if isinstance(part, Module) else [part(z) for z in h]
        return sum(h, self.bias if self.bias is not None else 0.0)


class Forgetful(Module):
    def __init__(self, width):
        self.model = MLP(2, [width, 1])

    def __call__(self, x):
        return self.model(x)


class Changed(Module):
    def __init__(self):
        self.w, self.slope = Value(0.5), 1.0

    def __call__(self, x):
        return self.w * x[0] * self.slope


class OfState(Module):
    def __init__(self):
        self.w = Value(0.5)

    def __call__(self, x):
        return self.w * x[0] * pairs


pairs = 3.0


@pytest.mark.parametrize(
    ("model", "constructor"),
    [
        (MLP(2, [3, 1], activation=OWN, seed=1), 'MLP(2, [3, 1], activation=[undecorated, "linear"])'),
        (MLP(2, [2, 1], activation=shifted(0.5), seed=1), 'MLP(2, [2, 1], activation=[of, "linear"])'),
        (Net(3), "Net(3)"),
        (Net(2, sigmoid, Linear(2, 2), depth=1, f=scaled), "Net(2, sigmoid, Linear(2, 2), depth=1, f=scaled)"),
        (Net(2, bias=False), "Net(2, bias=None)"),
        (LayerNorm(2), "LayerNorm(2)"),
        (Linear(2, 1, bias=False), "Linear(2, 1, bias=None)"),
    ],
)
def test_it_makes_the_same_again(model, constructor):
    code = TakenCode()
    assert code.expression(model) == constructor
    check_taken(code, model, constructor, first, code.expression(first), PAIRS)  # in a scope of its own


@pytest.mark.parametrize(
    ("thing", "reason"),
    [
        (Forgetful(3), "Forgetful is made with width, and keeps it in no attribute of that name"),
        (Net(2, lambda z: z), "a lambda has no name"),
        (Net(2, object()), "an object of object cannot be written"),
        ([shifted(1.0), shifted(2.0)], "two different things are called of"),
        (OfState(), "two different things are called pairs"),
    ],
)
def test_it_says_why_there_is_none(thing, reason):
    with pytest.raises(NoCodeError, match=reason):
        TakenCode().expression(thing)


def test_a_source_that_is_not_there_is_said():
    scope = {}
    exec("def f(z):\n    return z", scope)
    with pytest.raises(NoCodeError, match="the source of f is not there"):
        TakenCode().expression(scope["f"])


def test_what_computes_something_else_is_refused():
    model = Changed()
    model.slope = 2.0
    code = TakenCode()
    constructor, loss = code.expression(model), code.expression(squared_error)
    with pytest.raises(NoCodeError, match="makes one that computes something else"):
        check_taken(code, model, constructor, squared_error, loss, PAIRS)
    with pytest.raises(NoCodeError, match="does not make it again: NameError"):
        check_taken(TakenCode(), model, constructor, squared_error, loss, PAIRS)
    model.slope = 1.0
    check_taken(code, model, constructor, squared_error, loss, PAIRS)
    with pytest.raises(NoCodeError, match="makes one that computes something else"):
        check_taken(code, model, constructor, lambda output, y: 2.0 * output, loss, PAIRS)


def test_a_long_source_is_refused(monkeypatch):
    monkeypatch.setattr("nn.taken_code.MOST_CHARACTERS", 100)
    code = TakenCode()
    constructor = code.expression(model := Net(3))
    with pytest.raises(NoCodeError, match="characters, and 100 are the most"):
        check_taken(code, model, constructor, first, code.expression(first), PAIRS)


def test_values_and_imports():
    code = TakenCode()
    assert eval(code.expression(SCALES)) == SCALES
    assert code.expression((1,)) == "(1,)"
    partial = code.expression(functools.partial(cross_entropy, label_smoothing=0.1))
    assert partial == "partial(cross_entropy, label_smoothing=0.1)"
    code.expression(Adam)
    assert code.imports == {
        "functools": {"partial": "partial"},
        "nn": {"cross_entropy": "cross_entropy", "Adam": "Adam"},
    }
    assert code.expression(CausalSelfAttention(4, 2)) == "CausalSelfAttention(4, 2)"


def test_a_class_of_a_notebooks_cell(monkeypatch):
    """It has no file: its source is that of the cell, which its methods name."""
    import linecache

    cell = "from nn import Module\n\nclass Line(Module):\n    def __call__(self, x):\n        return x[0]\n"
    monkeypatch.setitem(linecache.cache, "<cell 1>", (len(cell), None, cell.splitlines(keepends=True), "<cell 1>"))
    scope = {"__name__": "no_module"}
    exec(compile(cell, "<cell 1>", "exec"), scope)
    code = TakenCode()
    assert code.expression(scope["Line"]()) == "Line()"
    assert code.definitions == ["class Line(Module):\n    def __call__(self, x):\n        return x[0]"]
