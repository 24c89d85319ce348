"""The backends: what runs programs, on the present parameters and a batch of arguments."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.lifting.namespaces import Namespace, jax_namespace, numpy_namespace
from engine.lifting.pieces import pieces_of, rows_at_once
from engine.lifting.precision import in_float32

if TYPE_CHECKING:
    from engine.lifting.program import Program


MEMORY_KEPT = 2**20  # numbers of 8 bytes; as much again is kept of what is freed


def executable(source: str, name: str, scope: Namespace) -> Callable[..., Any]:
    """The function `name` that a program's source defines, with `scope` as its globals."""
    exec(compile(source, "<array program>", "exec"), scope)  # noqa: S102  text of our own making
    return scope[name]  # type: ignore[no-any-return]


def _given(program: Program, batch: list[Any]) -> tuple[list[Any], list[Any]]:
    """What is the same for all rows, parameters and shared arguments, and what has rows."""
    if program.dtype != "float64":
        batch = [each.astype(program.dtype, copy=False) for each in batch]
    if not program.shared:
        return program.present_arrays(), batch
    shared = [batch[k].reshape(-1) for k in program.shared]
    return [*program.present_arrays(), *shared], [each for k, each in enumerate(batch) if k not in program.shared]


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
        parameters, batch = _given(program, batch)
        results = [self._call(program.value, parameters, piece) for piece in self._pieces(program, batch)]
        return np.array(results[0]) if len(results) == 1 else np.concatenate(results)

    def value_and_gradients(self, program: Program, batch: list[Any]) -> tuple[float, list[Any]]:
        """The mean over the rows of the only output, and its gradient for each array it is with respect to."""
        parameters, batch = _given(program, batch)
        pieces = self._pieces(program, batch)
        if len(pieces) == 1:
            value, *gradients = self._call(program.value_and_gradients, parameters, batch)
            return _mean(value), gradients
        total, sums = 0.0, list[Any]()
        for piece in pieces:
            value, *gradients = self._call(program.value_and_gradients, parameters, piece)
            share = len(piece[0]) / len(batch[0])
            total += _mean(value) * share
            shares = [gradient * share for gradient in gradients]
            sums = [np.add(so_far, each, out=so_far) for so_far, each in zip(sums, shares)] if sums else shares
        return total, sums

    def values_and_row_gradients(self, program: Program, batch: list[Any]) -> tuple[Any, list[Any]]:
        """The only output of each row, and its gradient with respect to each argument that the program differentiates.

        The arrays, rows x 1 and rows x numbers, are the caller's own.
        """
        parameters, batch = _given(program, batch)
        pieces = self._pieces(program, batch)
        results = [self._call(program.value_and_gradients, parameters, piece) for piece in pieces]
        values, *gradients = results[0] if len(results) == 1 else [*map(np.concatenate, zip(*results))]
        return np.array(values), [np.array(gradient) for gradient in gradients]

    def forget(self, program: Program) -> None:
        """Keep nothing for a program that is not run any more."""

    def _pieces(self, program: Program, batch: list[Any]) -> list[list[Any]]:
        raise NotImplementedError

    def _call(self, function: Callable[..., Any], parameters: list[Any], batch: list[Any]) -> Any:
        raise NotImplementedError


def _mean(value: Any) -> float:
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

    def says(self, _: Program) -> str:
        return f"NumPy: {self._why}" if self._why else ""

    def _pieces(self, program: Program, batch: list[Any]) -> list[list[Any]]:
        return pieces_of(batch, rows_at_once(program)) if batch and len(batch[0]) > 1 else [batch]

    def _call(self, function: Callable[..., Any], parameters: list[Any], batch: list[Any]) -> Any:
        with np.errstate(all="ignore"):  # inf and nan are results here, not accidents
            return function(*parameters, *batch)


class JAX(Backend):
    """Runs programs with JAX: compiled by XLA, the rows of a batch shared among the devices."""

    def __init__(self, dtype: str = "float64") -> None:
        self.namespace = {**jax_namespace(), "dtype": dtype}
        import jax

        self._jax = jax
        self._compiled: dict[Callable[..., Any], Callable[..., Any]] = {}
        self._devices = len(jax.devices())
        sharding: Any = jax.sharding
        mesh = sharding.Mesh(np.array(jax.devices()), ("rows",))
        self._by_rows = sharding.NamedSharding(mesh, sharding.PartitionSpec("rows"))
        self._everywhere = sharding.NamedSharding(mesh, sharding.PartitionSpec())
        older: Any = jax.experimental  # where JAX had it before
        self._float64 = jax.enable_x64 if hasattr(jax, "enable_x64") else older.enable_x64

    def _pieces(self, _: Program, batch: list[Any]) -> list[list[Any]]:
        rows = len(batch[0]) if batch else 0
        even = rows - rows % self._devices
        if even in (0, rows):
            return [batch]
        return [[array[:even] for array in batch], [array[even:] for array in batch]]

    def forget(self, program: Program) -> None:
        for function in program.functions.values():
            self._compiled.pop(function, None)

    def float64(self) -> Any:
        """A context in which JAX computes in float64; outside, its setting is the caller's."""
        return self._float64(True)

    @contextlib.contextmanager
    def _precision(self) -> Iterator[None]:
        """A context in which it computes in the backend's: float32 without the shortcuts of some devices."""
        single = self.namespace["dtype"] == "float32"
        with self._float64(not single), self._jax.default_matmul_precision("float32" if single else None):
            yield

    def ready(self, program: Program, batch: list[Any]) -> Callable[[], Any]:
        """The program's value and gradients for parameters and arguments that are on the devices already."""
        jax = self._jax
        parameters = jax.device_put(program.parameter_arrays(), self._everywhere)
        arguments = jax.device_put([array.reshape(len(array), -1) for array in batch], self._everywhere)
        with self._precision():
            self._call(program.value_and_gradients, parameters, arguments)
        function = self._compiled[program.value_and_gradients]
        return lambda: jax.block_until_ready(function(*parameters, *arguments))

    def _call(self, function: Callable[..., Any], parameters: list[Any], batch: list[Any]) -> Any:
        jax = self._jax
        with self._precision():
            if function not in self._compiled:
                self._compiled[function] = jax.jit(function, out_shardings=self._everywhere)
            if self._devices > 1:  # one device takes NumPy's arrays sooner than they are placed there
                even = bool(batch) and len(batch[0]) % self._devices == 0
                batch = jax.device_put(batch, self._by_rows if even else self._everywhere)
                parameters = jax.device_put(parameters, self._everywhere)
            return jax.tree.map(np.asarray, self._compiled[function](*parameters, *batch))


def backend_named(name: str, dtype: str = "float64") -> Backend:
    """The backend of that name, which computes in that precision.

    ValueError for one there is not, and for float32 in native code; ImportError for one that is not installed.
    """
    backends: dict[str, Callable[[str], Backend]] = {"numpy": NumPy, "jax": JAX, "native": _native, "auto": _chosen}
    if name not in backends:
        raise ValueError(f"there is no backend {name!r}: choose one of {', '.join(map(repr, backends))}")
    return backends[name](dtype)


def _native(dtype: str) -> Backend:
    if dtype != "float64":
        raise ValueError(f'native code computes in float64, not {dtype}: choose backend="numpy" or "jax", or "auto"')
    from engine.lifting.native.backend import Native

    return Native()


def _chosen(dtype: str) -> Backend:
    if dtype != "float64":
        return NumPy(dtype, f"native code computes in float64, not {dtype}")
    from engine.lifting.native.choosing import chosen

    return chosen()
