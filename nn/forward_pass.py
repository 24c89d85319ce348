"""What went on inside a network for one input: z and a of every layer, and the deltas after `backward`."""

from __future__ import annotations

from typing import Any

from engine import Value
from nn.output import Output


class ForwardPass:
    """The nodes of one pass through an `MLP`, the very ones that the output is computed from.

    `MLP.trace` makes one. Lists by layer, from the first: trace.z[l-1][j] is z^l_j.

    Attributes:
        x: the inputs, a^0.
        z: the weighted inputs.
        a: the activations; the last are the outputs. Of a linear layer they are the weighted inputs themselves.
        output: what calling the model returns.

    >>> from nn import MLP, squared_error
    >>> model = MLP(2, [3, 1], activation="tanh", seed=1)
    >>> trace = model.trace([1.0, -1.0])
    >>> squared_error(trace.output, 0.5).backward()
    >>> [len(delta) for delta in trace.deltas]
    [3, 1]
    >>> trace.deltas[-1][0] == 2 * (trace.output.data - 0.5)
    True
    """

    def __init__(self, x: list[Value], z: list[list[Value]], a: list[list[Any]]) -> None:
        self.x, self.z, self.a = x, z, a
        self.output: Output = a[-1][0] if len(a[-1]) == 1 else a[-1]  # type: ignore[assignment]

    @property
    def deltas(self) -> list[list[float]]:
        """delta^l_j = dC/dz^l_j for every layer l: what `backward` left in the weighted inputs.

        Raises:
            RuntimeError: before `backward` on a loss of `output`.
        """
        if any(z_j._grad is None for z_j in self.z[-1]):
            raise RuntimeError("there are no deltas yet: call backward() on a loss computed from trace.output")
        return [[z_j.grad for z_j in z] for z in self.z]

    def __repr__(self) -> str:
        return f"ForwardPass(layers of {', '.join(str(len(z)) for z in self.z)}; output={self.output!r})"
