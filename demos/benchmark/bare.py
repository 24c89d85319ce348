"""The leanest scalar class that people write: the kind that scalar GPTs of 200 lines carry.

Slots, the children and the local gradients in two tuples, each gradient a number from the moment the node is made, and
plain chain rule: no labels, no errors, no IEEE edges, no graphs of derivatives. What the engine's nodes are measured
against.
"""

from __future__ import annotations

import math
from typing import Any


class Bare:
    """A number, its children and the derivative with respect to each."""

    __slots__ = ("children", "data", "grad", "local_grads")

    def __init__(self, data: float, children: tuple[Any, ...] = (), local_grads: tuple[float, ...] = ()) -> None:
        self.data = data
        self.grad = 0.0
        self.children = children
        self.local_grads = local_grads

    def __add__(self, other: Any) -> Bare:
        other = other if isinstance(other, Bare) else Bare(other)
        return Bare(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Any) -> Bare:
        other = other if isinstance(other, Bare) else Bare(other)
        return Bare(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, n: float) -> Bare:
        return Bare(self.data**n, (self,), (n * self.data ** (n - 1),))

    def exp(self) -> Bare:
        return Bare(math.exp(self.data), (self,), (math.exp(self.data),))

    def log(self) -> Bare:
        return Bare(math.log(self.data), (self,), (1.0 / self.data,))

    def tanh(self) -> Bare:
        t = math.tanh(self.data)
        return Bare(t, (self,), (1.0 - t * t,))

    def relu(self) -> Bare:
        return Bare(max(0.0, self.data), (self,), (float(self.data > 0.0),))

    def __neg__(self) -> Bare:
        return self * -1.0

    def __radd__(self, other: float) -> Bare:
        return self + other

    def __sub__(self, other: Any) -> Bare:
        return self + -other

    def __rmul__(self, other: float) -> Bare:
        return self * other

    def __truediv__(self, other: Any) -> Bare:
        return self * other**-1

    def backward(self) -> None:
        """The topological sort of micrograd without its recursion, and one product and one sum an edge."""
        order: list[Bare] = []
        visited = set()
        stack = [(self, False)]
        while stack:
            node, children_done = stack.pop()
            if children_done:
                order.append(node)
            elif node not in visited:
                visited.add(node)
                stack.append((node, True))
                stack += [(child, False) for child in node.children if child not in visited]
        self.grad = 1.0
        for node in reversed(order):
            for child, local_grad in zip(node.children, node.local_grads):
                child.grad += local_grad * node.grad


def total(nodes: list[Bare]) -> Bare:
    """The sum of many nodes as one."""
    return Bare(sum(node.data for node in nodes), tuple(nodes), (1.0,) * len(nodes))
