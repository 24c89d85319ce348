"""21. Read a graph: the order.

The nodes of this graph are numbered. 1 and 2 are inputs, 6 is the result:

    1 --> 3     2 --> 3     3 --> 4     3 --> 5     4 --> 5     5 --> 6     1 --> 6

On the way back every computed node (3 to 6) hands on its adjoint to its parents, each once, and only
when it has received everything.

Your task: in which order do they hand on, and how many contributions does node 1 receive?
`python -m demos.exercises picture 21` draws the graph; in the page it is drawn already.
"""


def order():
    """The numbers of the computed nodes, a list, in the order in which they hand on."""
    return ...  # your answer: a list of four numbers


def contributions_to_1():
    """How many contributions node 1 receives."""
    return ...  # your answer
