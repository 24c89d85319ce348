"""What an array program is, as a key: other programs never have the same one, and the same program has it in every run.

Everything that native code is made from is in it: operations, operands, shapes, indices, constants. What parameters and
arguments are called is not, nor what they are worth. It is asked for before anything of the code is made, so it has to
be quick: a microsecond for each array.
"""

from __future__ import annotations

import dataclasses
import hashlib
import marshal
from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np

from engine.lifting.arrays import Array, ArrayGraph
from engine.lifting.loops.array_loop import ArrayLoop
from engine.lifting.program import ArrayProgram

FORMAT = 2  # of marshal: the last one in which equal objects have equal bytes, whoever else refers to them
NAMED = {"input", "parameter"}  # arrays whose detail is a name


class NoKey(Exception):  # noqa: N818  not an error: the program is compiled, and not kept
    """Something in a program cannot be put into a key; the text says what."""


def key_of(program: ArrayProgram, *of: object) -> str:
    """The key of a program, and of what else its code depends on, such as which of its functions it is.

    Raises:
        NoKey: for a program that has none.
    """
    graphs = _graphs(program.output.graph)
    numbers = {id(array): k for k, array in enumerate(chain.from_iterable(graph.arrays for graph in graphs))}
    parts: list[Any] = [_plain(of, numbers)]
    parts += [_plain(getattr(program, field.name), numbers) for field in dataclasses.fields(program)]
    parts += [_of_graph(graph, numbers) for graph in graphs]
    try:
        described = marshal.dumps(parts, FORMAT)
    except ValueError as error:  # an operand of another kind
        raise NoKey(str(error)) from None
    return hashlib.blake2b(described, digest_size=20).hexdigest()


def _graphs(outermost: ArrayGraph) -> list[ArrayGraph]:
    """The graph and those of its loops' turns."""
    graphs = [outermost]
    for graph in graphs:
        for array in graph.arrays:
            if array.op == "loop" and array.detail.states[0].graph not in graphs:
                graphs.append(array.detail.states[0].graph)
    return graphs


def _of_graph(graph: ArrayGraph, numbers: Mapping[int, int]) -> list[Any]:
    """All arrays: the numbers of their operands, each a whole number, in between what is a plain number."""
    arrays = graph.arrays
    operands = [numbers.get(id(operand), operand) for array in arrays for operand in array.operands]
    details = [
        (k, _plain(array.detail, numbers))
        for k, array in enumerate(arrays)
        if array.detail is not None and array.op not in NAMED
    ]
    return [
        [array.op for array in arrays],
        [len(array.operands) for array in arrays],
        operands,
        details,
        [array.shape for array in arrays],
        [array.batched for array in arrays],
    ]


def _plain(detail: Any, numbers: Mapping[int, int]) -> Any:
    """The same in what has bytes: numbers, texts, and lists of such that begin with what they were."""
    if isinstance(detail, np.generic):
        return detail.item()
    if detail is None or isinstance(detail, (bool, int, float, str)):
        return detail
    if isinstance(detail, (tuple, list)):
        return ["list", *[_plain(part, numbers) for part in detail]]
    if isinstance(detail, slice):
        return ["slice", detail.start, detail.stop, detail.step]
    if isinstance(detail, Array):
        return ["array", numbers[id(detail)]]
    if isinstance(detail, np.ndarray) and detail.dtype.kind in "biuf":
        return ["numbers", detail.dtype.str, detail.shape, detail.tobytes()]
    if isinstance(detail, ArrayLoop):
        parts = (detail.states, detail.after, detail.sequences, detail.shared)
        return ["loop", detail.turns, detail.backwards, detail.has_rows, _plain(parts, numbers)]
    raise NoKey(f"a {type(detail).__name__} cannot be put into a key")
