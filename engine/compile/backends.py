"""The array namespaces that a program runs in: NumPy's, and JAX's.

A program uses operators, array methods, and the functions of a namespace by the names of the array operations.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Namespace = dict[str, Any]


def missing(extra: str, package: str) -> ImportError:
    return ImportError(f'{package} is not installed: pip install "liftgrad[{extra}]"')


def _shared(xp: Any) -> Namespace:
    """What is written alike for NumPy and JAX."""

    def sigmoid(x: Any) -> Any:
        e = xp.exp(-abs(x))
        return xp.where(x >= 0.0, 1.0, e) / (1.0 + e)

    def softplus(x: Any) -> Any:
        return xp.log1p(xp.exp(-abs(x))) + xp.where(x > 0.0, x, 0.0)

    def logsumexp(x: Any) -> Any:
        largest = x.max(-1, keepdims=True)
        shift = xp.where(abs(largest) == math.inf, 0.0, largest)
        total = shift + xp.log(xp.exp(x - shift).sum(-1, keepdims=True))
        return xp.where(abs(largest) == math.inf, largest, total)

    def norm2(x: Any) -> Any:
        largest = abs(x).max(-1, keepdims=True)
        scale = xp.where((largest == 0.0) | (largest == math.inf), 1.0, largest)
        return scale * xp.sqrt(((x / scale) ** 2).sum(-1, keepdims=True))

    def rows_times(v: Any, m: Any) -> Any:
        return (v.reshape(-1, v.shape[-1]) @ m).reshape(*v.shape[:-1], m.shape[-1])

    def rows_outer(g: Any, v: Any) -> Any:
        return g.reshape(-1, g.shape[-1]).T @ v.reshape(-1, v.shape[-1])

    def concatenate(*arrays: Any) -> Any:
        return xp.concatenate(arrays, -1)

    functions: Namespace = {
        name: getattr(xp, name)
        for name in (
            "sqrt exp expm1 log log1p sin cos tan arcsin arccos arctan sinh cosh tanh sign where maximum minimum"
        ).split()
    }
    functions.update(
        {function.__name__: function for function in (sigmoid, softplus, logsumexp, norm2, rows_times, rows_outer)}
    )
    return functions | {
        "abs": abs,
        "number": lambda x: x * 1.0,
        "sum": lambda x: x.sum(-1, keepdims=True),
        "max": lambda x: x.max(-1, keepdims=True),
        "min": lambda x: x.min(-1, keepdims=True),
        "swap": lambda x: xp.swapaxes(x, -1, -2),
        "take": lambda x, where: xp.take(x, where, axis=-1),
        "broadcast": xp.broadcast_to,
        "full": xp.full,
        "concatenate": concatenate,
    }


def numpy_namespace() -> Namespace:
    """The operations on NumPy arrays."""

    def assemble(shape: tuple[int, ...], *pieces: tuple[Any, Any]) -> Any:
        result = np.zeros(shape)
        for where, piece in pieces:
            if isinstance(where, slice) or where.size == np.unique(where).size:
                result[..., where] += piece
            else:  # several numbers for one place
                order = np.argsort(where, kind="stable")
                places, starts = np.unique(where[order], return_index=True)
                result[..., places] += np.add.reduceat(piece[..., order], starts, axis=-1)
        return result

    def segment_sum(x: Any, starts: Any) -> Any:
        return np.add.reduceat(x, starts, axis=-1)

    erf = np.vectorize(math.erf, otypes=[float])
    return _shared(np) | {"assemble": assemble, "segment_sum": segment_sum, "erf": erf}


def jax_namespace() -> Namespace:
    """The operations on JAX arrays."""
    try:
        import jax
    except ImportError:
        raise missing("jax", "JAX") from None
    import jax.numpy as jnp

    def assemble(shape: tuple[int, ...], *pieces: tuple[Any, Any]) -> Any:
        result = jnp.zeros(shape)
        for where, piece in pieces:
            result = result.at[..., where].add(piece)
        return result

    def segment_sum(x: Any, starts: Any) -> Any:
        segment = np.zeros(x.shape[-1], dtype=int)
        segment[starts[1:]] = 1
        return jnp.zeros((*x.shape[:-1], len(starts))).at[..., np.cumsum(segment)].add(x)

    return _shared(jnp) | {"assemble": assemble, "segment_sum": segment_sum, "erf": jax.scipy.special.erf}


def executable(source: str, name: str, scope: Namespace) -> Callable[..., Any]:
    """The function `name` that a program's source defines, with `scope` as its globals."""
    exec(compile(source, "<array program>", "exec"), scope)
    return scope[name]  # type: ignore[no-any-return]


class NumPy:
    """Runs a program with NumPy."""

    def __init__(self) -> None:
        self.namespace = numpy_namespace()

    def run(self, function: Callable[..., Any], program: Any, batch: list[Any]) -> Any:
        """The function's results on the parameters' present numbers and a batch of arguments."""
        with np.errstate(all="ignore"):  # inf and nan are results here, not accidents
            return function(*[block.read() for block in program.blocks], *batch)


class JAX:
    """Runs a program with JAX: compiled by XLA, float64, the rows shared among the devices."""

    def __init__(self) -> None:
        self.namespace = jax_namespace()
        import jax

        self._jax = jax
        self._compiled: dict[Any, Callable[..., Any]] = {}
        mesh = jax.sharding.Mesh(np.array(jax.devices()), ("rows",))
        self._by_rows = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("rows"))
        self._everywhere = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())

    def run(self, function: Callable[..., Any], program: Any, batch: list[Any]) -> Any:
        """The function's results on the parameters' present numbers and a batch of arguments."""
        jax = self._jax
        with jax.enable_x64(True):
            if function not in self._compiled:
                self._compiled[function] = jax.jit(function)
            shared = batch and len(batch[0]) % len(jax.devices()) == 0
            arguments = [jax.device_put(array, self._by_rows if shared else self._everywhere) for array in batch]
            parameters = [jax.device_put(block.read(), self._everywhere) for block in program.blocks]
            results = self._compiled[function](*parameters, *arguments)
            return jax.tree.map(np.asarray, results)


Backend = Any  # NumPy or JAX


def backend_named(name: str) -> Backend:
    """The backend of that name. ValueError for one there is not, ImportError with the way out if it is not installed."""
    backends = {"numpy": NumPy, "jax": JAX}
    if name not in backends:
        raise ValueError(f"there is no backend {name!r}: choose one of {', '.join(map(repr, backends))}")
    return backends[name]()
