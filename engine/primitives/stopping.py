"""Pullbacks of step functions: their derivative is 0 wherever there is one. Made once, and shared by all nodes."""

from engine.primitive import Scalar


def stopped(_: Scalar) -> tuple[Scalar]:
    """Nothing to the only operand."""
    return (0.0,)


def stopped_both(_: Scalar) -> tuple[Scalar, Scalar]:
    """Nothing to either operand."""
    return 0.0, 0.0
