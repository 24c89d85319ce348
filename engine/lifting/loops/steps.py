"""The computed nodes of a graph, in the order in which they were made, as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np

from engine.graph import topological_order
from engine.lifting.reach import passes_on
from engine.lifting.scalar_graph import ScalarGraph
from engine.value import Constant, Value

Numbers = Any  # an array of whole numbers


class Steps:
    """A graph's computed nodes, numbered in the order in which its function made them, used or not.

    Of a graph that was not traced, the order is not known: it is the topological one, or with `by_depth` as if what can
    be computed at the same time was. An operand that is computed has the number of its node. A leaf has a negative
    number, as has what a traced function did not compute itself; equal plain numbers have the same.

    Attributes:
        nodes: in order, each after its operands.
        operations: a number for the operation of each node with its number of operands: equal for equal ones.
        operands: of all nodes, one behind the other.
        starts: where the operands of each node start in there, and the end.
        outputs: the numbers of the nodes that the graph is for.
        arguments: which argument's number a leaf stands for, and the place in it.
    """

    def __init__(self, graph: ScalarGraph, by_depth: bool = False) -> None:
        self.nodes = [node for node in graph.made or topological_order(*graph.outputs) if node._parents]
        if by_depth:
            self.nodes = _by_depth(self.nodes)
        self._plain_numbers = graph.constants
        self._number_of = number_of = dict(zip(map(id, self.nodes), range(len(self.nodes))))
        self._leaves: list[Value] = []
        self._leaf_numbers: dict[object, int] = {}
        parents_of = [node._parents for node in self.nodes]
        parents = [*chain.from_iterable(parents_of)]
        for key, parent in dict(zip(map(id, parents), parents)).items():
            if key not in number_of:
                number_of[key] = self._leaf(parent)
        self.operands: Numbers = _whole(map(number_of.__getitem__, map(id, parents)), len(parents))
        counts = _whole(map(len, parents_of), len(self.nodes))
        self.starts: Numbers = np.concatenate([[0], np.cumsum(counts)])
        used = [node.op for node in self.nodes]
        kinds = {op: number for number, op in enumerate(dict.fromkeys(used))}
        self.operations: Numbers = len(kinds) * counts + _whole(map(kinds.__getitem__, used), len(used))
        self.outputs = [self.number(node) for node in graph.outputs]
        self.arguments: dict[int, tuple[int, int]] = {}
        for argument, values in enumerate(graph.inputs):
            self.arguments.update({self.number(value): (argument, place) for place, value in enumerate(values)})

    def number(self, node: Value) -> int:
        """The number of a node or a leaf."""
        number = self._number_of.get(id(node))
        return self._leaf(node) if number is None else number

    def _leaf(self, node: Value) -> int:
        plain = self.is_plain(node)
        key = repr(node._data) if plain else id(node)
        number = self._leaf_numbers.setdefault(key, -1 - len(self._leaves))
        if number == -1 - len(self._leaves):
            self._leaves.append(node)
        return number

    def node(self, number: int) -> Value:
        """The node, or the leaf, of a number."""
        return self.nodes[number] if number >= 0 else self._leaves[-1 - number]

    def is_plain(self, node: Value) -> bool:
        """Whether a node is a plain number."""
        return type(node) is Constant or (not node._parents and node in self._plain_numbers)

    @cached_property
    def is_live(self) -> Numbers:
        """Whether the outputs need each node."""
        return self._led_to(self.operands)

    @cached_property
    def is_reached(self) -> Numbers:
        """Whether an adjoint of the outputs reaches each node."""
        operands = self.operands.copy()
        for kind, first in zip(*np.unique(self.operations, return_index=True)):
            op = self.nodes[first].op
            for k in range(len(self.nodes[first]._parents)):
                if op is not None and not passes_on(op, k):
                    operands[self.starts[:-1][self.operations == kind] + k] = -1
        return self._led_to(operands)

    def _led_to(self, operands: Numbers) -> Numbers:
        """The nodes to which operands, those that are not negative, lead from the outputs."""
        outputs = [number for number in self.outputs if number >= 0]
        marked = np.zeros(len(self.nodes), dtype=bool)
        marked[operands[operands >= 0]] = True
        marked[outputs] = True
        if marked.all():  # if each is an operand of a later one, then from the last one on all are led to
            return marked
        found = bytearray(len(self.nodes))
        for number in outputs:
            found[number] = 1
        flat, (_, starts) = operands.tolist(), self._lists
        for node in range(len(found) - 1, -1, -1):
            if found[node]:
                for operand in flat[starts[node] : starts[node + 1]]:
                    if operand >= 0:
                        found[operand] = 1
        return np.frombuffer(found, dtype=bool)

    @cached_property
    def uses(self) -> Numbers:
        """How often each node is used, an output once more."""
        used = np.concatenate([self.operands, np.array(self.outputs, dtype=np.int64)])
        return np.bincount(used[used >= 0], minlength=len(self.nodes))

    @cached_property
    def _depends(self) -> bytearray:
        arguments = [*self.arguments]
        users = np.searchsorted(self.starts, np.nonzero(np.isin(self.operands, arguments))[0], side="right") - 1
        depends = np.zeros(len(self.nodes), dtype=np.uint8)
        depends[users] = 1
        return self._passed_on(bytearray(depends))

    def _passed_on(self, depends: bytearray) -> bytearray:
        """Mark what uses a marked node."""
        operands, starts = self._lists
        for node in range(len(depends)):
            if not depends[node]:
                for operand in operands[starts[node] : starts[node + 1]]:
                    if operand >= 0 and depends[operand]:
                        depends[node] = 1
                        break
        return depends

    def depend_together(self, groups: Iterable[Numbers]) -> None:
        """Let all nodes of a group depend on the arguments where one does: so do those of a loop, in all its turns."""
        groups, changed = [*groups], True
        while changed:
            changed = False
            depends = np.frombuffer(self._depends, dtype=np.uint8)
            for group in groups:
                if 0 < np.count_nonzero(depends[group]) < group.size:
                    changed = True
                    depends[group] = 1
            if changed:
                self._passed_on(self._depends)

    def depends(self, number: int) -> bool:
        """Whether a node, or a leaf, depends on the arguments."""
        return bool(self._depends[number]) if number >= 0 else number in self.arguments

    @cached_property
    def _lists(self) -> tuple[list[int], list[int]]:
        """The operands and where they start, for loops over single nodes."""
        return self.operands.tolist(), self.starts.tolist()

    def operands_of(self, number: int) -> list[int]:
        """The numbers of a node's operands."""
        operands, starts = self._lists
        return operands[starts[number] : starts[number + 1]]


def _whole(numbers: Iterable[int], count: int) -> Numbers:
    return np.fromiter(numbers, dtype=np.int64, count=count)


def _by_depth(nodes: Sequence[Value]) -> list[Value]:
    """Nodes of unknown age: those that have to wait for longer come later, as if what can be was made at once."""
    depth: dict[int, int] = {}
    for node in nodes:
        depth[id(node)] = 1 + max([depth.get(id(parent), 0) for parent in node._parents])
    return sorted(nodes, key=lambda node: depth[id(node)])
