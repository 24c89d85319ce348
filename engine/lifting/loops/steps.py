"""The computed nodes of a graph, in the order in which they were made, as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
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
        self._number_of = number_of = {id(node): number for number, node in enumerate(self.nodes)}
        self._leaves: list[Value] = []
        self._leaf_numbers: dict[object, int] = {}
        kinds: dict[object, int] = {}
        operations, operands, starts = [], [], [0]
        for node in self.nodes:
            parents = node._parents
            operations.append(kinds.setdefault((node.op, len(parents)), len(kinds)))
            for parent in parents:
                number = number_of.get(id(parent))
                operands.append(self._leaf(parent) if number is None else number)
            starts.append(len(operands))
        self.operations: Numbers = np.array(operations, dtype=np.int64)
        self.operands: Numbers = np.array(operands, dtype=np.int64)
        self.starts: Numbers = np.array(starts, dtype=np.int64)
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
        if not plain:
            self._number_of[id(node)] = number
        return number

    def node(self, number: int) -> Value:
        """The node, or the leaf, of a number."""
        return self.nodes[number] if number >= 0 else self._leaves[-1 - number]

    def is_plain(self, node: Value) -> bool:
        """Whether a node is a plain number."""
        return type(node) is Constant or (not node._parents and node in self._plain_numbers)

    @cached_property
    def is_live(self) -> bytearray:
        """Whether the outputs need each node."""
        live = bytearray(len(self.nodes))
        operands, starts = self.operands.tolist(), self.starts.tolist()
        for number in self.outputs:
            if number >= 0:
                live[number] = 1
        for node in range(len(live) - 1, -1, -1):
            if live[node]:
                for operand in operands[starts[node] : starts[node + 1]]:
                    if operand >= 0:
                        live[operand] = 1
        return live

    @cached_property
    def is_reached(self) -> bytearray:
        """Whether an adjoint of the outputs reaches each node."""
        reached = bytearray(len(self.nodes))
        operands, starts = self.operands.tolist(), self.starts.tolist()
        for number in self.outputs:
            if number >= 0:
                reached[number] = 1
        for number in range(len(reached) - 1, -1, -1):
            op = self.nodes[number].op
            if reached[number] and op is not None:
                for k, operand in enumerate(operands[starts[number] : starts[number + 1]]):
                    if operand >= 0 and passes_on(op, k):
                        reached[operand] = 1
        return reached

    @cached_property
    def uses(self) -> Numbers:
        """How often each node is used, an output once more."""
        used = np.concatenate([self.operands, np.array(self.outputs, dtype=np.int64)])
        return np.bincount(used[used >= 0], minlength=len(self.nodes))

    @cached_property
    def _depends(self) -> bytearray:
        depends = bytearray(len(self.nodes))
        self._pass_on(depends)
        return depends

    def _pass_on(self, depends: bytearray) -> None:
        """Mark what uses a marked node, or an argument."""
        operands, starts, arguments = self.operands.tolist(), self.starts.tolist(), self.arguments
        for node in range(len(self.nodes)):
            for operand in operands[starts[node] : starts[node + 1]]:
                if depends[operand] if operand >= 0 else operand in arguments:
                    depends[node] = 1
                    break

    def depend_together(self, groups: Iterable[Sequence[int]]) -> None:
        """Let all nodes of a group depend on the arguments where one does: so do those of a loop, in all its turns."""
        groups, changed = [*groups], True
        while changed:
            changed = False
            for group in groups:
                marked = sum(self._depends[node] for node in group)
                if 0 < marked < len(group):
                    changed = True
                    for node in group:
                        self._depends[node] = 1
            if changed:
                self._pass_on(self._depends)

    def depends(self, number: int) -> bool:
        """Whether a node, or a leaf, depends on the arguments."""
        return bool(self._depends[number]) if number >= 0 else number in self.arguments

    def operands_of(self, number: int) -> list[int]:
        """The numbers of a node's operands."""
        return self.operands[self.starts[number] : self.starts[number + 1]].tolist()  # type: ignore[no-any-return]


def _by_depth(nodes: Sequence[Value]) -> list[Value]:
    """Nodes of unknown age: those that have to wait for longer come later, as if what can be was made at once."""
    depth: dict[int, int] = {}
    for node in nodes:
        depth[id(node)] = 1 + max([depth.get(id(parent), 0) for parent in node._parents])
    return sorted(nodes, key=lambda node: depth[id(node)])
