"""15. Numbers too large for e^x.

The logistic function saturates: far from 0 it is as good as flat. There the formula from the
textbook breaks: 1 / (1 + e^-x) raises OverflowError at x = -1000, where the right answer is
nothing worse than 0. And log(1 + e^x), which is the cross-entropy of a logistic neuron, overflows
at +1000, where the answer is 1000, and is 0 at -40, where it is not.

Your task: both, for any x, and right in every digit that a float has (not just close to 0, but
4.2e-18 at -40).
"""

import math


def sigmoid(x):
    """1 / (1 + e^-x)."""
    return ...  # your code


def softplus(x):
    """log(1 + e^x)."""
    return ...  # your code
