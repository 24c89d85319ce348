"""Neural networks of Values: neurons, layers and networks."""

from nn.activations import ACTIVATIONS
from nn.initialization import INITIALIZATIONS
from nn.layers import MLP, Layer, Neuron
from nn.module import Module

__all__ = [
    "ACTIVATIONS",
    "INITIALIZATIONS",
    "MLP",
    "Layer",
    "Module",
    "Neuron",
]
