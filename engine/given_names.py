"""What the nodes of a graph are called: by their labels, and by those who know what a node is for.

Labels of its own for every node would cost time and memory in each step of a training, where nobody looks. So whoever
makes a leaf may leave a function with it, `Value._names_around`, that is asked when somebody looks: it gets a node
computed from that leaf, and what is computed from that node, and says what they and their operands are called. A layer
of a network leaves one with each bias.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.value import Value


def names_of(order: Sequence[Value]) -> dict[Value, str]:
    """The nodes in topological order that have a name, each with its label, or else the name it was given.

    >>> from engine.graph import topological_order
    >>> from nn import MLP
    >>> cost = MLP(2, [1, 1], "tanh")([1.0, 2.0]) ** 2
    >>> [name for name in names_of(topological_order(cost)).values() if name[0] not in "wb"]
    ['x[0]', 'x[1]', 'z¹[0]', 'a¹[0]', 'z²[0]']
    """
    found = {node: node.label for node in order if node.label}
    asked = [(node, parent) for node in order for parent in node._parents if parent._names_around is not None]
    if asked:
        users: dict[Value, list[Value]] = {node: [] for node, _ in asked}
        for node in order:
            for parent in node._parents:
                if parent in users:
                    users[parent].append(node)
        for node, leaf in asked:
            for named, name in leaf._names_around(node, users[node]):
                found.setdefault(named, name)
    return {node: found[node] for node in order if node in found}
