"""13. All samples at once: the matrix form.

The sums over j and k of the last exercises are matrix products, and with a column for each sample
instead of one vector, they do all samples in one go. The network here has two layers, the second
linear:

    Z1 = W1 X,    A1 = tanh(Z1),    Z2 = W2 A1

X has a row for each input and a column for each sample. Delta2 (layer 2's errors) has a row for
each output and a column for each sample. C is a sum over samples, and so are its derivatives with
respect to weights.

Your task: three lines, each an expression of matrices, with the three functions above them. No
loops.
"""


def times(A, B):
    """The matrix product A B."""
    if len(A[0]) != len(B):
        raise ValueError(f"a matrix with {len(A[0])} columns cannot be multiplied by one with {len(B)} rows")
    return [[sum(a * b for a, b in zip(row, column)) for column in zip(*B)] for row in A]


def transpose(A):
    """A with rows for columns."""
    return [list(column) for column in zip(*A)]


def entrywise(f, *matrices):
    """The matrix of f(a, b, ...), with a, b, ... the entries of the matrices at the same place.

    The product entry by entry is entrywise(lambda a, b: a * b, A, B).
    """
    return [[f(*entries) for entries in zip(*rows)] for rows in zip(*matrices)]


def gradients(W2, X, A1, Delta2):
    """(∂C/∂W1, ∂C/∂W2)."""
    Delta1 = ...  # your code: layer 1's errors; the slope of tanh is 1 - a² at the activation a
    dW1 = ...  # your code
    dW2 = ...  # your code
    return dW1, dW2
