"""Lookups with one index for several numbers of a table's row are one lookup of a row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from engine.lifting.groups import LookupGroup
from engine.lifting.terms import Application

MOST_TABLES = 8  # of lookups side by side; where there are more, each index looks up in one table made of all


def lookups(entries: Sequence[int], operations: Mapping[int, Application]) -> list[LookupGroup]:
    """Entries that look up in columns of one length, as lookups of rows in tables.

    Indices that look up in the same columns do so in a table of these columns, in the order in which they were first
    asked for.
    """
    columns_of: dict[int, list[tuple[int, ...]]] = defaultdict(list)  # by index
    for entry in sorted(entries):
        index, *column = operations[entry][1]
        columns_of[index].append(tuple(column))
    indices_of: dict[tuple[tuple[int, ...], ...], list[int]] = defaultdict(list)
    for index, those in columns_of.items():
        indices_of[tuple(those)].append(index)
    if len(indices_of) > MOST_TABLES:
        everything = tuple(dict.fromkeys([column for columns in indices_of for column in columns]))
        indices_of = defaultdict(list, {everything: [*columns_of]})
    found = []
    for columns, indices in indices_of.items():
        places = {
            (index, column): i * len(columns) + j for i, index in enumerate(indices) for j, column in enumerate(columns)
        }
        some = [entry for entry in sorted(entries) if _key(entry, operations) in places]
        found.append(
            LookupGroup(
                some,
                np.array(columns, dtype=np.int64).T,
                np.array(indices, dtype=np.int64),
                np.array([places[_key(entry, operations)] for entry in some], dtype=np.int64),
            )
        )
    return found


def _key(entry: int, operations: Mapping[int, Application]) -> tuple[int, tuple[int, ...]]:
    index, *column = operations[entry][1]
    return index, tuple(column)
