"""Loss and gradient of the two-moons network: micrograd, the same scalar code on this engine, and nn's MLP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import engine
from demos.benchmark.scalar_network import ALPHA, LEARNING_RATE, Row, ScalarMLP, step
from demos.benchmark.stopwatch import best_blocks, described
from demos.benchmark.table import table
from demos.moons import two_moons
from engine.graph import topological_order
from nn import MLP, hinge

TITLE = "Two moons: a step of MLP(2, [16, 16, 1]) on 100 points"
SEED = 1337

Data = tuple[list[list[float]], list[float]]


def data_of(n: int) -> Data:
    """The points of demos.moons, and their classes -1 and 1."""
    rows, targets = zip(*two_moons(n), strict=True)
    return list(rows), list(targets)


def micrograd_value() -> type | None:
    """Micrograd's class of scalar; None where it is not installed."""
    try:
        from micrograd.engine import Value
    except ModuleNotFoundError:
        return None
    return Value  # type: ignore[no-any-return]


def node_count(loss: Any) -> int:
    """How many nodes a graph has, this engine's or micrograd's."""
    if isinstance(loss, engine.Value):
        return len(topological_order(loss))
    met, stack = {loss}, [loss]
    while stack:
        new = stack.pop()._prev - met
        met |= new
        stack.extend(new)
    return len(met)


def network_of(scalars: ScalarMLP) -> MLP:
    """Nn's MLP with the same weights."""
    model = MLP(2, [len(layer) for layer in scalars.layers])
    for layer, neurons in zip(model.layers, scalars.layers):
        for ours, (w, _) in zip(layer.weight, neurons):
            for p, w_k in zip(ours, w):
                p.data = w_k.data
    return model


def network_step(model: MLP, rows: Sequence[Row], targets: Row) -> engine.Value:
    """`scalar_network.step`, as one writes it with nn."""
    model.zero_grad()
    parameters = model.parameters()
    data_loss = engine.mean([hinge(model(x), y) for x, y in zip(rows, targets)])
    loss = data_loss + ALPHA * engine.dot(parameters, parameters)
    loss.backward()
    for p in parameters:
        p.data -= LEARNING_RATE * p.grad
    return loss  # type: ignore[no-any-return]


def contestants(data: Data, hidden: int) -> dict[str, Callable[[], Any]]:
    """A step of each, from the same weights; micrograd's first, if it is installed."""
    sizes = [hidden, hidden, 1]
    theirs = micrograd_value()
    steps: dict[str, Callable[[], Any]] = {}
    if theirs:
        micrograd_model = ScalarMLP(theirs, 2, sizes, SEED)
        steps["micrograd"] = lambda: step(micrograd_model, *data)
    scalars = ScalarMLP(engine.Value, 2, sizes, SEED)
    network = network_of(scalars)
    steps["the same scalar code, this engine"] = lambda: step(scalars, *data)
    steps["nn.MLP"] = lambda: network_step(network, *data)
    return steps


def lines(quick: bool) -> Iterator[str]:
    blocks, steps, data, hidden = (1, 2, data_of(10), 4) if quick else (3, 30, data_of(100), 16)
    if micrograd_value() is None:
        yield 'micrograd is not installed, so there is nothing to compare with: pip install "liftgrad[test]"'
    yield described(blocks, steps)
    runs = contestants(data, hidden)
    losses = {name: run() for name, run in runs.items()}
    yield "First loss of each: " + ", ".join(f"{loss.data:.12g}" for loss in losses.values())
    nodes = {name: node_count(loss) for name, loss in losses.items()}
    losses.clear()
    seconds = best_blocks(runs, blocks=blocks, steps=steps)
    slowest = next(iter(seconds.values()))
    yield ""
    yield table(
        ("", "ms per step", "nodes", "nodes per second", "times as fast"),
        *[
            (name, f"{1e3 * s:.1f}", f"{nodes[name]:,}", f"{nodes[name] / s:,.0f}", f"{slowest / s:.1f}")
            for name, s in seconds.items()
        ],
    )
