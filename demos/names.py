"""A small GPT made of Values alone learns the names in Python's standard library, and makes up new ones.

    python -m demos.names [--out DIR] [--epochs N] [--eager]

Letter by letter: from the beginning of a name it predicts the letter that follows, or the end. The model, in
`demos.gpt`, is scalar code that anyone can read and draw. Compiled to array form it learns in seconds; two steps on
the scalar engine beside it show that it learns the same. With `--eager` it takes all its steps, a few, that way, and
needs nothing but Python.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from demos import style
from demos.commands import parser_of
from demos.gpt import GPT
from demos.identifiers import LONGEST, identifiers
from demos.names_pictures import draw_attention, draw_history
from engine import dot
from nn import Adam, CosineAnnealingLR, History, cross_entropy, fit, softmax

END = "."  # before the first letter of a name, and after its last
ALPHABET = f"{END}abcdefghijklmnopqrstuvwxyz_"
POSITIONS = LONGEST + 1  # from the beginning to the last letter
BATCH = 32
READ = "read_message"  # what the picture of the attention reads
TEMPERATURE = 0.7  # below 1: likely letters are drawn more often than the model says, unlikely ones less

Pair = tuple[list[int], tuple[list[int], list[float]]]
NextLogits = Callable[[list[int]], list[float]]  # tokens -> the logits of the token after them


def new_model() -> GPT:
    """The model, with the same weights every time."""
    return GPT(len(ALPHABET), POSITIONS)


def pair(name: str, length: int | None = None) -> Pair:
    """What a name teaches: (tokens, (the token after each, how much each counts)).

    All count alike, and together 1. With a length, the pair is filled up with positions that count nothing, so that
    names of any length go through one compiled program.

    >>> pair("ab", length=4)
    ([0, 1, 2, 0], ([1, 2, 0, 0], [0.3333333333333333, 0.3333333333333333, 0.3333333333333333, 0.0]))
    """
    letters = [ALPHABET.index(letter) for letter in name]
    n = len(letters) + 1
    empty = [0] * ((length or n) - n)
    return [0, *letters, *empty], ([*letters, 0, *empty], [1.0 / n] * n + [0.0] * len(empty))


def loss(logits: Sequence[Any], target: Any) -> Any:
    """The weighted mean of the cross-entropy, in nats, over the positions of a name."""
    tokens, weights = target
    return dot(weights, [cross_entropy(x, token) for x, token in zip(logits, tokens)])


def train(
    model: GPT,
    names: Sequence[str],
    epochs: int,
    compiled: bool,
    batch_size: int | None = BATCH,
    held_out: Sequence[str] = (),
    on_epoch: Callable[[History], object] | None = None,
) -> History:
    """Train the model with Adam: node by node on names as they are, or compiled on names filled up to one length.

    The two learn the same, with one exception: Adam leaves alone what no gradient has reached, and node by node that is
    so for letters and positions that a batch does not have. Compiled, their gradient is 0, and Adam goes on as before.
    """
    optimizer = Adam(model.parameters(), lr=0.01)
    length = POSITIONS if compiled else None
    return fit(
        model,
        [pair(name, length) for name in names],
        loss=loss,
        optimizer=optimizer,
        epochs=epochs,
        batch_size=batch_size,
        seed=1,
        validation=[pair(name, length) for name in held_out] or None,
        schedule=CosineAnnealingLR(optimizer, T_max=epochs),
        progress=False,
        on_epoch=on_epoch,
        compiled=compiled,
    )


# Making up names


def next_logits(model: GPT, compiled: bool) -> NextLogits:
    """The model as a function of the beginning of a name."""
    if not compiled:
        return lambda tokens: model.predict(tokens)[-1]
    forward = model.compile()
    return lambda tokens: forward(tokens + [0] * (POSITIONS - len(tokens)))[len(tokens) - 1]


def sample(logits: NextLogits, generator: random.Random, temperature: float = TEMPERATURE) -> str:
    """A name drawn letter by letter, each from the probabilities softmax(logits / temperature)."""
    tokens = [0]
    while len(tokens) <= LONGEST:
        probabilities = softmax([x / temperature for x in logits(tokens)])
        (token,) = generator.choices(range(len(ALPHABET)), probabilities)
        if token == 0:
            break
        tokens.append(token)
    return "".join(ALPHABET[token] for token in tokens[1:])


def samples(logits: NextLogits, n: int) -> list[str]:
    """n names, the same every time."""
    generator = random.Random(2)
    return [sample(logits, generator) for _ in range(n)]


# Eager and compiled, side by side


class Timed(NamedTuple):
    """A few training steps: the loss before each, and the seconds that the fastest took."""

    losses: list[float]
    seconds: float


def timed(names: Sequence[str], steps: int, compiled: bool) -> Timed:
    """Take some steps from the starting weights, all on the same names."""
    ends = [perf_counter()]
    history = train(
        new_model(), names, steps, compiled, batch_size=None, on_epoch=lambda _: ends.append(perf_counter())
    )
    return Timed(history.losses, min(end - start for start, end in pairwise(ends)))


def side_by_side(names: Sequence[str], steps: int = 2) -> tuple[Timed, Timed]:
    """The same steps by the scalar engine and compiled; printed as a table."""
    model = new_model()
    lifted = model.compile(loss)
    start = perf_counter()
    lifted.backward(*pair(names[0], POSITIONS))
    seconds = perf_counter() - start
    program = lifted.program
    print(
        f"One name is a graph of {program.scalar_nodes:,} nodes. Lifted, in {seconds:.1f} seconds, it is "
        f"{program.operations[0]} array operations, and with its\ngradient {program.operations[1]}. "
        f"The same {steps} steps both ways, on {len(names)} names:\n"
    )
    eager, compiled = timed(names, steps, compiled=False), timed(names, steps, compiled=True)
    print("              seconds a step   loss before each step")
    for title, run in (("eager", eager), ("compiled", compiled)):
        print(f"    {title:<10}{run.seconds:>14.4f}   {'  '.join(f'{cost:.12f}' for cost in run.losses)}")
    print(f"\nCompiled is {eager.seconds / compiled.seconds:,.0f} times as fast.", flush=True)
    return eager, compiled


def run(out: Path, epochs: int, compiled: bool, names: Sequence[str]) -> list[Path]:
    """Train, print how it goes, and write the pictures into the folder `out`; return their paths."""
    shuffled = [*names]
    random.Random(1).shuffle(shuffled)
    held_out, training = shuffled[: len(names) // 10], shuffled[len(names) // 10 :]
    few = training[:16]  # for the scalar engine
    if compiled:
        eager, _ = side_by_side(few)
    else:
        held_out, training = held_out[:4], few
    model = new_model()
    logits = next_logits(model, compiled)
    print(
        f"\nA GPT of {len(model.parameters()):,} numbers learns from {len(training):,} names, "
        f"and is measured on {len(held_out)} others."
    )
    print(f"{'before':>10}{'':<33}{'  '.join(samples(logits, 3))}", flush=True)
    steps = -(-len(training) // BATCH)  # an epoch's
    made_up: list[list[str]] = []

    def report(history: History) -> None:
        made_up.append(samples(logits, 8 if compiled else 2))
        print(
            f"step {steps * len(history):>5,}   loss {history.losses[-1]:.3f}, held out "
            f"{history.validation_losses[-1]:.3f}   {'  '.join(made_up[-1][:3])}",
            flush=True,
        )

    start = perf_counter()
    history = train(model, training, epochs, compiled, held_out=held_out, on_epoch=report)
    print(f"{steps * len(history):,} steps took {perf_counter() - start:.0f} seconds.", end="")
    if not compiled:
        print()
        return []
    minutes = eager.seconds / len(few) * len(training) * len(history) / 60
    print(f" On the scalar engine they take about {minutes:,.0f} minutes.")
    if not made_up:
        return []
    known = {*names}
    final = [(name, name in known) for name in samples(logits, 30)]
    print(
        f"\nMade up (a * marks the {sum(old for _, old in final)} of {len(final)} that are in the library already):\n"
    )
    marked = [f"{name}{'*' * old}" for name, old in final]
    for row in range(0, len(marked), 5):
        print("    " + "".join(f"{name:<18}" for name in marked[row : row + 5]).rstrip())
    return [
        draw_history(history, made_up, steps, out / "names_loss.png"),
        draw_attention(model, pair(READ)[0], END + READ, out / "names_attention.png"),
    ]


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = parser_of("names", "A GPT of Values makes up names.")
    parser.add_argument("--epochs", type=int, help="how often to go over the names (default: 16; with --eager 5)")
    parser.add_argument("--eager", action="store_true", help="on the scalar engine alone, and 16 names")
    options = parser.parse_args(arguments)
    # Matrices as small as these are faster on one thread: several spend their time waiting for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    compiled = not options.eager
    if compiled:
        try:
            style.require_packages("demos.names", "numpy", "matplotlib")
        except ModuleNotFoundError as error:
            print(f"{error}\nWithout it, a few steps on the scalar engine.", file=sys.stderr)
            compiled = False
    try:
        names = identifiers()
        print(f"{len(names):,} names in the standard library, as {', '.join(names[::811])}.", flush=True)
        paths = run(options.out, options.epochs or (16 if compiled else 5), compiled, names)
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    if paths:
        print("\nWritten:")
        for path in paths:
            print(f"  {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
