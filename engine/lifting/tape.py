"""The scalar graph as a flat tape, simplified.

Shared subexpressions become one, operations on constants their result, and chains of sums one sum of n terms: code
written one product at a time, ``sum((w * x for w, x in zip(ws, xs)), b)``, and a `weighted_sum` give the same entry.
Summing in one go may round differently in the last bits; nothing else moves.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine import primitives
from engine.graph import topological_order
from engine.primitives import Primitive, as_float
from engine.value import Constant, Value

LINEAR = (primitives.add, primitives.sub, primitives.neg, primitives.sum, primitives.dot, primitives.weighted_sum)

Term = tuple[bool, int, int]  # (negative?, u, v): plus or minus the product of entries u and v; of u alone if v < 0


class Tape:
    """Entries in an order in which each comes after its operands.

    Attributes:
        leaves: the Value of every entry that nothing computes.
        constants: the number of every entry that is a plain number.
        operations: (primitive, operands) of every entry that is neither a leaf nor linear.
        terms: the terms of every linear entry. An entry used once, by a linear entry, may have been absorbed by that.
        absorbed: those.
        outputs: the entries of the nodes asked for.
        count: how many scalar nodes there were.
    """

    def __init__(self, outputs: Sequence[Value]) -> None:
        self.leaves: dict[int, Value] = {}
        self.constants: dict[int, float] = {}
        self.operations: dict[int, tuple[Primitive, tuple[int, ...]]] = {}
        self.terms: dict[int, list[Term]] = {}
        self.absorbed: set[int] = set()
        order = topological_order(*outputs)
        self.count = len(order)
        entry = self._record(order)
        self.outputs = [entry[node] for node in outputs]
        self._collect_terms()

    def _record(self, order: list[Value]) -> dict[Value, int]:
        """Number the nodes; equal operations and equal constants once, operations on constants as their result."""
        entry: dict[Value, int] = {}
        known: dict[object, int] = {}
        constants, operations = self.constants, self.operations
        next_entry = 0
        for node in order:
            operands = tuple([entry[parent] for parent in node._parents])
            if not operands:
                key: object = repr(node.data) if type(node) is Constant else node
            elif (same := self._same(node.op, operands)) is not None:  # type: ignore[arg-type]
                entry[node] = same
                continue
            else:
                key = (node.op, operands)
            if key in known:
                entry[node] = known[key]
                continue
            entry[node] = known[key] = next_entry
            if not operands:
                if type(node) is Constant:
                    constants[next_entry] = node.data
                else:
                    self.leaves[next_entry] = node
            elif all(operand in constants for operand in operands):
                assert node.op is not None
                constants[next_entry] = as_float(node.op.rule(*[constants[operand] for operand in operands])[0])
            else:
                operations[next_entry] = (node.op, operands)  # type: ignore[assignment]
            next_entry += 1
        self.length = next_entry
        return entry

    def _same(self, op: Primitive, operands: tuple[int, ...]) -> int | None:
        """The operand that the operation leaves exactly as it is: x * 1, x / 1, a sum of x alone."""
        if op is primitives.mul:
            if self.constants.get(operands[0]) == 1.0:
                return operands[1]
            if self.constants.get(operands[1]) == 1.0:
                return operands[0]
        elif (op is primitives.div and self.constants.get(operands[1]) == 1.0) or (
            op is primitives.sum and len(operands) == 1
        ):
            return operands[0]
        return None

    def _collect_terms(self) -> None:
        """Make every sum an entry of terms, absorbing the sums and products that only it uses."""
        uses = [0] * self.length
        for _, operands in self.operations.values():
            for operand in operands:
                uses[operand] += 1
        for output in self.outputs:
            uses[output] += 2  # never absorbed
        operations, all_terms, absorbed = self.operations, self.terms, self.absorbed
        linear = frozenset(LINEAR)
        mul = primitives.mul

        def add(terms: list[Term], operand: int, negative: bool) -> list[Term]:
            """`terms` with plus or minus the operand: as it is, or as its own terms if only this sum uses it."""
            if uses[operand] == 1:
                inner = all_terms.get(operand)
                if inner is not None and not (negative and len(inner) > 100):  # turning signs again and again costs n^2
                    absorbed.add(operand)
                    del all_terms[operand]
                    if negative:
                        inner = [(not minus, u, v) for minus, u, v in inner]
                    if len(inner) > len(terms):  # the longer list grows: a chain of n sums takes n steps, not n^2
                        terms, inner = inner, terms
                    terms += inner
                    return terms
                operation = operations.get(operand)
                if operation is not None and operation[0] is mul:
                    absorbed.add(operand)
                    u, v = operation[1]
                    terms.append((negative, u, v))
                    return terms
            terms.append((negative, operand, -1))
            return terms

        for entry in list(operations):
            op, operands = operations[entry]
            if op not in linear:
                continue
            del operations[entry]
            terms: list[Term] = []
            if op is primitives.sub:
                terms = add(add(terms, operands[0], False), operands[1], True)
            elif op is primitives.neg:
                terms = add(terms, operands[0], True)
            elif op is primitives.add or op is primitives.sum:
                for operand in operands:
                    terms = add(terms, operand, False)
            else:  # dot and weighted_sum
                n = len(operands) // 2
                terms = [(False, u, v) for u, v in zip(operands[:n], operands[n : 2 * n])]
                if len(operands) > 2 * n:
                    terms = add(terms, operands[-1], False)
            all_terms[entry] = terms
