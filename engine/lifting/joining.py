"""Joining: a few entries whose operands come from other arrays become part of a large group of the same form.

The cells at the edge of a stencil have a neighbour that never changes. As a group of their own they would give the
cells beside them an operand from another array, and so on: each step of time would split off one cell more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Member = TypeVar("Member")
Sources = tuple[int, ...]  # the groups that the operands of an entry come from, as they are written

LARGE = 3  # entries: what may be joined
TIMES_AS_MANY = 2  # entries as in what joins
MANY, SMALL = 4, 64  # so many groups, of so few entries each, are one even if they have nothing in common
MOST = 100  # of one form, the largest, that are looked at: each is compared with all smaller ones


@dataclass
class Alike(Generic[Member]):
    """Members with one form, whose operands come from the same groups."""

    form: Any  # what can be a key
    sources: Sources
    members: list[Member]


def joined(
    alike: Sequence[Alike[Member]],
    may_stand_for: Callable[[int, int], bool],
    is_computed: Callable[[int], bool],
    operands_of: Callable[[Member], Sequence[int]],
    size_of: Callable[[int], int],
) -> list[Alike[Member]]:
    """The same, with each small one in a large one of its form with which it shares an array that is computed.

    And many small ones as one, and those that divide an array among them: the butterflies of a Fourier transform, of
    which each half reads other numbers of what both halves have been multiplied with.

    Args:
        alike: what may be joined.
        may_stand_for: whether a number of the first group may be where all others are of the second.
        is_computed: whether a group is neither parameters nor constants.
        operands_of: the entries that a member is computed from, from the groups that `Alike.sources` has.
        size_of: how many numbers a group has.
    """
    if len(alike) < 2:
        return [*alike]
    by_form: dict[Any, list[Alike[Member]]] = defaultdict(list)
    for each in alike:
        by_form[each.form].append(each)
    gone: set[int] = set()
    for same in by_form.values():
        by_size = sorted(same, key=lambda each: -len(each.members))
        for place, large in enumerate(by_size[:MOST]):
            if id(large) in gone:
                continue
            computed = set(filter(is_computed, large.sources))
            possible = [
                small
                for small in by_size[place + 1 :]
                if id(small) not in gone and all(map(may_stand_for, small.sources, large.sources))
            ]
            if len(possible) < MANY - 1 or len(large.members) > SMALL:
                possible = [
                    small
                    for small in possible
                    if (
                        len(large.members) >= max(LARGE, TIMES_AS_MANY * len(small.members))
                        and not computed.isdisjoint(small.sources)
                    )
                    or (
                        len(large.members) >= LARGE
                        and _divide_an_array(large, small, is_computed, operands_of, size_of)
                    )
                ]
            for small in possible:
                large.members += small.members
                gone.add(id(small))
    return [each for each in alike if id(each) not in gone]


def _divide_an_array(
    one: Alike[Member],
    other: Alike[Member],
    is_computed: Callable[[int], bool],
    operands_of: Callable[[Member], Sequence[int]],
    size_of: Callable[[int], int],
) -> bool:
    """Whether the members of one read some numbers of an array as the same operand as those of the other all others."""
    for place, source in enumerate(one.sources):
        if source == other.sources[place] and is_computed(source):
            read = {operands_of(member)[place] for member in one.members}
            others = {operands_of(member)[place] for member in other.members}
            if len(read) + len(others) == size_of(source) and read.isdisjoint(others):
                return True
    return False


def connected(alike: Sequence[Alike[Member]], is_computed: Callable[[int], bool]) -> list[Alike[Member]]:
    """The same, with those of one form as one where they share an array and one of them gathers from several anyway.

    That is for reductions, whose operands are gathered in rows: the cells of a diagonal, each from three neighbours.
    """
    result: list[Alike[Member]] = []
    reading: dict[tuple[Any, int], Alike[Member]] = {}  # by form and array: the group that gathers from it, and others
    for each in sorted(alike, key=lambda each: -len(each.sources)):
        computed = [*filter(is_computed, each.sources)]
        found = [reading[each.form, source] for source in computed if (each.form, source) in reading]
        whole = found[0] if found else each
        if found:
            whole.members += each.members
            whole.sources = tuple({*whole.sources, *each.sources})
        else:
            result.append(each)
        if len(whole.sources) > 1:
            reading |= dict.fromkeys([(each.form, source) for source in computed], whole)
    return result
