"""7. Who goes first: topological order.

Where did the tape of exercise 6 get its order from? An engine is given only the result y, and
each node knows its parents. On the way back a node may pass on its adjoint only when it is
complete: when all nodes that use it have passed on theirs. Going from the result straight into
the parents goes wrong as soon as numbers are used twice:

    b = a + a;  c = b + b        visits b twice, so that a gets too much

Your task: list y and every node it is computed from, each exactly once, and each after all of its
parents. The adjoint pass then goes through your list from the end.
"""


def order(y):
    """The nodes y is computed from, and y, each after its parents; node.parents is a tuple, () for an input."""
    nodes = []
    ...  # your code
    return nodes
