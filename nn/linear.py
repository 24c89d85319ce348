"""Linear: an affine map of a list of numbers, under PyTorch's names.

`Layer` is the article's layer, with an activation; this is the bare W x + b that transformers are made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine import Value, dot, weighted_sum
from engine.value import Number
from nn.arguments import count
from nn.initialization import Initialization, Seed, fan_in, generator_of, initialization
from nn.module import Module
from nn.rows import vector


class Linear(Module):
    """y = W x + b: y_j = sum_k w_jk x_k + b_j, one node for each j. `torch.nn.Linear`.

    Args:
        in_features: how many numbers it takes.
        out_features: how many it gives.
        bias: whether there is a b.
        init: what the weights start from, "fan_in" as in PyTorch; see `nn.initialization`. The biases start from
            that too.
        seed: for weights that are the same every time; None draws from Python's global `random`.

    Attributes:
        weight: weight[j][k] is w_jk; out_features rows of in_features Values.
        bias: bias[j] is b_j; out_features Values, or None.

    Raises:
        ValueError: for a size below 1.

    >>> from nn import Linear
    >>> linear = Linear(2, 1, seed=1)
    >>> linear.load_state_dict({"weight.0.0": 2.0, "weight.0.1": -1.0, "bias.0": 0.5})
    >>> linear([3.0, 4.0])
    [Value(data=2.5)]
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        init: Initialization = "fan_in",
        seed: Seed = None,
    ) -> None:
        draw, generator = initialization(init), generator_of(seed)
        n, m = count("in_features", in_features), count("out_features", out_features)
        self.weight = [[Value(draw(n, m, generator), f"weight[{j}][{k}]") for k in range(n)] for j in range(m)]
        self.bias = [Value(fan_in(n, m, generator), f"bias[{j}]") for j in range(m)] if bias else None

    @property
    def in_features(self) -> int:
        """How many numbers it takes."""
        return len(self.weight[0])

    @property
    def out_features(self) -> int:
        """How many numbers it gives."""
        return len(self.weight)

    def check_input(self, x: Any) -> None:
        vector(repr(self), x, self.in_features)

    def __call__(self, x: Sequence[Number]) -> list[Value]:
        """y for in_features numbers x: a list of out_features Values.

        Raises:
            ValueError: if there are not in_features numbers.
        """
        x = vector(repr(self), x, self.in_features)
        if self.bias is None:
            return [dot(w, x) for w in self.weight]
        return [weighted_sum(w, x, b) for w, b in zip(self.weight, self.bias)]

    def __repr__(self) -> str:
        return f"Linear({self.in_features}, {self.out_features}{', bias=False' if self.bias is None else ''})"
