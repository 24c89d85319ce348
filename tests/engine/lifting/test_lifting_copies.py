"""Parameters are plain Values wherever they are used: compiled, trained, copied, pickled, in several threads."""

import copy
import functools
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import engine
from engine import Value, compile
from engine.lifting.parameters import Store
from nn import MLP, SGD, Adam, clip_grad_norm_, fit, hinge, squared_error

ROOT = Path(__file__).parents[3]
X = [[0.1 * k - 1.0, 0.7 - 0.05 * k * k] for k in range(24)]
Y = [1.0 if x[0] * x[1] > 0 else -1.0 for x in X]


def network() -> MLP:
    return MLP(2, [4, 1], "tanh", seed=3)


def numbers(model: MLP) -> list[float]:
    return [p.data for p in model.parameters()]


def train(model, optimizer, epochs: int = 10, **options) -> list[float]:
    return fit(model, (X, Y), loss=squared_error, optimizer=optimizer, epochs=epochs, **options).losses


# Where numbers live


def test_a_parameter_is_a_plain_value_at_any_time() -> None:
    model = network()
    optimizer = Adam(model.parameters())
    loss = model.compile(squared_error)
    for _ in range(2):
        optimizer.zero_grad()
        loss.backward(X, Y)
        optimizer.step()
    train(model, optimizer, compiled=True)
    assert {*map(type, model.parameters())} == {Value}
    train(model, optimizer, compiled=True, metrics=[interrupted])
    with pytest.raises(ZeroDivisionError):
        train(model, optimizer, compiled=True, on_epoch=lambda _: 1 / 0)
    train(model, optimizer, epochs=3, compiled=True, on_epoch=lambda _: True)
    assert {*map(type, model.parameters())} == {Value}


def interrupted(output, target) -> float:
    raise KeyboardInterrupt


def test_what_looks_at_parameters_during_compiled_training_sees_and_writes_them() -> None:
    """As eagerly: callbacks and metrics that read, write, copy and compute with the parameters."""

    def run(compiled: bool) -> tuple[list[float], list[float]]:
        model, seen = network(), []
        optimizer = SGD(model.parameters(), lr=0.05, momentum=0.9)

        def look(history) -> None:
            first, *rest = model.parameters()
            seen.extend([first.data, (first * 2.0).data, copy.deepcopy(model).parameters()[0].data, first.grad])
            first.data = first.data + 0.01
            rest[0].grad = 0.5
            seen.append(pickle.loads(pickle.dumps(model)).parameters()[0].data)

        def size(output, target) -> float:
            return sum(p.data**2 for p in model.parameters())

        history = fit(
            model,
            (X, Y),
            loss=squared_error,
            optimizer=optimizer,
            epochs=6,
            batch_size=7,
            seed=1,
            metrics={"size": size},
            clip_norm=0.3,
            on_epoch=look,
            compiled=compiled,
        )
        return numbers(model), [*seen, *history.losses, *history.metrics["size"]]

    for eager, compiled in zip(run(False), run(True)):
        assert compiled == pytest.approx(eager, rel=1e-9)


def test_a_store_moves_numbers_in_and_out_and_overlaps_with_another() -> None:
    ws = [Value(float(k), label=f"w{k}") for k in range(10)]
    ws[1].grad = 2.0
    loss = compile(lambda x: engine.sum([w * w * x for w in ws]))
    with_none = Store(ws[:5])
    other = Store(ws)
    assert loss.backward(1.0) == 285.0
    assert [w.grad for w in ws] == [2.0 * k + 2.0 * (k == 1) for k in range(10)]
    ws[2].data = -2.0
    ws[3].grad = None
    assert repr(ws[3]) == "Value(data=3, label='w3')"
    assert (ws[2] * ws[8]).data == -16.0
    with_none.close()
    assert [type(w) is Value for w in ws] == [True] * 5 + [False] * 5
    assert loss.backward(1.0) == 285.0
    other.close()
    other.close()
    assert {*map(type, ws)} == {Value}
    assert [w.data for w in ws] == [0.0, 1.0, -2.0, *map(float, range(3, 10))]
    assert ws[3].grad == 6.0
    assert ws[9].grad == 36.0


def trained_by_hand(model: MLP) -> list[float]:
    loss, optimizer = model.compile(squared_error), Adam(model.parameters(), lr=0.1)
    optimizer.zero_grad()
    for _ in range(5):
        loss.backward(X, Y)
        optimizer.step()
    return numbers(model)


def test_a_loop_of_ones_own_in_a_store_is_the_same_loop() -> None:
    model = network()
    with Store(model.parameters()):
        assert {*map(type, model.parameters())} != {Value}
        inside = trained_by_hand(model)
    assert {*map(type, model.parameters())} == {Value}
    assert numbers(model) == inside == trained_by_hand(network())


def test_a_backward_pass_over_stored_parameters_adds_to_their_gradients() -> None:
    ws = [Value(0.5) for _ in range(9)]
    store = Store(ws)
    engine.sum([w * w for w in ws]).backward()
    compile(lambda: engine.sum(ws) * 2.0).backward()
    engine.sum([w * w for w in ws]).backward()
    store.close()
    assert [w.grad for w in ws] == [4.0] * 9


def test_parameters_compiled_elsewhere_first_do_not_slow_an_optimizer_down() -> None:
    model = network()
    ps = model.parameters()
    compile(lambda: ps[0] * ps[-1]).backward()
    loss, optimizer = model.compile(hinge), Adam(ps)
    optimizer.zero_grad()
    loss.backward(X, Y)
    assert optimizer._step_arrays()


def test_array_steps_are_the_steps_one_by_one() -> None:
    one, other = network(), network()
    optimizers = [
        Adam(one.parameters(), lr=0.1, weight_decay=0.01),
        Adam(other.parameters(), lr=0.1, weight_decay=0.01),
    ]
    for k in range(5):
        for model in (one, other):
            model.zero_grad()
            engine.mean([squared_error(model(x), y) for x, y in zip(X[k:], Y[k:])]).backward()
        clip_grad_norm_(one.parameters(), 0.5)
        clip_grad_norm_(other.parameters(), 0.5)
        assert optimizers[0]._step_arrays()
        for slot, parameter in enumerate(other.parameters()):  # one at a time, by the rule itself
            buffers = [buffer[slot] for buffer in optimizers[1]._buffers]
            parameter.data, *kept = optimizers[1].update(parameter.data, parameter.grad, k + 1, *buffers)
            for buffer, number in zip(optimizers[1]._buffers, kept):
                buffer[slot] = number
        assert numbers(one) == numbers(other)


def test_a_parameter_that_no_backward_pass_has_reached_stays_as_it_is() -> None:
    for store in (None, Store):
        ws = [Value(1.0) for _ in range(10)]
        opened = store(ws) if store else None
        optimizer = Adam(ws, lr=0.1)
        for w in ws[:-1]:
            w.grad = 1.0
        assert not optimizer._step_arrays()
        optimizer.step()
        if opened:
            opened.close()
        assert [w.data for w in ws] == pytest.approx([0.9] * 9 + [1.0], rel=1e-6)


# Copies and pickles


def copied_by(how: str, thing):
    return copy.deepcopy(thing) if how == "copy" else pickle.loads(pickle.dumps(thing))


@pytest.mark.parametrize("how", ["copy", "pickle"])
@pytest.mark.parametrize("used", [True, False])
def test_a_copy_of_model_and_optimizer_trains_on_as_the_original_would(how: str, used: bool) -> None:
    model = network()
    optimizer = Adam(model.parameters(), lr=0.02)
    if used:
        train(model, optimizer, compiled=True)
    model2, optimizer2 = copied_by(how, (model, optimizer))
    before = numbers(model)
    losses = train(model2, optimizer2, 20, compiled=True)
    assert numbers(model) == before
    assert train(model, optimizer, 20, compiled=True) == losses
    assert losses[-1] < losses[0]
    assert numbers(model) == numbers(model2)


@pytest.mark.parametrize("how", ["copy", "pickle"])
@pytest.mark.parametrize("used", [True, False])
def test_a_copy_of_a_compiled_loss_works_on_the_copy_of_its_model(how: str, used: bool) -> None:
    model = network()
    loss, output = model.compile(squared_error), model.compile()
    if used:
        loss.backward(X, Y)
        model.zero_grad()
    model2, loss2, output2 = copied_by(how, (model, loss, output))
    for p in model2.parameters():
        p.data *= 0.5
    cost = loss2.backward(X, Y)
    assert cost == pytest.approx(np.mean([squared_error(model2.predict(x), y) for x, y in zip(X, Y)]))
    assert output2(X[0]) == pytest.approx(model2.predict(X[0]))
    assert all(p.grad == 0.0 for p in model.parameters())
    assert any(p.grad != 0.0 for p in model2.parameters())
    assert loss(X, Y).mean() != pytest.approx(cost)


def test_a_deep_copy_of_a_compiled_closure_calls_a_copy_of_what_it_closes_over() -> None:
    w, model = Value(2.0), network()

    def scale(x):
        return w * x

    compiled = compile(lambda x, y, extra=w: squared_error(scale(model([x, 1.0])), y) * extra)
    expected = compiled(0.5, 1.0)
    w2, model2, twin = copy.deepcopy((w, model, compiled))
    assert twin(0.5, 1.0) == expected
    w2.data = 3.0
    model2.parameters()[-1].data += 1.0
    assert twin(0.5, 1.0) != expected
    twin.backward(0.5, 1.0)
    assert w2.grad != 0.0
    assert compiled(0.5, 1.0) == expected
    assert w.grad == 0.0


def cubed(x):
    return x * x * x


def test_compiled_functions_and_partials_are_pickled_by_name() -> None:
    compiled = compile(cubed)
    assert pickle.loads(pickle.dumps(compiled))(2.0) == 8.0
    compiled(2.0)
    assert pickle.loads(pickle.dumps(compiled))([2.0, 1.0]).tolist() == [8.0, 1.0]
    assert copy.copy(compiled)(3.0) == 27.0
    assert copy.deepcopy(compile(functools.partial(cubed)))(2.0) == 8.0
    with pytest.raises(TypeError, match="a compiled graph cannot be copied or pickled: compile a function"):
        pickle.dumps(compile(Value(1.0) * 2.0))


# Threads


def in_threads(*work) -> None:
    """Run functions at the same time, and raise what any of them raises."""
    errors = []

    def run(f) -> None:
        try:
            f()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(f,)) for f in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


@pytest.fixture
def often_switching():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def compile_in_four_threads() -> None:
    model, results = network(), []
    loss = model.compile(squared_error)

    def work() -> None:
        results.append(model.compile(squared_error)(X[0], Y[0]))
        results.append(loss(X[0], Y[0]))

    in_threads(*[work] * 4)
    assert results == pytest.approx([squared_error(model(X[0]), Y[0]).data] * 8)


@pytest.mark.usefixtures("often_switching")
def test_several_threads_may_compile_and_call_one_model_first() -> None:
    for _ in range(5):
        compile_in_four_threads()


def train_while_compiling() -> list[float]:
    """The parameters after training, while another thread compiles the same model, computes with it and copies it."""
    model = network()
    optimizer = Adam(model.parameters(), lr=0.02)
    done = threading.Event()

    def learn() -> None:
        try:
            train(model, optimizer, 8, compiled=True)
        finally:
            done.set()

    def look() -> None:
        while not done.is_set():
            assert np.isfinite(model.compile(squared_error)(X[0], Y[0]))
            assert np.isfinite(squared_error(model(X[1]), Y[1]).data)
            copy.deepcopy((model, optimizer))

    in_threads(learn, look)
    assert {*map(type, model.parameters())} == {Value}
    return numbers(model)


def trained_alone() -> list[float]:
    model = network()
    train(model, Adam(model.parameters(), lr=0.02), 8, compiled=True)
    return numbers(model)


@pytest.mark.usefixtures("often_switching")
def test_compiling_in_one_thread_while_another_trains() -> None:
    assert [train_while_compiling() for _ in range(3)] == [trained_alone()] * 3


@pytest.mark.slow
@pytest.mark.usefixtures("often_switching")
def test_compiling_while_training_a_hundred_times() -> None:
    assert [train_while_compiling() for _ in range(100)] == [trained_alone()] * 100


def test_a_pickle_of_a_trained_model_loads_where_numpy_is_missing() -> None:
    model = network()
    train(model, SGD(model.parameters()), compiled=True)
    program = (
        "import pickle, sys; sys.modules['numpy'] = None\n"
        "model = pickle.loads(sys.stdin.buffer.read()); print(model.predict([0.5, 0.5]))"
    )
    run = subprocess.run([sys.executable, "-c", program], input=pickle.dumps(model), capture_output=True, cwd=ROOT)
    assert float(run.stdout) == model.predict([0.5, 0.5]), run.stderr.decode()
