"""The scalar graph as a flat tape, simplified.

Shared subexpressions become one, operations on constants their result, and chains of sums one sum of n terms
(`engine.lifting.terms`): code written one product at a time, ``sum((w * x for w, x in zip(ws, xs)), b)``, and a
`weighted_sum` give the same entry. Summing in one go may round differently in the last bits; nothing else moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from engine import primitives
from engine.graph import topological_order
from engine.lifting.terms import Application, Term, collect_terms
from engine.lifting.zeros import is_needless, seen_signs
from engine.primitives import as_float
from engine.value import Constant, Value


@dataclass(frozen=True)
class Tape:
    """Entries, numbered in an order in which each comes after its operands.

    Attributes:
        leaves: the Value of every entry that nothing computes.
        constants: the number of every entry that is a plain number.
        operations: (primitive, operands) of every entry that is neither a leaf nor linear.
        terms: the terms of every linear entry.
        needless_zeros: the linear entries whose only constants are zeros that can be left out (`engine.lifting.zeros`).
        outputs: the entries of the nodes asked for.
        length: how many entries there are.
        scalar_nodes: how many nodes the graph had.
    """

    leaves: dict[int, Value]
    constants: dict[int, float]
    operations: dict[int, Application]
    terms: dict[int, list[Term]]
    needless_zeros: frozenset[int]
    outputs: list[int]
    length: int
    scalar_nodes: int

    def operands(self, entry: int) -> Sequence[int]:
        """What an entry is computed from; nothing for a leaf, and for what a sum has absorbed."""
        return self._operands[entry]

    def forget_operands(self) -> None:
        """Keep no list of all operands, until they are asked for again."""
        self.__dict__.pop("_operands", None)

    @cached_property
    def _operands(self) -> list[Sequence[int]]:
        operands: list[Sequence[int]] = [()] * self.length
        for entry, (_, those) in self.operations.items():
            operands[entry] = those
        for entry, terms in self.terms.items():
            operands[entry] = [x for _, u, v in terms for x in (u, v) if x >= 0]
        return operands


def flatten(outputs: Sequence[Value], constants: AbstractSet[Value] = frozenset(), made: Sequence[Value] = ()) -> Tape:
    """The tape of everything the outputs are computed from.

    Args:
        outputs: what is asked for.
        constants: leaves that are taken as plain numbers.
        made: the nodes that a traced function made, in order. They stay in it: what was made one after the other, as
            the units of a gate, is then side by side in an array.
    """
    order = _as_made(outputs, made) if made else topological_order(*outputs)
    entries = _Entries(order, constants)
    numbers = [entries.number_of[node] for node in outputs]
    operations, length = entries.operations, entries.length
    seen = seen_signs(operations, length)
    zeros = {entry for entry, number in entries.constants.items() if repr(number) == "0.0"}
    terms = collect_terms(operations, length, numbers, zeros)
    needless = [entry for entry in terms if is_needless(terms[entry], entries.constants, operations, seen[entry])]
    return Tape(entries.leaves, entries.constants, operations, terms, frozenset(needless), numbers, length, len(order))


def _as_made(outputs: Sequence[Value], made: Sequence[Value]) -> list[Value]:
    """A topological order with the nodes made in the order they were made, each leaf before its first use."""
    needed = set(outputs)
    for node in reversed(made):
        if node in needed:
            needed.update(node._parents)
    result: dict[Value, None] = {}
    traced = set(made)
    if any(node._parents and node not in traced for node in needed):  # of graphs from outside
        result = dict.fromkeys([node for node in topological_order(*outputs) if node._parents and node not in traced])
        result = dict.fromkeys(topological_order(*result))
    for node in made:
        if node in needed:
            for parent in node._parents:
                result[parent] = None
            result[node] = None
    return [*(result | dict.fromkeys(outputs))]


class _Entries:
    """Nodes numbered: equal operations and equal constants once, operations on constants as their result."""

    def __init__(self, order: Sequence[Value], constants: AbstractSet[Value]) -> None:
        self._plain_numbers = constants
        self.number_of: dict[Value, int] = {}
        self.leaves: dict[int, Value] = {}
        self.constants: dict[int, float] = {}
        self.operations: dict[int, Application] = {}
        self._known: dict[object, int] = {}
        self.length = 0
        for node in order:
            self.number_of[node] = self._operation(node) if node._parents else self._leaf(node)

    def _leaf(self, node: Value) -> int:
        if type(node) is Constant or node in self._plain_numbers:
            return self._constant(node._data)
        entry = self._new(node)
        self.leaves[entry] = node
        return entry

    def _constant(self, number: float) -> int:
        entry = self._new(repr(number))
        self.constants[entry] = number
        return entry

    def _operation(self, node: Value) -> int:
        number_of, constants = self.number_of, self.constants
        operands = tuple([number_of[parent] for parent in node._parents])
        op = node.op
        assert op is not None
        if op is primitives.mul or op is primitives.div:
            same = _unchanged(op, operands, constants)
            if same is not None:
                return same
        key = (op, operands)
        length = self.length
        entry = self._new(key)
        if entry == length:
            if operands[0] in constants and all(operand in constants for operand in operands):
                constants[entry] = as_float(op.rule(*[constants[operand] for operand in operands])[0])
            else:
                self.operations[entry] = key
        return entry

    def _new(self, key: object) -> int:
        """The entry of that key, a new one if there is none."""
        entry = self._known.setdefault(key, self.length)
        if entry == self.length:
            self.length += 1
        return entry


def _unchanged(op: object, operands: tuple[int, ...], constants: dict[int, float]) -> int | None:
    """The operand that the operation leaves exactly as it is: x * 1, x / 1."""
    if op is primitives.mul:
        if constants.get(operands[0]) == 1.0:
            return operands[1]
        if constants.get(operands[1]) == 1.0:
            return operands[0]
    elif op is primitives.div and constants.get(operands[1]) == 1.0:
        return operands[0]
    return None
