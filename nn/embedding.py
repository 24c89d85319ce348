"""Embedding: a table with a vector for every word, or letter, of a vocabulary."""

from __future__ import annotations

from typing import Any

from engine import Value, dot
from engine.lookup import taken
from engine.primitives import as_float
from engine.requirements import require_index
from nn.arguments import count
from nn.initialization import Initialization, Seed, generator_of, initialization
from nn.module import Module
from nn.rows import is_row, plain_row


class Embedding(Module):
    """Row i of a table E for the index i. `torch.nn.Embedding`, for one index at a time.

    The row of i is also the sum of all rows, weighted by the one-hot vector of i: e_j = sum_i x_i E_ij, and that holds
    for any weights x. An index that is not known yet, as in a compiled function, is looked up on every call.

    Args:
        num_embeddings: how many rows: the size of the vocabulary.
        embedding_dim: how many numbers each has.
        init: what they start from, "normal" as in PyTorch; see `nn.initialization`.
        seed: for numbers that are the same every time; None draws from Python's global `random`.

    Attributes:
        weight: weight[i][j] is E_ij; num_embeddings rows of embedding_dim Values.

    Raises:
        ValueError: for a size below 1.

    >>> from nn import Embedding
    >>> table = Embedding(3, 2, init=lambda rows, columns, generator: 1.0)
    >>> table.weight[2][0].data = 5.0
    >>> [e.data for e in table(2)], [e.data for e in table([0.0, 0.5, 0.5])]
    ([5.0, 1.0], [3.0, 1.0])
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        *,
        init: Initialization = "normal",
        seed: Seed = None,
    ) -> None:
        draw, generator = initialization(init), generator_of(seed)
        rows, columns = count("num_embeddings", num_embeddings), count("embedding_dim", embedding_dim)
        self.weight = [
            [Value(draw(rows, columns, generator), f"weight[{i}][{j}]") for j in range(columns)] for i in range(rows)
        ]

    @property
    def num_embeddings(self) -> int:
        """How many rows the table has."""
        return len(self.weight)

    @property
    def embedding_dim(self) -> int:
        """How many numbers a row has."""
        return len(self.weight[0])

    def check_input(self, x: Any) -> None:
        x = plain_row(x)
        if is_row(x):
            if len(x) != self.num_embeddings:
                raise ValueError(f"{self!r} takes an index or {self.num_embeddings} weights, got {len(x)} numbers")
        else:
            require_index(x, self.num_embeddings, self._not_an_index)

    def __call__(self, x: Any) -> list[Any]:
        """The row of an index, the very Values of the table; or a weighted sum of rows.

        Args:
            x: an index from 0 to num_embeddings - 1, or a Value that stands for one; or num_embeddings weights, such as
                a one-hot vector.

        Raises:
            ValueError: for an index out of range or not whole, or as many weights as there are not rows.
        """
        x = plain_row(x)
        self.check_input(x)
        if isinstance(x, Value):
            return taken(self.weight, x)  # type: ignore[no-any-return]
        if is_row(x):
            return [dot(x, column) for column in zip(*self.weight)]
        return [*self.weight[int(as_float(x))]]

    def _not_an_index(self, x: float) -> ValueError:
        return ValueError(f"{self!r}: an index is a whole number from 0 to {self.num_embeddings - 1}, got {x:g}")

    def __repr__(self) -> str:
        return f"Embedding({self.num_embeddings}, {self.embedding_dim})"
