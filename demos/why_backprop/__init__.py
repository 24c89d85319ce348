"""Why backpropagation: the same gradient in four ways, and what each costs as the network grows.

Each derivative dC/dw can be had alone: from two evaluations of the network, from a sweep of tangents, or by the chain
rule, as the sum over all paths from w to C of the products of local derivatives along them. Done for one weight after
another, all of these compute the same things again and again. Backpropagation goes through the graph once, from back to
front, and has them all.

All four run on the same graph, with the same rules of the primitives. What they cost is not a formula: they are given
numbers that count the multiplications done with them.
"""
