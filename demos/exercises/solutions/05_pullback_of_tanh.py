"""5. The answer is at hand: the pullback of tanh.

tanh'(x) = 1 - tanh(x)² = 1 - y². So the pullback needs one number from the way forward, y, and
neither x nor another tanh. The logistic function has the same gift, with y (1 - y); and the
exponential function, with y itself.
"""


def tanh_pullback(g, y):
    """∂C/∂x for y = tanh(x), where g = ∂C/∂y."""
    return g * (1 - y * y)
