"""Loops found in a graph's steps: which, how long, what is none; and the replay, which refuses every corruption."""

from dataclasses import replace

import numpy as np
import pytest

import engine
from engine import Value, compile, dot, tanh
from engine.lifting.loops.components import reached, strong_components
from engine.lifting.loops.loop import CARRIED, OUTSIDE, SAME_TURN, Lane, replay
from engine.lifting.loops.roll import loops_of
from engine.lifting.loops.steps import Steps
from engine.lifting.loops.widen import widened
from engine.lifting.trace import trace
from nn import MLP
from tests.strategies.recurrences import KINDS, heat, lstm, numbers, rnn, verlet

TURNS_AND_STATE = {  # of each loop: how many turns, and how many numbers are carried
    "rnn": [(20, 4)],
    "losses": [(20, 3)],
    "lstm": [(12, 8)],
    "two_ways": [(12, 3), (12, 3)],
    "one_after_the_other": [(12, 3), (12, 3)],
    "by_turns": [(24, 6)],  # each step of either is a turn
    "there_and_back": [(12, 3), (12, 3)],
    "lagging": [(12, 5)],
    "stacked": [(12, 6)],
    "heat": [(16, 8)],
    "ring": [(16, 10)],
    "kalman": [(9, 2), (9, 3)],  # the first turn is another: Python computes some of it itself
    "pendulum": [(30, 2)],
    "verlet": [(12, 2)],
    "newton": [(10, 1)],
    "horner": [(20, 1)],
    "forward": [(10, 3)],
    "without_arguments": [(12, 1)],
}


def steps_of(f, arguments):
    return Steps(trace(f, arguments))


@pytest.mark.parametrize("kind", TURNS_AND_STATE)
def test_the_loop_of_every_kind_is_found(kind):
    loops = loops_of(steps_of(*KINDS[kind]()))
    assert sorted((loop.turns, len(loop.lanes)) for loop in loops) == TURNS_AND_STATE[kind]


def test_a_loop_in_a_loop_belongs_to_a_turn_of_it():
    (loop, *others) = loops_of(steps_of(*KINDS["nested"]()))
    assert loop.turns in (7, 8)
    assert loop.nodes.shape[1] > 100
    assert all(other.nodes.max() < loop.nodes.min() for other in others)  # in the first turn, which is another


def corruptions(loop):
    """The loop with one thing wrong, in many ways."""
    for k, slots in enumerate(loop.slots):
        for place, (kind, which) in enumerate(slots):
            lengths = {SAME_TURN: k, CARRIED: len(loop.lanes), OUTSIDE: len(loop.columns)}
            for other in {(each, (which + 1) % length) for each, length in lengths.items() if length} - {(kind, which)}:
                wrong = [*slots[:place], other, *slots[place + 1 :]]
                yield replace(loop, slots=[*loop.slots[:k], wrong, *loop.slots[k + 1 :]])
    for number, lane in enumerate(loop.lanes):
        others = [Lane(lane.start + 1, lane.becomes), Lane(lane.start, (CARRIED, (number + 1) % len(loop.lanes)))]
        others.append(Lane(lane.start, (SAME_TURN, (lane.becomes[1] + 1) % len(loop.slots))))
        for other in others:
            if other != lane:
                yield replace(loop, lanes=[*loop.lanes[:number], other, *loop.lanes[number + 1 :]])
    for number, column in enumerate(loop.columns):
        for turn in range(loop.turns):
            wrong = [*column[:turn], column[turn] + 1, *column[turn + 1 :]]
            yield replace(loop, columns=[*loop.columns[:number], wrong, *loop.columns[number + 1 :]])
        yield replace(loop, columns=[*loop.columns[:number], column[1:], *loop.columns[number + 1 :]])
    for turn in range(loop.turns - 1):
        order = [*range(loop.turns)]
        order[turn], order[turn + 1] = order[turn + 1], order[turn]
        yield replace(loop, nodes=loop.nodes[order])
        yield replace(loop, nodes=np.concatenate([loop.nodes[: turn + 1], loop.nodes[turn:-1]]))


@pytest.mark.parametrize("kind", ["lstm", "heat", "kalman", "verlet", "newton", "forward"])
def test_the_replay_refuses_every_corruption(kind):
    steps = steps_of(*KINDS[kind]())
    for loop in loops_of(steps):
        assert replay(loop, steps)
        changed = [*corruptions(loop)]
        assert len(changed) > 50
        assert [each for each in changed if replay(each, steps)] == []


def test_fixed_neighbours_become_part_of_the_state():
    steps = steps_of(*heat())
    (loop,) = loops_of(steps)
    wide = widened(loop, steps)
    assert len(wide.lanes) == len(loop.lanes) + 2
    assert replay(wide, steps)
    assert widened(loops_of(steps_of(*verlet()))[0], steps_of(*verlet())) is None


def test_layers_with_weights_of_their_own_are_no_loop():
    model = MLP(4, [4] * 12, "tanh", seed=0)
    compiled = compile(model)
    compiled([0.1, 0.2, 0.3, 0.4])
    assert compiled.program.loops == 0


def test_a_table_whose_diagonals_are_faster_than_its_rows_is_no_loop_over_the_rows():
    w = Value(0.5)

    def f(above, left):
        for x in left:
            row = []
            for up in above:
                x = tanh(w * up + x)
                row.append(x)
            above = row
        return above[-1]

    compiled = compile(f)
    arguments = [numbers(14), numbers(14)]
    assert compiled(*arguments) == pytest.approx(f(*arguments).data, rel=1e-13)
    assert compiled.program.operations[0] < 14 * 14


def test_what_is_no_recurrence_is_no_loop():
    w = Value(0.5)

    def sums(xs):
        total = 0.0
        for x in xs:
            total = total + tanh(w * x)
        return total

    def growing(xs):
        seen = []
        for x in xs:
            seen.append(tanh(w * x + engine.sum(seen) if seen else w * x))
        return seen[-1]

    for f in (sums, growing):
        assert loops_of(steps_of(f, [numbers(12)])) == []


def test_a_loop_that_needs_its_own_end_stays_unrolled():
    """Two states that cross each other by way of something outside the pattern: what they need depends on them."""
    w = Value(0.3)

    def f(xs):
        h, outside = 0.1, 0.2
        for t, x in enumerate(xs):
            h = tanh(w * h + outside)
            outside = h * x if t % 3 else h * h  # never the same three times
        return h

    compiled = compile(f)
    xs = numbers(15)
    assert compiled(xs) == pytest.approx(f(xs).data, rel=1e-14)


def test_many_like_loops_side_by_side_are_grouped_turn_by_turn():
    w, u = Value(0.3), Value(0.4)

    def f(rows):
        total = 0.0
        for xs in rows:
            h = 0.0
            for x in xs:
                h = tanh(w * x + u * h)
            total = total + h
        return total

    compiled = compile(f)
    compiled([numbers(8) for _ in range(6)])
    assert compiled.program.loops == 0


def test_a_recursion_is_a_loop_too():
    w = Value(0.9)

    def f(x, depth=15):
        return x if depth == 0 else tanh(w * f(x, depth - 1))

    compiled = compile(lambda x: f(x))
    assert compiled(0.5) == pytest.approx(f(Value(0.5)).data, rel=1e-14)
    assert compiled.program.loops == 1


@pytest.mark.parametrize("make", [rnn, lstm])
def test_loops_are_found_in_a_graph_that_was_not_traced(make):
    f, arguments = make()
    result = f(*arguments)
    compiled = compile(result)
    value, gradient = compiled.value_and_grad()
    result.backward()
    assert compiled.program.loops == 1
    assert value == pytest.approx(result.data, rel=1e-14)
    np.testing.assert_allclose(gradient, [p.grad for p in compiled.parameters], rtol=1e-12, atol=1e-15)


def test_cycles_of_a_graph():
    edges = [[1], [2], [0, 3], [4], [], [5], [6, 4]]
    assert sorted(map(sorted, strong_components(edges))) == [[0, 1, 2], [5], [6]]
    assert reached([3], edges) == {3, 4}
    chain = [[k + 1] for k in range(50_000)] + [[0]]
    assert len(strong_components(chain)[0]) == 50_001


def test_unused_nodes_do_not_shorten_a_loop():
    w, u = Value(0.3), Value(0.4)

    def f(xs):
        a, b = 0.1, 0.2
        for x in xs:
            a, b = tanh(w * a + u * b), dot([w, u], [a, x])  # the last b is not used
        return a

    (loop,) = loops_of(steps_of(f, [numbers(10)]))
    assert loop.turns == 10
