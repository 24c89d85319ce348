"""Sums with plain numbers as coefficients, c * x + d * y with other numbers in each entry, as one group.

As written they differ. Where a coefficient is 1 there is no product, and what is subtracted here is added there: in a
Fourier transform a * c - b * d is a real part, a * d + b * c an imaginary one, and where a is 1 and b is 0 it is again
another sum. With the sign as part of the coefficient, and 1 where there is none, all of them are alike, and no result
changes: 1 * x is x, and x - d * y is x + (-d) * y.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from engine.lifting.terms import Term

MOST_TERMS = 4  # of longer sums a product of matrices is made
FEWEST_FORMS = 4  # of sums, each a group of its own otherwise, for which products with 1 are worth it
MEMBERS = 2  # entries for each form, on the average

Weighted = list[tuple[float, int]]  # the coefficient and the entry of each term


class WeightedSum(NamedTuple):
    """A sum of entries with coefficients."""

    entry: int
    terms: Weighted


def weighted(terms: Sequence[Term], constants: Mapping[int, float]) -> Weighted | None:
    """The terms of a sum as numbers times entries; None where one is something else, or none has a number."""
    found: Weighted = []
    has_number = False
    for minus, u, v in terms:
        if v >= 0 and u not in constants:
            u, v = v, u
        if v < 0 and u not in constants:
            number, entry = 1.0, u
        elif v >= 0 and u in constants and v not in constants:
            number, entry, has_number = constants[u], v, True
        else:
            return None
        found.append((-number if minus else number, entry))
    return found if has_number and 2 <= len(found) <= MOST_TERMS else None


def alike(sums: Sequence[WeightedSum], form_of: Callable[[int], object]) -> list[list[WeightedSum]]:
    """Those of some sums that are to be one group: of as many terms each, and of several forms.

    Args:
        sums: what may be together.
        form_of: what the sums of a group would have in common without coefficients.
    """
    of_length: dict[int, list[WeightedSum]] = defaultdict(list)
    for each in sums:
        of_length[len(each.terms)].append(each)
    found = []
    for some in of_length.values():
        forms = {form_of(each.entry) for each in some}
        if len(forms) >= FEWEST_FORMS and len(some) >= MEMBERS * len(forms):
            found.append(some)
    return found
