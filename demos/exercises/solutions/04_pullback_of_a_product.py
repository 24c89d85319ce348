"""4. The pullback of a product.

The chain rule, exercise 2, with y in the middle: ∂C/∂a = ∂C/∂y · ∂y/∂a = g · b, and likewise
∂C/∂b = g · a.

Note what the pullback has to remember from the way forward: the numbers a and b. That is why
backpropagation takes memory.
"""


def times(a, b):
    """The value of a*b, and its pullback: g -> (∂C/∂a, ∂C/∂b)."""

    def pullback(g):
        return g * b, g * a

    return a * b, pullback
