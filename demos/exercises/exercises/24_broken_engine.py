"""24. Broken: a small engine.

Here is an engine of forty lines. It has one mistake, in one line: for some formulas the gradient is
wrong. Nothing crashes, and the values are right, as with most mistakes in such code.

Your task: find it, and mend it. Press Check (or run the check) as often as you like: it says for
which formula the gradient is wrong, and for which it is right. What do those have in common?
"""

import math


class Number:
    """A number that remembers its parents, and how far it moves with each of them."""

    def __init__(self, data, parents=(), local_derivatives=()):
        self.data, self.grad = data, 0.0
        self.parents, self.local_derivatives = parents, local_derivatives

    def __add__(self, other):
        return Number(self.data + other.data, (self, other), (1.0, 1.0))

    def __sub__(self, other):
        return Number(self.data - other.data, (self, other), (1.0, -1.0))

    def __mul__(self, other):
        return Number(self.data * other.data, (self, other), (other.data, self.data))

    def __truediv__(self, other):
        value = self.data / other.data
        return Number(value, (self, other), (1 / other.data, -value))

    def exp(self):
        value = math.exp(self.data)
        return Number(value, (self,), (value,))

    def tanh(self):
        value = math.tanh(self.data)
        return Number(value, (self,), (1 - value**2,))


def backward(y):
    """Add to the grad of every number that y is computed from how far y moves with it."""
    order, visited = [], set()

    def visit(node):
        if node not in visited:
            visited.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(y)
    y.grad = 1.0
    for node in reversed(order):
        for parent, local_derivative in zip(node.parents, node.local_derivatives):
            parent.grad += node.grad * local_derivative
