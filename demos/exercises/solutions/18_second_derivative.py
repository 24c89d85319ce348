"""18. Differentiate the derivative.

The graph of the first derivative is made of the same operations as any other, so it can be
differentiated in turn, as often as one likes. `.data` is the number at the end.
(`derivative(derivative(f))(x)` of the engine does the same.)

Calling backward() twice is something else: it finds f'(x) twice and adds.
"""

from engine import Value, grad


def second_derivative(f, x):
    """f''(x)."""
    x = Value(x)
    first = grad(f(x), x)
    return grad(first, x).data
