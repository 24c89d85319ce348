"""The compiler: trace, tape, lift, differentiate, write, load. Each is a function from one thing to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.lifting.backends import Namespace, executable
from engine.lifting.differentiate import differentiate
from engine.lifting.lift import Lifted, lift
from engine.lifting.program import Program
from engine.lifting.syntax import shape_of
from engine.lifting.tape import flatten
from engine.lifting.trace import ScalarGraph, trace
from engine.lifting.write import Text, write


def compiled_function(f: Callable[..., Any], arguments: Sequence[Any], namespace: Namespace) -> tuple[Program, Any]:
    """The program of a function of such arguments, and the structure of its result."""
    graph = trace(f, arguments)
    return compiled_graph(graph, namespace), graph.structure


def compiled_graph(graph: ScalarGraph, namespace: Namespace) -> Program:
    """The program of a scalar graph."""
    tape = flatten(graph.outputs)
    lifted = lift(tape, graph.inputs)
    derivatives = differentiate(lifted) if len(graph.outputs) == 1 else None
    return load(lifted, write(lifted, derivatives), namespace)


def load(lifted: Lifted, text: Text, namespace: Namespace) -> Program:
    """The program of a text: its functions, ready to call, and what they are called with."""
    scope = {**namespace, **text.constants}
    operations = [function.operations for function in text.functions]
    return Program(
        source="\n\n".join([function.text for function in text.functions]),
        scalar_nodes=lifted.scalar_nodes,
        operations=(operations[0], operations[-1]),
        parameters=[value for values in lifted.values for value in values],
        parameter_shapes=[array.shape for array in lifted.parameters],
        functions={each.name: executable(each.text, each.name, scope) for each in text.functions},
        statements={each.name: each.statements for each in text.functions},
        shapes={array.detail: shape_of(array) for array in (*lifted.parameters, *lifted.inputs)},
        constants=text.constants,
        numbers_per_row=1 + sum(array.size for array in lifted.recorder.graph.arrays if array.batched),
    )
