"""25. Broken: a backward pass.

Another engine, with the local derivatives right. This time the pass itself is broken: it gets simple
formulas right, and goes wrong for others, where a number is used more than once.

Your task: find out what is wrong with it, and mend it. Take the smallest formula that fails, draw its
graph on paper, and follow the pass with a finger.
"""


class Number:
    """A number that remembers its parents, and how far it moves with each of them."""

    def __init__(self, data, parents=(), local_derivatives=()):
        self.data, self.grad = data, 0.0
        self.parents, self.local_derivatives = parents, local_derivatives

    def __add__(self, other):
        return Number(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        return Number(self.data * other.data, (self, other), (other.data, self.data))


def backward(y):
    """Add to the grad of every number that y is computed from how far y moves with it."""
    order, visited = [], set()

    def visit(node):
        if node not in visited:
            visited.add(node)
            order.append(node)
            for parent in node.parents:
                visit(parent)

    visit(y)
    y.grad = 1.0
    for node in order:
        for parent, local_derivative in zip(node.parents, node.local_derivatives):
            parent.grad += node.grad * local_derivative
