"""Backpropagation as matrix multiplication: the equations, on plain lists of floats. There is no graph here.

For a network of L layers with a^0 = x, forward, for l = 1 .. L:

    z^l = W^l a^(l-1) + b^l                               weighted input:  n_l numbers, W^l has n_l rows of n_(l-1)
    a^l = f^l(z^l)                                        activation, element by element
    C(y, a^L)                                             loss

and backward, with g the gradient of C in the outputs a^L and * element by element:

    delta^L     = f^L'(z^L) * g                           the deltas: delta^l_j = dC/dz^l_j
    delta^(l-1) = f^(l-1)'(z^(l-1)) * (W^l)^T delta^l     from back to front, for l = L .. 2
    dC/dW^l     = delta^l (a^(l-1))^T                     an outer product, of the shape of W^l
    dC/db^l     = delta^l

So a layer's deltas are all that its weights need of everything behind it, and all that the layer before needs. The
graph's `backward` computes the same numbers without being told any of this: tests/nn/test_nn_matrix_form.py compares.
And the compiler finds this form in the graph by itself: the program of `model.compile(loss)` reads like these lines.

An output layer with softmax and cross-entropy is a linear one here, with the loss `cross_entropy` of its z^L, the
logits: then g = delta^L = softmax(z^L) - y.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from engine import dot, sigmoid, softmax, weighted_sum
from engine.primitives import Rule, as_float, primitive_of
from nn.activations import activation_name, linear
from nn.cross_entropies import binary_cross_entropy_with_logits, cross_entropy
from nn.layers import MLP, Layer
from nn.losses import Loss, hinge, squared_error
from nn.rows import is_row, plain_row

Vector = list[float]
Matrix = list[Vector]
LossGradient = Callable[[Vector, Vector], Vector]  # (outputs, targets) -> dC/da^L


class Network(NamedTuple):
    """A network as matrices: layer l has the weights W[l-1], the biases b[l-1], the activation f[l-1].

    An activation is a rule, z -> (a, pullback), as a primitive has one: so its derivative is written in one place.
    """

    W: list[Matrix]
    b: list[Vector]
    f: list[Rule]


class Pass(NamedTuple):
    """A forward pass: z[l-1] is z^l, and a[l] is a^l, a[0] being the inputs."""

    z: list[Vector]
    a: list[Vector]


class Gradient(NamedTuple):
    """A pair's cost C, deltas[l-1] = delta^l, and the derivatives of C in W and b, shaped as they are."""

    cost: float
    deltas: list[Vector]
    W: list[Matrix]
    b: list[Vector]


def network_of(model: MLP) -> Network:
    """The numbers of an MLP now, as matrices.

    Raises:
        TypeError: for an activation whose derivative is not known here: a function that is no primitive.
    """
    return Network(
        [[[w.data for w in row] for row in layer.weight] for layer in model.layers],
        [[b.data for b in layer.bias] for layer in model.layers],
        [_rule(layer) for layer in model.layers],
    )


def forward(network: Network, x: Sequence[float]) -> Pass:
    """z^l and a^l of every layer for the inputs x.

    Raises:
        ValueError: if x are not as many numbers as the first layer takes.

    >>> from nn import MLP
    >>> from nn.matrix_form import forward, network_of
    >>> model = MLP(2, [3, 1], activation="tanh", seed=1)
    >>> forward(network_of(model), [1.0, -1.0]).a[-1] == [model.predict([1.0, -1.0])]
    True
    """
    z, a = [], [[as_float(x_k) for x_k in plain_row(x)]]
    for W, b, f in zip(*network):
        z.append([weighted_sum(w, a[-1], b_j) for w, b_j in zip(W, b)])
        a.append([f(z_j)[0] for z_j in z[-1]])
    return Pass(z, a)


def backpropagation(
    network: Network, x: Sequence[float], y: Any, loss: Loss, loss_gradient: LossGradient | None = None
) -> Gradient:
    """The gradient of the pair (x, y) in every weight and bias, by the delta recursion.

    Args:
        network: see `network_of`.
        x: the inputs.
        y: the target, as the loss takes it.
        loss: (outputs a^L, y) -> cost.
        loss_gradient: (outputs, targets) -> dC/da^L; None for that of one of `LOSS_GRADIENTS`.

    Raises:
        ValueError: for numbers that do not fit the network or the loss, or a loss without a known gradient.

    >>> from nn import MLP, squared_error
    >>> from nn.matrix_form import backpropagation, network_of
    >>> model = MLP(2, [3, 1], activation="tanh", seed=1)
    >>> gradient = backpropagation(network_of(model), [1.0, -1.0], 0.5, squared_error)
    >>> squared_error(model([1.0, -1.0]), 0.5).backward()
    >>> w = model.layers[0].weight[2][1]
    >>> f"{gradient.W[0][2][1]:.12f}" == f"{w.grad:.12f}"
    True
    """
    if loss_gradient is None:
        if loss not in LOSS_GRADIENTS:
            known = ", ".join(each.__name__ for each in LOSS_GRADIENTS)
            raise ValueError(f"the gradient of {loss!r} is not known here, as those of {known} are: give loss_gradient")
        loss_gradient = LOSS_GRADIENTS[loss]
    z, a = forward(network, x)
    y = plain_row(y)
    outputs = a[-1]
    cost = loss(outputs, y)  # which also refuses a y that is none of its targets
    g = loss_gradient(outputs, _targets(loss, y, len(outputs)))

    deltas = [_times(_slopes(network.f[-1], z[-1]), g)]
    for W, f, z_before in zip(network.W[:0:-1], network.f[-2::-1], z[-2::-1]):
        deltas.insert(0, _times(_slopes(f, z_before), [dot(column, deltas[0]) for column in zip(*W)]))
    return Gradient(
        cost, deltas, [[[d * a_k for a_k in a_l] for d in delta] for delta, a_l in zip(deltas, a)], [*map(list, deltas)]
    )


def _squared_error(a: Vector, y: Vector) -> Vector:
    return [2.0 * (a_j - y_j) for a_j, y_j in zip(a, y)]


def _hinge(s: Vector, y: Vector) -> Vector:
    return [-y_j if y_j * s_j < 1.0 else 0.0 for s_j, y_j in zip(s, y)]


def _binary_cross_entropy(x: Vector, y: Vector) -> Vector:
    return [sigmoid(x_j) - y_j for x_j, y_j in zip(x, y)]


def _cross_entropy(x: Vector, y: Vector) -> Vector:
    return [p_k - y_k for p_k, y_k in zip(softmax(x), y)]


LOSS_GRADIENTS: dict[Loss, LossGradient] = {
    squared_error: _squared_error,
    hinge: _hinge,
    binary_cross_entropy_with_logits: _binary_cross_entropy,
    cross_entropy: _cross_entropy,
}


def _targets(loss: Loss, y: Any, n: int) -> Vector:
    """y as n numbers: a number is a list of one; for `cross_entropy` it is a class, and becomes one-hot."""
    if is_row(y):
        return [as_float(y_j) for y_j in y]
    return [float(k == y) for k in range(n)] if loss is cross_entropy else [as_float(y)]


def _slopes(f: Rule, z: Vector) -> Vector:
    """f'(z), element by element: what the rule's pullback makes of the adjoint 1."""
    return [f(z_j)[1](1.0)[0] for z_j in z]


def _times(u: Vector, v: Vector) -> Vector:
    return [u_j * v_j for u_j, v_j in zip(u, v)]


def _rule(layer: Layer) -> Rule:
    f = layer.activation
    primitive = primitive_of(f)
    if primitive is not None:
        return primitive.rule
    if f is linear:
        return lambda z: (z, lambda g: (g,))
    raise TypeError(
        f"the activation {activation_name(f)} does not come with a derivative: write it as a @primitive, "
        "or let the graph find it: loss.backward()"
    )
