"""3. One input moves, the others stay.

Seen from a, y = b*a + c is a straight line with slope b. Seen from b it is one with slope a. Seen
from c the slope is 1, whatever a and b are.
"""


def gradient(a, b, c):
    """(∂y/∂a, ∂y/∂b, ∂y/∂c) for y = a*b + c."""
    return b, a, 1.0
