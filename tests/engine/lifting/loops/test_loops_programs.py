"""Programs with loops: the numbers and gradients of the scalar engine, on every backend, in lines that do not grow."""

import numpy as np
import pytest

import engine
from engine import Value, compile, tanh
from engine.lifting.namespaces import numpy_namespace
from engine.lifting.pipeline import program_of
from engine.lifting.trace import trace
from engine.value import as_value
from tests.strategies.recurrences import KINDS, heat, lstm, numbers, random_recurrence, rnn

ROWS = 3


def rows_like(arguments, seed=0):
    """A batch of arguments, each some way off these."""
    draw = np.random.default_rng(seed)
    arrays = [np.asarray(argument) for argument in arguments]
    return [array * (1.0 + 0.2 * draw.standard_normal((ROWS, *array.shape))) for array in arrays]


def check_against_eager(f, arguments, backend="numpy", loops=None):
    """The mean over some rows and its gradient, compiled, are those of the scalar engine."""
    compiled = compile(f, backend=backend)
    assert compiled(*arguments) == pytest.approx(as_value(f(*arguments)).data, rel=1e-13)
    if loops is not None:
        assert compiled.program.loops == loops
    batch = rows_like(arguments)
    if not compiled.parameters:
        return
    value, gradient = compiled.value_and_grad(*batch)
    for p in compiled.parameters:
        p.grad = None
    mean = engine.mean([f(*(array[row].tolist() for array in batch)) for row in range(ROWS)])
    mean.backward()
    expected = np.array([p.grad or 0.0 for p in compiled.parameters])
    assert value == pytest.approx(mean.data, rel=1e-12)
    np.testing.assert_allclose(gradient, expected, rtol=1e-11, atol=3e-15 * max(1.0, abs(expected).max()))


@pytest.mark.parametrize("kind", KINDS)
def test_a_loop_gives_the_numbers_and_gradients_of_the_scalar_engine(kind):
    loops = 2 if kind in {"two_ways", "one_after_the_other", "there_and_back", "kalman", "nested"} else 1
    check_against_eager(*KINDS[kind](), loops=loops)


@pytest.mark.parametrize("kind", ["lstm", "heat", "kalman", "nested", "verlet"])
def test_so_does_a_scan(kind):
    check_against_eager(*KINDS[kind](), backend="jax")


@pytest.mark.parametrize("seed", range(60))
def test_random_recurrences(seed):
    check_against_eager(*random_recurrence(seed))


@pytest.mark.parametrize("kind", ["lstm", "two_ways", "heat", "kalman", "nested"])
def test_a_rolled_loop_equals_its_turns_written_out(kind):
    f, arguments = KINDS[kind]()
    graph = trace(f, arguments)
    batch = [np.asarray(array).reshape(ROWS, -1) for array in rows_like(arguments)]
    results = []
    for with_loops in (True, False):
        program = program_of(graph, numpy_namespace(), with_loops)
        assert bool(program.loops) == with_loops
        value, *gradients = program.value_and_gradients(*program.parameter_arrays(), *batch)
        of = dict(zip(map(id, program.parameters), np.concatenate([g.reshape(-1) for g in gradients])))
        results.append((value, of))
    (value, gradient), (unrolled, expected) = results
    np.testing.assert_allclose(value, unrolled, rtol=1e-13)
    np.testing.assert_allclose([gradient[p] for p in expected], [*expected.values()], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "nested"])
def test_neither_operations_nor_lines_grow_with_the_turns(kind):
    programs = []
    for turns in (24, 48):
        f, arguments = KINDS[kind](turns=turns)
        programs.append(compile(f))
        programs[-1](*arguments)
    short, long = [compiled.program for compiled in programs]
    assert short.operations == long.operations
    assert len(str(short).splitlines()) == len(str(long).splitlines())


@pytest.mark.parametrize("kind", ["two_ways", "one_after_the_other", "by_turns", "there_and_back", "lagging"])
def test_loops_side_by_side_and_states_further_back_are_found_with_few_turns_too(kind):
    programs = []
    for turns in (8, 16):
        f, arguments = KINDS[kind](turns=turns)
        check_against_eager(f, arguments)
        programs.append(compile(f))
        programs[-1](*arguments)
    short, long = [compiled.program for compiled in programs]
    assert short.operations == long.operations
    assert short.loops == long.loops > 0


def test_an_lstm_of_fifty_turns_fits_on_two_pages():
    f, arguments = lstm(turns=50)
    compiled = compile(f)
    compiled(*arguments)
    assert len(str(compiled.program).splitlines()) <= 110


def test_a_recurrent_network_reads_as_in_a_textbook():
    f, arguments = rnn(turns=20, width=4, inputs=2)
    compiled = compile(f)
    compiled(*arguments)
    value, _ = str(compiled.program).split("\n\n")
    assert value.splitlines() == [
        "def value(W1, W2, b1, W3, x):",
        "    rows = len(x)",
        "    u1 = turns(rows_times(x.reshape(-1, 20, 2), W1.T))",
        "    u2 = (u1.reshape(-1, 4) + b1).reshape(20, -1, 4)",
        "    s1 = broadcast(0.0, (rows, 4))",
        "    for t in range(20):",
        "        z1 = u2[t] + s1 @ W2.T",
        "        s1 = tanh(z1)",
        "    z2 = s1 @ W3.T",
        "    return z2",
    ]


def test_the_ends_of_a_rod_lie_beside_its_state():
    f, arguments = heat(turns=16, cells=10)
    compiled = compile(f)
    compiled(*arguments)
    assert compiled.program.loops == 1
    assert str(compiled.program).count("concatenate(t2, s1, t3)") == 2  # forward, and with the gradient


def test_a_program_with_a_loop_is_drawn():
    f, arguments = rnn()
    compiled = compile(f)
    compiled(*arguments)
    assert "1 loop" in repr(compiled.program)
    picture = str(compiled.program.draw(gradients=True))
    assert "tanh" in picture
    assert "dW2" in picture


def test_all_states_of_a_loop_as_a_structure():
    w, u = Value(0.3), Value(0.4)

    def f(xs):
        h, states = 0.0, []
        for x in xs:
            h = tanh(w * x + u * h)
            states.append({"h": h, "double": 2.0 * h})
        return states

    compiled = compile(f)
    xs = numbers(9)
    for one, other in zip(compiled(xs), f(xs)):
        assert one["h"] == pytest.approx(other["h"].data, rel=1e-14)
        assert one["double"] == 2.0 * one["h"]
    assert compiled([xs, xs])[3]["h"].shape == (2,)


def test_a_loop_whose_first_turns_no_argument_reaches_has_rows_all_the_same():
    w, v = Value(0.4), Value(0.6)

    def f(xs):
        states = [w * 1.5, v * 1.5, w * v]
        for k, x in enumerate(xs):
            states.append(tanh(w * states[-3] + (x if k > 4 else v)))
        return states[-1] * states[-2] + states[-3]

    check_against_eager(f, [numbers(16)])


def test_a_large_batch_goes_in_pieces():
    f, arguments = rnn(turns=30, width=4, inputs=1)
    compiled = compile(f)
    compiled(*arguments)
    batch = np.random.default_rng(0).standard_normal((3000, 30, 1))
    values = compiled(batch)
    for row in (0, 1499, 2999):
        assert values[row] == pytest.approx(compiled(batch[row]), rel=1e-13)


def test_a_requirement_of_a_number_made_in_a_loop_is_checked():
    w = Value(1.0)

    def f(x):
        for _ in range(8):
            x = engine.log(x + 1.5) * w
        engine.lists.softmax([x, w])
        return x

    compiled = compile(f)
    assert compiled(0.5) == pytest.approx(f(Value(0.5)).data, rel=1e-14)


@pytest.mark.parametrize("of_rows", [lambda x: x, lambda _: 0.5], ids=["in the loop", "beside it"])
def test_what_all_rows_share_in_a_loop_has_no_rows(of_rows):
    """The sine that each turn takes has no row of its own, though it is alike with others that have one."""
    w = [Value(0.3), Value(0.7), Value(-0.4)]

    def f(x):
        alike = [engine.sin(v) for v in (x[0] * w[0], x[1] * w[1], x[2] * w[2], x[0] * x[1], 0.5 * w[1], 0.5 * x[1])]
        shared, state = engine.sin(w[0] * w[1]), w[2]
        for number in x:
            state = tanh(state * shared + of_rows(number))
        return state * engine.sum(alike)

    check_against_eager(f, [[0.1 * k - 0.3 for k in range(8)]], loops=1)


@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_a_state_that_no_other_turn_reads_is_kept_for_the_gradient(backend):
    """Of the adjoints that are carried, one only adds to what the gradient of all turns is the sum of."""
    w = [Value(0.3), Value(-0.4)]

    def f(x):
        state, chosen = w
        for number in x:
            chosen_before, chosen = chosen, tanh(engine.where(state < number, w[1], w[0]))
            state = tanh(0.5 * chosen_before + number * state)
        return state + chosen

    check_against_eager(f, [[0.1 * k - 0.3 for k in range(8)]], backend=backend, loops=1)
