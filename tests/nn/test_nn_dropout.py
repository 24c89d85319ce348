"""Dropout, and training and evaluation: eager and compiled, alone and in fit."""

import copy
import math
import pickle
import random
import threading

import pytest

import engine
from engine import Value
from nn import (
    MLP,
    SGD,
    Adam,
    Dropout,
    Embedding,
    Layer,
    Linear,
    Module,
    accuracy,
    cross_entropy,
    evaluate,
    fit,
    squared_error,
)


class Net(Module):
    """Two layers with a Dropout between them."""

    def __init__(self, p=0.5, seed=1):
        self.hidden = Layer(2, 6, "tanh", seed=seed)
        self.dropout = Dropout(p, seed=3)
        self.out = Layer(6, 1, "linear", seed=seed + 1)

    def __call__(self, x):
        return self.out(self.dropout(self.hidden(x)))


DATA = [([math.sin(k), math.cos(3 * k)], math.sin(k) * math.cos(3 * k)) for k in range(12)]


def test_a_share_of_p_is_left_out_and_the_rest_made_larger():
    dropout = Dropout(0.2, seed=1)
    y = dropout([1.0] * 20_000)
    assert {*y} == {0.0, 1.25}
    share = y.count(0.0) / len(y)
    assert abs(share - 0.2) < 4 * math.sqrt(0.2 * 0.8 / len(y))
    assert dropout([1.0] * 100) != dropout([1.0] * 100)


def test_a_gradient_passes_where_a_number_does():
    x = [Value(float(k)) for k in range(1, 9)]
    y = Dropout(0.5, seed=4)(x)
    engine.sum(y).backward()
    assert [x_k.grad for x_k in x] == [y_k.data / x_k.data for x_k, y_k in zip(x, y)]
    assert {x_k.grad for x_k in x} == {0.0, 2.0}


@pytest.mark.parametrize(
    ("p", "training", "evaluating"), [(0.0, [1.0, 2.0], [1.0, 2.0]), (1.0, [0.0, 0.0], [1.0, 2.0])]
)
def test_the_ends_of_p(p, training, evaluating):
    dropout = Dropout(p)
    assert dropout([1.0, 2.0]) == training
    assert dropout.eval()([1.0, 2.0]) == evaluating


def test_lists_to_any_depth():
    y = Dropout(0.5, seed=1)([[1.0] * 50, [Value(1.0)] * 50])
    assert [len(row) for row in y] == [50, 50]
    assert {*y[0]} == {v.data for v in y[1]} == {0.0, 2.0}


def test_one_number_stays_one():
    assert Dropout(1.0)(Value(3.0)).data == 0.0
    assert Dropout(0.5).eval()(3.0) == 3.0


@pytest.mark.parametrize("p", [-0.1, 1.5, math.nan])
def test_a_p_that_is_no_probability_is_refused(p):
    with pytest.raises(ValueError, match=r"p, the probability of leaving a number out, is in \[0, 1\]"):
        Dropout(p)


def test_train_and_eval_reach_every_part_and_can_be_set_for_one():
    model = Net()
    assert model.training
    assert model.eval() is model
    assert not any(module.training for module in model.modules())
    model.dropout.train()
    assert [module.training for module in model.modules()] == [False, False, True, False]
    model.training = True
    assert model.training
    assert model.train() is model
    assert all(module.training for module in model.modules())
    assert model.eval().state_dict() == Net().state_dict()  # the mode is no parameter
    with pytest.raises(TypeError, match="must be True or False, got 'no'"):
        model.train("no")


def test_predict_and_evaluate_are_in_evaluation_whatever_the_mode():
    model = Net()
    assert len({model([0.5, 1.0]).data for _ in range(20)}) > 5
    true = model.eval()([0.5, 1.0]).data
    model.train()
    assert {model.predict([0.5, 1.0]) for _ in range(20)} == {true}
    assert len({evaluate(model, DATA, squared_error)["loss"] for _ in range(5)}) == 1
    assert model.training


def test_predicting_in_one_thread_leaves_training_in_another_alone():
    model, seen, stop = Net(), [], threading.Event()

    def predict():
        while not stop.is_set():
            model.predict([0.5, 1.0])

    thread = threading.Thread(target=predict)
    thread.start()
    try:
        seen = [model.training for _ in range(20_000)]
    finally:
        stop.set()
        thread.join()
    assert all(seen)


def trained(compiled, p=0.5, **changes):
    model = Net(p)
    optimizer = Adam(model.parameters(), 0.02)
    settings = {"batch_size": 5, "seed": 7, "validation": 0.25, "compiled": compiled, "epochs": 4, **changes}
    error = {"error": lambda output, target: abs(output - target)}
    history = fit(model, DATA, loss=squared_error, optimizer=optimizer, metrics=error, **settings)
    return model, history


@pytest.mark.parametrize("changes", [{}, {"batch_size": None}, {"sample_weight": [1.0, 2.0, 0.5, 0.0] * 3}])
def test_compiled_training_draws_the_masks_of_eager_training(changes):
    pytest.importorskip("numpy")
    eager, compiled = trained(False, **changes), trained(True, **changes)
    assert compiled[0].state_dict() == pytest.approx(eager[0].state_dict(), rel=1e-9)
    for name, series in eager[1].columns().items():
        assert compiled[1].columns()[name] == pytest.approx(series, rel=1e-9)
    plain = trained(False, p=0.0, **changes)
    assert plain[1].losses != pytest.approx(eager[1].losses, rel=1e-3)


def test_the_masks_are_new_for_every_row_and_call_of_a_compiled_model():
    np = pytest.importorskip("numpy")
    model = Net()
    output = model.compile()
    rows = output(np.array([[0.5, 1.0]] * 50))
    assert len({*rows.tolist()}) > 10
    assert output([0.5, 1.0]) != output([0.5, 1.0]) or output([0.5, 1.0]) != output([0.5, 1.0])
    loss = model.compile(squared_error)
    assert loss.backward([[0.5, 1.0]] * 3, [0.0] * 3) != loss.backward([[0.5, 1.0]] * 3, [0.0] * 3)
    assert [*map(id, loss.parameters)] == [*map(id, model.parameters())]
    assert "def value" in str(loss.program)
    values = {loss.value_and_grad([[0.5, 1.0]] * 3, [0.0] * 3)[0] for _ in range(10)}
    assert len(values) > 3
    assert loss.value_and_grad([0.5, 1.0], 0.0)[1].shape == (len(model.parameters()),)
    value, (of_x, of_y) = loss.value_and_grad([0.5, 1.0], 0.25, argnums=(0, -1))  # not the mask
    assert of_y**2 == pytest.approx(4.0 * value)
    assert len(of_x) == 2
    assert loss.jacobian([[0.5, 1.0]] * 3, [0.0] * 3, argnums=-1).shape == (3,)


class Words(Module):
    """An index, or a weight for each, is one sample."""

    def __init__(self):
        self.table, self.dropout, self.out = Embedding(3, 4, seed=1), Dropout(0.5), Linear(4, 3, seed=2)

    def __call__(self, x):
        return self.out(self.dropout(self.table(x)))


@pytest.mark.parametrize("first", [0, 0.0])
def test_what_is_a_known_sample_in_each_row_is_a_batch(first):
    np = pytest.importorskip("numpy")
    output, weights = Words().compile(), Words().compile()
    assert len(output(first)) == 3
    assert output(np.array([0, 1, 2])).shape == output([0, 1, 2]).shape == (3, 3)
    assert len(weights([0.0, 1.0, 0.0])) == 3
    assert len(weights(np.array([0.0, 1.0, 0.0]))) == 3
    assert weights([[0.0, 1.0, 0.0]] * 5).shape == (5, 3)


def test_a_batch_of_indices_is_not_taken_for_one_list_of_weights():
    pytest.importorskip("numpy")

    def trained(compiled):
        model = Words()
        optimizer = SGD(model.parameters(), 0.1)
        data = [(k % 3, (k + 1) % 3) for k in range(9)]
        history = fit(
            model, data, loss=cross_entropy, optimizer=optimizer, epochs=3, batch_size=3, seed=1, compiled=compiled
        )
        return history.losses, model.state_dict()

    eager, compiled = trained(False), trained(True)
    assert compiled[0] == pytest.approx(eager[0], rel=1e-9)
    assert compiled[1] == pytest.approx(eager[1], rel=1e-9)


def test_inputs_in_a_dict_are_compiled_with_masks():
    pytest.importorskip("numpy")

    class Named(Module):
        def __init__(self):
            self.w, self.dropout = Value(2.0), Dropout(0.5, seed=1)

        def __call__(self, x):
            return self.dropout(self.w * x["a"])

    output = Named().compile()
    assert {output({"a": 1.0}) for _ in range(20)} == {0.0, 4.0}
    assert {*output({"a": [1.0] * 20}).tolist()} == {0.0, 4.0}


def test_a_compiled_gradient_is_the_eager_one_with_the_same_masks():
    pytest.importorskip("numpy")
    eager, compiled = Net(), Net()
    compiled_loss = compiled.compile(squared_error)
    for _ in range(3):
        costs = [squared_error(eager(x), y) for x, y in DATA]
        total = engine.mean(costs)
        total.backward()
        assert compiled_loss.backward(*zip(*DATA)) == pytest.approx(total.data, rel=1e-12)
        for p, q in zip(eager.parameters(), compiled.parameters(), strict=True):
            assert q.grad == pytest.approx(p.grad, rel=1e-10, abs=1e-12)


def test_a_compiled_model_follows_the_mode():
    pytest.importorskip("numpy")
    model = Net()
    output = model.compile()
    output([0.5, 1.0])
    model.eval()
    assert [output([0.5, 1.0]) for _ in range(5)] == pytest.approx([model([0.5, 1.0]).data] * 5)
    model.train()
    assert len({output([0.5, 1.0]) for _ in range(20)}) > 5


class Noisy(Module):
    """Works differently in training without a Dropout."""

    def __init__(self):
        self.w = Value(2.0)

    def __call__(self, x):
        return self.w * x if self.training else 10.0 * self.w * x


def test_a_module_of_ones_own_that_asks_for_its_mode_is_compiled_for_both():
    pytest.importorskip("numpy")
    model = Noisy()
    output = model.compile()
    assert output(1.0) == 2.0
    model.eval()
    assert output(1.0) == 20.0
    assert output([1.0, 2.0]).tolist() == [20.0, 40.0]
    history = fit(
        model.train(),
        [(1.0, 0.0)],
        loss=squared_error,
        optimizer=SGD(model.parameters(), lr=0.0),
        epochs=1,
        validation=[(1.0, 0.0)],
        compiled=True,
    )
    assert (history.losses, history.validation_losses) == ([4.0], [400.0])


def test_a_frozen_mask_is_refused():
    pytest.importorskip("numpy")
    model = Net()
    with pytest.raises(TypeError, match=r"would draw its mask once.*model\.compile\(loss\)"):
        engine.compile(lambda x: model(x))([0.5, 1.0])
    model.eval()
    assert engine.compile(lambda x: model(x))([0.5, 1.0]) == pytest.approx(model.predict([0.5, 1.0]))


def test_wrong_arguments_are_told_as_by_any_compiled_model():
    pytest.importorskip("numpy")
    with pytest.raises(ValueError, match="takes 2 inputs, got 3"):
        Net().compile()([1.0, 2.0, 3.0])


def test_fit_trains_a_model_in_evaluation_and_leaves_it_so():
    model = Net().eval()
    seen = []
    fit(
        model,
        DATA,
        loss=squared_error,
        optimizer=SGD(model.parameters(), 0.01),
        epochs=2,
        on_epoch=lambda history: seen.append(model.training),
    )
    assert seen == [True, True]
    assert not any(module.training for module in model.modules())
    part = Net()
    part.dropout.eval()
    before = part.dropout([1.0] * 50)
    fit(part, DATA, loss=squared_error, optimizer=SGD(part.parameters(), 0.01), epochs=1)
    assert part.dropout([1.0] * 50) == before == [1.0] * 50


@pytest.mark.parametrize("compiled", [False, True])
def test_masks_go_on_from_a_checkpoint(tmp_path, compiled):
    if compiled:
        pytest.importorskip("numpy")
    whole, history = trained(compiled, epochs=6, checkpoint=tmp_path / "whole.json")
    trained(compiled, epochs=3, checkpoint=tmp_path / "run.json")
    again, again_history = trained(compiled, epochs=6, checkpoint=tmp_path / "run.json")
    assert again.state_dict() == whole.state_dict()
    assert again_history.state_dict() == history.state_dict()


def test_copies_and_pickles_keep_mode_and_masks():
    model = Net().eval()
    model.dropout.train()
    for copied in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert [module.training for module in copied.modules()] == [False, False, True, False]
        assert copied.dropout([1.0] * 30) == copy.deepcopy(model).dropout([1.0] * 30)
    assert copy.deepcopy(Dropout(0.5)).p == 0.5  # with Python's global generator
    assert Dropout(0.5, seed=random)([1.0]) in ([0.0], [2.0])


@pytest.mark.parametrize("used", [False, True])
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
def test_a_copied_compiled_loss_with_masks_works_on_the_copied_model(copied, used):
    pytest.importorskip("numpy")
    model = Net()
    loss = model.compile(squared_error)
    if used:
        loss.backward([1.0, 1.0], 0.0)
    twin, twins_loss = copied((model, loss))
    twin.eval()
    twin.out.bias[0].data = 100.0
    assert twins_loss([1.0, 1.0], 100.0) == pytest.approx(squared_error(twin([1.0, 1.0]), 100.0).data)
    assert repr(twins_loss) == repr(loss) == f"<compiled squared_error of {model!r}>"


def test_a_copied_compiled_loss_works_on_the_copied_model():
    pytest.importorskip("numpy")
    model = MLP(2, [3, 1], seed=1)
    twin, loss = copy.deepcopy((model, model.compile(squared_error)))
    twin.layers[1].bias[0].data = 100.0
    assert loss([1.0, 1.0], 100.0) == pytest.approx(squared_error(twin([1.0, 1.0]), 100.0).data)
    loss.backward([1.0, 1.0], 0.0)
    assert twin.layers[1].bias[0].grad != 0.0
    assert model.layers[1].bias[0].grad == 0.0


def test_accuracy_and_dropout_in_a_classifier():
    class Classifier(Module):
        def __init__(self):
            self.map, self.dropout = Linear(2, 2, seed=1), Dropout(0.3)

        def __call__(self, x):
            return self.map(self.dropout(x))

    model = Classifier()
    data = [([1.0, 0.0], 0), ([0.0, 1.0], 1)] * 10
    history = fit(
        model, data, loss=cross_entropy, optimizer=SGD(model.parameters(), 0.5), epochs=30, metrics=[accuracy], seed=1
    )
    assert evaluate(model, data, cross_entropy, [accuracy])["accuracy"] == 1.0
    assert history.metrics["accuracy"][-1] < 1.0  # measured with units left out
