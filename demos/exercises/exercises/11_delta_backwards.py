"""11. One layer back.

This is the step that gave backpropagation its name. We know δ^l, the errors of layer l. Between
the layers is

    a^(l-1)_k = tanh(z^(l-1)_k)                in layer l-1
    z^l_j     = Σ_k w^l_jk a^(l-1)_k           from there to layer l

w_jk goes from unit k of layer l-1 to unit j of layer l: row j, column k of W.

Your task: δ^(l-1), the errors of the layer before. No other layer is needed for it, however many
there are.
"""

import math


def delta_before(W, delta, z):
    """The list of all δ^(l-1)_k.

    W is W^l, a list of rows; delta is δ^l, as many numbers as W has rows; z is z^(l-1), as many as W has columns.
    """
    return ...  # your code
