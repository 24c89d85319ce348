"""2. Two functions in a row: the chain rule.

A network is functions one after the other. Take two: u = g(x), then y = f(u), so that y =
f(g(x)). You know the derivative of each of them on its own, as functions f_prime and g_prime.

Your task: the derivative of the whole, dy/dx, at x.
"""


def chain(f_prime, g, g_prime, x):
    """The derivative of f(g(x)) at x."""
    return ...  # your code
