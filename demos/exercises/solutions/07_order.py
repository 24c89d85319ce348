"""7. Who goes first: topological order.

Depth first: a node is listed when all of its parents are, and `visited` sees to it that this
happens once. From the end of the list, every node then comes after all nodes that use it, so its
adjoint is complete.

Listing a node when it is *met* and reversing the list looks just as good, and is wrong: in b = a
+ a; m = b*a; y = b + m it meets b by way of y before it has seen that m uses b as well.

(Python allows about a thousand calls inside each other. For deeper graphs see engine/graph.py,
which keeps its own stack.)
"""


def order(y):
    """The nodes y is computed from, and y, each after its parents; node.parents is a tuple, () for an input."""
    nodes = []
    visited = set()

    def visit(node):
        if node not in visited:
            visited.add(node)
            for parent in node.parents:
                visit(parent)
            nodes.append(node)

    visit(y)
    return nodes
