"""The Jacobian of a program's outputs, from blocks of numbers to the structures of outputs and arguments."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.lifting.parameters import in_arrays
from engine.lifting.program import check_has_parameters
from engine.lifting.structures import Leaves, mapped
from engine.lifting.wanted import EVERY, Wanted

if TYPE_CHECKING:
    from engine.lifting.backends import Backend
    from engine.lifting.pipeline import Prepared

Fill = Callable[[np.ndarray, tuple[int, ...]], Any]  # (rows x outputs x numbers, the outputs' shape) -> a part of it


def jacobian(
    backend: Backend,
    prepare: Callable[[Wanted | None], Prepared],
    arguments: Sequence[Any],
    numbers: tuple[int, ...] | None,
    several: bool,
) -> Any:
    """The Jacobian of a call.

    Each row is run once for each output, all at once: what is differentiated is the sum of the outputs, weighed by 1
    for that one and 0 for the others. 0 times an infinite slope of another output is nan: where a derivative is not
    finite, that output is differentiated alone.

    Args:
        backend: runs the programs.
        prepare: the call, of a program that computes what is wanted.
        arguments: of the call.
        numbers: of the arguments that it is with respect to; None for the parameters.
        several: whether in the place of each output is a tuple, with a part for each argument.
    """
    parameters = None
    if numbers is None:
        program = prepare(None).compiled.program
        check_has_parameters(program)
        parameters = in_arrays(program.kept).data()
    compiled, rows, batch, leaves, shared, _ = prepare(Wanted(numbers, EVERY))
    batched, count, m = rows is not None, 1 if rows is None else rows, compiled.outputs

    stays = [k in shared and (numbers is None or k not in numbers) for k in range(len(batch))]

    def gradients(program: Any, times: int, more: Sequence[np.ndarray]) -> list[np.ndarray]:
        in_rows = [np.broadcast_to(each, (count, each.shape[1])).repeat(times, axis=0) for each in batch]
        given = [one if stay else many for one, many, stay in zip(batch, in_rows, stays)]
        if parameters is not None:
            given.append(np.broadcast_to(parameters, (count * times, parameters.size)))
        return backend.values_and_row_gradients(program, [*given, *more])[1]

    blocks = [each.reshape(count, m, -1) for each in gradients(compiled.program, m, [np.tile(np.eye(m), (count, 1))])]
    for output in range(m) if m > 1 else ():
        if not all(np.isfinite(block[:, output]).all() for block in blocks):
            alone = prepare(Wanted(numbers, output)).compiled.program
            for block, gradient in zip(blocks, gradients(alone, 1, [])):
                block[:, output] = gradient
    if numbers is None:
        fills = [by_parameter(batched)]
    else:
        fills = [by_argument(arguments[k], leaves[k], batched, batched and k not in shared) for k in numbers]

    def fill(outputs: slice, shape: tuple[int, ...]) -> Any:
        parts = [each(block[:, outputs], shape) for each, block in zip(fills, blocks)]
        return tuple(parts) if several else parts[0]

    return of_outputs(compiled.structure, fill)


def of_outputs(structure: Any, fill: Callable[[slice, tuple[int, ...]], Any]) -> Any:
    """A Jacobian in the structure of a result; lists of equal lengths in it are axes.

    Args:
        structure: of the result, with None in place of each number.
        fill: makes a part of the Jacobian, for some outputs of this shape.
    """
    end = 0

    def part_of(part: Any) -> Any:
        nonlocal end
        shape = _shape(part)
        if shape is not None:
            start, end = end, end + math.prod(shape)
            return fill(slice(start, end), shape)
        if isinstance(part, dict):
            return {key: part_of(inner) for key, inner in part.items()}
        return type(part)([part_of(inner) for inner in part])

    return part_of(structure)


def by_argument(argument: Any, leaf: Leaves, batched: bool, has_rows: bool) -> Fill:
    """How to fill a part of a Jacobian with respect to an argument: in its structure, an array for each of its arrays.

    Those are of shape (rows, *outputs, *numbers), without rows for one sample; a float for one output of one number.

    Args:
        argument: whose structure it is.
        leaf: its arrays.
        batched: whether the call was a batch.
        has_rows: whether the argument was: else all rows share it.
    """

    def fill(block: np.ndarray, outputs: tuple[int, ...]) -> Any:
        end = 0

        def derivatives(_: Any, array: np.ndarray) -> Any:
            nonlocal end
            shape = array.shape[1:] if has_rows else array.shape
            start, end = end, end + math.prod(shape)
            return _finished(block[:, :, start:end], (*outputs, *shape), batched)

        return mapped(argument, leaf, derivatives)

    return fill


def by_parameter(batched: bool) -> Fill:
    """The same with respect to the parameters: arrays of shape (rows, *outputs, parameters)."""
    return lambda block, outputs: _finished(block, (*outputs, block.shape[2]), batched)


def _finished(block: np.ndarray, shape: tuple[int, ...], batched: bool) -> Any:
    if batched:
        return block.reshape(len(block), *shape).copy()
    return block.reshape(shape).copy() if shape else block.item()


def _shape(part: Any) -> tuple[int, ...] | None:
    """The shape of an output: of one number (), of a list of equal parts (n, ...); None of any other structure."""
    if part is None:
        return ()
    if not isinstance(part, list) or not part:
        return None
    shapes = {_shape(inner) for inner in part}
    (shape, *others) = shapes
    return None if others or shape is None else (len(part), *shape)
