"""2. Two functions in a row: the chain rule.

Move x by dx: u = g(x) moves by du = g'(x) dx. That moves y by f'(u) du = f'(u) g'(x) dx. So the
factors multiply, each taken where its function stands: g at x, but f at u = g(x).
"""


def chain(f_prime, g, g_prime, x):
    """The derivative of f(g(x)) at x."""
    return f_prime(g(x)) * g_prime(x)
