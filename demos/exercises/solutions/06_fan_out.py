"""6. Used twice: a fan-out.

Along one edge comes the adjoint of the node times the local derivative (exercise 4). If something
has come in before, along another edge, it is added to. The derivative is a sum over all paths
from the parent to the result.
"""


def backward(tape):
    """The derivative of the last node on the tape with respect to every node, by name."""
    last, _ = tape[-1]
    grad = {last: 1.0}
    for node, edges in reversed(tape):
        for parent, local_derivative in edges:
            grad[parent] = grad.get(parent, 0.0) + grad[node] * local_derivative
    return grad
