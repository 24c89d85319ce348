"""The digits, a network that learns them, what it makes of them, and what evaluation and training cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from demos.benchmark.stopwatch import best_blocks
from engine.graph import topological_order
from nn import MLP, Adam, CosineAnnealingLR, History, accuracy, cross_entropy, fit, softmax

CLASSES = 10
SIDE = 8  # pixels

Pair = tuple[list[float], int]


class Read(NamedTuple):
    """A held-out digit, its true class, and the network's probability of each class."""

    pixels: list[float]
    true: int
    probabilities: list[float]

    @property
    def guess(self) -> int:
        """The class it was read as."""
        return max(range(CLASSES), key=self.probabilities.__getitem__)


def digits() -> list[Pair]:
    """(64 pixels from 0 to 1, class) for every digit."""
    from sklearn.datasets import load_digits

    data = load_digits()
    return [*zip((data.data / 16.0).tolist(), data.target.tolist())]


def train(
    training: list[Pair],
    held_out: list[Pair],
    *,
    epochs: int = 20,
    seed: int = 1,
    compiled: bool = True,
    on_epoch: Callable[[History], object] | None = None,
) -> tuple[MLP, History]:
    """A network trained on mini-batches of 32, and how it went."""
    model = MLP(SIDE * SIDE, [32, CLASSES], "relu", init="he", seed=seed)
    optimizer = Adam(model.parameters(), lr=0.01)
    history = fit(
        model,
        training,
        loss=cross_entropy,
        optimizer=optimizer,
        epochs=epochs,
        batch_size=32,
        seed=seed,
        validation=held_out,
        metrics=[accuracy],
        schedule=CosineAnnealingLR(optimizer, T_max=epochs),
        progress=False,
        on_epoch=on_epoch,
        compiled=compiled,
    )
    return model, history


def read(model: MLP, pairs: list[Pair]) -> list[Read]:
    """What the network makes of every digit. Builds no graph."""
    return [Read(pixels, true, softmax(model.predict(pixels))) for pixels, true in pairs]


def confusion(reads: list[Read]) -> list[list[int]]:
    """counts[t][g]: how many digits t were read as g."""
    counts = [[0] * CLASSES for _ in range(CLASSES)]
    for digit in reads:
        counts[digit.true][digit.guess] += 1
    return counts


class Costs(NamedTuple):
    """Seconds for a pair, in evaluation and in training, and how many nodes training records. Evaluation has none."""

    evaluation: float
    training: float
    nodes: int


def costs(model: MLP, pair: Pair, blocks: int = 5, steps: int = 20) -> Costs:
    """Evaluation (the network ends with its output) against training (with the loss and the backward pass), eagerly."""
    pixels, true = pair

    def training_step() -> None:
        cross_entropy(model(pixels), true).backward()

    best = best_blocks(
        {"evaluation": lambda: model.predict(pixels), "training": training_step}, blocks=blocks, steps=steps
    )
    model.zero_grad()
    return Costs(best["evaluation"], best["training"], len(topological_order(cross_entropy(model(pixels), true))))
