"""18. Differentiate the derivative.

`y.backward()` leaves plain numbers, which cannot be differentiated any further. But an adjoint
pass consists of products and sums: if it is done with Values, the derivative comes out with a
graph of its own. That is what `grad(y, x)` returns.

Your task: the second derivative f''(x). f takes a Value and returns one; x is a plain number, and
so is what you return.
"""

from engine import Value, grad


def second_derivative(f, x):
    """f''(x)."""
    return ...  # your code
