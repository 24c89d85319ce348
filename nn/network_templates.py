"""What a playground needs to change its network: a program for each depth, and the activations to choose from."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.primitives import primitive_of
from nn.activations import ACTIVATIONS, activation_name, linear
from nn.layers import MLP
from nn.losses import Loss
from nn.metrics import name_of
from nn.rows import is_row

if TYPE_CHECKING:
    from engine.primitives import Primitive
    from engine.render.playground.page import Architecture
    from engine.render.playground.training_program import Traced
    from nn.module import Module

MOST_NEURONS = 12  # of a layer; more are not seen beside each other
SIZES = (13, 17, 19, 23, 29, 31, 37, 41)  # they stand for the numbers of neurons; no other size of a network is one


def architecture(
    model: Module, loss: Loss, traced: Callable[[Module, Loss], Traced], pair: tuple[Any, Any], metrics: int
) -> Architecture:
    """What the page can make of a network: of an MLP one with other hidden layers; of others nothing, and why.

    Args:
        model: the network.
        loss: the loss.
        traced: (model, loss) -> what `training_program` traces.
        pair: an input and its target.
        metrics: how many metrics there are.
    """
    from engine.render.playground.page import Architecture
    from engine.render.playground.placeholders import LINEAR, MOST_LAYERS, filled_activation

    if type(model) is not MLP:
        kind = type(model).__name__
        return Architecture(note=f"Layers are added and taken away here in an MLP alone: change this {kind} in Python.")
    *hidden, last = model.layers
    if len(hidden) > MOST_LAYERS:
        return Architecture(note=f"More than {MOST_LAYERS} hidden layers are changed in Python.")
    offered = {activation_name(f): f for f in [*ACTIVATIONS.values(), *[layer.activation for layer in model.layers]]}
    for layer in model.layers:
        if layer.activation is not linear and primitive_of(layer.activation) is None:
            name = name_of(layer.activation)
            return Architecture(
                note=f"Its layers are changed in Python: {name} is no operation, such as @primitive makes."
            )
    never_change = loss.__module__.startswith("nn.") and ACTIVATIONS.get(activation_name(last.activation))
    templates = _templates if never_change is last.activation else _templates.__wrapped__
    shapes = tuple([len(side) if is_row(side) else None for side in pair])
    try:
        ends = model.layers[0].in_features, last.out_features, last.activation
        written = templates(*ends, loss, traced, shapes, metrics)
        activations: dict[str, tuple[Primitive | None, str]] = {}
        for name, f in offered.items():
            operation = primitive_of(f)
            activations[name] = operation, LINEAR if operation is None else filled_activation(operation)
    except (TypeError, ValueError) as error:
        return Architecture(note=f"Its layers are changed in Python: {error}")
    return Architecture(
        inputs=model.layers[0].in_features,
        hidden=[(layer.out_features, activation_name(layer.activation)) for layer in hidden],
        outputs=last.out_features,
        last=activation_name(last.activation),
        most_neurons=max([MOST_NEURONS, *[layer.out_features for layer in hidden]]),
        written={name: f'"{name}"' if ACTIVATIONS.get(name) is f else name for name, f in offered.items()},
        activations=activations,
        programs=[program for program, _ in written],
        equations=[equations for _, equations in written],
    )


@functools.lru_cache(maxsize=16)  # of nn's own losses: they take most of the time of a page
def _templates(
    inputs: int,
    outputs: int,
    last: Callable[[Any], Any],
    loss: Loss,
    traced: Callable[[Module, Loss], Traced],
    shapes: tuple[int | None, ...],
    metrics: int,
) -> list[tuple[str, str]]:
    """The template and the equations of each depth.

    Args:
        inputs: of the network.
        outputs: of the network.
        last: the activation of its output layer.
        loss: the loss.
        traced: (model, loss) -> what `training_program` traces.
        shapes: how many numbers an input and a target have; None for one that is a number and no list.
        metrics: how many metrics there are.
    """
    from engine.render.playground.placeholders import MOST_LAYERS, OPEN_ACTIVATIONS
    from engine.render.playground.templates import network_template

    sizes = [size for size in SIZES if size not in (inputs, outputs)]
    pair = [0.0 if length is None else [0.0] * length for length in shapes]
    written = []
    for depth in range(MOST_LAYERS + 1):
        network = MLP(inputs, [*sizes[:depth], outputs], activation=[*OPEN_ACTIVATIONS[:depth], last])
        layers = [([w for row in layer.weight for w in row], layer.bias) for layer in network.layers]
        written.append(network_template(traced(network, loss), pair[0], pair[1], metrics, layers))
    return written
