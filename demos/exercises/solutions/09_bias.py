"""9. A bias is a weight like the others.

Give every neuron one more input, fixed at 1, whose weight is the bias: z_j = Σ_k w_jk x_k + b_j ·
1. From now on a formula for weights covers biases too. The derivative of a bias, for one, is that
of a weight whose input is 1.
"""


def with_bias(W, b):
    """The matrix W that has taken in the biases b."""
    return [[*row, b_j] for row, b_j in zip(W, b)]


def with_fixed_input(x):
    """The inputs x, and the one that never moves."""
    return [*x, 1.0]
