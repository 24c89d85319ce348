import inspect

from demos.exercises.answers import NotYet
from demos.exercises.compare import Mistake, Random, compare, slopes
from demos.exercises.picture import Picture
from engine import Value, sin
from engine.graph import topological_order

draw = Random(6)


class Expression:
    """Inputs, and how to compute the result y from them."""

    def __init__(self, formula, f):
        self.formula, self.f = formula, f

    def at(self, numbers):
        """Where it is computed, in words."""
        return ", ".join(f"{name} = {number:g}" for name, number in zip(self.inputs(), numbers))

    def inputs(self):
        return [*inspect.signature(self.f).parameters]

    def graph(self, at):
        """y and all its nodes, the inner ones called n1, n2, ..., y."""
        leaves = [Value(x, name) for x, name in zip(at, self.inputs())]
        y = self.f(*leaves)
        nodes = topological_order(y)
        for k, node in enumerate([node for node in nodes if node.parents], 1):
            node.label = "y" if node is y else f"n{k}"
        return y, nodes

    def tape(self, at):
        """The tape of exercise 6."""
        nodes = [node for node in self.graph(at)[1] if node.parents]
        return [
            (node.label, [(parent.label, slope) for parent, slope in zip(node.parents, node.pullback(1.0))])
            for node in nodes
        ]


def square_times_a(a):
    n1 = a * a
    return n1 * a


def reused(a, b):
    n1 = a * b
    n2 = n1 + a
    return n2 * n1


def deep(a, b):
    n1 = sin(a)
    n2 = n1 * b
    n3 = n2 + n1
    return n3 * n2


EXPRESSIONS = (
    Expression("y = a + a", lambda a: a + a),
    Expression("y = a * b", lambda a, b: a * b),
    Expression("n1 = a * a, y = n1 * a", square_times_a),
    Expression("n1 = a * b, n2 = n1 + a, y = n2 * n1", reused),
    Expression("n1 = sin(a), n2 = n1 * b, n3 = n2 + n1, y = n3 * n2", deep),
)
POINTS = [(expression, draw.vector(len(expression.inputs()))) for expression in EXPRESSIONS for _ in range(2)]


def passed_back(accumulate):
    """The adjoint pass with this line: (what is there, adjoint of the node, local derivative) -> what is there then."""

    def answer(expression, at):
        tape = expression.tape(at)
        grad = {"y": 1.0}
        for node, edges in reversed(tape):
            for parent, slope in edges:
                grad[parent] = accumulate(grad.get(parent, 0.0), grad[node], slope)
        return [grad[name] for name in expression.inputs()]

    return answer


MISTAKES = (
    Mistake(
        passed_back(lambda _, g, slope: g * slope),
        "Each contribution overwrites the one before: only the last edge into a parent counts. In a + a both edges "
        "do: a node that is used twice adds up what comes in.",
    ),
    Mistake(
        passed_back(lambda there, _, slope: there + slope),
        "The contributions add up, but a factor of the chain is missing: the local derivative has to be multiplied "
        "by the adjoint of the node, grad[node].",
    ),
    Mistake(
        passed_back(lambda there, g, _: there + g),
        "The contributions add up, but a factor of the chain is missing: the adjoint of the node has to be "
        "multiplied by the local derivative on the edge.",
    ),
    Mistake(
        passed_back(lambda _, g, __: g),
        "The adjoint of the node is passed on as it is, in place of what came in before. It has to be multiplied by "
        "the local derivative, and added to what is there.",
    ),
    Mistake(
        passed_back(lambda there, g, slope: there + g + slope),
        "Along a chain derivatives are multiplied: the node's adjoint times the local derivative. Only edges are "
        "added up.",
    ),
    Mistake(
        passed_back(lambda there, g, slope: there - g * slope),
        "Contributions are subtracted: they add up.",
    ),
)


def yours(answer, expression, at):
    tape = expression.tape(at)
    try:
        grad = answer.backward(tape)
    except KeyError as error:
        [name] = error.args or [None]
        if name not in {parent for _, edges in tape for parent, _ in edges}:
            raise
        raise NotYet(
            f"{answer.explain(error)}\n\nThere is no grad[{name!r}] when the first contribution to {name} comes in. "
            "What has come in so far is 0 then: read it with grad.get(parent, 0.0), or give each an entry before."
        ) from error
    if not isinstance(grad, dict):
        raise NotYet("`backward` no longer returns the dictionary grad.")
    for name in expression.inputs():
        if name not in grad:
            raise NotYet(f"There is nothing in grad for {name}, although y depends on it.")
    return [grad[name] for name in expression.inputs()]


def check(answer):
    compare(
        answer,
        "Your adjoint pass",
        lambda expression, at: yours(answer, expression, at),
        lambda expression, at: slopes(expression.f, *at),
        POINTS,
        inputs=lambda expression, at: f"For {expression.formula}, at {expression.at(at)}:",
        names=lambda expression, at: [f"∂y/∂{name}" for name in expression.inputs()],
        mistakes=MISTAKES,
    )


def picture(answer):
    expression, at = EXPRESSIONS[2], [0.7]
    grad = answer.backward(expression.tape(at))
    y, nodes = expression.graph(at)
    for node in nodes:
        number = grad.get(node.label) if isinstance(grad, dict) else None
        if isinstance(number, (int, float)):
            node.grad = number
    return Picture("The graph of n1 = a * a, y = n1 * a, with the grad that your line gave to each node:", [y], True)
