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

Your task: read three numbers off it. `python -m demos.exercises picture 20` draws it; in the page it
is drawn already.
"""


def paths_from_a():
    """How many paths lead from a to y along the arrows."""
    return ...  # your answer


def adjoint_of_m():
    """∂y/∂m."""
    return ...  # your answer


def adjoint_of_a():
    """∂y/∂a."""
    return ...  # your answer
