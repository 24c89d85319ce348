"""Finding matrices in lists of operands, and slices in lists of indices."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import numpy as np

Matrix = Any  # an array of entry numbers, or of indices

MOST_AXES = 5  # of a pattern of indices; one with more is no pattern
RAGGED_LIMIT = 3  # sums of up to so many different lengths are lifted length by length, each as a matrix product


def by_lengths(parts: Sequence[Any], group: list[Any]) -> list[list[Any]]:
    """A group of sums by the number of terms in each part; as it is where there are many different numbers."""
    found: dict[Any, list[Any]] = defaultdict(list)
    kind = itemgetter(slice(3))
    for entry, terms in group:
        counts = Counter(map(kind, terms)) if len(terms) > len(parts) else {}
        found[tuple([counts[part] for part in parts]) if counts else ()].append((entry, terms))
    return [group] if len(found) > RAGGED_LIMIT else list(found.values())


def numbered_rows(rows: Sequence[Sequence[int]]) -> list[int]:
    """The number of each row among the distinct ones, in order of first appearance."""
    known: dict[tuple[int, ...], int] = {}
    return [known.setdefault(tuple(row), len(known)) for row in rows]


def first_places(numbers: Sequence[int]) -> dict[int, int]:
    """Where each number comes first."""
    first: dict[int, int] = {}
    for place, number in enumerate(numbers):
        first.setdefault(number, place)
    return first


def grouped(numbers: Matrix) -> list[tuple[int, Matrix]]:
    """Each distinct one of some numbers, in order of first appearance, and where it stands."""
    kinds, first, counts = np.unique(numbers, return_index=True, return_counts=True)
    where = np.split(np.argsort(numbers, kind="stable"), np.cumsum(counts)[:-1])
    return [(int(kinds[k]), where[k]) for k in np.argsort(first)]


def in_fewest_runs(columns: Sequence[tuple[Matrix, Matrix]]) -> list[int]:
    """The order of rows in which their operands are in the fewest runs, each of numbers side by side in an array.

    As they are, or in the order of one of the columns: each has the number of an array and a place in that.
    """

    def runs(order: Matrix) -> int:
        return sum(
            int(((np.diff(arrays[order]) != 0) | (np.diff(places[order]) != 1)).sum()) for arrays, places in columns
        )

    orders = [np.arange(len(columns[0][0])), *(np.lexsort((places, arrays)) for arrays, places in columns)]
    return min(orders, key=runs).tolist()  # type: ignore[no-any-return]


# Rows of u, rows of v, and the entries that are products of one with another.
Block = tuple[list[int], list[int], list[int]]


def blocks_of(rows_u: Sequence[int], rows_v: Sequence[int], sparse: bool = False) -> list[Block] | None:
    """Entries (row of u, row of v) as the cells of one matrix or of several of one size; None if they are not.

    With `sparse` a third of the cells is enough: computing some too many costs less than gathering the others.
    """
    n, of_u, of_v = len(rows_u), dict.fromkeys(rows_u), dict.fromkeys(rows_v)
    if len(of_u) == len(of_v) == n > 1:
        return None  # one by one: elementwise products
    distinct_cells = len(set(zip(rows_u, rows_v)))
    if distinct_cells == len(of_u) * len(of_v):
        return [([*of_u], [*of_v], [*range(n)])]
    leader = {r: r for r in rows_u} | {~s: ~s for s in rows_v}  # union-find; ~s: rows of v, apart from those of u

    def find(x: int) -> int:
        while leader[x] != x:
            leader[x] = leader[leader[x]]
            x = leader[x]
        return x

    for r, s in zip(rows_u, rows_v):
        leader[find(r)] = find(~s)
    blocks: dict[int, Block] = {}
    for place, (r, s) in enumerate(zip(rows_u, rows_v)):
        in_u, in_v, cells = blocks.setdefault(find(r), ([], [], []))
        cells.append(place)
        in_u.append(r)
        in_v.append(s)
    result = [(list(dict.fromkeys(u)), list(dict.fromkeys(v)), cells) for u, v, cells in blocks.values()]
    sizes = {(len(u), len(v)) for u, v, _ in result}
    if len(sizes) > 1:
        return None
    ((r_size, s_size),) = sizes
    if len(result) > 1 and r_size == s_size == 1:
        return None  # one by one: elementwise products
    cells_needed = r_size * s_size / (3 if sparse else 1)
    return result if distinct_cells >= cells_needed * len(result) else None


def is_matrix_product(rows_u: Sequence[Sequence[int]], rows_v: Sequence[Sequence[int]]) -> bool:
    """Whether rows of factors, all of one length, are those of a matrix product, or of several of one size."""
    if len({len(row) for row in rows_u}) > 1:
        return False
    return blocks_of(numbered_rows(rows_u), numbered_rows(rows_v), sparse=True) is not None


def sorted_cells(cells: Sequence[int], rows_u: Sequence[int], rows_v: Sequence[int]) -> list[int]:
    """The entries of a block as its matrix product gives them: by the row of v, then by the row of u."""
    rank_u = {row: i for i, row in enumerate(dict.fromkeys(rows_u[c] for c in cells))}
    rank_v = {row: i for i, row in enumerate(dict.fromkeys(rows_v[c] for c in cells))}
    return sorted(cells, key=lambda c: (rank_v[rows_v[c]], rank_u[rows_u[c]]))


Axis = tuple[int, int]  # a length, and a step between one index and the next


def axes_of(indices: Matrix) -> list[Axis] | None:
    """Indices as those of nested loops, the outermost first; None if they follow no such pattern.

    A step of 0 is a broadcast. 0 0 1 1 2 2 is [(3, 1), (2, 0)], 0 2 4 1 3 5 is [(2, 1), (3, 2)].
    """
    axes: list[Axis] = []
    while indices.size > 1:
        steps = np.diff(indices)
        breaks = np.nonzero(steps != steps[0])[0]
        length = int(breaks[0]) + 1 if breaks.size else indices.size
        if indices.size % length or length == 1 or steps[0] < 0 or len(axes) == MOST_AXES:
            return None
        runs = indices.reshape(-1, length)
        if (runs - runs[:, :1] != runs[0] - runs[0, 0]).any():
            return None
        axes.insert(0, (length, int(steps[0])))
        indices = runs[:, 0]
    return axes


def splits_of(start: int, axes: Sequence[Axis], size: int) -> list[tuple[int, int, int]] | None:
    """How an array of `size` numbers is split so that start + i * step_i + j * step_j + ... are slices of its axes.

    Each split is (from where, rows, numbers in a row); the last one a slice: (from where, numbers, the step between).
    None where the rows would overlap.
    """
    moving = sorted([axis for axis in axes if axis[1] > 0], key=lambda axis: -axis[1])
    result = []
    for place, (length, step) in enumerate(moving[:-1]):  # rows of `step` numbers, and on in a part of each
        covered = 1 + sum((inner_length - 1) * inner_step for inner_length, inner_step in moving[place + 1 :])
        first = start - start % step
        if start % step + covered > step:
            first = start
        if covered > step or first + length * step > size:
            return None
        result.append((first, length, step))
        start, size = start - first, step
    length, step = moving[-1] if moving else (1, 1)
    return [*result, (start, length, step)]


def is_view(places: Matrix, size: int) -> bool:
    """Whether places in an array of `size` numbers need no gather."""
    flat = places.reshape(-1)
    axes = axes_of(flat)
    return axes is not None and splits_of(int(flat[0]), axes, size) is not None


def is_identity(places: Matrix, size: int) -> bool:
    """Whether the places are 0, 1, ..., size - 1."""
    return bool(places.size == size and (places.reshape(-1) == np.arange(size)).all())


def as_row(entries: Matrix) -> Matrix:
    """A matrix of one row as that row."""
    return entries[0] if len(entries) == 1 else entries
