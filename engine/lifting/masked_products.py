"""Sums of products of different lengths as one matrix product, with holes where a sum has no such term.

A growing context: position t mixes the values of positions 0 to t, sum_s w[t][s] v[s][c]. That is w @ v with w[t][s]
missing for s > t.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.lifting.groups import HOLE, MaskedProduct
from engine.lifting.patterns import blocks_of

FULL = 1 / 3  # of the places in the rows: with fewer terms the product would compute too much for nothing


def masked_product(minus: bool, us: Sequence[list[int]], vs: Sequence[list[int]]) -> MaskedProduct | None:
    """Rows of products of different lengths as a masked matrix product; None where they are none."""
    return _with_holes(minus, us, vs) or _with_holes(minus, vs, us)


def _with_holes(minus: bool, us: Sequence[list[int]], vs: Sequence[list[int]]) -> MaskedProduct | None:
    """The same with the holes among the us: the rows of v are parts of a few full ones."""
    column_of, place_of, columns = _columns(vs)
    width = len(columns[0])
    if width == 1 or any(len(column) != width for column in columns):
        return None
    number_of: dict[tuple[int, ...], int] = {}
    places: list[list[int]] = []  # of the terms of each distinct row of u
    rows_u, rows_v = [], []
    for u, v in zip(us, vs):
        where = [place_of[x] for x in v]
        row = number_of.setdefault(tuple(u), len(places))
        if row == len(places):
            if len(set(where)) < len(where):
                return None
            places.append(where)
        elif places[row] != where:
            return None
        rows_u.append(row)
        rows_v.append(column_of[v[0]])
    if len(places) < 2 or sum(map(len, places)) < FULL * width * len(places):
        return None
    blocks = blocks_of(rows_u, rows_v, sparse=True)
    if blocks is None:
        return None
    matrix = np.full((len(places), width), HOLE, dtype=np.int64)
    for entries, number in number_of.items():
        matrix[number, places[number]] = entries
    u_matrix = np.array([matrix[of_u] for of_u, _, _ in blocks])
    v_matrix = np.array([[columns[column] for column in of_v] for _, of_v, _ in blocks])
    r, s = u_matrix.shape[1], v_matrix.shape[1]
    cell = {
        (row, column): (block * r + i) * s + j
        for block, (of_u, of_v, _) in enumerate(blocks)
        for i, row in enumerate(of_u)
        for j, column in enumerate(of_v)
    }
    where_of = np.array([cell[pair] for pair in zip(rows_u, rows_v)], dtype=np.int64)
    if len(blocks) == 1:
        u_matrix, v_matrix = u_matrix[0], v_matrix[0]
    return MaskedProduct(minus, u_matrix, v_matrix, where_of)


def _columns(rows: Sequence[list[int]]) -> tuple[dict[int, int], dict[int, int], list[list[int]]]:
    """The full rows of which some rows are parts: the number of each entry's, its place there, and their entries."""
    leader: dict[int, int] = {}

    def find(x: int) -> int:
        while leader.setdefault(x, x) != x:
            leader[x] = leader[leader[x]]
            x = leader[x]
        return x

    for row in rows:
        first = find(row[0])
        for x in row[1:]:
            leader[find(x)] = first
    members: dict[int, list[int]] = {}
    for x in sorted(leader):
        members.setdefault(find(x), []).append(x)
    columns = [*members.values()]
    column_of = {x: number for number, column in enumerate(columns) for x in column}
    place_of = {x: place for column in columns for place, x in enumerate(column)}
    return column_of, place_of, columns
