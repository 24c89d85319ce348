"""17. Why backwards: count the multiplications.

Forwards, the product so far always has n_0 columns: multiplying J_l to it takes n_l n_(l-1) n_0.
Backwards, it always has n_L rows: multiplying J_l to it takes n_L n_l n_(l-1).

A network has many inputs and weights, and its loss is a single number: n_L = 1. Backwards then
costs about as much as the network itself, forwards that much for every input. With one input and
many outputs it is the other way round.
"""


def forwards(sizes):
    """How many multiplications it takes from right to left."""
    return sum(sizes[l] * sizes[l - 1] * sizes[0] for l in range(2, len(sizes)))


def backwards(sizes):
    """How many multiplications it takes from left to right."""
    return sum(sizes[-1] * sizes[l] * sizes[l - 1] for l in range(1, len(sizes) - 1))
