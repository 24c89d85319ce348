"""The compiler's stages, each by itself: what a tape, its groups and a written program are, before anything runs."""

import engine
from engine import Value
from engine.lifting.differentiate import differentiate
from engine.lifting.grouping import group
from engine.lifting.groups import InputGroup, MatrixProduct, OperationGroup, SumGroup, Terms
from engine.lifting.lift import lift
from engine.lifting.parameter_groups import ParameterGroup
from engine.lifting.tape import flatten
from engine.lifting.write import write


def layer() -> tuple[list[Value], list[Value], list[list[Value]]]:
    """Two units on two arguments: the outputs, the arguments, and the weights."""
    x = [Value(0.5), Value(-0.5)]
    weights = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]
    return [engine.tanh(engine.dot(w, x) - 1.0) for w in weights], x, weights


def test_the_tape_is_a_sum_of_products_and_a_function_a_unit() -> None:
    outputs, x, weights = layer()
    tape = flatten(outputs)
    entry = {leaf: number for number, leaf in tape.leaves.items()}
    (one,) = tape.constants
    assert tape.constants[one] == 1.0
    assert [*tape.terms.values()] == [
        [(False, entry[w], entry[x_k]) for w, x_k in zip(row, x)] + [(True, one, -1)] for row in weights
    ]
    assert [op.name for op, _ in tape.operations.values()] == ["tanh", "tanh"]
    assert tape.outputs == [*tape.operations]


def test_groups_are_lists_of_entries_in_the_order_in_which_they_are_needed() -> None:
    outputs, x, weights = layer()
    tape = flatten(outputs)
    entry = {leaf: number for number, leaf in tape.leaves.items()}
    arguments, parameters, sums, functions = group(tape, [x])
    assert arguments == InputGroup("x", 2, [entry[x_k] for x_k in x], [0, 1])
    assert parameters == ParameterGroup("W1", (2, 2), [entry[w] for row in weights for w in row])
    assert isinstance(sums, SumGroup)
    product, shift = sums.parts
    assert isinstance(product, MatrixProduct)
    assert product.u.tolist() == [[entry[w] for w in row] for row in weights]
    assert product.v.tolist() == [[entry[x_k] for x_k in x]]
    assert isinstance(shift, Terms)
    assert shift.minus
    assert isinstance(functions, OperationGroup)
    assert functions.operands.tolist() == [[number] for number in sums.entries]


def test_a_lifted_graph_is_differentiated_and_written_without_being_run() -> None:
    outputs, x, weights = layer()
    lifted = lift(flatten([engine.sum(outputs)]), [x])
    assert [array.shape for array in lifted.parameters] == [(2, 2)]
    assert lifted.values == [[w for row in weights for w in row]]
    (value,) = write(lifted, None).functions
    assert value.text.splitlines()[:2] == ["def value(W1, x):", "    z1 = x @ W1.T - 1.0"]
    derivatives = differentiate(lifted)
    assert [array.shape for array in derivatives.gradients] == [(2, 2)]
    _, both = write(lifted, derivatives).functions
    assert both.statements[-1].name == "dW1"
    assert both.operations > value.operations


def test_adjoints_are_made_on_the_way_to_what_is_wanted_alone() -> None:
    x, w = Value(0.5), Value(2.0)
    slopes = {}
    for argnums in (None, [0]):  # with respect to the parameters, to the argument
        lifted = lift(flatten([engine.tanh(x * x) * w]), [[x]])
        differentiate(lifted, argnums)
        slopes[argnums is None] = [array for array in lifted.recorder.graph.arrays if array.op == "sub"]
    assert slopes[True] == []
    assert len(slopes[False]) == 1  # 1 - a^2


def test_a_function_of_a_program_is_made_when_it_is_first_called() -> None:
    w = Value(2.0)
    compiled = engine.compile(lambda x: w * x)
    compiled.backward(3.0)
    functions = compiled.program.functions
    assert [*functions] == ["value_and_gradients"]
    assert compiled(3.0) == 6.0
    assert [*functions] == ["value_and_gradients", "value"]
    assert functions["value"] is functions["value"]
