"""How each operation of arrays is written as terms; what moves numbers about makes none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.lifting.arrays import ELEMENTARY, REDUCTIONS, Array
from engine.lifting.native.numbers import Numbers, as_numbers
from engine.lifting.native.terms import Kernel

if TYPE_CHECKING:
    from engine.lifting.native.expand import Expander

Where = Any  # an array of terms


def _slice(_: Expander, array: Array, operands: list[Where]) -> Where:
    return operands[0][..., array.detail]


def _constant(writer: Expander, array: Array, _: list[Where]) -> Where:
    numbers = array.detail.astype(float)
    return np.reshape([writer.terms.constant(x) for x in numbers.reshape(-1).tolist()], numbers.shape)


def _number(writer: Expander, _: Array, operands: list[Where]) -> Where:
    return as_numbers(writer.terms, operands[0])


def _neg(writer: Expander, _: Array, operands: list[Where]) -> Where:
    return (-Numbers(writer.terms, operands[0])).where


def _share(writer: Expander, array: Array, _: list[Where]) -> Where:
    terms = writer.terms
    of_rows = array.batched and not writer.has_one_row
    return np.asarray(terms.make("div", terms.constant(1.0), terms.leaf("rows")) if of_rows else terms.constant(1.0))


def _spread(writer: Expander, array: Array, operands: list[Where]) -> Where:
    places = array.detail
    return np.where(places < 0, writer.terms.constant(0.0), operands[0][np.maximum(places, 0)])


def _assemble(writer: Expander, array: Array, operands: list[Where]) -> Where:
    places = np.arange(array.size).reshape(array.shape)
    received: list[list[int]] = [[] for _ in range(array.size)]
    for part, piece in zip(array.detail, operands):
        where = places[..., part]
        for place, term in zip(where.reshape(-1).tolist(), np.broadcast_to(piece, where.shape).reshape(-1).tolist()):
            received[place].append(term)
    return writer.sums(received).reshape(array.shape)


def _segment_sum(writer: Expander, array: Array, operands: list[Where]) -> Where:
    return writer.sums([part.tolist() for part in np.split(operands[0], array.detail[1:])])


def _rows_outer(writer: Expander, array: Array, operands: list[Where]) -> Where:
    g, v = (x.reshape(-1, x.shape[-1]) for x in operands)
    return writer.outer(g, v, array.operands[0].batched)


def _blocks_outer(writer: Expander, array: Array, operands: list[Where]) -> Where:
    return np.stack([writer.outer(g, v, array.operands[0].batched) for g, v in zip(*operands)])


def _rows_times(writer: Expander, _: Array, operands: list[Where]) -> Where:
    v, m = operands
    return writer.matmul(v.reshape(-1, v.shape[-1]), m).reshape(*v.shape[:-1], m.shape[-1])


def _matmul(writer: Expander, array: Array, operands: list[Where]) -> Where:
    a, b = operands
    return writer.matmul(a, b, array.detail)


def _lookup(writer: Expander, array: Array, operands: list[Where]) -> Where:
    table, index = operands
    (n, c), p = table.shape, index.size
    return np.reshape(writer.terms.kernel("lookup", Kernel((*table.flat,), (*index.flat,), (p, n, c))), array.shape)


def _scatter(writer: Expander, array: Array, operands: list[Where]) -> Where:
    g, index = operands
    n, c = array.shape
    over_rows = array.op == "scatter_add" and array.operands[0].batched and not writer.has_one_row
    kernel = Kernel((*g.flat,), (*index.flat,), (n, index.size, c))
    return np.reshape(writer.terms.kernel("scatter_sum" if over_rows else "scatter", kernel), array.shape)


def _reduction(writer: Expander, array: Array, operands: list[Where]) -> Where:
    result: Where = ELEMENTARY[array.op].on(writer.namespace)(Numbers(writer.terms, operands[0])).where
    return result


WRITERS: Mapping[str, Callable[[Expander, Array, list[Where]], Where]] = {
    **dict.fromkeys(("alias", "one_row", "no_rows"), lambda _, __, operands: operands[0]),
    **dict.fromkeys(REDUCTIONS, _reduction),
    "broadcast": lambda _, array, operands: np.broadcast_to(operands[0], array.shape),
    "constant": _constant,
    "number": _number,
    "neg": _neg,
    "share": _share,
    "reshape": lambda _, array, operands: operands[0].reshape(array.shape),
    "transpose": lambda _, __, operands: operands[0].swapaxes(-1, -2),
    "permute": lambda _, array, operands: operands[0].transpose(array.detail),
    "slice": _slice,
    "take": lambda _, array, operands: operands[0][..., array.detail],
    "spread": _spread,
    "assemble": _assemble,
    "concatenate": lambda _, __, operands: np.concatenate(operands, axis=-1),
    "segment_sum": _segment_sum,
    "lookup": _lookup,
    "scatter_add": _scatter,
    "scatter_add_rows": _scatter,
    "row_sum": lambda writer, _, operands: writer.row_sum(operands[0]),
    "rows_times": _rows_times,
    "rows_outer": _rows_outer,
    "blocks_times": _matmul,
    "blocks_outer": _blocks_outer,
    "matmul": _matmul,
    "masked_matmul": _matmul,
}
