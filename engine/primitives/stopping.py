"""No derivative at all: what step functions pass on, and `where` to its condition.

That is less than a derivative of 0: a computed 0 times an infinite local derivative is nan, as in PyTorch, but nothing
stays nothing. So the adjoint passes know it by identity and do not pass it on. Added up like any number it is 0.
"""

from engine.primitive import Scalar

NOTHING = float("0.0")  # an object of its own: no computed 0 is this one


# Pullbacks, made once and shared by all nodes.


def stopped(_: Scalar) -> tuple[Scalar]:
    """Nothing to the only operand."""
    return (NOTHING,)


def stopped_both(_: Scalar) -> tuple[Scalar, Scalar]:
    """Nothing to either operand."""
    return NOTHING, NOTHING
