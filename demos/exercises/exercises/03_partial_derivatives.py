"""3. One input moves, the others stay.

    y = a*b + c

has three inputs, and a derivative with respect to each. ∂y/∂a says how y moves if a moves and b
and c stay where they are.

Your task: all three of them. Together they are called the gradient of y.
"""


def gradient(a, b, c):
    """(∂y/∂a, ∂y/∂b, ∂y/∂c) for y = a*b + c."""
    return ...  # your code: three numbers, separated by commas
