"""What the weights start from. The biases start from 0."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from types import ModuleType

from nn.arguments import by_name

Generator = random.Random | ModuleType  # the random module is a generator too: the global one
Seed = int | Generator | None
Initialization = str | Callable[[int, int, Generator], float]


def uniform(in_features: int, out_features: int, generator: Generator) -> float:
    """Evenly from [-1, 1], as in micrograd. For a few inputs; too wide for many."""
    return float(generator.uniform(-1, 1))


def he(in_features: int, out_features: int, generator: Generator) -> float:
    """From a normal distribution with the standard deviation sqrt(2 / in_features).

    Keeps the variance of the activations from layer to layer with relu: He, Zhang, Ren, Sun 2015, arXiv:1502.01852,
    equation 10; `torch.nn.init.kaiming_normal_`.
    """
    return float(generator.gauss(0.0, math.sqrt(2.0 / in_features)))


def xavier(in_features: int, out_features: int, generator: Generator) -> float:
    """Evenly from [-r, r] with r = sqrt(6 / (in_features + out_features)).

    Keeps the variance of activations and gradients with tanh: Glorot, Bengio 2010 (AISTATS), equation 16;
    `torch.nn.init.xavier_uniform_`.
    """
    r = math.sqrt(6.0 / (in_features + out_features))
    return float(generator.uniform(-r, r))


def fan_in(in_features: int, out_features: int, generator: Generator) -> float:
    """Evenly from [-r, r] with r = 1 / sqrt(in_features): what `torch.nn.Linear` starts from."""
    r = 1.0 / math.sqrt(in_features)
    return float(generator.uniform(-r, r))


def normal(in_features: int, out_features: int, generator: Generator) -> float:
    """From a normal distribution with mean 0 and standard deviation 1: what `torch.nn.Embedding` starts from."""
    return float(generator.gauss(0.0, 1.0))


INITIALIZATIONS: dict[str, Callable[[int, int, Generator], float]] = {
    "uniform": uniform,
    "he": he,
    "kaiming": he,
    "xavier": xavier,
    "glorot": xavier,
    "fan_in": fan_in,
    "normal": normal,
}


def initialization(init: Initialization) -> Callable[[int, int, Generator], float]:
    """The function that `init` names, or is: (in_features, out_features, generator) -> one weight.

    Raises:
        ValueError: for an unknown name.
        TypeError: for something that is neither a name nor a function.
    """
    if isinstance(init, str):
        return by_name("initialization", init, INITIALIZATIONS)
    if callable(init):
        return init
    raise TypeError(f"init is a name or a function (in_features, out_features, generator) -> weight, got {init!r}")


def generator_of(seed: Seed) -> Generator:
    """A generator of its own for a seed; the global one of Python's random module for None; a generator as it is."""
    if seed is None:
        return random
    if isinstance(seed, (random.Random, ModuleType)):
        return seed
    if isinstance(seed, bool) or not hasattr(seed, "__index__"):
        raise TypeError(f"seed is a whole number, a random.Random or None, got {seed!r}")
    return random.Random(int(seed))
