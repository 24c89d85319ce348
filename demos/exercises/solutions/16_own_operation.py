"""16. An operation of your own: swish, then mish.

The product rule, twice: (x s)' = s + x s' with s' = s (1 - s); (x t)' = t + x t' with t =
tanh(u), u = softplus(x), so that t' = (1 - t²) σ(x). Everything is multiplied by the adjoint g,
and s and t are reused from the way forward.
"""

from engine import primitive, sigmoid, softplus, tanh


@primitive
def swish(x):
    """Swish."""
    s = sigmoid(x)
    return x * s, lambda g: (g * (s + x * s * (1 - s)),)


@primitive
def mish(x):
    """Mish."""
    t = tanh(softplus(x))
    return x * t, lambda g: (g * (t + x * (1 - t * t) * sigmoid(x)),)
