"""Why backpropagation: the same gradient in four ways, and what each costs as the network grows.

    python -m demos.why_backprop [--out DIR]

Each derivative dC/dw can be had alone: from two evaluations of the network, from a sweep of tangents, or by the chain
rule, as the sum over all paths from w to C of the products of local derivatives along them. Done for one weight after
another, all of these compute the same things again and again. Backpropagation goes through the graph once, from back to
front, and has them all.

Here all four run on the same graph, with the same rules of the primitives. What they cost is not a formula: they are
given numbers that count the multiplications done with them.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from demos import style
from demos.benchmark.table import table
from demos.style import AMBER, BLUE, INK, RED, TEAL
from engine import Primitive, Value, ieee754
from engine.graph import topological_order
from nn import MLP, squared_error

HIDDEN_LAYERS = 4
WIDTHS = (2, 4, 8, 16, 32, 64, 128)
PATIENCE = 300_000  # a method that took more multiplications than this is not tried at the next width
STEP = 1e-5  # of finite differences

Number = Any  # a float, or a Counted
Pullback = Callable[[Number], Sequence[Number]]


class Circuit(NamedTuple):
    """A graph as a list of steps, to be computed again from other numbers.

    steps[k] is a primitive and where its operands come from, or None for a leaf. The last step is the loss C.
    """

    steps: list[tuple[Primitive, list[int]] | None]
    numbers: list[float]
    parameters: list[int]


def circuit_of(loss: Value, parameters: Sequence[Value]) -> Circuit:
    """The graph of a loss as a circuit; the numbers are those of its nodes now."""
    order = topological_order(loss)
    place = {node: k for k, node in enumerate(order)}
    return Circuit(
        [(node.op, [place[parent] for parent in node.parents]) if node.op else None for node in order],
        [node.data for node in order],
        [place[parameter] for parameter in parameters],
    )


def network(width: int) -> Circuit:
    """An MLP of four hidden layers of `width` tanh neurons and as many inputs, and its squared error for one pair."""
    model = MLP(width, [width] * HIDDEN_LAYERS + [1], "tanh", init="xavier", seed=1)
    generator = random.Random(1)
    x = [generator.uniform(-1.0, 1.0) for _ in range(width)]
    return circuit_of(squared_error(model(x), 1.0), model.parameters())


Method = Callable[[Circuit, Sequence[Number]], list[Number]]

# The four ways. Each takes a circuit and its numbers, and returns dC/dw for every parameter w.


def evaluate(circuit: Circuit, numbers: Sequence[Number]) -> tuple[list[Number], list[Pullback | None]]:
    """Every step's value, and its pullback, from the leaves among `numbers`."""
    values, pullbacks = [*numbers], [None] * len(numbers)
    for k, step in enumerate(circuit.steps):
        if step:
            operation, operands = step
            values[k], pullbacks[k] = operation.rule(*[values[i] for i in operands])
    return values, pullbacks


def local_derivatives(circuit: Circuit, numbers: Sequence[Number]) -> list[Sequence[Number]]:
    """For every step its derivative in each of its operands: what its pullback makes of the adjoint 1."""
    _, pullbacks = evaluate(circuit, numbers)
    return [pullback(1.0) if pullback else () for pullback in pullbacks]


def finite_differences(circuit: Circuit, numbers: Sequence[Number]) -> list[Number]:
    """(C(w + h) - C(w - h)) / 2h: the whole network twice for each parameter."""
    gradient = []
    for w in circuit.parameters:
        costs = []
        for h in (STEP, -STEP):
            moved = [*numbers]
            moved[w] = moved[w] + h
            costs.append(evaluate(circuit, moved)[0][-1])
        gradient.append((costs[0] - costs[1]) / (2.0 * STEP))
    return gradient


def forward_mode(circuit: Circuit, numbers: Sequence[Number]) -> list[Number]:
    """A sweep from front to back for each parameter: how every step moves when w does."""
    slopes = local_derivatives(circuit, numbers)
    gradient = []
    for w in circuit.parameters:
        tangents: dict[int, Number] = {w: 1.0}
        for k in range(w + 1, len(circuit.steps)):
            step = circuit.steps[k]
            if step:
                terms = [slope * tangents[i] for i, slope in zip(step[1], slopes[k]) if i in tangents]
                if terms:
                    tangents[k] = ieee754.sum(*terms)
        gradient.append(tangents[len(circuit.steps) - 1])
    return gradient


def paths(circuit: Circuit, numbers: Sequence[Number]) -> list[Number]:
    """The chain rule written out: for each parameter, over every path from w to C, the product of local derivatives."""
    slopes = local_derivatives(circuit, numbers)
    ways_on: list[list[tuple[int, Number]]] = [[] for _ in circuit.steps]
    for k, step in enumerate(circuit.steps):
        if step:
            for i, slope in zip(step[1], slopes[k]):
                ways_on[i].append((k, slope))
    end = len(circuit.steps) - 1
    gradient = []
    for w in circuit.parameters:
        total, walks = 0.0, [(w, 1.0)]  # where a walk is, and the product so far
        while walks:
            k, product = walks.pop()
            if k == end:
                total = total + product
            else:
                walks += [(following, product * slope) for following, slope in ways_on[k]]
        gradient.append(total)
    return gradient


def backpropagation(circuit: Circuit, numbers: Sequence[Number]) -> list[Number]:
    """One sweep from back to front for all parameters together: how C moves when a step does."""
    _, pullbacks = evaluate(circuit, numbers)
    adjoints: list[Number] = [0.0] * len(numbers)
    adjoints[-1] = 1.0
    for k in reversed(range(len(numbers))):
        step, pullback = circuit.steps[k], pullbacks[k]
        if step and pullback:
            for i, contribution in zip(step[1], pullback(adjoints[k])):
                adjoints[i] = adjoints[i] + contribution
    return [adjoints[w] for w in circuit.parameters]


METHODS: dict[str, Method] = {
    "finite differences": finite_differences,
    "forward mode": forward_mode,
    "all paths": paths,
    "backpropagation": backpropagation,
}


# Counting


class Meter:
    """How many multiplications there were; a division is one too."""

    def __init__(self) -> None:
        self.multiplications = 0


class Counted:
    """A number that counts the multiplications done with it. Rules work on it as they do on floats."""

    __slots__ = ("data", "meter")

    def __init__(self, data: float, meter: Meter) -> None:
        self.data, self.meter = data, meter

    def _made(self, data: float, multiplications: int = 0) -> Counted:
        self.meter.multiplications += multiplications
        return Counted(data, self.meter)

    def __add__(self, other: Number) -> Counted:
        return self._made(self.data + _float(other))

    __radd__ = __add__

    def __sub__(self, other: Number) -> Counted:
        return self._made(self.data - _float(other))

    def __rsub__(self, other: float) -> Counted:
        return self._made(other - self.data)

    def __neg__(self) -> Counted:
        return self._made(-self.data)

    def __mul__(self, other: Number) -> Counted:
        return self._made(self.data * _float(other), 1)

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> Counted:
        return self._made(self.data / _float(other), 1)

    def _record(self, name: str, operands: tuple[Number, ...]) -> Counted:
        """What the engine's arithmetic does with a number that is not a float: here, compute and count."""
        products = len(operands) // 2 if name in ("weighted_sum", "dot") else 0
        return self._made(getattr(ieee754, name)(*map(_float, operands)), products)


def _float(number: Number) -> float:
    return number.data if isinstance(number, Counted) else number


def multiplications(method: Method, circuit: Circuit) -> int:
    """How many multiplications a method needs for the gradient."""
    meter = Meter()
    method(circuit, [Counted(number, meter) for number in circuit.numbers])
    return meter.multiplications


class Measured(NamedTuple):
    """What one gradient cost, and how far it is from that of backpropagation, relative to the largest entry."""

    method: str
    width: int
    parameters: int
    multiplications: int
    seconds: float
    error: float


def measure(widths: Sequence[int] = WIDTHS, patience: int = PATIENCE) -> list[Measured]:
    """Every method at every width, each until it takes more than `patience` multiplications."""
    measured: list[Measured] = []
    tired: set[str] = set()
    for width in widths:
        circuit = network(width)
        true = backpropagation(circuit, circuit.numbers)
        for name, method in METHODS.items():
            if name in tired:
                continue
            count = multiplications(method, circuit)
            if count > patience:
                tired.add(name)
            seconds = min(_seconds(method, circuit) for _ in range(3 if count < 100_000 else 1))
            error = max(abs(a - b) for a, b in zip(method(circuit, circuit.numbers), true)) / max(map(abs, true))
            measured.append(Measured(name, width, len(true), count, seconds, error))
    return measured


def _seconds(method: Method, circuit: Circuit) -> float:
    began = perf_counter()
    method(circuit, circuit.numbers)
    return perf_counter() - began


# Showing


LOOKS = {
    "all paths": (RED, "D"),
    "finite differences": (AMBER, "s"),
    "forward mode": (TEAL, "^"),
    "backpropagation": (BLUE, "o"),
}


def report(measured: Sequence[Measured]) -> str:
    """The measurements as a table, and what follows from them."""
    rows = [
        (m.width, f"{m.parameters:,}", m.method, f"{m.multiplications:,}", f"{m.multiplications / m.parameters:,.1f}",
         f"{1000 * m.seconds:,.2f}", f"{m.error:.0e}" if m.error else "")
        for m in measured
    ]  # fmt: skip
    head = ("width", "parameters", "gradient by", "multiplications", "per parameter", "ms", "off by")
    shared = max(m.width for m in measured if all(_at(measured, name, m.width) for name in METHODS))
    best = _at(measured, "backpropagation", shared)
    ratios = ",\n".join(
        f"  {_at(measured, name, shared).multiplications / best.multiplications:,.0f} times as many by {name}"
        for name in METHODS
        if name != "backpropagation"
    )
    return (
        f"{table(head, *rows)}\n\nAt width {shared} backpropagation takes {best.multiplications / best.parameters:.1f} "
        f"multiplications a parameter, the forward pass included;\nthe same gradient takes\n{ratios}."
    )


def _at(measured: Sequence[Measured], method: str, width: int) -> Any:
    return next((m for m in measured if (m.method, m.width) == (method, width)), None)


def growth(measured: Sequence[Measured], method: str) -> float:
    """By how much the multiplications grew at the last doubling of the width."""
    last, before = [m.multiplications for m in measured if m.method == method][:-3:-1]
    return last / before


def draw(measured: Sequence[Measured], path: Path) -> Path:
    """Multiplications and seconds by width, on logarithmic scales."""
    figure, both = style.figure((11.0, 5.6), columns=2)
    for axes, text, number in (
        (both[0], "Multiplications for one gradient", lambda m: m.multiplications),
        (both[1], "Time for one gradient, in seconds", lambda m: m.seconds),
    ):
        for name, (colour, marker) in LOOKS.items():
            series = [(m.width, number(m)) for m in measured if m.method == name]
            axes.plot(
                *zip(*series),
                color=colour,
                marker=marker,
                markersize=7,
                markeredgecolor="white",
                linewidth=3 if name == "backpropagation" else 2,
                label=f"{name}: ×{growth(measured, name):.0f} when the width doubles",
            )
        widths = sorted({m.width for m in measured})
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        axes.set_xticks(widths, [str(width) for width in widths])
        axes.minorticks_off()
        axes.set_xlabel("neurons in each of the four hidden layers")
        style.horizontal_grid(axes)
        style.title(axes, text, size=12)
    figure.legend(
        handles=both[0].get_lines(), loc="outside lower center", ncols=2, frameon=False, fontsize=10, labelcolor=INK
    )
    return style.save(figure, path)


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m demos.why_backprop", description="The same gradient in four ways, and what each costs."
    )
    parser.add_argument("--out", type=Path, default=Path("out"), help="the folder to write to (default: %(default)s)")
    out = parser.parse_args(arguments).out
    try:
        style.require("demos.why_backprop", "matplotlib")
    except ModuleNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    print("Measuring, for about 20 seconds ...\n", flush=True)
    measured = measure()
    print(report(measured))
    print(f"\nWritten: {draw(measured, out / 'why_backprop.png')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
