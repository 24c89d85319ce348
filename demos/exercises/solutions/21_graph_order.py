"""21. Read a graph: the order.

The nodes of this graph are numbered. 1 and 2 are inputs, 6 is the result:

    1 --> 3     2 --> 3     3 --> 4     3 --> 5     4 --> 5     5 --> 6     1 --> 6

On the way back every computed node (3 to 6) hands on its adjoint to its parents, each once, and only
when it has received everything.

6 has nobody to wait for. 3 must wait for 4 as well as for 5, and 4 for 5. Node 1 receives one
contribution along each arrow that leaves it, to 3 and to 6: the ways beyond 3 have been added up
there already, in its adjoint. That is why one pass is enough, however many paths there are.
"""


def order():
    """The numbers of the computed nodes, a list, in the order in which they hand on."""
    return [6, 5, 4, 3]


def contributions_to_1():
    """How many contributions node 1 receives."""
    return 2
