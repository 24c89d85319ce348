"""Two graphs beside one another: which of their nodes say the same, and which do not."""

from __future__ import annotations

from collections.abc import Sequence

from engine.forward_pass import same_number
from engine.render.elements import Element


def joined(one: Sequence[Element], other: Sequence[Element]) -> list[Element]:
    """Both graphs' elements in one list, with indices that count on, and a mark on what differs.

    Nodes are compared along the same operands from the results on. One differs if its operation, its name or its number
    is another, if it has more operands or fewer, or if there is none in its place.
    """
    n = len(one)
    for element in other:
        element.index += n
        element.operands = tuple([None if k is None else k + n for k in element.operands])
    both = [*one, *other]
    same: set[int] = set()
    differs: set[int] = set()
    met: set[tuple[int, int]] = set()
    ends = [[element.index for element in graph if element.role == "output"] for graph in (one, other)]
    ends = [found or [graph[-1].index] for found, graph in zip(ends, (one, other))]
    stack = [*zip(*ends)]
    while stack:
        pair = stack.pop()
        if pair in met:
            continue
        met.add(pair)
        a, b = both[pair[0]], both[pair[1]]
        (same if _say_the_same(a, b) else differs).update(pair)
        stack.extend((j, k) for j, k in zip(a.operands, b.operands) if j is not None and k is not None)
    for element in both:
        if element.index in differs or element.index not in same:
            element.mark = "differs"
    return both


def _say_the_same(a: Element, b: Element) -> bool:
    return (
        a.symbol == b.symbol
        and a.label == b.label
        and len(a.operands) == len(b.operands)
        and same_number(a.data, b.data)
    )
