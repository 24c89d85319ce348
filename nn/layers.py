"""Neurons in layers, layers in a network: the article's W^l, b^l, z^l, a^l.

Layer l computes, from the activations of layer l-1 (of layer 0: the inputs x),

    z^l_j = sum_k w^l_jk a^(l-1)_k + b^l_j        the weighted input, one node
    a^l_j = f^l(z^l_j)                            the activation, one node

where w_jk goes from unit k of layer l-1 to unit j of layer l. The derivative of a loss with respect to z^l_j is that
neuron's delta; after `backward` it is the `grad` of the node z^l_j.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from engine import Value, primitives
from engine.value import Number, apply, as_value
from nn.activations import Activation, activation_function, activation_name
from nn.arguments import count
from nn.forward_pass import ForwardPass
from nn.initialization import Initialization, Seed, generator_of, initialization
from nn.module import Module
from nn.neuron_names import NeuronNames, mark_of
from nn.output import Output
from nn.rows import plain_row


class Layer(Module):
    """`nout` neurons side by side, each of the same `nin` inputs.

    Args:
        nin: how many inputs.
        nout: how many neurons.
        activation: the name of an activation, or a function of z; see `nn.activations`.
        nonlin: False for a linear layer, as in micrograd.
        init: what the weights start from: "uniform" in [-1, 1], "he", "xavier", or a function; see
            `nn.initialization`.
        seed: for weights that are the same every time; None draws from Python's global `random`.
        number: the layer's place l in a network, from 1, for labels and errors.

    Attributes:
        weight: weight[j][k] is w_jk, from input k to neuron j; out_features rows of in_features Values.
        bias: bias[j] is b_j; out_features Values.

    Raises:
        ValueError: for a size below 1, an unknown activation or initialization.

    >>> from nn import Layer
    >>> layer = Layer(2, 3, activation="tanh", seed=1)
    >>> layer
    Layer(2, 3, activation="tanh")
    >>> [f"{a:.3f}" for a in layer([1.0, -1.0])]
    ['-0.891', '0.769', '0.092']
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        activation: Activation = "relu",
        *,
        nonlin: bool = True,
        init: Initialization = "uniform",
        seed: Seed = None,
        number: int | None = None,
    ) -> None:
        self.number = number
        nin, nout = count("nin", nin), count("nout", nout)
        self.activation = activation_function(activation if nonlin else "linear")
        draw, generator = initialization(init), generator_of(seed)
        mark = mark_of(number)
        self.weight = [
            [Value(draw(nin, nout, generator), f"w{mark}[{j}][{k}]") for k in range(nin)] for j in range(nout)
        ]
        self.bias = [Value(0.0, f"b{mark}[{j}]") for j in range(nout)]
        for j, b in enumerate(self.bias):
            b._names_around = NeuronNames(number, f"[{j}]", activation_name(self.activation))

    @property
    def in_features(self) -> int:
        """How many inputs."""
        return len(self.weight[0])

    @property
    def out_features(self) -> int:
        """How many neurons."""
        return len(self.bias)

    @property
    def neurons(self) -> list[Neuron]:
        """The neurons one by one, made of this layer's own Values."""
        return [Neuron._of(w, b, self.activation) for w, b in zip(self.weight, self.bias)]

    def inputs(self, x: Iterable[Number]) -> list[Value]:
        """The inputs as nodes, each made once for all neurons.

        Raises:
            ValueError: if they are not `in_features`.
            TypeError: if they are not numbers.
        """
        return _nodes(x, self.in_features, "a layer" if self.number is None else f"layer {self.number}")

    def check_input(self, x: Any) -> None:
        self.inputs(x)

    def forward(self, a: Sequence[Value]) -> tuple[list[Value], list[Any]]:
        """z and a of this layer, from the activations of the layer before."""
        weighted_sum, f = primitives.weighted_sum, self.activation
        z = [apply(weighted_sum, (*w, *a, b)) for w, b in zip(self.weight, self.bias)]
        return z, [f(z_j) for z_j in z]

    def __call__(self, x: Iterable[Number]) -> Output:
        """The activations for the inputs x: a list, or the Value itself if there is one neuron."""
        _, a = self.forward(self.inputs(x))
        return a[0] if len(a) == 1 else a  # type: ignore[return-value]

    def __repr__(self) -> str:
        return f'Layer({self.in_features}, {self.out_features}, activation="{activation_name(self.activation)}")'


class Neuron(Module):
    """One neuron: a = f(w_1 x_1 + ... + w_nin x_nin + b).

    Takes the arguments of `Layer`, but for `nout`.

    Attributes:
        w: the weights, nin Values.
        b: the bias, a Value.

    >>> from nn import Neuron
    >>> neuron = Neuron(2, activation="linear")
    >>> neuron.w[0].data, neuron.w[1].data, neuron.b.data = 2.0, -1.0, 0.5
    >>> neuron([3.0, 4.0])
    Value(data=2.5)

    A bias is a weight with a fixed input of 1: the neuron of one input more says the same, and so do its gradients.

    >>> wider = Neuron(3, activation="linear")
    >>> wider.w[0].data, wider.w[1].data, wider.w[2].data = 2.0, -1.0, 0.5
    >>> a = wider([3.0, 4.0, 1.0])
    >>> a.backward()
    >>> a.data, [w.grad for w in wider.w]
    (2.5, [3.0, 4.0, 1.0])
    """

    def __init__(
        self,
        nin: int,
        activation: Activation = "relu",
        *,
        nonlin: bool = True,
        init: Initialization = "uniform",
        seed: Seed = None,
    ) -> None:
        draw, generator = initialization(init), generator_of(seed)
        self.activation = activation_function(activation if nonlin else "linear")
        self.w = [Value(draw(nin, 1, generator), f"w[{k}]") for k in range(count("nin", nin))]
        self.b = Value(0.0, "b")
        self.b._names_around = NeuronNames(None, "", activation_name(self.activation))

    @classmethod
    def _of(cls, w: list[Value], b: Value, activation: Any) -> Neuron:
        neuron = cls.__new__(cls)
        neuron.w, neuron.b, neuron.activation = w, b, activation
        return neuron

    def __call__(self, x: Iterable[Number]) -> Value:
        a = _nodes(x, len(self.w), "a neuron")
        return self.activation(  # type: ignore[no-any-return]
            apply(primitives.weighted_sum, (*self.w, *a, self.b))
        )

    def __repr__(self) -> str:
        return f'Neuron({len(self.w)}, activation="{activation_name(self.activation)}")'


class MLP(Module):
    """A multi-layer perceptron: g(x) = f^L(W^L f^(L-1)(... f^1(W^1 x + b^1) ...) + b^L).

    Args:
        nin: how many inputs.
        nouts: how many neurons each layer has; the last ones are the outputs.
        activation: of all hidden layers, the output layer being linear; or a list with one for each layer, the output
            layer included.
        init, seed: as in `Layer`.

    Attributes:
        layers: layers[l-1] is layer l.

    Raises:
        ValueError: for a size below 1, no layers, an unknown activation, as many activations as there are not layers.

    >>> from nn import MLP
    >>> model = MLP(2, [16, 16, 1])
    >>> model
    MLP(2, [16, 16, 1], activation="relu"): 337 parameters
    >>> len(model.parameters()), model.layers[0].weight[3][1] is model.parameters()[7]
    (337, True)
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: Activation | Sequence[Activation] = "relu",
        *,
        init: Initialization = "uniform",
        seed: Seed = None,
    ) -> None:
        if isinstance(nouts, (str, bytes)) or not isinstance(nouts, Iterable):
            raise TypeError(f"nouts is a list with the size of each layer, as in MLP(2, [16, 16, 1]), got {nouts!r}")
        sizes = [nin, *nouts]
        if len(sizes) == 1:
            raise ValueError("an MLP needs at least one layer, as in MLP(2, [16, 16, 1]), got nouts=[]")
        if isinstance(activation, str) or not isinstance(activation, Sequence):
            activation = activation_function(activation)  # checked even where there is no hidden layer
            activation = [activation] * (len(sizes) - 2) + ["linear"]
        if len(activation) != len(sizes) - 1:
            raise ValueError(
                f"a list of activations has one for each layer, the output layer included: expected "
                f"{len(sizes) - 1}, got {len(activation)}"
            )
        generator = generator_of(seed)
        self.layers = [
            Layer(nin, nout, f, init=init, seed=generator, number=l)
            for l, (nin, nout, f) in enumerate(zip(sizes, sizes[1:], activation), 1)  # noqa: E741  the article's l
        ]

    def __call__(self, x: Iterable[Number]) -> Output:
        """The output for the inputs x: a list, or the Value itself if there is one output."""
        a: list[Any] = self.layers[0].inputs(x)
        for layer in self.layers:
            _, a = layer.forward(a)
        return a[0] if len(a) == 1 else a  # type: ignore[return-value]

    def check_input(self, x: Any) -> None:
        self.layers[0].inputs(x)

    def trace(self, x: Iterable[Number]) -> ForwardPass:
        """The pass for the inputs x with every layer's z and a, and its deltas after `backward`; see `ForwardPass`."""
        inputs = self.layers[0].inputs(x)
        z: list[list[Value]] = []
        a: list[list[Any]] = []
        for layer in self.layers:
            z_l, a_l = layer.forward(a[-1] if a else inputs)
            z.append(z_l)
            a.append(a_l)
        return ForwardPass(inputs, z, a)

    def __repr__(self) -> str:
        sizes = [layer.out_features for layer in self.layers]
        names = [activation_name(layer.activation) for layer in self.layers]
        hidden, output = sorted(set(names[:-1])), names[-1]
        if len(hidden) <= 1 and output == "linear":
            activation = f', activation="{hidden[0]}"' if hidden else ""
        else:
            activation = f", activation={names}".replace("'", '"')
        return f"MLP({self.layers[0].in_features}, {sizes}{activation}): {len(self.parameters())} parameters"

    def _repr_html_(self) -> str:
        from nn.display import mlp_html

        return mlp_html(self)


def _nodes(x: Any, n: int, taker: str) -> list[Value]:
    """The numbers x as nodes, checked to be as many as `taker` takes."""
    if hasattr(x, "tolist"):  # a row of NumPy, PyTorch, JAX or pandas
        x = plain_row(x)
    try:
        a = [as_value(number) for number in x]
    except TypeError as error:
        if not isinstance(x, Iterable):
            a = [as_value(x)]  # the one output of a layer before this one comes unwrapped
        elif any(hasattr(number, "tolist") for number in x):  # a list of tensors
            a = _nodes([plain_row(number) for number in x], n, taker)
        else:
            raise TypeError(f"{taker}: {error}") from None
    if len(a) != n:
        raise ValueError(f"{taker} takes {n} input{'s'[: n != 1]}, got {len(a)}")
    return a
