"""5. The answer is at hand: the pullback of tanh.

y = tanh(x) squeezes any number into (-1, 1). On the way forward y has been computed already. On
the way back one wants to compute as little as possible, and here that is very little: the
derivative of tanh can be written with y alone.

Your task: from the adjoint g = ∂C/∂y and the answer y = tanh(x) (x itself is not given), the
contribution ∂C/∂x.
"""


def tanh_pullback(g, y):
    """∂C/∂x for y = tanh(x), where g = ∂C/∂y."""
    return ...  # your code
