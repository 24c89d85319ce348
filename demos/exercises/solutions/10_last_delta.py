"""10. The error of the last layer.

From z^L_j to C there is one way, through a^L_j: δ^L_j = ∂C/∂a^L_j · f'(z^L_j). The first factor
is 2 (a_j - y_j); the second, for the logistic function, a_j (1 - a_j).

The second factor is at most 1/4, and tiny where the neuron saturates: a neuron that is wrong and
sure of it hardly learns. Exercise 14 has a loss that cures this.
"""

import math


def f(z):
    """The logistic function, also called sigmoid."""
    return 1 / (1 + math.exp(-z))


def last_delta(z, y):
    """The list of all δ^L_j, from the lists of all z^L_j and y_j."""
    a = [f(z_j) for z_j in z]
    return [2 * (a_j - y_j) * a_j * (1 - a_j) for a_j, y_j in zip(a, y)]
