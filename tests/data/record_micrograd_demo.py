"""Record micrograd's own run of its moons demonstration in micrograd_demo.json, which the tests compare with.

    python tests/data/record_micrograd_demo.py     (needs micrograd, numpy and scikit-learn; the tests do not)

The points are recorded too, as scikit-learn may draw others in another version.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

STEPS = 100
SEED = 1337

Points = list[tuple[list[float], int]]


def demonstration(value: Any, mlp: Callable[..., Any], points: Points, steps: int) -> list[tuple[float, float]]:
    """(loss, accuracy) of each step: micrograd's demonstration on its Value and MLP, or on those of another package."""
    random.seed(SEED)
    model = mlp(2, [16, 16, 1])
    path = []
    for k in range(steps):
        scores = [model([value(number) for number in x]) for x, _ in points]
        margins = [(1 + -y * score).relu() for (_, y), score in zip(points, scores)]
        total = sum(margins) * (1.0 / len(margins)) + 1e-4 * sum(p * p for p in model.parameters())
        right = [(y > 0) == (score.data > 0) for (_, y), score in zip(points, scores)]
        model.zero_grad()
        total.backward()
        for p in model.parameters():
            p.data -= (1.0 - 0.9 * k / 100) * p.grad
        path.append((total.data, sum(right) / len(right)))
    return path


def main() -> None:
    import numpy
    from micrograd.engine import Value
    from micrograd.nn import MLP
    from sklearn.datasets import make_moons

    numpy.random.seed(SEED)
    x, classes = make_moons(n_samples=100, noise=0.1)
    points = [(row, 2 * label - 1) for row, label in zip(x.tolist(), classes.tolist())]
    record = {"points": points, "path": demonstration(Value, MLP, points, STEPS)}
    Path(__file__).with_name("micrograd_demo.json").write_text(json.dumps(record) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
