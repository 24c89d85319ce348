"""12. From deltas to weights.

The errors are means to an end: what gradient descent moves are the weights. In

    z^l_j = Σ_k w^l_jk a^(l-1)_k

how does C move with one weight, if you know that it moves by δ^l_j with z^l_j?

Lists are by layer: a[l][k] is the activation of unit k in layer l, a[0] being the inputs x;
delta[l][j] is δ^l_j. (delta[0] is None: the inputs have no error.)

Your task: the matrix of all ∂C/∂w^l_jk, a list of rows, with the same rows and columns as W^l.
"""


def weight_gradient(delta, a, l):
    """The rows of ∂C/∂W^l: row j, column k is ∂C/∂w^l_jk."""
    return ...  # your code
