from demos.exercises.answers import Incomplete, NotYet
from demos.exercises.compare import failure, slopes
from demos.exercises.picture import Picture
from demos.exercises.replies import short
from engine import Value, tanh
from engine.graph import topological_order


def doubled(a):
    b = (a + a).named("b")
    return (b + b).named("c")


def used_again(a):
    b = (a + a).named("b")
    m = (b * a).named("m")
    return (b + m).named("y")


def used_first(a):
    b = (a * a).named("b")
    m = (a * b).named("m")
    return (m * b).named("y")


def woven(a, b):
    c = (a * b).named("c")
    d = (c + a).named("d")
    e = (d * c).named("e")
    f = tanh(b).named("f")
    return (e * f + d).named("y")


def single(a):
    return a


GRAPHS = (
    ("b = a + a;  c = b + b", doubled, {"a": 0.7}),
    ("b = a + a;  m = b * a;  y = b + m", used_again, {"a": 1.3}),
    ("b = a * a;  m = a * b;  y = m * b", used_first, {"a": 1.1}),
    ("c = a * b;  d = c + a;  e = d * c;  f = tanh(b);  y = e * f + d", woven, {"a": 0.6, "b": -1.2}),
    ("a alone", single, {"a": 0.5}),
)


def graph(f, at):
    """A result, its inputs, and its nodes in one right order; each with a label."""
    inputs = [Value(x, name) for name, x in at.items()]
    y = f(*inputs)
    nodes = topological_order(y)
    for k, node in enumerate(nodes):
        node.label = node.label or f"n{k}"
    return y, inputs, nodes


def yours(answer, f, at):
    """The answer's list, each node by its number in that order; -1 for one that y is not computed from."""
    y, _, nodes = graph(f, at)
    listed = answer.order(y)
    if not isinstance(listed, (list, tuple)) or not all(isinstance(node, Value) for node in listed):
        raise NotYet(f"`order` returned {short(listed)}: expected a list of nodes.")
    return [nodes.index(node) if node in nodes else -1 for node in listed]


def check(answer):
    for formulas, f, at in GRAPHS:

        def call(f=f, at=at):
            return yours(answer, f, at)

        def fault_in(reply, f=f, at=at):
            if reply.fault:
                return reply.fault
            y, inputs, wanted = graph(f, at)
            stranger = Value(0.0, "another node")
            nodes = [wanted[k] if k in range(len(wanted)) else stranger for k in reply.value or ()]
            fault = fault_of(nodes, y)
            return fault and fault + consequence(nodes, y, f, inputs)

        reply = answer.result(call)
        if answer.judged_elsewhere:
            continue
        if fault := fault_in(reply):
            message = fault if reply.status == Incomplete.status else f"For {formulas}:\n\n{fault}"
            raise failure(answer, reply, call, message, lambda again, fault_in=fault_in: not fault_in(again))


def fault_of(nodes, y):
    """What is wrong with an order; empty if nothing is."""
    if not nodes:
        return "Your list is empty: it should have y, and all it is computed from."
    wanted = topological_order(y)
    listed = f"Your list is {', '.join(node.label or '?' for node in nodes)}.\n\n"
    for node in wanted:
        if node not in nodes:
            return f"{listed}{node.label} is missing."
        if nodes.count(node) > 1:
            return (
                f"{listed}{node.label} is listed {nodes.count(node)} times. On the way back it passes on its adjoint "
                "each time, and its parents get too much. Which nodes have been visited already?"
            )
    for node in nodes:
        if node not in wanted:
            return f"{listed}{node.label} is in it, from which {y.label} is not computed."
    if [*nodes] != wanted and is_order([*reversed(nodes)]):
        return f"{listed}That is from back to front: y should come last, after its parents."
    for k, node in enumerate(nodes):
        for parent in node.parents:
            if parent not in nodes[:k]:
                return (
                    f"{listed}{node.label} comes before its parent {parent.label}. On the way back {parent.label} "
                    f"passes on its adjoint before the contribution of {node.label} has come in: it is not complete."
                )
    return ""


def is_order(nodes):
    return len({*nodes}) == len(nodes) and all(
        parent in nodes[:k] for k, node in enumerate(nodes) for parent in node.parents
    )


def consequence(nodes, y, f, inputs):
    """What the gradient comes out as in this order, beside the true one."""
    grad = {y: 1.0}
    for node in reversed(nodes):
        if node.parents:
            for parent, contribution in zip(node.parents, node.pullback(grad.get(node, 0.0))):
                grad[parent] = grad.get(parent, 0.0) + contribution
    true = slopes(f, *[x.data for x in inputs])
    for x, slope in zip(inputs, true):
        if abs(grad.get(x, 0.0) - slope) > 1e-6:
            return (
                f"\n\nAn adjoint pass in your order gives ∂{y.label}/∂{x.label} = {grad.get(x, 0.0):.4g}; "
                f"a finite difference says {slope:.4g}."
            )
    return ""


def picture(answer):
    _, f, at = GRAPHS[1]
    places = yours(answer, f, at)
    y, _, nodes = graph(f, at)
    for k, node in enumerate(nodes):
        listed = ", ".join(str(place) for place, number in enumerate(places, 1) if number == k)
        node.label = f"{node.label}: {listed or 'not listed'}"
    return Picture("The graph of b = a + a; m = b * a; y = b + m, each node with its place in your list:", [y])
