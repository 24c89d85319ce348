"""The compiler: trace, tape, lift, differentiate, write, load. Each is a function from one thing to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.collector import no_collections
from engine.lifting.argument_checks import check_of
from engine.lifting.backends import Namespace, executable
from engine.lifting.differentiate import differentiate
from engine.lifting.lift import Lifted, lift
from engine.lifting.loops.array_loop import numbers_per_row
from engine.lifting.loops.roll import rolled
from engine.lifting.program import Program
from engine.lifting.scalar_graph import ScalarGraph
from engine.lifting.syntax import shape_of
from engine.lifting.tape import flatten
from engine.lifting.trace import trace
from engine.lifting.write import ProgramText, write


@dataclass(frozen=True)
class CompiledGraph:
    """A program, the structure of its result, and the check of its arguments: (arguments, whether a batch)."""

    program: Program
    structure: Any
    check: Callable[[list[Any], bool], None]


def compiled_function(f: Callable[..., Any], arguments: Sequence[Any], namespace: Namespace) -> CompiledGraph:
    """A function of such arguments, compiled."""
    with no_collections():
        return compiled_graph(trace(f, arguments), namespace)


def compiled_graph(graph: ScalarGraph, namespace: Namespace) -> CompiledGraph:
    """A scalar graph, compiled."""
    with no_collections():
        program = program_of(graph, namespace)
        return CompiledGraph(program, graph.structure, check_of(graph, program_of))


def program_of(graph: ScalarGraph, namespace: Namespace, with_loops: bool = True) -> Program:
    """The program of a scalar graph; without loops all turns are written one after the other."""
    if with_loops:
        graph = rolled(graph)
    tape = flatten(graph.outputs, graph.constants, graph.made)
    lifted = lift(tape, graph.inputs)
    derivatives = differentiate(lifted) if len(graph.outputs) == 1 else None
    text = write(lifted, derivatives, scans="scan" in namespace)
    lifted.recorder.release()
    return load(lifted, text, namespace)


def load(lifted: Lifted, text: ProgramText, namespace: Namespace) -> Program:
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
        numbers_per_row=1 + numbers_per_row(lifted.recorder.graph),
        loops=sum(array.op == "loop" and not array.detail.backwards for array in lifted.recorder.graph.arrays),
    )
