"""1. A derivative is a slope.

The two points x - h and x + h are 2h apart, so the difference of the values is divided by 2h.

Why to both sides? Where f curves, the one-sided (f(x + h) - f(x)) / h is wrong by about h
f''(x)/2. With both sides that part cancels, and what is left shrinks like h²: a step ten times
smaller is a hundred times better.
"""


def slope(f, x, h):
    """The central difference of f at x, with a step h to each side."""
    return (f(x + h) - f(x - h)) / (2 * h)
