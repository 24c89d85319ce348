"""``python -m demos.digits [--out DIR] [--epochs N] [--eager]``: learns to read digits, and draws how it went."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from demos import style
from demos.commands import parser_of, says_what_is_missing
from demos.digits.learning import Read, costs, digits, read, train
from demos.digits.picture import draw
from nn import MLP, History
from nn.data import split


class Result(NamedTuple):
    """What `run` gives back."""

    model: MLP
    history: History
    reads: list[Read]
    path: Path


def run(out: Path, *, epochs: int = 20, seed: int = 1, eager: bool = False) -> Result:
    """Train with a line of progress an epoch, and write the picture into the folder `out`.

    Raises:
        ModuleNotFoundError: without scikit-learn or matplotlib; says what to install.
    """
    style.require_packages("demos.digits", "sklearn", "matplotlib")
    training, held_out = split(digits(), 0.2, random.Random(seed))

    def on_epoch(history: History) -> None:
        print(
            f"epoch {len(history):>3}/{epochs}   loss {history.losses[-1]:.3f}, "
            f"accuracy {history.metrics['accuracy'][-1]:.3f}   held out: loss {history.validation_losses[-1]:.3f}, "
            f"accuracy {history.validation_metrics['accuracy'][-1]:.3f}",
            flush=True,
        )

    model, history = train(training, held_out, epochs=epochs, seed=seed, compiled=not eager, on_epoch=on_epoch)
    reads = read(model, held_out)
    return Result(model, history, reads, draw(history, reads, out / "digits.png"))


@says_what_is_missing
def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = parser_of("digits", "Train an MLP to read digits.")
    parser.add_argument("--epochs", type=int, default=20, help="passes over the digits (default: %(default)s)")
    parser.add_argument("--eager", action="store_true", help="one Value at a time, not compiled: in about a minute")
    options = parser.parse_args(arguments)
    if options.epochs < 1:
        parser.error(f"--epochs must be at least 1, got {options.epochs}")
    began = perf_counter()
    result = run(options.out, epochs=options.epochs, eager=options.eager)
    right = sum(digit.guess == digit.true for digit in result.reads)
    print(f"{result.model}, {'eager' if options.eager else 'compiled'}: {perf_counter() - began:.1f} seconds")
    print(f"{right} of {len(result.reads)} held-out digits are read right: {100 * right / len(result.reads):.1f}%")
    cost = costs(result.model, (result.reads[0].pixels, result.reads[0].true))
    print(
        f"One digit, eagerly: {1000 * cost.evaluation:.2f} ms to evaluate, without a graph; "
        f"{1000 * cost.training:.2f} ms to train on,\n{cost.training / cost.evaluation:.1f} times as long, "
        f"for the loss, a graph of {cost.nodes:,} nodes and the backward pass."
    )
    print(f"Written: {result.path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
