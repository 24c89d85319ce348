"""The array namespace that a program runs in on JAX.

XLA computes several operations in one loop, but not through a scatter. So sums over segments are gathered, and
adjoints of parts that follow one another are concatenated.
"""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np

from engine.lifting.lookup_arrays import added_by_jax, lookup_functions
from engine.lifting.namespaces import Namespace, missing, shared_functions

MOST_PADDED = 4  # places for each number where segments of different lengths are filled up

Pieces = list[tuple[Any, Any]]  # (indices of the last axis, an array for them)


def jax_namespace() -> Namespace:
    """The operations on JAX arrays."""
    try:
        import jax.numpy as jnp
        from jax import lax
    except ImportError:
        raise missing("jax", "JAX") from None

    def take(x: Any, where: Any) -> Any:  # JAX's own makes nan of what is out of bounds: here nothing is
        return jnp.asarray(x).at[..., where].get(mode="promise_in_bounds")

    def spread(x: Any, where: Any) -> Any:
        return jnp.where(where < 0, 0.0, take(x, np.maximum(where, 0)))

    def segment_sum(x: Any, starts: Any) -> Any:
        lengths = np.diff(starts, append=x.shape[-1])
        if lengths.max() * lengths.size > MOST_PADDED * lengths.sum():
            return jnp.zeros((*x.shape[:-1], lengths.size)).at[..., np.repeat(np.arange(lengths.size), lengths)].add(x)
        column = np.arange(lengths.max())
        return spread(x, np.where(column < lengths[:, None], starts[:, None] + column, -1)).sum(-1)

    def assemble(shape: tuple[int, ...], *pieces: tuple[Any, Any]) -> Any:
        scattered = [(where, piece) for where, piece in pieces if not is_range(where)]
        ranges = [(where, piece) for where, piece in pieces if is_range(where)]
        parts = [side_by_side(shape, layer) for layer in layers(ranges)]
        total = functools.reduce(operator.add, parts) if parts else jnp.zeros(shape)
        for where, piece in scattered:
            total = total.at[..., where].add(piece)
        return total

    def side_by_side(shape: tuple[int, ...], pieces: Pieces) -> Any:
        """Ranges in order, none of which overlap, with zeros around them."""
        parts, end = [], 0
        for where, piece in pieces:
            parts += [jnp.zeros((*shape[:-1], where.start - end), piece.dtype)] if where.start > end else []
            parts.append(jnp.broadcast_to(piece, (*shape[:-1], where.stop - where.start)))
            end = where.stop
        parts += [jnp.zeros((*shape[:-1], shape[-1] - end), piece.dtype)] if end < shape[-1] else []
        return jnp.concatenate(parts, -1)

    def masked_matmul(a: Any, b: Any, mask: Any) -> Any:
        def by_terms() -> Any:  # 0 times infinity is nan: term by term, and no others
            return lax.fori_loop(0, mask.shape[-1], add_term, jnp.zeros_like(a @ b))

        def add_term(k: Any, total: Any) -> Any:
            of_a, of_b = lax.dynamic_slice_in_dim(a, k, 1, -1), lax.dynamic_slice_in_dim(b, k, 1, -2)
            of_mask = lax.dynamic_slice_in_dim(jnp.asarray(mask), k, 1, -1)
            return total + jnp.where(of_mask, of_a * of_b, 0.0)

        return lax.cond(jnp.isfinite(b).all(), lambda: a @ b, by_terms)  # a is 0 where the mask is

    def scan(turn: Any, states: Any, sequences: Any, turns: int, backwards: bool = False) -> Any:
        return lax.scan(turn, states, sequences, turns, backwards)

    return (
        shared_functions(jnp)
        | lookup_functions(jnp, added_by_jax)
        | {
            "take": take,
            "assemble": assemble,
            "segment_sum": segment_sum,
            "spread": spread,
            "masked_matmul": masked_matmul,
            "rows_sum": lambda x: x.sum(0),
            "scan": scan,
        }
    )


def is_range(where: Any) -> bool:
    """Whether indices are a slice of entries that follow one another."""
    return isinstance(where, slice) and where.step in (1, None)


def layers(pieces: Pieces) -> list[Pieces]:
    """Ranges in layers, in each of which they follow one another and do not overlap."""
    found: list[Pieces] = []
    for where, piece in sorted(pieces, key=lambda each: each[0].start):
        layer = next((each for each in found if each[-1][0].stop <= where.start), None)
        if layer is None:
            layer = []
            found.append(layer)
        layer.append((where, piece))
    return found
