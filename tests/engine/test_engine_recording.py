"""no_grad and detect_anomaly: what they change, for whom, and what they say."""

import asyncio
import contextlib
import contextvars
import math
import random
import re
import threading

import pytest

import engine
from engine import Value, detect_anomaly, no_grad


def test_no_grad_records_nothing_and_ends_with_its_block():
    x = Value(3.0)
    with no_grad():
        results = [x * x, 2 * x, engine.tanh(x), engine.weighted_sum([x], [x], x), -x]
        assert all(not y.parents and y.pullback is None and y.op is None for y in results)
        assert [y.data for y in results] == [9.0, 6.0, math.tanh(3.0), 12.0, -3.0]
        with no_grad():
            pass
        assert not (x * x).parents
    assert [*map(id, (x * x).parents)] == [id(x)] * 2


def test_no_grad_ends_when_an_exception_leaves_it():
    x = Value(3.0)
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    assert (x * x).parents


def test_no_grad_decorates_a_function():
    @no_grad()
    def evaluate(x):
        return x * 2

    x = Value(1.0)
    for _ in range(2):
        assert not evaluate(x).parents
        assert (x * 2).parents


def test_no_grad_of_one_thread_does_not_reach_another():
    x, inside, done = Value(2.0), threading.Event(), threading.Event()
    recorded = []

    def quiet():
        with no_grad():
            inside.set()
            done.wait(10)
            recorded.append(bool((x * x).parents))

    thread = threading.Thread(target=quiet)
    thread.start()
    assert inside.wait(10)
    recorded.append(bool((x * x).parents))
    done.set()
    thread.join()
    assert recorded == [True, False]


def test_no_grad_of_one_task_does_not_reach_another():
    x = Value(2.0)

    async def quiet():
        with no_grad():
            await asyncio.sleep(0)
            return bool((x * x).parents)

    async def recording():
        await asyncio.sleep(0)
        return bool((x * x).parents)

    async def both():
        return await asyncio.gather(quiet(), recording())

    assert asyncio.run(both()) == [False, True]
    assert contextvars.copy_context().run(lambda: bool((x * x).parents))


def test_grad_is_recorded_even_where_the_value_came_from():
    """A graph made outside can be differentiated inside; the result is then not recorded."""
    x = Value(2.0)
    y = x**3
    with no_grad():
        y.backward()
        slope = engine.grad(y, x)
    assert (x.grad, slope.data, slope.parents) == (12.0, 12.0, ())


def test_anomaly_names_the_operation_its_operands_and_the_line_of_the_user():
    with detect_anomaly():
        x = Value(0.0, label="x")
        with pytest.raises(FloatingPointError) as caught:
            engine.log(x)  # the line
    assert str(caught.value).startswith("log(0.0 (x)) is -inf, at ")
    assert re.search(r"test_engine_recording\.py:\d+: engine\.log\(x\)  # the line$", str(caught.value))


@pytest.mark.parametrize(
    ("compute", "message"),
    [
        (lambda x: x / 0, "div(1.0, 0.0) is inf"),
        (lambda x: (x - 1) / (x - 1), "div(0.0, 0.0) is nan"),
        (lambda x: engine.exp(1000 * x), "exp(1000.0) is inf"),
        (lambda x: (-4 * x) ** 0.5, "pow(-4.0, 0.5) is nan"),
        (lambda x: engine.sum([x] * 9 + [math.inf]), "sum(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, ...) is inf"),
    ],
)
def test_anomaly_in_a_value(compute, message):
    compute(Value(1.0))  # no error outside
    with detect_anomaly(), pytest.raises(FloatingPointError, match=re.escape(message)):
        compute(Value(1.0))


def test_anomaly_in_backward_names_where_the_node_was_made():
    x = Value(0.0, label="x")
    x.grad = 3.0
    with detect_anomaly():
        y = engine.sqrt(x) * 2.0  # made here
        with pytest.raises(FloatingPointError) as caught:
            y.backward()
    assert str(caught.value).startswith("the pullback of sqrt(0.0 (x)) takes the adjoint 2.0 to inf for operand 1, at ")
    assert str(caught.value).endswith("y = engine.sqrt(x) * 2.0  # made here")
    assert x.grad == 3.0


def test_anomaly_in_the_backward_of_a_graph_made_outside():
    y = engine.sqrt(Value(0.0))
    with detect_anomaly(), pytest.raises(FloatingPointError, match=r"sqrt\(0.0\).* to inf for operand 1$"):
        y.backward()


def test_anomaly_passes_what_is_finite():
    with detect_anomaly():
        x = Value(2.0)
        y = engine.log(x) / x
        y.backward()
        with no_grad():
            assert not (x * x).parents
            with pytest.raises(FloatingPointError):
                x / 0
    assert math.isclose(x.grad, (1 - math.log(2)) / 4)


def test_an_operation_made_twice_is_one_node_where_nodes_are_reused():
    """Differentiating makes no node twice: neither one of the graph nor one of its own."""
    x = Value(2.0)
    y = engine.exp(x)
    with engine.recording.reusing([y]):
        assert engine.exp(x) is y
        assert engine.sin(x) is engine.sin(x)
    assert engine.sin(x) is not engine.sin(x)


def test_what_runs_later_cannot_be_decorated():
    def generator():
        yield 1

    async def coroutine():
        pass

    async def both():
        yield 1

    for f in (generator, coroutine, both):
        for context in (no_grad, detect_anomaly):
            with pytest.raises(TypeError, match=f"{f.__name__} is a generator or async function.*with block inside"):
                context()(f)


def test_one_context_decorates_a_function_that_calls_itself():
    @no_grad()
    def depth(x, n):
        """How deep."""
        inner = depth(x, n - 1) if n else x * x
        assert not inner.parents
        return inner

    depth(Value(2.0), 3)
    assert (Value(2.0) * 2).parents
    assert depth.__doc__ == "How deep."


def is_recording():
    return bool((Value(2.0) * 3.0).parents)


def taking_turns(block):
    with block:
        yield
        yield


def ended(generator):
    for _ in generator:
        pass


@pytest.mark.parametrize("order", ["ab", "ba"])
@pytest.mark.parametrize("blocks", [(no_grad, no_grad), (no_grad, detect_anomaly), (detect_anomaly, no_grad)])
def test_generators_taken_in_turn_leave_recording_as_it_was(blocks, order):
    generators = dict(zip("ab", [taking_turns(block()) for block in blocks]))
    for generator in generators.values():
        next(generator)
    for generator in generators.values():
        next(generator)
    ended(generators[order[0]])
    still_inside = blocks["ab".index(order[1])]
    assert is_recording() == (still_inside is not no_grad)
    if still_inside is detect_anomaly:
        with pytest.raises(FloatingPointError):
            Value(1.0) / 0.0
    ended(generators[order[1]])
    assert is_recording()
    assert engine.recording.current.get() is None  # the fast path
    assert (Value(1.0) / 0.0).data == math.inf


def test_a_generator_may_end_inside_the_block_of_another():
    generator = taking_turns(no_grad())
    next(generator)
    with no_grad():
        generator.close()
        assert not is_recording()
    assert engine.recording.current.get() is None


def test_a_block_may_end_while_a_generator_waits_inside_it():
    with no_grad():
        generator = taking_turns(detect_anomaly())
        next(generator)
    assert is_recording()
    with pytest.raises(FloatingPointError):
        Value(1.0) / 0.0
    generator.close()
    assert engine.recording.current.get() is None


def test_many_generators_in_any_order():
    rng = random.Random(0)
    for _ in range(50):
        running = [taking_turns(rng.choice([no_grad, detect_anomaly])()) for _ in range(6)]
        for generator in running:
            next(generator)
        rng.shuffle(running)
        while running:
            ended(running.pop())
        assert engine.recording.current.get() is None


def test_one_block_used_by_two_generators():
    block = no_grad()
    first, second = taking_turns(block), taking_turns(block)
    next(first)
    next(second)
    ended(first)
    assert not is_recording()
    ended(second)
    assert engine.recording.current.get() is None


def test_a_context_manager_made_of_a_generator_is_in_force_at_its_yield():
    @contextlib.contextmanager
    def quiet():
        with no_grad():
            yield

    with quiet():
        assert not is_recording()
    assert engine.recording.current.get() is None


def test_a_generator_that_ends_in_another_thread_changes_neither():
    generator = taking_turns(no_grad())
    next(generator)
    after = []

    def close():
        with no_grad():
            generator.close()
            after.append(is_recording())
        after.append(is_recording())

    thread = threading.Thread(target=close)
    thread.start()
    thread.join()
    assert after == [False, True]
    assert is_recording()
    with no_grad():
        assert not is_recording()
    assert engine.recording.current.get() is None


def test_tasks_that_began_inside_a_block_stay_inside_it():
    async def child(entered):
        entered.set()
        await asyncio.sleep(0.01)
        return is_recording()

    async def parent():
        entered = asyncio.Event()
        with no_grad():
            task = asyncio.create_task(child(entered))
            await entered.wait()
        return is_recording(), await task

    assert asyncio.run(parent()) == (True, False)
