"""Handwritten digits: a network of Values learns to read them.

1797 digits of 8 x 8 grey pixels (scikit-learn's copy of the UCI set by Alpaydin and Kaynak, 1998), an MLP of 64 inputs,
32 hidden neurons and 10 outputs, softmax with cross-entropy. It never sees a fifth of the digits while it learns, and
is measured on those. The same lines run eagerly, one Value at a time, or compiled to array operations.
"""
