"""20. Read a graph: the numbers.

Not a formula this time, but a graph. Each arrow goes from a number to one that was computed from it,
and has the local derivative on it: how far the second moves with the first, all others staying.

    from     to        local derivative
    a = 3    m = 6          2
    b = 2    m              3
    m        s = 9          1
    a        s              1
    s        y = 54         6
    m        y              9

From a there are a-m-y, a-m-s-y and a-s-y. m reaches y directly (9) and by way of s (1 times 6), and
these ways add up. a reaches y through m (2 times that) and through s (1 times 6).
"""


def paths_from_a():
    """How many paths lead from a to y along the arrows."""
    return 3


def adjoint_of_m():
    """∂y/∂m."""
    return 9 + 1 * 6


def adjoint_of_a():
    """∂y/∂a."""
    return 2 * 15 + 1 * 6
