"""The compiler: trace, tape, lift, differentiate, write, load. Each is a function from one thing to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from engine.lifting.argument_checks import Check
from engine.lifting.differentiate import Derivatives, differentiate
from engine.lifting.executables import Executables
from engine.lifting.lift import Lifted, lift
from engine.lifting.loops.array_loop import calls, computed, numbers_per_row
from engine.lifting.loops.roll import rolled
from engine.lifting.namespaces import Namespace
from engine.lifting.program import ArrayProgram, Program
from engine.lifting.scalar_graph import ScalarGraph
from engine.lifting.structures import Leaves
from engine.lifting.syntax import shape_of
from engine.lifting.tape import flatten
from engine.lifting.wanted import Wanted
from engine.lifting.write import ProgramText, write
from engine.value import Value


@dataclass(frozen=True)
class CompiledGraph:
    """A program, ready to be called.

    Attributes:
        program: computes the value, and the derivative that was asked for.
        structure: of the value.
        check: of the arguments.
        parameters: the Values that the function uses from outside.
        outputs: how many numbers it returns.
    """

    program: Program
    structure: Any
    check: Check
    parameters: Sequence[Value]
    outputs: int


class Prepared(NamedTuple):
    """A call of a compiled function: its program, and what that is to be run on.

    Attributes:
        compiled: the program.
        rows: how many a batch has; None for one sample.
        batch: the numbers of each argument, rows x numbers; of one that all rows share 1 x numbers.
        leaves: the arrays of each argument, in its structure.
        shared: the numbers of the arguments that all rows share.
        mixed: of those that they share in part.
    """

    compiled: CompiledGraph
    rows: int | None
    batch: list[np.ndarray]
    leaves: list[Leaves]
    shared: frozenset[int] = frozenset()
    mixed: frozenset[int] = frozenset()


def compiled_graph(
    graph: ScalarGraph, namespace: Namespace, wanted: Wanted | None = None, parameters: Sequence[Value] = ()
) -> CompiledGraph:
    """A scalar graph, compiled.

    Args:
        graph: what to compile.
        namespace: a backend's.
        wanted: a derivative that it is asked for; None for the gradient with respect to the parameters.
        parameters: if that is with respect to them row by row, the parameters in order.
    """
    check = Check(graph, program_of)
    if wanted is None:
        program = program_of(graph, namespace)
    else:
        of_rows, argnums = wanted.graph_of(graph, parameters)
        program = program_of(of_rows, namespace, argnums=argnums)
    return CompiledGraph(program, graph.structure, check, parameters or program.parameters, len(graph.outputs))


def program_of(
    graph: ScalarGraph, namespace: Namespace, with_loops: bool = True, argnums: Sequence[int] | None = None
) -> Program:
    """The program of a scalar graph.

    Args:
        graph: what to compile.
        namespace: a backend's.
        with_loops: whether loops are found; without, all turns are written one after the other.
        argnums: of which arguments it computes the gradients; None for those of the parameters.
    """
    if with_loops:
        graph = rolled(graph)
    tape = flatten(graph.outputs, graph.constants, graph.made)
    lifted = lift(tape, graph.inputs, graph.shared)
    del tape
    derivatives = differentiate(lifted, argnums) if len(graph.outputs) == 1 else None
    lifted.recorder.release()
    text = write(lifted, derivatives, scans="scan" in namespace)
    return load(lifted, derivatives, text, namespace)


def load(lifted: Lifted, derivatives: Derivatives | None, text: ProgramText, namespace: Namespace) -> Program:
    """The program of a text: its functions, ready to call, and what they are called with."""
    dtype = namespace.get("dtype", "float64")
    constants = {
        name: each.astype(dtype, copy=False) if each.dtype == float else each for name, each in text.constants.items()
    }
    operations = [function.operations for function in text.functions]
    return Program(
        source="\n\n".join([function.text for function in text.functions]),
        scalar_nodes=lifted.scalar_nodes,
        operations=(operations[0], operations[-1]),
        parameters=[value for values in lifted.values for value in values],
        parameter_shapes=[array.shape for array in lifted.parameters],
        functions=Executables({each.name: each.text for each in text.functions}, {**namespace, **constants}),
        statements={each.name: each.statements for each in text.functions},
        shapes={array.detail: shape_of(array) for array in (*lifted.parameters, *lifted.inputs)},
        constants=constants,
        dtype=dtype,
        shared=[k for k, array in enumerate(lifted.inputs) if not array.batched],
        numbers_per_row=1 + numbers_per_row(lifted.recorder.graph),
        calls=calls(lifted.recorder.graph),
        computed=computed(lifted.recorder.graph),
        loops=sum(array.op == "loop" and not array.detail.backwards for array in lifted.recorder.graph.arrays),
        arrays=ArrayProgram(
            lifted.parameters, lifted.inputs, lifted.output, None if derivatives is None else derivatives.gradients
        ),
    )
