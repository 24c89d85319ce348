"""One kind of program with its hand-written versions, as a problem of some size, and whether they agree."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from engine import Value, compile

Arrays = dict[str, Any]

KINDS = {
    "mlp": "mlp",
    "rnn": "rnn",
    "lstm": "lstm",
    "two-way": "two_way",
    "attention": "attention",
    "convolution": "convolution",
    "graph": "graph_network",
    "heat": "heat",
    "kalman": "kalman",
    "cholesky": "cholesky",
    "fft": "fft",
    "soft-dtw": "soft_dtw",
}


class Problem:
    """A kind at one size, for some rows.

    Args:
        name: of the kind.
        rows: of the batch.
        small: the size for tests.
        backend: what the scalar program is compiled for.

    Attributes:
        title: of the kind.
        arrays: the parameters as arrays, by name.
        arguments: arrays with a row for each sample.
        compiled: the scalar program, compiled.
    """

    def __init__(self, name: str, rows: int, *, small: bool = False, backend: str = "numpy") -> None:
        kind: ModuleType = importlib.import_module(f"demos.benchmark.kinds.{KINDS[name]}")
        size = kind.SMALL if small else kind.SIZE
        self._settings = {setting: size[setting] for setting in getattr(kind, "SETTINGS", ())}
        shapes = {key: n for key, n in size.items() if key not in self._settings}
        self.title: str = kind.TITLE
        self._kind = kind
        self.arrays, self._all = kind.problem(np.random.default_rng(0), rows, **shapes)
        self.arguments = self._all
        self._values = {name: _values(array.tolist()) for name, array in self.arrays.items()}
        self.compiled = compile(lambda *arguments: kind.scalar(self._values, *arguments, **self._settings), backend)

    def trace(self) -> None:
        """Trace and lift the program, for one sample: so more of them are surely a batch."""
        self.compiled(*[argument[0] for argument in self._all])

    def take(self, rows: int) -> None:
        """Let the arguments be the first rows of all."""
        self.arguments = tuple([argument[:rows] for argument in self._all])

    def by_hand(self) -> tuple[float, Arrays]:
        """The mean value and its gradient, in NumPy by hand."""
        return self._kind.by_hand(self.arrays, *self.arguments, **self._settings)  # type: ignore[no-any-return]

    def eager(self) -> float:
        """The value of the first row on the scalar engine, its gradient added to the parameters."""
        cost = self._kind.scalar(self._values, *[argument[0].tolist() for argument in self._all], **self._settings)
        cost.backward()
        return cost.data  # type: ignore[no-any-return]

    def in_jax(self) -> Callable[[], Any]:
        """The same in JAX by hand, jitted, for arguments on the device; in float64 where that is on."""
        import jax

        kind, settings = self._kind, self._settings
        function = jax.jit(jax.value_and_grad(lambda p, *arguments: kind.in_jax(p, *arguments, **settings)))
        parameters, arguments = jax.device_put((self.arrays, self.arguments))
        return lambda: jax.block_until_ready(function(parameters, *arguments))

    def gradient(self) -> Arrays:
        """What the parameters have in `grad`, as arrays; forgets it."""
        gradients = {name: np.array(_map(lambda v: v.grad, part)) for name, part in self._values.items()}
        _map(lambda v: setattr(v, "grad", None), [*self._values.values()])
        return gradients


def difference(found: tuple[float, Arrays], expected: tuple[float, Arrays]) -> float:
    """How far a value and its gradient are from others, for a scale of the largest number in them."""
    pairs = [(found[0], expected[0]), *((np.asarray(found[1][name]), array) for name, array in expected[1].items())]
    return max(float(np.abs(a - b).max() / max(1.0, np.abs(b).max())) for a, b in pairs)


def _values(part: Any) -> Any:
    return _map(Value, part)


def _map(f: Callable[[Any], Any], part: Any) -> Any:
    return [_map(f, each) for each in part] if isinstance(part, list) else f(part)
