"""The exercises, in order: their titles and hints, and nothing else about them anywhere else.

An exercise is called as its file: exercises/NAME.py, solutions/NAME.py, checks/NAME.py.
"""

from __future__ import annotations

from typing import NamedTuple


class Exercise(NamedTuple):
    """A name, a title, and hints from the faintest to the plainest."""

    name: str
    title: str
    hints: tuple[str, ...]


EXERCISES = (
    Exercise(
        "01_slope",
        "A derivative is a slope",
        (
            "You can call f at two points, one a little to the right of x and one a little to the left.",
            "How far apart are the two points x - h and x + h? That is what to divide by.",
        ),
    ),
    Exercise(
        "02_chain_rule",
        "Two functions in a row: the chain rule",
        (
            "Move x by a little dx. How far does u = g(x) move? And when u moves by du, how far does f(u)?",
            "f stands at u = g(x), not at x: that is where to take its slope.",
        ),
    ),
    Exercise(
        "03_partial_derivatives",
        "One input moves, the others stay",
        (
            "For ∂y/∂a, b and c are numbers like 3 and 5. What is the slope of a*3 + 5 in a?",
            "A term in which the input does not occur has the slope 0; the input alone has the slope 1.",
        ),
    ),
    Exercise(
        "04_pullback_of_a_product",
        "The pullback of a product",
        (
            "Each operand gets its share of the adjoint g of the result: g times a local derivative.",
            "The local derivatives of a*b are those of exercise 3: b for a, and a for b.",
        ),
    ),
    Exercise(
        "05_pullback_of_tanh",
        "The answer is at hand: the pullback of tanh",
        (
            "The derivative of tanh(x) is 1 - tanh(x)². You are not given x; what are you given instead?",
            "y already is tanh(x): no need to compute it again. And the adjoint g is still a factor.",
        ),
    ),
    Exercise(
        "06_fan_out",
        "Used twice: contributions add up",
        (
            "In a + a there are two ways from a to the result. Moving a moves the result along both.",
            "grad.get(parent, 0.0) is what has come in so far: 0.0 if nothing has.",
            "What comes in along one edge is the adjoint of the node, times the local derivative on the edge.",
        ),
    ),
    Exercise(
        "07_order",
        "Who goes first: topological order",
        (
            "A node may be listed only when all of its parents are. So deal with the parents first.",
            "Keep a set of the nodes that were visited, or a node with two uses is listed twice.",
            "A function inside the function, visit(node): if it is new, visit its parents, then append it.",
        ),
    ),
    Exercise(
        "08_neuron",
        "The gradient of a neuron",
        (
            "By way of z: first ∂a/∂z, as in exercise 5; then ∂z/∂w_k, ∂z/∂x_k and ∂z/∂b, as in exercise 3.",
            "All three have the factor ∂a/∂z = 1 - tanh(z)² in common: compute it once.",
        ),
    ),
    Exercise(
        "09_bias",
        "A bias is a weight like the others",
        (
            "b_j must be multiplied by something that is always 1. Where does that 1 come from?",
            "Each row of W belongs to one neuron: it gets one entry more, that neuron's bias.",
        ),
    ),
    Exercise(
        "10_last_delta",
        "The error of the last layer",
        (
            "The chain rule from z_j by way of a_j = f(z_j) to C: ∂C/∂a_j times ∂a_j/∂z_j.",
            "C = Σ_j (a_j - y_j)², so ∂C/∂a_j = 2 (a_j - y_j). And f'(z) is f(z) (1 - f(z)).",
        ),
    ),
    Exercise(
        "11_delta_backwards",
        "One layer back",
        (
            "Unit k of the earlier layer feeds every unit j of the later one: a fan-out. What does exercise 6 say?",
            "Along the edge to unit j comes δ_j times w_jk. Add up over j, with k fixed.",
            "That is ∂C/∂a_k. From a_k to z_k there is one more factor, the slope of tanh at z_k.",
        ),
    ),
    Exercise(
        "12_weight_gradients",
        "From deltas to weights",
        (
            "w_jk occurs in z_j alone, as w_jk times the activation of unit k one layer earlier.",
            "Row j, column k: delta[l][j] times a[l - 1][k].",
        ),
    ),
    Exercise(
        "13_matrix_form",
        "All samples at once: the matrix form",
        (
            "Write down the shapes. Delta1 has a row for each unit of layer 1, and a column for each sample.",
            "Σ_j w_jk δ_j is a product with the transpose of W2.",
            "The sum over samples is the inner sum of a matrix product: Delta times the transposed inputs.",
        ),
    ),
    Exercise(
        "14_softmax",
        "Softmax and cross-entropy: p - y",
        (
            "Write C = -Σ_k y_k log p_k with log p_k = z_k - log Σ_i e^z_i. Differentiate that by z_k.",
            "The derivative of log Σ_i e^z_i by z_k is p_k. And the y_k add up to 1.",
        ),
    ),
    Exercise(
        "15_stable",
        "Numbers too large for e^x",
        (
            "e^1000 is too large for a float, e^-1000 is just 0. Arrange to call exp with numbers <= 0 only.",
            "For x < 0, multiply numerator and denominator of 1/(1 + e^-x) by e^x.",
            "log(1 + e^x) = x + log(1 + e^-x). And math.log1p(t) is log(1 + t) that keeps a tiny t.",
        ),
    ),
    Exercise(
        "16_own_operation",
        "An operation of your own: swish, mish",
        (
            "Both are products x * s(x): the product rule gives s(x) + x * s'(x).",
            "The derivative of sigmoid is s (1 - s); that of tanh(u) is 1 - tanh(u)², times du/dx.",
            "softplus'(x) = sigmoid(x).",
        ),
    ),
    Exercise(
        "17_counting",
        "Why backwards: count the multiplications",
        (
            "A matrix of m rows and n columns times one of n rows and p columns takes m * n * p multiplications.",
            "Forwards, J_1 has n_0 columns and every later product keeps them; the first product is J_2 J_1.",
            "Backwards, J_L has n_L rows and every later product keeps them; the first product is J_L J_(L-1).",
        ),
    ),
    Exercise(
        "18_second_derivative",
        "Differentiate the derivative",
        (
            "engine.grad(y, x) is dy/dx as a Value, with a graph of its own.",
            "So it can be given to grad again, as y.",
        ),
    ),
    Exercise(
        "19_gradient_descent",
        "Downhill: train a network",
        (
            "A step has three parts: forget the old gradients, compute the new ones, move the parameters.",
            "model.zero_grad(), then C(model).backward(), then p.data -= lr * p.grad for p in model.parameters().",
        ),
    ),
)
