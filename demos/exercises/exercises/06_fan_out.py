"""6. Used twice: a fan-out.

In y = a + a there are two edges from a to y. Moving a by 0.1 moves y by 0.2: what comes in along
the two edges is added. An engine that forgets this works for months, until somebody uses a number
twice.

Here is a whole adjoint pass. The tape lists each computed node with the edges to its parents, in
the order in which they were computed; on each edge is the local derivative of the node with
respect to that parent. For b = a*a, y = b + a at a = 3:

    tape = [("b", [("a", 3.0), ("a", 3.0)]),
            ("y", [("b", 1.0), ("a", 1.0)])]

Your task: the one line that is missing: what grad[parent] becomes when a contribution comes in
along one edge.
"""


def backward(tape):
    """The derivative of the last node on the tape with respect to every node, by name."""
    last, _ = tape[-1]
    grad = {last: 1.0}
    for node, edges in reversed(tape):
        for parent, local_derivative in edges:
            grad[parent] = ...  # your code
    return grad
