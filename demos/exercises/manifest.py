"""The exercises, in order: their titles and hints, and nothing else about them anywhere else.

An exercise is called as its file: exercises/NAME.py, solutions/NAME.py, checks/NAME.py.
"""

from __future__ import annotations

from typing import NamedTuple


class Exercise(NamedTuple):
    """A name, a title, hints from the faintest to the plainest, and what there is to do: one of KINDS."""

    name: str
    title: str
    hints: tuple[str, ...]
    kind: str = "fill"

    @property
    def helps(self) -> int:
        """How often a hint can be asked for: the last one draws the learner's own answer."""
        return len(self.hints) + 1


KINDS = {
    "fill": "Fill the hole",
    "graph": "Read a graph",
    "predict": "Predict, then run",
    "bug": "Find the mistake",
    "write": "Write it yourself",
}


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
            "You found the local derivatives of a product in exercise 3.",
        ),
    ),
    Exercise(
        "05_pullback_of_tanh",
        "The answer is at hand: the pullback of tanh",
        (
            "Write down the derivative of tanh(x) with tanh(x) alone. You are not given x; what are you given instead?",
            "No tanh has to be computed any more. And what has g to do with the local derivative? See exercise 4.",
        ),
    ),
    Exercise(
        "06_fan_out",
        "Used twice: a fan-out",
        (
            "In a + a there are two ways from a to the result. Moving a moves the result along both.",
            "grad.get(parent, 0.0) is what has come in so far: 0.0 if nothing has.",
            "What comes in along one edge is what exercise 4 passes on to one operand.",
        ),
    ),
    Exercise(
        "07_order",
        "Who goes first: topological order",
        (
            "A node may be listed only when all of its parents are. So deal with the parents first.",
            "A node with two uses is met twice, and listed once. How can it be known that it was met before?",
            "What is to be done at a node is the same for each of its parents: a function that calls itself.",
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
            "In C only one term has a_j in it: differentiate a square. And f'(z) can be written with f(z) alone.",
        ),
    ),
    Exercise(
        "11_delta_backwards",
        "One layer back",
        (
            "Unit k of the earlier layer feeds every unit j of the later one: a fan-out. What does exercise 6 say?",
            "Along the edge to unit j comes its error, times the local derivative of z_j with respect to a_k.",
            "All edges together give ∂C/∂a_k. It is ∂C/∂z_k that was asked for: what lies between z_k and a_k?",
        ),
    ),
    Exercise(
        "12_weight_gradients",
        "From deltas to weights",
        (
            "w_jk occurs in z_j alone, as w_jk times the activation of unit k one layer earlier.",
            "Row j, column k belongs to the weight from unit k to unit j: what do you know at either end?",
        ),
    ),
    Exercise(
        "13_matrix_form",
        "All samples at once: the matrix form",
        (
            "Write down the shapes. Delta1 has a row for each unit of layer 1, and a column for each sample.",
            "Exercise 11 sums over the rows of W2, a matrix product over its columns: what turns one into the other?",
            "A product of matrices has an inner sum. For the weights that should be the one over samples.",
        ),
    ),
    Exercise(
        "14_softmax",
        "Softmax and cross-entropy",
        (
            "Write C = -Σ_k y_k log p_k with log p_k = z_k - log Σ_i e^z_i. Differentiate that by z_k.",
            "What is the derivative of log Σ_i e^z_i by z_k? You have a name for it. And what do the y_k add up to?",
        ),
    ),
    Exercise(
        "15_stable",
        "Numbers too large for e^x",
        (
            "e^1000 is too large for a float, e^-1000 is just 0. Arrange to call exp with numbers <= 0 only.",
            "For x < 0, multiply numerator and denominator of 1/(1 + e^-x) by e^x.",
            "Take e^x out of 1 + e^x, and the logarithm becomes a sum. And look up what math.log1p is for.",
        ),
    ),
    Exercise(
        "16_own_operation",
        "An operation of your own: swish, mish",
        (
            "Both are products of x and something that depends on x: the product rule has two terms.",
            "s and t are at hand already, and their derivatives can be written with them: see exercises 5 and 10.",
            "In mish there is a chain inside the second term. The derivative of softplus is in the text above.",
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
            "grad wants Values: what is to be made of the number x first?",
            "What can be done with y, because it is a Value with a graph, can be done with what grad returns.",
        ),
    ),
    Exercise(
        "19_gradient_descent",
        "Downhill: train a network",
        (
            "A step has three parts: forget the old gradients, compute the new ones, move the parameters.",
            "For the first two parts there is a method each: of the model, and of its loss. It is p.data that moves.",
        ),
    ),
    Exercise(
        "20_graph_numbers",
        "Read a graph: the numbers",
        (
            "Put a finger on the beginning, and follow arrows to y. Wherever two lead on, the ways part.",
            "Each path gives a product, of what stands on its arrows. What happens to the products of several paths?",
        ),
        "graph",
    ),
    Exercise(
        "21_graph_order",
        "Read a graph: the order",
        (
            "A node has received everything when all nodes that its arrows lead to have handed on. Who can go first?",
            "Not paths count, but arrows: what comes from a node comes in one piece.",
        ),
        "graph",
    ),
    Exercise(
        "22_predict_grad",
        "Predict: what is in grad?",
        (
            "Begin with the slope of a*a. How often does a stand there?",
            "Before each backward(), ask what stands in a.grad at that moment. Exercise 6 has the rule.",
        ),
        "predict",
    ),
    Exercise(
        "23_predict_steps",
        "Predict: how far does it go?",
        (
            "The slope of (w - 3)² is twice the distance from 3, with a sign. What is it at 0?",
            "For the second step the slope has to be found again, where w is then.",
        ),
        "predict",
    ),
    Exercise(
        "24_broken_engine",
        "Broken: a small engine",
        (
            "Check says which formulas are right. What they are made of is innocent.",
            "Take the operation that is left, and put in numbers: move one operand by 0.001 and see how far it moves.",
        ),
        "bug",
    ),
    Exercise(
        "25_broken_pass",
        "Broken: a backward pass",
        (
            "Who hands on while something is still on its way to it? Write down `order` for the formula that fails.",
            "Exercise 7 is about the same list. Where does a node stand there, and where does the pass begin?",
        ),
        "bug",
    ),
    Exercise(
        "26_write_value",
        "Write it yourself: Value",
        (
            "Let each result remember its operands, and a function that says what each of them gets of an adjoint.",
            "For 1 + a Python calls a.__radd__(1). And which of the operations can be said with the others?",
            "backward() is exercise 7, and then exercise 6: list the nodes, put a 1 at the result, go from the end.",
        ),
        "write",
    ),
)
