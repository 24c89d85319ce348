"""14. Softmax and cross-entropy.

log p_k = z_k - log Σ_i e^z_i, so C = (Σ_k y_k) log Σ_i e^z_i - Σ_k y_k z_k, and the y_k add up to
1. The logarithm of the sum has the derivative e^z_k / Σ_i e^z_i = p_k by z_k, the other term
-y_k. Together p_k - y_k: what it says minus what is true.

No factor f'(z) is left that could vanish. That is why these two are used together.
"""

import math


def softmax(z):
    """The probabilities p."""
    largest = max(z)  # drops out of the quotient; without it, large z would overflow
    powers = [math.exp(z_k - largest) for z_k in z]
    total = sum(powers)
    return [power / total for power in powers]


def delta(z, y):
    """The list of all ∂C/∂z_k."""
    p = softmax(z)
    return [p_k - y_k for p_k, y_k in zip(p, y)]
