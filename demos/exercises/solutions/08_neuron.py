"""8. The gradient of a neuron.

All ways lead through z: ∂a/∂z = 1 - a² (exercise 5), and then ∂z/∂w_k = x_k, ∂z/∂x_k = w_k, ∂z/∂b
= 1 (exercise 3).

So the one number ∂a/∂z is all that is needed for the whole neuron. It will get a name in exercise
10.
"""

import math


def neuron_gradient(w, x, b):
    """(dw, dx, db): the lists of all ∂a/∂w_k and all ∂a/∂x_k, and the number ∂a/∂b."""
    z = sum(w_k * x_k for w_k, x_k in zip(w, x)) + b
    a = math.tanh(z)
    dz = 1 - a * a
    dw = [dz * x_k for x_k in x]
    dx = [dz * w_k for w_k in w]
    db = dz
    return dw, dx, db
