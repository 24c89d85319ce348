"""Activation functions by name.

Each is a primitive of the engine, where its formula, derivative and source are. A function of your own serves as well:
anything that takes the weighted input z, a Value, and returns the activation a.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine import elu, gelu, hardtanh, leaky_relu, mish, relu, selu, sigmoid, silu, softplus, softsign, tanh
from nn.arguments import by_name

Activation = str | Callable[[Any], Any]


def linear(z: Any) -> Any:
    """a = z: no activation at all, for an output layer."""
    return z


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "linear": linear,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "elu": elu,
    "selu": selu,
    "softplus": softplus,
    "softsign": softsign,
    "hardtanh": hardtanh,
    "silu": silu,
    "swish": silu,
    "mish": mish,
    "gelu": gelu,
}


def activation_function(activation: Activation) -> Callable[[Any], Any]:
    """The function that `activation` names, or is.

    Raises:
        ValueError: for a name that is not in `ACTIVATIONS`.
        TypeError: for something that is neither a name nor a function.
    """
    if isinstance(activation, str):
        if activation in ("softmax", "log_softmax"):
            raise ValueError(
                f"{activation} is a function of all outputs together, not of one: let the last layer be linear, "
                f"train with cross_entropy, and take {activation}(model(x)) for probabilities"
            )
        return by_name("activation", activation, ACTIVATIONS)
    if callable(activation):
        return activation
    raise TypeError(
        f"an activation is a name or a function, got {activation!r}"
        + (f": write nonlin={activation}" if isinstance(activation, bool) else "")
    )


def activation_name(function: Callable[[Any], Any]) -> str:
    """How reprs show an activation: by its name in `ACTIVATIONS`, or its own."""
    for name, known in ACTIVATIONS.items():
        if function is known:
            return name
    return getattr(function, "name", None) or getattr(function, "__name__", None) or type(function).__name__
