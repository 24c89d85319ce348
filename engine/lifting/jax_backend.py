"""The backend "jax": programs compiled by XLA, the rows of a batch shared among the devices.

Each array that a function of XLA's takes or gives costs part of a call, which for a small program is most of it. So the
parameters go in as one array, and the value and its gradient come out as one.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from engine.lifting.backends import Backend
from engine.lifting.jax_namespace import jax_namespace
from engine.lifting.parameters import in_arrays

if TYPE_CHECKING:
    from engine.lifting.program import Program

MEAN = "mean and gradients"  # the function that gives these in one array


class CompiledByXLA:
    """The functions of a program, each compiled when it is first called, and its parameters' numbers as last sent.

    Args:
        program: the program, which is not kept.
        jit: compiles a function.
        join: arrays -> one array.
    """

    def __init__(self, program: Program, jit: Callable[[Any], Any], join: Callable[[Any], Any]) -> None:
        self._functions = program.functions
        self._shapes = program.parameter_shapes
        self._jit, self._join = jit, join
        self._compiled: dict[str, Callable[..., Any]] = {}
        self.sent: tuple[Any, Any, bool] = (None, None, False)  # numbers, what was sent, whether it is on the devices
        gradients = program.arrays.gradients or []
        self._ends = [*accumulate(array.size for array in gradients)]

    def function(self, name: str) -> Callable[..., Any]:
        """The function of that name. It takes the parameters in one array, and then what the program's takes."""
        if name not in self._compiled:
            function = self._functions["value_and_gradients" if name == MEAN else name]

            def of_one_array(numbers: Any, *others: Any) -> Any:
                results = function(*in_shapes(numbers, self._shapes), *others)
                if name != MEAN:
                    return results
                value, *gradients = results
                return self._join([value.mean().reshape(1), *[gradient.reshape(-1) for gradient in gradients]])

            self._compiled[name] = self._jit(of_one_array)
        return self._compiled[name]

    def apart(self, gradients: Any) -> list[Any]:
        """The gradient for each array that the program differentiates with respect to, of all in one."""
        return [gradients[start:end] for start, end in zip([0, *self._ends], self._ends)]


def in_shapes(numbers: Any, shapes: Sequence[tuple[int, ...]]) -> list[Any]:
    """An array's numbers, one after the other, in arrays of these shapes."""
    ends = [*accumulate(map(math.prod, shapes))]
    return [numbers[start:end].reshape(shape) for start, end, shape in zip([0, *ends], ends, shapes)]


class JAX(Backend):
    """Runs programs with JAX: compiled by XLA, the rows of a batch shared among the devices."""

    def __init__(self, dtype: str = "float64") -> None:
        self.namespace = {**jax_namespace(), "dtype": dtype}
        import jax

        self._jax = jax
        self._programs: WeakKeyDictionary[Program, CompiledByXLA] = WeakKeyDictionary()
        self._devices = len(jax.devices())
        sharding: Any = jax.sharding
        mesh = sharding.Mesh(np.array(jax.devices()), ("rows",))
        self._by_rows = sharding.NamedSharding(mesh, sharding.PartitionSpec("rows"))
        self._everywhere = sharding.NamedSharding(mesh, sharding.PartitionSpec())
        older: Any = jax.experimental  # where JAX had it before
        self._float64 = jax.enable_x64 if hasattr(jax, "enable_x64") else older.enable_x64

    def value_and_gradients(self, program: Program, batch: list[Any]) -> tuple[float, list[Any]]:
        given, batch = self._given(program, batch)
        pieces = self._pieces(program, batch)
        if len(pieces) == 1:
            means = self._call(program, MEAN, given, batch)
        else:
            shares = [len(piece[0]) / len(batch[0]) for piece in pieces]
            several = [self._call(program, MEAN, given, piece) for piece in pieces]
            means = sum([share * mean for share, mean in zip(shares, several)])
        return means.item(0), self._compiled(program).apart(means[1:])

    def forget(self, program: Program) -> None:
        self._programs.pop(program, None)

    def float64(self) -> Any:
        """A context in which JAX computes in float64; outside, its setting is the caller's."""
        return self._float64(True)

    def ready(self, program: Program, batch: list[Any]) -> Callable[[], Any]:
        """The program's mean value and gradients, for parameters and arguments that are on the devices already."""
        jax, dtype = self._jax, program.dtype
        given, batch = self._given(program, [array.reshape(len(array), -1) for array in batch])
        with self._precision():
            placed = jax.device_put([np.array(array, dtype) for array in (*given, *batch)], self._everywhere)
        function = self._compiled(program).function(MEAN)

        def run() -> Any:
            with self._precision():
                return jax.block_until_ready(function(*placed))

        return run

    @contextlib.contextmanager
    def _precision(self) -> Iterator[None]:
        """A context in which it computes in the backend's: float32 without the shortcuts of some devices."""
        single = self.namespace["dtype"] == "float32"
        with self._float64(not single), self._jax.default_matmul_precision("float32" if single else None):
            yield

    def _compiled(self, program: Program) -> CompiledByXLA:
        found = self._programs.get(program)
        if found is None:
            jit = self._jax.jit
            new = CompiledByXLA(program, lambda f: jit(f, out_shardings=self._everywhere), self._jax.numpy.concatenate)
            found = self._programs.setdefault(program, new)
        return found

    def _parameters(self, program: Program) -> list[Any]:
        """The parameters' numbers in one array: on the devices once they have stayed the same for two calls."""
        numbers, compiled = in_arrays(program.kept).data(), self._compiled(program)
        before, sent, is_placed = compiled.sent
        if numbers is not before:  # one device takes an array of NumPy's sooner than it is placed there
            sent = numbers.astype(program.dtype, copy=False)
            compiled.sent = numbers, sent, False
        elif not is_placed:
            with self._precision():
                sent = self._jax.device_put(sent, self._everywhere)
            compiled.sent = numbers, sent, True
        return [sent]

    def _pieces(self, _: Program, batch: list[Any]) -> list[list[Any]]:
        rows = len(batch[0]) if batch else 0
        even = rows - rows % self._devices
        if even in (0, rows):
            return [batch]
        return [[array[:even] for array in batch], [array[even:] for array in batch]]

    def _call(self, program: Program, name: str, given: list[Any], batch: list[Any]) -> Any:
        jax = self._jax
        with self._precision():
            if self._devices > 1:  # one device takes NumPy's arrays sooner than they are placed there
                even = bool(batch) and len(batch[0]) % self._devices == 0
                batch = jax.device_put(batch, self._by_rows if even else self._everywhere)
                given = jax.device_put(given, self._everywhere)
            results = self._compiled(program).function(name)(*given, *batch)
            return np.asarray(results) if name != "value_and_gradients" else [*map(np.asarray, results)]
