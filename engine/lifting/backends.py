"""The backends: what runs programs, on the present parameters and a batch of arguments."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.lifting.namespaces import Namespace, numpy_namespace
from engine.lifting.pieces import pieces_of, rows_at_once
from engine.lifting.precision import in_float32

if TYPE_CHECKING:
    from engine.lifting.native.short_call import ShortCall
    from engine.lifting.program import Program
    from engine.lifting.short_calls import CallForm

FEWEST_ALIKE = (
    2.0  # numbers that an array operation computes for a row, on the average: with fewer, compiling pays little
)


MEMORY_KEPT = 2**20  # numbers of 8 bytes; as much again is kept of what is freed


class Backend:
    """Runs programs: on the parameters' present numbers and a batch of arguments, in one piece or several.

    Attributes:
        namespace: what a program's text may name.
    """

    namespace: Namespace

    def says(self, _: Program) -> str:
        """What runs a program and why, where that is not plain from the backend's name; else ""."""
        return ""

    def values(self, program: Program, batch: list[Any]) -> Any:
        """The outputs, rows x outputs, as a NumPy array of its own: no view of an argument, never read-only."""
        given, batch = self._given(program, batch)
        results = [self._call(program, "value", given, piece) for piece in self._pieces(program, batch)]
        return np.array(results[0]) if len(results) == 1 else np.concatenate(results)

    def value_and_gradients(self, program: Program, batch: list[Any]) -> tuple[float, list[Any]]:
        """The mean over the rows of the only output, and its gradient for each array it is with respect to."""
        given, batch = self._given(program, batch)
        pieces = self._pieces(program, batch)
        if len(pieces) == 1:
            value, *gradients = self._call(program, "value_and_gradients", given, batch)
            return _mean(value), gradients
        total, sums = 0.0, list[Any]()
        for piece in pieces:
            value, *gradients = self._call(program, "value_and_gradients", given, piece)
            share = len(piece[0]) / len(batch[0])
            total += _mean(value) * share
            shares = [gradient * share for gradient in gradients]
            sums = [np.add(so_far, each, out=so_far) for so_far, each in zip(sums, shares)] if sums else shares
        return total, sums

    def values_and_row_gradients(self, program: Program, batch: list[Any]) -> tuple[Any, list[Any]]:
        """The only output of each row, and its gradient with respect to each argument that the program differentiates.

        The arrays, rows x 1 and rows x numbers, are the caller's own.
        """
        given, batch = self._given(program, batch)
        pieces = self._pieces(program, batch)
        results = [self._call(program, "value_and_gradients", given, piece) for piece in pieces]
        values, *gradients = results[0] if len(results) == 1 else [*map(np.concatenate, zip(*results))]
        return np.array(values), [np.array(gradient) for gradient in gradients]

    def forget(self, program: Program) -> None:
        """Keep nothing for a program that is not run any more."""

    def short_call(self, _: CallForm) -> ShortCall | None:
        """A way to run a program that takes the arguments as a caller gives them; None where there is none."""
        return None

    def _given(self, program: Program, batch: list[Any]) -> tuple[list[Any], list[Any]]:
        """What is the same for all rows, parameters and shared arguments, and what has rows."""
        if program.dtype != "float64":
            batch = [each.astype(program.dtype, copy=False) for each in batch]
        if not program.shared:
            return self._parameters(program), batch
        shared = [batch[k].reshape(-1) for k in program.shared]
        return [*self._parameters(program), *shared], [each for k, each in enumerate(batch) if k not in program.shared]

    def _parameters(self, program: Program) -> list[Any]:
        """The parameters' present numbers, as `_call` takes them."""
        return program.present_arrays()

    def _pieces(self, program: Program, batch: list[Any]) -> list[list[Any]]:
        raise NotImplementedError

    def _call(self, program: Program, name: str, given: list[Any], batch: list[Any]) -> Any:
        """What a function of the program gives."""
        raise NotImplementedError


def few_alike(program: Program, otherwise: str) -> str:
    """That compiling pays little, where it does; what would help, a batch or `otherwise`; else "".

    NumPy takes as long to call an operation as plain Python, derivatives included, takes for one or two numbers.
    """
    per_call = program.computed / max(1, program.calls)
    if per_call >= FEWEST_ALIKE:
        return ""
    ways_out = ["a batch"] * bool(program.arrays.inputs) + [otherwise] * bool(otherwise)
    little = f"few operations are alike, {per_call:.1f} numbers for a row in each array operation, which pays little"
    return f"{little}: take {' or '.join(ways_out)}" if ways_out else little


def _mean(value: Any) -> float:
    if value.size == 1:
        return float(value.item())
    with np.errstate(all="ignore"):  # of inf and -inf
        return float(np.add.reduce(value, None)) / int(value.size)  # value.mean() comes to the same, later


@cache
def _keep_memory() -> None:
    """Have the memory of arrays kept for the next ones, once and for all.

    The C library of Linux gives what is freed back to the system, beyond a limit, and a program's next call gets it
    anew, page by page: that took more time than the arithmetic. The limit grows when an array beyond it is freed.
    """
    np.empty(MEMORY_KEPT)  # nothing is written there, so no page of it is ever used


class NumPy(Backend):
    """Runs programs with NumPy.

    Args:
        dtype: "float64" or "float32".
        why: it is NumPy that was chosen; "" where it was asked for.
    """

    def __init__(self, dtype: str = "float64", why: str = "") -> None:
        _keep_memory()
        namespace = numpy_namespace()
        self.namespace = namespace if dtype == "float64" else {**in_float32(namespace), "dtype": dtype}
        self._why = why

    def says(self, program: Program) -> str:
        if self._why:
            return f"NumPy: {self._why}"
        return few_alike(program, "" if self.namespace.get("dtype") == "float32" else 'backend="native"')

    def _pieces(self, program: Program, batch: list[Any]) -> list[list[Any]]:
        return pieces_of(batch, rows_at_once(program)) if batch and len(batch[0]) > 1 else [batch]

    def _call(self, program: Program, name: str, given: list[Any], batch: list[Any]) -> Any:
        with np.errstate(all="ignore"):  # inf and nan are results here, not accidents
            return program.functions[name](*given, *batch)


def backend_named(name: str, dtype: str = "float64") -> Backend:
    """The backend of that name, which computes in that precision.

    ValueError for one there is not; ImportError for one that is not installed.
    """
    backends: dict[str, Callable[[str], Backend]] = {"numpy": NumPy, "jax": _jax, "native": _native, "auto": _chosen}
    if name not in backends:
        raise ValueError(f"there is no backend {name!r}: choose one of {', '.join(map(repr, backends))}")
    return backends[name](dtype)


def _jax(dtype: str) -> Backend:
    from engine.lifting.jax_backend import JAX

    return JAX(dtype)


def _native(dtype: str) -> Backend:
    from engine.lifting.native.backend import Native

    native = Native()
    return native if dtype == "float64" else _not_native(dtype)


def _chosen(dtype: str) -> Backend:
    from engine.lifting.native.choosing import chosen

    return chosen() if dtype == "float64" else _not_native(dtype)


def _not_native(dtype: str) -> Backend:
    return NumPy(dtype, f"native code computes in float64, not {dtype}")
