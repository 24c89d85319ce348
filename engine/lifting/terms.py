"""Sums of products: every chain of sums on a tape becomes one sum of n terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from engine import primitives
from engine.primitives import Primitive

Application = tuple[Primitive, tuple[int, ...]]  # a primitive and the entries it is applied to
Term = tuple[bool, int, int]  # (negative?, u, v): plus or minus the product of entries u and v; of u alone if v < 0
Operands = tuple[int, ...]

LONG = 100  # terms: turning the signs of more of them again and again would cost n^2


def _products(operands: Operands) -> list[Term]:
    n = len(operands) // 2
    return [(False, u, v) for u, v in zip(operands[:n], operands[n : 2 * n])]


def _all_plus(operands: Operands) -> list[tuple[int, bool]]:
    return [(operand, False) for operand in operands]


# What is linear: the products that the operation adds up, and the operands it adds or (True) subtracts.
_LINEAR: Mapping[Primitive, Callable[[Operands], tuple[list[Term], list[tuple[int, bool]]]]] = {
    primitives.add: lambda operands: ([], _all_plus(operands)),
    primitives.sum: lambda operands: ([], _all_plus(operands)),
    primitives.sub: lambda operands: ([], [(operands[0], False), (operands[1], True)]),
    primitives.neg: lambda operands: ([], [(operands[0], True)]),
    primitives.dot: lambda operands: (_products(operands), []),
    primitives.weighted_sum: lambda operands: (_products(operands), [(operands[-1], False)]),
}


def collect_terms(
    operations: dict[int, Application], length: int, outputs: Sequence[int], zeros: AbstractSet[int] = frozenset()
) -> dict[int, list[Term]]:
    """Take the linear operations out, and return the terms of each.

    A sum or a product that only one sum uses is absorbed: its terms are terms of that one, and it is no entry any more.
    So is the beginning that several of Python's sums have in common, in each of them (`shared_beginnings`).

    Args:
        operations: by entry, in order; those that become terms are removed.
        length: how many entries the tape has.
        outputs: entries that have to stay.
        zeros: the entries that are the constant 0.0.
    """
    uses = _uses(operations, length, outputs)
    collector = _Collector(operations, uses, shared_beginnings(operations, uses, zeros))
    for entry, (op, operands) in list(operations.items()):
        if op in _LINEAR:
            products, summands = _LINEAR[op](operands)
            del operations[entry]
            collector.collect(entry, products, summands)
    return {entry: terms for entry, terms in collector.of.items() if uses[entry]}


def _uses(operations: Mapping[int, Application], length: int, outputs: Sequence[int]) -> list[int]:
    """How often each entry is used; an output at least twice, so that it is never absorbed."""
    uses = [0] * length
    for _, operands in operations.values():
        for operand in operands:
            uses[operand] += 1
    for output in outputs:
        uses[output] += 2
    return uses


def shared_beginnings(
    operations: Mapping[int, Application], uses: Sequence[int], zeros: AbstractSet[int]
) -> set[tuple[int, int]]:
    """The pairs (a sum, the sum that goes on from it) of chains ``0.0 + x + y + ...``, where others use the first too.

    Python's sum() of x, y and of x, y, z makes such chains. Each is written out, so that sums of neighbours are one
    group. But where a summand is computed from what the chain has so far, as in a recurrence, nothing is written out.
    """
    chain: set[int] = set()
    found: set[tuple[int, int]] = set()
    if not zeros:
        return found
    depth = [0] * len(uses)  # the longest path of operations from a leaf, where a chain counts once
    for entry, (op, operands) in operations.items():
        depth[entry] = 1 + max([depth[operand] for operand in operands], default=0)
        if op is not primitives.add:
            continue
        before, summand = operands
        if before in zeros:
            chain.add(entry)
        elif before in chain and depth[summand] < depth[before]:
            chain.add(entry)
            depth[entry] = depth[before]
            if uses[before] > 1:
                found.add((before, entry))
    return found


class _Collector:
    """The terms of the entries collected so far."""

    def __init__(
        self, operations: dict[int, Application], uses: list[int], beginnings: AbstractSet[tuple[int, int]]
    ) -> None:
        self.of: dict[int, list[Term]] = {}
        self._operations = operations
        self._uses = uses
        self._beginnings = beginnings

    def collect(self, entry: int, terms: list[Term], summands: Sequence[tuple[int, bool]]) -> None:
        """The terms of an entry: some products, and plus or minus the summands."""
        for operand, negative in summands:
            if (operand, entry) in self._beginnings and self._uses[operand] > 1 and len(self.of[operand]) < LONG:
                self._uses[operand] -= 1
                terms += self.of[operand]
                continue
            inner = self._of_a_sum(operand, negative) if self._uses[operand] == 1 else None
            if inner is None:
                terms.append(self._one_term(operand, negative))
                continue
            if len(inner) > len(terms):  # the longer list grows: a chain of n sums takes n steps, not n^2
                terms, inner = inner, terms
            terms += inner
        self.of[entry] = terms

    def _of_a_sum(self, operand: int, negative: bool) -> list[Term] | None:
        """The terms of a sum that only this one uses, taken from it; None if there are none to take."""
        terms = self.of.get(operand)
        if terms is None or (negative and len(terms) > LONG):
            return None
        del self.of[operand]
        return [(not minus, u, v) for minus, u, v in terms] if negative else terms

    def _one_term(self, operand: int, negative: bool) -> Term:
        """The factors of a product that only this sum uses; any other operand as it is."""
        op, operands = self._operations.get(operand, (None, ()))
        if op is primitives.mul and self._uses[operand] == 1:
            u, v = operands
            del self._operations[operand]
            return (negative, u, v)
        return (negative, operand, -1)
