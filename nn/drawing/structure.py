"""What a drawing of a model is made of: its layers one after another, with their numbers for one input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from engine import Value
from engine.adjoint_pass import adjoint_pass, passed_on
from engine.graph import topological_order
from engine.render.names import short_label
from nn.activations import activation_name

if TYPE_CHECKING:
    from nn.module import Module


@dataclass
class DrawnLayer:
    """An affine map of all units of the layer before, and an activation.

    Attributes:
        name: how the model calls it, such as ``layers.0``.
        weight: weight[j][k] leads from unit k of the layer before to unit j.
        bias: bias[j]; None if there is none.
        activation: the name of its activation; empty if it has none of its own.
        z, a: the weighted inputs and the activations for the input; empty without one.
        delta: the derivatives of the cost with respect to z; empty without a cost.
    """

    name: str
    weight: Sequence[Sequence[Value]]
    bias: Sequence[Value] | None
    activation: str = ""
    z: list[float] = field(default_factory=list)
    a: list[float] = field(default_factory=list)
    delta: list[float] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many units it has."""
        return len(self.weight)


@dataclass
class DrawnNetwork:
    """Layers one after another, and what they are drawn for.

    Attributes:
        inputs: the names of the inputs.
        x: the input; None if there is none.
        layers: from first to last.
        cost: of the output for the input; None without a loss.
    """

    inputs: list[str]
    x: list[float] | None
    layers: list[DrawnLayer]
    cost: float | None = None


def layers_of(module: Module) -> list[DrawnLayer] | None:
    """The layers of a module that has all its parameters in layers, each as wide as the next takes; else None."""
    from nn.layers import Layer, Neuron
    from nn.linear import Linear
    from nn.parameters import named_modules_of

    found: list[DrawnLayer] = []
    parameters: set[Value] = set()
    for name, part in named_modules_of(module):
        if isinstance(part, Layer):
            layer = DrawnLayer(name, part.weight, part.bias, activation_name(part.activation))
        elif isinstance(part, Neuron):
            layer = DrawnLayer(name, [part.w], [part.b], activation_name(part.activation))
        elif isinstance(part, Linear):
            layer = DrawnLayer(name, part.weight, part.bias)
        else:
            continue
        found.append(layer)
        parameters.update(*layer.weight, layer.bias or ())
    in_a_row = all(before.size == len(after.weight[0]) for before, after in pairwise(found))
    return found if found and in_a_row and {*module.parameters()} == parameters else None


def network_of(
    module: Module,
    layers: list[DrawnLayer],
    x: Any = None,
    y: Any = None,
    loss: Callable[[Any, Any], Any] | None = None,
) -> DrawnNetwork:
    """The layers with their numbers for the input x, and the deltas of loss(output, y). No `grad` is touched.

    Raises:
        ValueError: for a loss without an input, or an input that the module does not take.
    """
    n = len(layers[0].weight[0])
    network = DrawnNetwork([f"x[{k}]" for k in range(n)], None, layers)
    if x is None:
        if loss is not None:
            raise ValueError("a loss is of an output for one input: draw(x, y, loss=...)")
        return network
    inputs = [number if isinstance(number, Value) else Value(float(number)) for number in _row(x)]
    network.x = [number.data for number in inputs]
    network.inputs = [short_label(node.label) or name for node, name in zip(inputs, network.inputs)]
    output = module(inputs)
    outputs = [output] if isinstance(output, Value) else [*output]
    cost = None if loss is None else loss(output, y)
    order = topological_order(*outputs, *([] if cost is None else [cost]))
    adjoints = {} if cost is None else adjoint_pass(order, {cost: 1.0}, passed_on)
    weighted = _weighted_inputs(order, layers)
    for l, layer in enumerate(layers):  # noqa: E741  the article's l
        z = weighted[l]
        after = [*weighted[l + 1][0].parents] if l + 1 < len(layers) else None
        width = layer.size
        activations = outputs if after is None else after[width : 2 * width]
        layer.z = [node.data for node in z]
        layer.a = [node.data for node in activations] if len(activations) == width else []
        layer.delta = [] if cost is None else [adjoints.get(node, 0.0) for node in z]
    network.cost = None if cost is None else cost.data
    return network


def _row(x: Any) -> list[Any]:
    from nn.rows import is_row, plain_row

    plain = plain_row(x) if hasattr(x, "tolist") else x
    return [*plain] if is_row(plain) else [plain]


def _weighted_inputs(order: Sequence[Value], layers: Sequence[DrawnLayer]) -> list[list[Value]]:
    """z of every layer: for each unit the sum that its first weight is in."""
    unit_of = {row[0]: (place, j) for place, layer in enumerate(layers) for j, row in enumerate(layer.weight)}
    found: list[list[list[Value]]] = [[[] for _ in layer.weight] for layer in layers]
    for node in order:
        if node.parents and node.parents[0] in unit_of:
            place, j = unit_of[node.parents[0]]
            found[place][j].append(node)
    for layer, units in zip(layers, found):
        for nodes in units:
            if len(nodes) != 1:
                raise ValueError(
                    f"{layer.name or 'the layer'} is used {len(nodes)} times for one input, so it has no one z to "
                    "draw: draw the model without an input, or the graph of its output"
                )
    return [[nodes[0] for nodes in units] for units in found]
