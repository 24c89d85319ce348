"""17. Why backwards: count the multiplications.

A network's derivative is a product of matrices, J_L ... J_2 J_1, one for each layer (the chain
rule, for vectors): layer l turns sizes[l-1] numbers into sizes[l], and J_l has sizes[l] rows and
sizes[l-1] columns. The order of multiplying does not matter for the result. It does for the work:

    forwards:     J_L ( ... (J_3 (J_2 J_1)))            starts at the inputs
    backwards:    (((J_L J_(L-1)) J_(L-2)) ... ) J_1    starts at the outputs

Your task: count the multiplications of numbers in each. sizes = [n_0, n_1, ..., n_L]; there are
at least two layers.
"""


def forwards(sizes):
    """How many multiplications it takes from right to left."""
    return ...  # your code


def backwards(sizes):
    """How many multiplications it takes from left to right."""
    return ...  # your code
