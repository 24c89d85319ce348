"""A small GPT made of Values alone, out of the building blocks in `nn`."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from engine import relu
from nn import CausalSelfAttention, Embedding, Linear, Module, RMSNorm
from nn.initialization import Generator

Vector = list[Any]  # of numbers, or of Values


class Block(Module):
    """A transformer's block: x + attention(norm(x)), then the same with an MLP of one hidden layer."""

    def __init__(self, width: int, heads: int, seed: random.Random) -> None:
        self.attention_norm = RMSNorm(width)
        self.attention = CausalSelfAttention(width, heads, bias=False, seed=seed)
        self.mlp_norm = RMSNorm(width)
        self.hidden = Linear(width, 4 * width, bias=False, seed=seed)
        self.output = Linear(4 * width, width, bias=False, seed=seed)

    def __call__(self, x: Sequence[Vector]) -> list[Vector]:
        """The block's output for a sequence x: as many vectors, as wide."""
        x = [plus(x_t, a_t) for x_t, a_t in zip(x, self.attention([self.attention_norm(x_t) for x_t in x]))]
        return [plus(x_t, self.mlp(self.mlp_norm(x_t))) for x_t in x]

    def mlp(self, x: Vector) -> Vector:
        """Each position by itself: W_2 relu(W_1 x)."""
        return self.output([relu(z) for z in self.hidden(x)])


class GPT(Module):
    """At every position of a sequence of tokens, a logit for each token that may come next.

    The architecture of GPT-2 (Radford et al. 2019) with RMSNorm instead of layer normalization, relu instead of gelu,
    and no biases: token and position as vectors, added; blocks; a linear map.

    Args:
        vocabulary: how many tokens there are.
        longest: how many tokens a sequence has at most.
        width: how many numbers stand for a position.
        layers: how many blocks.
        heads: of each block's attention.
        seed: for the weights.

    >>> model = GPT(vocabulary=5, longest=4, width=4, heads=2)
    >>> logits = model([0, 3, 1])
    >>> len(logits), len(logits[0])
    (3, 5)
    """

    def __init__(
        self, vocabulary: int, longest: int, width: int = 32, layers: int = 1, heads: int = 4, seed: int = 1
    ) -> None:
        generator = random.Random(seed)
        self.tokens = Embedding(vocabulary, width, init=near_zero, seed=generator)
        self.positions = Embedding(longest, width, init=near_zero, seed=generator)
        self.blocks = [Block(width, heads, generator) for _ in range(layers)]
        self.norm = RMSNorm(width)
        self.head = Linear(width, vocabulary, bias=False, seed=generator)

    def check_input(self, x: Sequence[Any]) -> None:
        if len(x) > self.positions.num_embeddings:
            raise ValueError(f"the longest sequence is of {self.positions.num_embeddings} tokens, got {len(x)}")

    def __call__(self, x: Sequence[Any]) -> list[Vector]:
        """The logits for a sequence of tokens: of each an index, or what else an `Embedding` takes."""
        h = self.embed(x)
        for block in self.blocks:
            h = block(h)
        return [self.head(self.norm(h_t)) for h_t in h]

    def embed(self, x: Sequence[Any]) -> list[Vector]:
        """What the first block gets: what each token is, plus where it stands."""
        self.check_input(x)
        return [plus(self.tokens(token), self.positions(t)) for t, token in enumerate(x)]


def plus(x: Vector, y: Vector) -> Vector:
    """The sum of two vectors."""
    return [x_k + y_k for x_k, y_k in zip(x, y)]


def near_zero(_rows: int, _columns: int, generator: Generator) -> float:
    """From a normal distribution with a standard deviation of 0.02, as in GPT-2."""
    return float(generator.gauss(0.0, 0.02))
