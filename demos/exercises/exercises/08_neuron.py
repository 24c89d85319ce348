"""8. The gradient of a neuron.

A neuron weighs its inputs, adds its bias, and squeezes the sum:

    z = w_1 x_1 + ... + w_n x_n + b        the weighted input
    a = tanh(z)                            the activation

Everything you need has been there: a sum of products (3), and tanh after it (2 and 5).

Your task: how a moves with every weight, every input, and the bias.
"""

import math


def neuron_gradient(w, x, b):
    """(dw, dx, db): the lists of all ∂a/∂w_k and all ∂a/∂x_k, and the number ∂a/∂b."""
    z = sum(w_k * x_k for w_k, x_k in zip(w, x)) + b
    a = math.tanh(z)
    dw = ...  # your code
    dx = ...  # your code
    db = ...  # your code
    return dw, dx, db
