"""1. A derivative is a slope.

Move x a little, and f(x) moves too. How many times as far? That factor is the derivative f'(x).
One can find it without any formula, from two values of f on either side of x:

    f'(x)  ≈  ( f(x + h) - f(x - h) )  /  ( how far apart the two points are )

This is the central difference. It is how all answers in this course are checked, so it comes
first.

Your task: fill the hole in `slope`. A hole is the three dots; everything else in a file is given.
"""


def slope(f, x, h):
    """The central difference of f at x, with a step h to each side."""
    return ...  # your code
