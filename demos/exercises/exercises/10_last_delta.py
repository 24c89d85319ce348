"""10. The error of the last layer.

From here on it is a network of layers 1, ..., L. The loss C compares the last activations with
the target y:

    a^L_j = f(z^L_j),  f the logistic function;        C = Σ_j (a^L_j - y_j)²

Backpropagation keeps one number for each neuron, how C moves with the neuron's weighted input:

    δ^L_j = ∂C/∂z^L_j

Your task: δ^L, from z^L and y.
"""

import math


def f(z):
    """The logistic function, also called sigmoid."""
    return 1 / (1 + math.exp(-z))


def last_delta(z, y):
    """The list of all δ^L_j, from the lists of all z^L_j and y_j."""
    return ...  # your code
