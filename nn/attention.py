"""Causal self-attention: every position of a sequence looks at itself and at those before it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from engine import dot, exp, log_softmax, weighted_sum
from nn.arguments import count
from nn.initialization import Seed, generator_of
from nn.linear import Linear
from nn.module import Module
from nn.rows import plain_row, vector

Vector = list[Any]  # numbers, or Values

# Added to the score of a position that must not be seen: e to that power is 0. Finite, so that `detect_anomaly`
# has nothing to complain about.
HIDDEN = -1e30


class CausalSelfAttention(Module):
    """Multi-head scaled dot-product attention of a sequence on itself, without a look ahead.

    For a sequence x of T vectors of n = embed_dim numbers, and each of the heads h of width d = embed_dim / num_heads:

        q = W_q x + b_q,   k = W_k x + b_k,   v = W_v x + b_v      by position; a head has d of the n numbers each
        p_h[t] = softmax over s <= t of  q_h[t] . k_h[s] / sqrt(d)
        a_h[t] = sum_s p_h[t][s] v_h[s]
        y[t]   = W_o a[t] + b_o                                    the heads' a_h[t] one behind the other

    Vaswani et al. 2017, arXiv:1706.03762, equation 1 and section 3.2.2. The numbers are those of
    `torch.nn.MultiheadAttention` with a causal mask. A position that is not seen gets the score -1e30, and so the
    weight 0: the sums then have the same length at every t, which is what lets them be lifted into matrix products.

    Args:
        embed_dim: n, how many numbers a position has.
        num_heads: how many heads share them.
        bias: whether the four linear maps have a bias; it starts from 0.
        seed: for weights that are the same every time; None draws from Python's global `random`.

    Attributes:
        q_proj, k_proj, v_proj: `Linear` maps to queries, keys and values, starting from "xavier".
        out_proj: the `Linear` map of the heads to the output.

    Raises:
        ValueError: for a size below 1, or if num_heads does not divide embed_dim.

    >>> from nn import CausalSelfAttention
    >>> attention = CausalSelfAttention(4, 2, seed=1)
    >>> x = [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]
    >>> [len(y) for y in attention(x)]
    [4, 4]
    >>> [[f"{p:.2f}" for p in row] for row in attention.weights(x)[0]]
    [['1.00', '0.00'], ['0.41', '0.59']]
    """

    def __init__(self, embed_dim: int, num_heads: int, bias: bool = True, *, seed: Seed = None) -> None:
        n, generator = count("embed_dim", embed_dim), generator_of(seed)
        self.num_heads = count("num_heads", num_heads)
        if n % self.num_heads:
            raise ValueError(f"embed_dim must be a multiple of num_heads, got {n} and {self.num_heads}")
        self.q_proj = Linear(n, n, bias, init="xavier", seed=generator)
        self.k_proj = Linear(n, n, bias, init="xavier", seed=generator)
        self.v_proj = Linear(n, n, bias, init="xavier", seed=generator)
        self.out_proj = Linear(n, n, bias, seed=generator)
        for projection in (self.q_proj, self.k_proj, self.v_proj, self.out_proj):
            for b in projection.bias or ():
                b.data = 0.0

    @property
    def embed_dim(self) -> int:
        """How many numbers a position has."""
        return self.q_proj.in_features

    def check_input(self, x: Any) -> None:
        self._positions(x)

    def _positions(self, x: Any) -> list[Sequence[Any]]:
        return [vector(f"{self!r}, position {t},", x_t, self.embed_dim) for t, x_t in enumerate(plain_row(x))]

    def __call__(self, x: Sequence[Sequence[Any]]) -> list[Vector]:
        """y for a sequence x: as many positions, of embed_dim Values each.

        Raises:
            ValueError: if a position has not embed_dim numbers.
        """
        x = self._positions(x)
        weights = self.weights(x)
        values = [self._heads(self.v_proj(x_t)) for x_t in x]
        y = []
        for t in range(len(x)):
            a: Vector = []
            for h in range(self.num_heads):
                a += [dot(weights[h][t], column) for column in zip(*[v_s[h] for v_s in values])]
            y.append(self.out_proj(a))
        return y

    def weights(self, x: Sequence[Sequence[Any]]) -> list[list[Vector]]:
        """p: weights[h][t][s], how much position t takes of position s in head h. Each t's sum to 1; 0 for s > t."""
        x = self._positions(x)
        scale = 1.0 / math.sqrt(self.embed_dim // self.num_heads)
        queries = [self._heads([scale * q for q in self.q_proj(x_t)]) for x_t in x]
        keys = [self._heads(self.k_proj(x_t)) for x_t in x]
        weights = []
        for h in range(self.num_heads):
            rows = []
            for t, q_t in enumerate(queries):
                scores = [weighted_sum(q_t[h], k_s[h], 0.0 if s <= t else HIDDEN) for s, k_s in enumerate(keys)]
                rows.append([exp(log_p) for log_p in log_softmax(scores)])
            weights.append(rows)
        return weights

    def _heads(self, vector: Vector) -> list[Vector]:
        """The parts of a vector that belong to each head."""
        d = len(vector) // self.num_heads
        return [vector[start : start + d] for start in range(0, len(vector), d)]

    def __repr__(self) -> str:
        return f"CausalSelfAttention({self.embed_dim}, {self.num_heads})"
