"""What the nodes of a neuron are called in the article: z^l_j, a^l_j, and its inputs a^(l-1)_k, or x_k."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine import Value

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def mark_of(layer: int | None) -> str:
    """The number of a layer as it stands in the names of its numbers; empty without one.

    >>> mark_of(12), mark_of(None)
    ('¹²', '')
    """
    return "" if layer is None else str(layer).translate(_SUPERSCRIPTS)


class NeuronNames:
    """The names of the nodes around a neuron, asked for by those who draw a graph; see `engine.given_names`.

    Args:
        layer: the number l of its layer; None if it has none.
        index: what stands behind its names: "[j]", or nothing for a neuron by itself.
        activation: the name of its activation's operation.
    """

    __slots__ = ("activation", "index", "layer")

    def __init__(self, layer: int | None, index: str, activation: str) -> None:
        self.layer, self.index, self.activation = layer, index, activation

    def __call__(self, z: Value, users: Sequence[Value]) -> Iterator[tuple[Value, str]]:
        """(node, name) for the weighted input z, the activation among what is computed from it, and the inputs."""
        n = (len(z.parents) - 1) // 2
        inputs = z.parents[n : 2 * n]
        before = "x" if self.layer in (None, 1) else f"a{mark_of(self.layer - 1)}"
        for k, x in enumerate(inputs):
            if self.layer is not None or not x.parents:  # what is computed has its names from what computes it
                yield x, f"{before}[{k}]"
        mark = mark_of(self.layer)
        yield z, f"z{mark}{self.index}"
        for user in users:
            if user.op is not None and user.op.name == self.activation and user.parents[0] is z:
                yield user, f"a{mark}{self.index}"
