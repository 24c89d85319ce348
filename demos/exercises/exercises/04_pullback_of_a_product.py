"""4. The pullback of a product.

y = a*b is one step in the middle of a long computation, which ends in a number C. Someone further
back has found out how C moves with y, and tells us: g = ∂C/∂y, the adjoint of y. What we pass on
is how C moves with a, and with b.

Each operation of the engine comes with a function that does this, its pullback: from g to a
contribution for each operand. (Have a look at engine/primitives.py. `mul` is there too, so don't
look too long.)

Your task: the pullback of a*b.
"""


def times(a, b):
    """The value of a*b, and its pullback: g -> (∂C/∂a, ∂C/∂b)."""

    def pullback(g):
        return ...  # your code: two numbers, separated by a comma

    return a * b, pullback
