"""The parts of sums: like terms of every entry, in the order and in the form in which arrays compute them best."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from engine.lifting.groups import MatrixProduct, Part, RaggedTerms, Terms
from engine.lifting.masked_products import masked_product
from engine.lifting.patterns import Matrix, blocks_of, first_places, is_matrix_product, numbered_rows, sorted_cells

Rows = list[list[int]]
LikeTerms = tuple[bool, Rows, "Rows | None"]  # minus, us and vs: a row of factors for each entry


def arranged(us: Rows, vs: Rows, place: Sequence[int], may_exchange: bool) -> tuple[Rows, Rows]:
    """Products in an order that is the same for like entries, of terms and in each product.

    They come in the order of the second factors. Where that is no matrix product, another order may be one: a
    convolution that wraps around has its weights in one order in all rows only if they are sorted by the weights, and
    in products of numbers of one array the first factor may have been written second.

    Args:
        us: a row of first factors for each entry.
        vs: the second factors.
        place: of each entry in its array.
        may_exchange: whether both factors come from one array.
    """
    if len(us) == 1 or is_matrix_product(us, vs):
        return us, vs
    rows = [[*zip(*row)] for row in zip(us, vs)]
    others = [[sorted(row, key=lambda pair: (place[pair[0]], place[pair[1]])) for row in rows]]
    if may_exchange:
        others += _with_common_factors(rows)
        in_order = [[(v, u) if place[u] > place[v] else (u, v) for u, v in row] for row in rows]
        others.append([sorted(row, key=lambda pair: (place[pair[1]], place[pair[0]])) for row in in_order])
    for other in others:
        found = [[u for u, _ in row] for row in other], [[v for _, v in row] for row in other]
        if is_matrix_product(*found):
            return found
    return us, vs


def _with_common_factors(rows: Sequence[Sequence[tuple[int, int]]]) -> list[list[list[tuple[int, int]]]]:
    """Rows of products with the factors that all have in common first, if each column has one: all times one vector.

    In Cholesky's decomposition the sums of L[j][k] * L[i][k] for all j, and of L[i][k] * z[k], are L[i] times others.
    """
    if len({len(row) for row in rows}) > 1:
        return []
    common = [set(column[0]).intersection(*column[1:]) for column in zip(*rows)]
    if not all(common):
        return []
    firsts = [*map(min, common)]
    return [[[(v, u) if v == first else (u, v) for (u, v), first in zip(row, firsts)] for row in rows]]


def order_of(columns: Sequence[LikeTerms], n: int) -> list[int] | None:
    """The order of a group's entries in which the longest full matrix product among its parts gives them."""
    best: tuple[int, list[int]] | None = None
    for _, us, vs in columns:
        if vs is None or len(us[0]) < (best[0] if best else 1) or n == 1:
            continue
        if len({len(row) for row in us}) > 1:
            masked = masked_product(False, us, vs)
            if masked is not None:
                best = (max(map(len, us)), np.argsort(masked.where, kind="stable").tolist())
            continue
        rows_u, rows_v = numbered_rows(us), numbered_rows(vs)
        blocks = blocks_of(rows_u, rows_v)
        if blocks is not None and (best is None or len(us[0]) > best[0]):
            order = [i for _, _, cells in blocks for i in sorted_cells(cells, rows_u, rows_v)]
            best = (len(us[0]), order)
    return None if best is None or best[1] == list(range(n)) else best[1]


def part_of(minus: bool, us: list[list[int]], vs: list[list[int]] | None) -> Part:
    """The sum of each row's terms, in the form in which arrays compute it best."""
    lengths = [len(row) for row in us]
    if len({*lengths}) > 1:
        masked = None if vs is None else masked_product(minus, us, vs)
        if masked is not None:
            return masked
        u = np.array(list(chain.from_iterable(us)), dtype=np.int64)
        v = None if vs is None else np.array(list(chain.from_iterable(vs)), dtype=np.int64)
        return RaggedTerms(minus, u, v, lengths)
    u = np.array(us, dtype=np.int64)
    if vs is None:
        return Terms(minus, u, None)
    v = np.array(vs, dtype=np.int64)
    return _matrix_product(minus, u, v) or Terms(minus, u, v)


def _matrix_product(minus: bool, u: Matrix, v: Matrix) -> MatrixProduct | None:
    """Rows of products as a matrix product, or as one for each block; None where they are neither."""
    n, k = u.shape
    if k == 1 and n == 1:
        return None
    rows_u, rows_v = numbered_rows(u.tolist()), numbered_rows(v.tolist())
    blocks = blocks_of(rows_u, rows_v, sparse=True)
    if blocks is None:
        return None
    if k == 1 and (len(blocks) > 1 or min(len(blocks[0][0]), len(blocks[0][1])) == 1):
        return None
    first_u, first_v = first_places(rows_u), first_places(rows_v)
    u_matrix = np.array([[u[first_u[r]] for r in of_u] for of_u, _, _ in blocks])  # blocks x r x k
    v_matrix = np.array([[v[first_v[s]] for s in of_v] for _, of_v, _ in blocks])  # blocks x s x k
    r, s = u_matrix.shape[1], v_matrix.shape[1]
    place = {}
    for b, (of_u, of_v, _) in enumerate(blocks):
        for j, row_v in enumerate(of_v):
            for i, row_u in enumerate(of_u):
                place[row_u, row_v] = (b * s + j) * r + i
    where = np.array([place[cell] for cell in zip(rows_u, rows_v)], dtype=np.int64)
    if len(blocks) == 1:
        u_matrix, v_matrix = u_matrix[0], v_matrix[0]
    return MatrixProduct(minus, u_matrix, v_matrix, where)
