"""13. All samples at once: the matrix form.

Exercise 11 with a column for each sample: Delta1 = (W2ᵀ Delta2) ∘ (1 - A1²), ∘ being entry by
entry. Exercise 12: a sum over samples of δ_j a_k is row j of Delta times row k of A, that is
Delta Aᵀ. The matrix product adds up the samples by itself.

The same three lines of NumPy, or on a graphics card, are how large networks are trained.
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
    Delta1 = entrywise(lambda d, a: d * (1 - a * a), times(transpose(W2), Delta2), A1)
    dW1 = times(Delta1, transpose(X))
    dW2 = times(Delta2, transpose(A1))
    return dW1, dW2
