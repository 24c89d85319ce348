"""The short ways from arguments to programs that a compiled function knows; see `Backend.short_call`."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from engine.lifting.backends import Backend
    from engine.lifting.native.short_call import ShortCall
    from engine.lifting.pipeline import CompiledGraph, Prepared


class ShortCalls:
    """The short call for arguments like those of the last usual call, of each thing that can be asked for.

    One is made when a program is called for the second time: a function that is called once need not wait for it.

    Attributes:
        known: by what is asked for, "value" or "gradients": the call, and what it is of.
    """

    def __init__(self) -> None:
        self.known: dict[str, tuple[ShortCall, CompiledGraph]] = {}
        self._met: dict[str, CompiledGraph] = {}

    def find(self, name: str, backend: Backend, of: Prepared, samples: Collection[Any]) -> None:
        """Keep the backend's short call for such arguments, if it has one.

        Args:
            name: what was asked for.
            backend: whose short call.
            of: the call.
            samples: the structures that the function takes as one sample.
        """
        compiled, rows, _, leaves, *_ = of
        if self._met.get(name) is not compiled:
            self._met[name] = compiled
            self.known.pop(name, None)
            return
        if not all(isinstance(leaf, np.ndarray) for leaf in leaves):
            return
        shapes = [leaf.shape if rows is None else leaf.shape[1:] for leaf in leaves]
        if compiled.program.dtype != "float64" or (rows is not None and _could_be_a_sample(shapes, samples)):
            return
        call = backend.short_call(name, compiled.program, compiled.check, shapes, rows)
        if call is not None:
            self.known[name] = call, compiled

    def forget(self) -> None:
        """Know none any more: the function has other programs."""
        self.known.clear()
        self._met.clear()


def _could_be_a_sample(shapes: list[tuple[int, ...]], samples: Collection[Any]) -> bool:
    """Whether a batch of rows of these shapes would, with some number of rows, be one sample."""
    return any(all(sample) and [part[1:] for part in sample] == shapes for sample in samples)
