"""Four ways to the gradient. Each takes a circuit and its numbers, and returns dC/dw for every parameter w."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from demos.why_backprop.circuit import Circuit, Number, evaluate, local_derivatives
from engine import primitives

STEP = 1e-5  # of finite differences

Method = Callable[[Circuit, Sequence[Number]], list[Number]]


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
                    tangents[k] = primitives.sum(*terms)
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
