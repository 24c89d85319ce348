"""26. Write it yourself.

All that is needed has been there: local derivatives (3 to 5), sums at a fan-out (6), the order (7). Now
put it together, in a class of about thirty lines. A Value has

    data, grad            its number, and how far the result moves with it (0.0 at first)
    + - * / and **        with Values and with plain numbers on either side; the exponent is a plain number
    relu()                the number if it is above 0, else 0
    backward()            puts the right number into the grad of everything it was computed from

Each operation says how it hands on: a function that adds to the grad of its operands. backward()
calls these functions from the result back. What can be said with others needs no function of its own:
a - b is a + (-b), a / b is a * b**-1.
"""


class Value:
    """A number that remembers where it came from."""

    def __init__(self, data, parents=(), hand_on=lambda g: ()):
        self.data, self.grad = data, 0.0
        self.parents, self.hand_on = parents, hand_on

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), lambda g: (g, g))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), lambda g: (g * other.data, g * self.data))

    def __pow__(self, n):
        return Value(self.data**n, (self,), lambda g: (g * n * self.data ** (n - 1),))

    def relu(self):
        return Value(max(self.data, 0.0), (self,), lambda g: (g if self.data > 0 else 0.0,))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return -self + other

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return self**-1 * other

    __radd__, __rmul__ = __add__, __mul__

    def backward(self):
        order, visited = [], set()

        def visit(node):
            if node not in visited:
                visited.add(node)
                for parent in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for parent, share in zip(node.parents, node.hand_on(node.grad)):
                parent.grad += share
