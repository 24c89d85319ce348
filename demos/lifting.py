"""A network of scalars, lifted into matrix form: python -m demos.lifting [--out DIR] prints, draws and times it."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from itertools import pairwise
from time import perf_counter

from demos.commands import parser_of, says_what_is_missing
from engine import Value, compile, files, mean, tanh
from engine.graph import topological_order

SIZES = (2, 16, 16, 1)
ROWS = 100


class ScalarNetwork:
    """A multi-layer perceptron as one writes it with scalars alone: one product and one sum at a time."""

    def __init__(self, seed: int = 0) -> None:
        draw = random.Random(seed)
        self.layers = [
            [([Value(draw.uniform(-1, 1)) for _ in range(n)], Value(0.0)) for _ in range(m)] for n, m in pairwise(SIZES)
        ]

    def __call__(self, x: Sequence[Value | float]) -> Value:
        a = list(x)
        for number, layer in enumerate(self.layers, 1):
            z = [sum((w_k * a_k for w_k, a_k in zip(w, a)), b) for w, b in layer]
            a = z if number == len(self.layers) else [tanh(z_j) for z_j in z]
        return a[0]  # type: ignore[return-value]


def seconds(call: object, repeat: int) -> float:
    """The best time of a call."""
    best = float("inf")
    for _ in range(repeat):
        began = perf_counter()
        call()  # type: ignore[operator]
        best = min(best, perf_counter() - began)
    return best


@says_what_is_missing
def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    out = parser_of("lifting", "Scalars lifted into matrix form.").parse_args(arguments).out

    network = ScalarNetwork()

    def cost(x: Sequence[float], y: float) -> Value:
        return (network(x) - y) ** 2

    draw = random.Random(1)
    X = [[draw.uniform(-1, 1), draw.uniform(-1, 1)] for _ in range(ROWS)]
    Y = [x1 * x2 for x1, x2 in X]

    print(f"A network {list(SIZES)}, written one product at a time:\n")
    print("    z = [sum((w_k * a_k for w_k, a_k in zip(w, a)), b) for w, b in layer]")
    print("    a = [tanh(z_j) for z_j in z]\n")
    nodes = len(topological_order(mean([cost(x, y) for x, y in zip(X, Y)])))
    print(f"Its mean cost over {ROWS} samples is a graph of {nodes:,} nodes. engine.compile(cost) traces the cost")
    print("of one sample and lifts it into matrix form:\n")
    loss = compile(cost)
    loss(X[0], Y[0])  # one sample; from now on, one more axis is a batch
    for line in str(loss.program).splitlines():
        print(f"    {line}" if line else "")
    value, both = loss.program.operations
    print(f"\n{loss.program.scalar_nodes} scalar nodes a sample have become {value} array operations, {both} with the")
    print("gradient, however wide the layers are.\n")

    eager = seconds(lambda: mean([cost(x, y) for x, y in zip(X, Y)]).backward(), repeat=3)
    compiled = seconds(lambda: loss.backward(X, Y), repeat=200)
    print(f"Loss and gradient of {ROWS} samples: {1e3 * eager:.0f} ms node by node, {1e3 * compiled:.2f} ms compiled,")
    print(f"{eager / compiled:,.0f} times as fast.\n")

    out.mkdir(parents=True, exist_ok=True)
    for name, gradients in (("lifted", False), ("lifted-gradients", True)):
        path = out / f"{name}.svg"
        files.write(path, loss.program.draw(gradients=gradients).pipe(format="svg"))
        print(f"Drawn: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
