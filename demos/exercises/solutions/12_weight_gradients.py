"""12. From deltas to weights.

w^l_jk occurs in z^l_j only, as a term w_jk a_k. So ∂C/∂w^l_jk = δ^l_j a^(l-1)_k: the error at the
end of the connection times the activation at its start. With exercise 9, ∂C/∂b^l_j = δ^l_j · 1.

For a whole network that is all: forward pass, δ^L, then layer by layer these products and the
next δ.
"""


def weight_gradient(delta, a, l):
    """The rows of ∂C/∂W^l: row j, column k is ∂C/∂w^l_jk."""
    return [[delta_j * a_k for a_k in a[l - 1]] for delta_j in delta[l]]
