"""Watch a network learn: python -m demos.playground [DATA] [--out FILE] writes a page to open in a browser."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable
from typing import Any

from demos.commands import parser_of, says_what_is_missing
from nn import MLP, SGD, Module

Pairs = list[tuple[list[float], Any]]


def moons(generator: random.Random) -> Pairs:
    """Two interleaved half circles."""
    pairs: Pairs = []
    for k in range(200):
        angle, label = math.pi * generator.random(), k % 2
        x, y = (math.cos(angle), math.sin(angle)) if label == 0 else (1 - math.cos(angle), 0.5 - math.sin(angle))
        pairs.append(([x + generator.gauss(0, 0.1), y + generator.gauss(0, 0.1)], label))
    return pairs


def circles(generator: random.Random) -> Pairs:
    """A circle around another."""
    pairs: Pairs = []
    for k in range(200):
        angle, label = 2 * math.pi * generator.random(), k % 2
        radius = (1.0 if label == 0 else 0.4) + generator.gauss(0, 0.08)
        pairs.append(([radius * math.cos(angle), radius * math.sin(angle)], label))
    return pairs


def exclusive_or(generator: random.Random) -> Pairs:
    """Two quadrants against the other two."""
    points = [[generator.uniform(-1, 1), generator.uniform(-1, 1)] for _ in range(200)]
    return [(point, int(point[0] * point[1] > 0)) for point in points]


def spiral(generator: random.Random) -> Pairs:
    """Three arms of a spiral, three classes."""
    pairs: Pairs = []
    for k in range(240):
        label, share = k % 3, (k // 3) / 80
        angle = 4 * share + 2 * math.pi * label / 3 + generator.gauss(0, 0.12)
        pairs.append(([share * math.cos(angle), share * math.sin(angle)], label))
    return pairs


def curve(generator: random.Random) -> Pairs:
    """A sine with noise: one input, one number."""
    return [([x / 10], math.sin(x / 5) + generator.gauss(0, 0.1)) for x in range(-30, 31)]


def digits(_: random.Random) -> Pairs:
    """Handwritten digits of 8 x 8 pixels, from scikit-learn."""
    from demos import style

    style.require_packages("demos.playground", "sklearn")
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    return [([pixel / 16 for pixel in image], label) for image, label in zip(images[:500].tolist(), labels.tolist())]


def _of_two() -> tuple[Module, dict[str, Any]]:
    model = MLP(2, [8, 8, 1], activation="tanh", seed=3)
    return model, {"optimizer": SGD(model.parameters(), lr=0.1, momentum=0.9)}


DATA: dict[str, tuple[Callable[[random.Random], Pairs], Callable[[], tuple[Module, dict[str, Any]]]]] = {
    "moons": (moons, _of_two),
    "circles": (circles, _of_two),
    "exclusive-or": (exclusive_or, _of_two),
    "spiral": (spiral, lambda: (MLP(2, [12, 12, 3], activation="tanh", seed=1), {"batch_size": 32})),
    "curve": (curve, lambda: (MLP(1, [8, 8, 1], activation="tanh", seed=1), {})),
    "digits": (digits, lambda: (MLP(64, [32, 10], init="he", seed=0), {"batch_size": 32})),
}


@says_what_is_missing
def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = parser_of("playground", __doc__, "out/playground.html", "the file to write")
    parser.add_argument("data", nargs="?", choices=DATA, default="moons", help="default: %(default)s")
    options = parser.parse_args(arguments)
    make, network = DATA[options.data]
    model, settings = network()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    title = options.data.replace("-", " ").capitalize()
    path = model.playground(options.out, make(random.Random(0)), validation=0.2, title=title, **settings)
    print(f"{path}: open it in a browser; the space bar trains, the arrow keys go step by step")
    return 0


if __name__ == "__main__":
    sys.exit(main())
