"""A program for all networks of one depth: the numbers of neurons and the activations of its hidden layers are open."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from engine.render.playground.placeholders import open_extents
from engine.render.playground.training_program import Place, Traced, written_program
from engine.value import Value


def network_template(
    f: Traced, x: Any, y: Any, metrics: int, layers: Sequence[tuple[Sequence[Value], Sequence[Value]]]
) -> tuple[str, str]:
    """The JavaScript object ``{order, programOf, places}`` of a network in layers, and its equations.

    `order` says which layers' weights and biases the array of parameters has, in order. `programOf` is (n, f) ->
    capacity -> program, and `places` is n -> where its numbers are, as in the task of a page; n are the numbers of
    hidden neurons, f the activations. The equations are both passes in Python's text, whatever the numbers of neurons.

    Args:
        f: (x, y) -> (cost, metrics, outputs) of a network whose hidden layers have numbers of neurons that are no other
            sizes of it, and the open activations (`placeholders`).
        x: an input of the data, for its shape.
        y: its target.
        metrics: how many metrics f gives.
        layers: the weights of each layer, row by row, and its biases.

    Raises:
        ValueError: if another number of neurons would change the form of the program.
    """
    written = written_program(f, x, y, metrics)
    hidden = [len(bias) for _, bias in layers[:-1]]
    fixed = {*written.sizes, len(layers[-1][1])}
    equations = written.equations()  # before the sizes have names
    names = {size: f"n{layer}" for layer, size in enumerate(hidden, 1)}
    order = [_named(values, layers) for values in written.lifted.values]
    open_extents(written.arrays, names, fixed)
    program = written.program()
    head = f"const [{', '.join(names.values())}] = n;\n" if hidden else ""
    of_layers = []
    for layer in range(1, len(layers) + 1):
        units = [k for k, unit in enumerate(program.units) if unit.column == layer]
        if len(units) != len(layers[layer - 1][1]):
            raise ValueError(f"its layer {layer} has {len(units)} sums, not one for each neuron")
        parts = [f"{part}: {_evenly([program.places[k][part] for k in units])}" for part in ("z", "a", "delta")]
        of_layers.append(f"{{ {', '.join(parts)} }}")
    places = (
        f"cost: {_place(program.cost)}, metrics: {_places(program.metrics)}, outputs: {_places(program.outputs)}, "
        f"layers: [{', '.join(of_layers)}]"
    )
    source = (
        f"{{\norder: {json.dumps(order)},\n"
        f"programOf: (n, f) => {{\n{head}return {program.source};\n}},\n"
        f"places: (n) => {{\n{head}return {{ {places} }};\n}},\n}}"
    )
    return source, equations


def _named(values: Sequence[Value], layers: Sequence[tuple[Sequence[Value], Sequence[Value]]]) -> tuple[str, int]:
    """Which weights or biases an array of parameters has: the kind, and the layer from 0."""
    for layer, parts in enumerate(layers):
        for kind, part in zip(("weight", "bias"), parts):
            if len(part) == len(values) and all(a is b for a, b in zip(part, values)):
                return kind, layer
    raise ValueError("its parameters are not gathered layer by layer")


def _evenly(places: Sequence[Place | None]) -> str:
    """``[buffer, row, offset, step]`` of the neurons of a layer."""
    first = places[0]
    if first is None or any(place is None for place in places):
        return "null"
    buffer, row, offset = first
    step = int(places[1][2]) - int(offset) if len(places) > 1 else 1  # type: ignore[index]
    found = [(place[0], int(place[1]), int(place[2])) for place in places]  # type: ignore[index]
    if found != [(buffer, int(row), int(offset) + k * step) for k in range(len(places))]:
        raise ValueError("the neurons of a layer do not stand one behind the other")
    return f"[{json.dumps(buffer)}, {row}, {offset}, {step}]"


def _place(place: Place) -> str:
    return f"[{json.dumps(place[0])}, {place[1]}, {place[2]}]"


def _places(places: Sequence[Place]) -> str:
    return f"[{', '.join(map(_place, places))}]"
