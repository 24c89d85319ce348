"""Lists that count: what a page has thousands of, in a few words. `runs.js` writes them out again.

The 2,048 weights of a layer are called w¹[0][0] to w¹[31][63], and their edges come from one unit after the other.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any

NUMBER = re.compile(r"(0|[1-9][0-9]*)")


def name_runs(names: Sequence[str]) -> list[Any]:
    """Names, with runs of them as ``[texts, ranges]``.

    A run is every choice of a number from each range, the last one first counted through, between the texts.

    >>> name_runs(["w[0][0]", "w[0][1]", "w[1][0]", "w[1][1]", "b"])
    [[['w[', '][', ']'], [[0, 2], [0, 2]]], 'b']
    """
    found: list[Any] = []
    for _, alike in itertools.groupby(map(NUMBER.split, names), key=_form):
        split = [*alike]
        texts, numbers = split[0][::2], [tuple(map(int, each[1::2])) for each in split]
        ranges = [[min(axis), max(axis) + 1] for axis in zip(*numbers)]
        if len(numbers) > 1 and numbers == [*itertools.product(*[range(*each) for each in ranges])]:
            found.append([texts, ranges])
        else:
            found += ["".join(each) for each in split]
    return found


def _form(split: list[str]) -> list[str]:
    """What names of a run have in common: the texts, and of three numbers or more the first, as a layer's."""
    return [*split[::2], *(split[1:2] if len(split) > 6 else [])]


def edge_runs(edges: Sequence[tuple[int, int | None]]) -> list[list[int | None]]:
    """Edges, with as many as come from one unit after the other, by one weight after the other, as one.

    >>> edge_runs([(0, 8), (1, 9), (2, 10), (5, None)])
    [[0, 8, 3], [5, None, 1]]
    """
    found: list[list[int | None]] = []
    for source, weight in edges:
        if found:
            first, start, count = found[-1]
            if source == first + count and weight is not None and start is not None and weight == start + count:  # type: ignore[operator]
                found[-1][2] = count + 1  # type: ignore[operator]
                continue
        found.append([source, weight, 1])
    return found
