"""The array namespaces that a program runs in: NumPy's, and JAX's.

A program uses operators, array methods, and the functions of a namespace by the names of the array operations.
"""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.lifting.arrays import ELEMENTARY
from engine.lifting.lookup_arrays import added_by_jax, added_by_numpy, lookup_functions
from engine.lifting.pieces import pieces_of, rows_at_once
from engine.lifting.precision import in_float32
from engine.lifting.syntax import INFIX

if TYPE_CHECKING:
    from engine.lifting.program import Program

Namespace = dict[str, Any]


def missing(extra: str, package: str) -> ImportError:
    """What to raise for a package that is not installed."""
    return ImportError(f'{package} is not installed: pip install "liftgrad[{extra}]"')


def once_for_each(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """f, computed once for each array of indices, and kept as long as that is there."""
    known: dict[int, Any] = {}

    def of(where: Any) -> Any:
        key = id(where)
        if key not in known:
            known[key] = f(where)
            weakref.finalize(where, known.pop, key, None).atexit = False
        return known[key]

    return of


def _shared(xp: Any) -> Namespace:
    """What is written alike for NumPy and JAX."""

    def rows_times(v: Any, m: Any) -> Any:
        return (v.reshape(-1, v.shape[-1]) @ m).reshape(*v.shape[:-1], m.shape[-1])

    def rows_outer(g: Any, v: Any) -> Any:
        return g.reshape(-1, g.shape[-1]).T @ v.reshape(-1, v.shape[-1])

    def by_block(v: Any) -> Any:  # (rows, blocks, s, k) as (blocks, rows * s, k): one large product for each block
        rows, blocks, s, k = v.shape
        return v.transpose(1, 0, 2, 3).reshape(blocks, rows * s, k)

    def blocks_times(v: Any, m: Any) -> Any:
        if v.ndim == 3 or len(v) == 1:
            return v @ m
        rows, blocks, s, _ = v.shape
        return (by_block(v) @ m).reshape(blocks, rows, s, m.shape[-1]).transpose(1, 0, 2, 3)

    def blocks_outer(g: Any, v: Any) -> Any:
        if g.ndim == 4:
            g, v = by_block(g), by_block(v)
        return xp.swapaxes(g, -1, -2) @ v

    def concatenate(*arrays: Any) -> Any:
        return xp.concatenate(arrays, -1)

    functions: Namespace = {
        name: operation.on(xp)
        for name, operation in ELEMENTARY.items()
        if name not in INFIX and name not in ("neg", "dot", "weighted_sum")  # written with operators
    }
    return functions | {
        "rows_times": rows_times,
        "rows_outer": rows_outer,
        "blocks_times": blocks_times,
        "blocks_outer": blocks_outer,
        "number": lambda x: x * 1.0,
        "swap": lambda x: xp.swapaxes(x, -1, -2),
        "take": lambda x, where: xp.take(x, where, axis=-1),
        "broadcast": xp.broadcast_to,
        "full": xp.full,
        "concatenate": concatenate,
        "turns": lambda x: xp.swapaxes(x, 0, 1),
        "repeated": lambda x, turns: xp.tile(x, (turns, *(1,) * (x.ndim - 1))),
    }


def numpy_namespace() -> Namespace:
    """The operations on NumPy arrays."""

    def repeated(where: Any) -> Any:
        """If several indices are equal: the order that brings them together, where each run starts, and its index."""
        order = np.argsort(where, kind="stable")
        places, starts = np.unique(where[order], return_index=True)
        return None if places.size == where.size else (order, starts, places)

    runs_of = once_for_each(repeated)

    def assemble(shape: tuple[int, ...], *pieces: tuple[Any, Any]) -> Any:
        result = np.zeros(shape)
        is_empty = True
        for where, piece in pieces:
            runs = None if isinstance(where, slice) else runs_of(where)
            if runs is not None:
                order, starts, where = runs
                piece = np.add.reduceat(piece[..., order], starts, axis=-1)
            if is_empty:  # adding to what is at indices takes three times as long as writing there
                result[..., where] = piece
                is_empty = False
            else:
                result[..., where] += piece
        return result

    def rows_outer(g: Any, v: Any) -> Any:
        if g.ndim == 3 and g.strides[0] < g.strides[1]:  # turns(h): to sum over the turns first takes no copy of it
            g, v = g.swapaxes(0, 1), v.swapaxes(0, 1)
        return g.reshape(-1, g.shape[-1]).T @ v.reshape(-1, v.shape[-1])

    def where(condition: Any, a: Any, b: Any) -> Any:
        if (
            condition.dtype != bool
            or condition.size < 4096
            or type(a) is not float
            or a != 0.0
            or condition.shape != np.shape(b)
        ):
            return np.where(condition, a, b)
        # 0 or b, for large arrays: np.where branches on every element, several times slower than masking the bits
        bits = (condition.view(np.int8) - np.int8(1)).astype(np.int64)  # all bits where the condition is false
        np.bitwise_and(np.ascontiguousarray(b).view(np.int64), bits, out=bits)
        return bits.view(float)

    def segment_sum(x: Any, starts: Any) -> Any:
        return np.add.reduceat(x, starts, axis=-1)

    def history(turns: int, state: Any, place: int) -> Any:
        result = np.empty((turns + 1, *state.shape))
        result[place] = state
        return result

    bits_of = once_for_each(lambda where: np.where(where < 0, np.int8(0), np.int8(-1)))  # all bits where it has one

    def spread(x: Any, where: Any) -> Any:
        result = np.take(x, where, axis=-1)
        as_bits = result.view(f"i{result.itemsize}")
        np.bitwise_and(as_bits, bits_of(where), out=as_bits)  # not times 0, which makes nan of what is infinite
        return result

    def masked_matmul(a: Any, b: Any, mask: Any) -> Any:
        product = a @ b
        if np.isfinite(product).all():
            return product
        total = np.zeros_like(product)  # 0 times infinity is nan: term by term, and no others
        for k in range(mask.shape[-1]):
            part = slice(k, k + 1)
            total += np.where(mask[..., part], a[..., part] * b[..., part, :], 0.0)
        return total

    return (
        _shared(np)
        | lookup_functions(np, added_by_numpy)
        | {
            "assemble": assemble,
            "segment_sum": segment_sum,
            "spread": spread,
            "masked_matmul": masked_matmul,
            "rows_outer": rows_outer,
            "where": where,
            "history": history,
            "empty": np.empty,
        }
    )


def jax_namespace() -> Namespace:
    """The operations on JAX arrays."""
    try:
        import jax.numpy as jnp
        from jax import lax
    except ImportError:
        raise missing("jax", "JAX") from None

    def assemble(shape: tuple[int, ...], *pieces: tuple[Any, Any]) -> Any:
        result = jnp.zeros(shape)
        for where, piece in pieces:
            result = result.at[..., where].add(piece)
        return result

    def segment_sum(x: Any, starts: Any) -> Any:
        segment = np.zeros(x.shape[-1], dtype=int)
        segment[starts[1:]] = 1
        return jnp.zeros((*x.shape[:-1], len(starts))).at[..., np.cumsum(segment)].add(x)

    def scan(turn: Any, states: Any, sequences: Any, turns: int, backwards: bool = False) -> Any:
        return lax.scan(turn, states, sequences, turns, backwards)

    def spread(x: Any, where: Any) -> Any:
        return jnp.where(where < 0, 0.0, jnp.take(x, where, axis=-1))

    def masked_matmul(a: Any, b: Any, mask: Any) -> Any:
        product, of_mask = a @ b, jnp.asarray(mask)

        def add_term(k: Any, total: Any) -> Any:
            of_a, of_b = lax.dynamic_slice_in_dim(a, k, 1, -1), lax.dynamic_slice_in_dim(b, k, 1, -2)
            return total + jnp.where(lax.dynamic_slice_in_dim(of_mask, k, 1, -1), of_a * of_b, 0.0)

        def by_terms() -> Any:  # 0 times infinity is nan: term by term, and no others
            return lax.fori_loop(0, mask.shape[-1], add_term, jnp.zeros_like(product))

        return lax.cond(jnp.isfinite(product).all(), lambda: product, by_terms)

    return (
        _shared(jnp)
        | lookup_functions(jnp, added_by_jax)
        | {
            "assemble": assemble,
            "segment_sum": segment_sum,
            "spread": spread,
            "masked_matmul": masked_matmul,
            "scan": scan,
        }
    )


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
    return value.item() if value.size == 1 else float(value.mean())


class NumPy(Backend):
    """Runs programs with NumPy.

    Args:
        dtype: "float64" or "float32".
        why: it is NumPy that was chosen; "" where it was asked for.
    """

    def __init__(self, dtype: str = "float64", why: str = "") -> None:
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
