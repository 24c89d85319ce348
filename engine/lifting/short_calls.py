"""The short ways from arguments to programs that a compiled function knows; see `Backend.short_call`."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.lifting.structures import in_structure_of

if TYPE_CHECKING:
    from engine.lifting.argument_checks import Check
    from engine.lifting.backends import Backend
    from engine.lifting.native.short_call import ShortCall
    from engine.lifting.pipeline import CompiledGraph, Prepared
    from engine.lifting.program import Program

Asked = Any  # "value", "gradients", or of which arguments: a number or a tuple of them


class CallForm(NamedTuple):
    """Calls that are alike.

    Attributes:
        name: "value", "gradients" for value and gradients, or "row gradients" for those of one sample's arguments.
        program: what is run.
        check: of its arguments.
        shapes: of the arguments, of a batch those of a row.
        rows: how many they were last; None for one sample.
    """

    name: str
    program: Program
    check: Check
    shapes: tuple[tuple[int, ...], ...]
    rows: int | None


class Known(NamedTuple):
    """A short call, and the program that it runs.

    Attributes:
        call: the short call.
        compiled: what it is of.
        parts: of which arguments it gives the gradients: number, an array of the shape, and which results.
    """

    call: ShortCall
    compiled: CompiledGraph
    parts: list[tuple[int, np.ndarray, slice]]


class ShortCalls:
    """The short call for arguments like those of the last usual call, of each thing that can be asked for.

    One is made when a program is called for the second time: a function that is called once need not wait for it.

    Attributes:
        known: the short calls by what is asked for.
    """

    def __init__(self) -> None:
        self.known: dict[Asked, Known] = {}
        self._met: dict[Asked, CompiledGraph] = {}

    def values(self, asked: Asked, arguments: tuple[Any, ...]) -> tuple[CompiledGraph, float, np.ndarray] | None:
        """What is run, the first number, and the results; None where the call is not known."""
        short = self.known.get(asked)
        found = None if short is None else short.call.values(arguments)
        return None if short is None or found is None else (short.compiled, *found)

    def row_gradients(self, argnums: Any, arguments: tuple[Any, ...]) -> tuple[CompiledGraph, float, Any] | None:
        """What is run, the value of one sample, and its gradients as `Compiled.value_and_grad` has them."""
        if not _is_plain(argnums):
            return None
        short = self.known.get(argnums)
        found = None if short is None else short.call.values(arguments)
        if short is None or found is None:
            return None
        value, results = found
        parts = [in_structure_of(arguments[k], leaf, results[None, where], False) for k, leaf, where in short.parts]
        return short.compiled, value, tuple(parts) if type(argnums) is tuple else parts[0]

    def find(
        self, asked: Asked, backend: Backend, of: Prepared, samples: Collection[Any], numbers: Sequence[int] = ()
    ) -> None:
        """Keep the backend's short call for such arguments, if it has one.

        Args:
            asked: what was asked for.
            backend: whose short call.
            of: the call.
            samples: the structures that the function takes as one sample.
            numbers: of which arguments the gradients were asked for, if of any.
        """
        compiled, rows, _, leaves, *_ = of
        if numbers and (rows is not None or not _is_plain(asked)):
            return
        if self._met.get(asked) is not compiled:
            self._met[asked] = compiled
            self.known.pop(asked, None)
            return
        if not all(isinstance(leaf, np.ndarray) for leaf in leaves):
            return
        shapes = tuple([leaf.shape if rows is None else leaf.shape[1:] for leaf in leaves])
        if compiled.program.dtype != "float64" or (rows is not None and _could_be_a_sample(shapes, samples)):
            return
        name = "row gradients" if numbers else asked
        call = backend.short_call(CallForm(name, compiled.program, compiled.check, shapes, rows))
        if call is not None:
            ends = np.cumsum([0, *(math.prod(shapes[k]) for k in numbers)]).tolist()
            parts = [(k, np.empty(shapes[k]), slice(*ends[n : n + 2])) for n, k in enumerate(numbers)]
            self.known[asked] = Known(call, compiled, parts)

    def forget(self) -> None:
        """Know none any more: the function has other programs."""
        self.known.clear()
        self._met.clear()


def _is_plain(argnums: Any) -> bool:
    """Whether it is a number or a tuple of numbers, of which equal ones mean the same."""
    return type(argnums) is int or (type(argnums) is tuple and {*map(type, argnums)} == {int})


def _could_be_a_sample(shapes: tuple[tuple[int, ...], ...], samples: Collection[Any]) -> bool:
    """Whether a batch of rows of these shapes would, with some number of rows, be one sample."""
    return any(all(sample) and tuple([part[1:] for part in sample]) == shapes for sample in samples)
