"""9. A bias is a weight like the others.

A layer computes z = W x + b. In formulas for backpropagation the biases b are a nuisance:
everything has to be said twice, once for weights and once for biases. There is a way to get rid
of them: make them weights of one more input, one that never moves. Then z is just a matrix times
a vector.

Your task: two functions, such that (W with b in it) times (x with something in it) is W x + b for
any W, b and x. W is a list of rows, one row for each neuron.
"""


def with_bias(W, b):
    """The matrix W that has taken in the biases b."""
    return ...  # your code


def with_fixed_input(x):
    """The inputs x, and the one that never moves."""
    return ...  # your code
