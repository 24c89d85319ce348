"""11. One layer back.

Unit k of layer l-1 reaches C through every unit j of layer l: a fan-out, so add up (exercise 6),
over j with k fixed:

    ∂C/∂a_k = Σ_j w_jk δ_j            and        δ_k = f'(z_k) ∂C/∂a_k

Forwards, a row of W belongs to a unit of layer l and is summed over its columns. Backwards, a
column belongs to a unit of layer l-1 and is summed over its rows: that is the transposed matrix.
"""

import math


def delta_before(W, delta, z):
    """The list of all δ^(l-1)_k.

    W is W^l, a list of rows; delta is δ^l, as many numbers as W has rows; z is z^(l-1), as many as W has columns.
    """
    return [(1 - math.tanh(z_k) ** 2) * sum(W[j][k] * delta[j] for j in range(len(delta))) for k, z_k in enumerate(z)]
