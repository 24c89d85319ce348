"""Programs of people who come from other scalar engines: with the class swapped they run, or are told what to write.

Three kinds: micrograd's closures, classes with slots whose nodes are made by hand, and a `draw_dot` as users copy it.
"""

import copy
import math
import pickle
import random
import re
import textwrap

import graphviz
import pytest

from engine import Value, grad, gradcheck, primitive

# Closure style -------------------------------------------------------------------------------------------------------


def test_the_expression_in_micrograds_readme():
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    assert f"{g.data:.4f}" == "24.7041"
    g.backward()
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"


class Neuron:
    """A neuron as in micrograd's nn.py, without a base class."""

    def __init__(self, n, draw):
        self.w = [Value(draw.uniform(-1, 1)) for _ in range(n)]
        self.b = Value(0)

    def __call__(self, x):
        return sum((wi * xi for wi, xi in zip(self.w, x)), self.b).tanh()

    def parameters(self):
        return [*self.w, self.b]


def network(draw):
    hidden, last = [Neuron(2, draw) for _ in range(4)], Neuron(4, draw)
    parameters = [p for neuron in (*hidden, last) for p in neuron.parameters()]
    return lambda x: last([neuron(x) for neuron in hidden]), parameters


XOR = [([0.0, 0.0], -1.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], -1.0)]


def test_a_training_loop_in_micrograds_style():
    model, parameters = network(random.Random(3))
    losses = []
    for _ in range(300):
        loss = sum((model(x) - y) ** 2 for x, y in XOR)
        for p in parameters:
            p.grad = 0
        loss.backward()
        for p in parameters:
            p.data += -0.1 * p.grad
        losses.append(loss.data)
    assert losses[-1] < 0.05 < losses[0]


def test_zero_grad_of_the_loss_clears_every_leaf_below_it():
    model, parameters = network(random.Random(0))
    loss = sum((model(x) - y) ** 2 for x, y in XOR)
    loss.backward()
    once = [p.grad for p in parameters]
    loss.zero_grad()
    assert all(p.grad == 0.0 for p in parameters)
    loss.backward()
    assert [p.grad for p in parameters] == once
    alone = Value(1.0)
    alone.backward()
    alone.zero_grad()
    assert alone.grad == 0.0


def test_an_adam_written_by_hand_keeps_its_moments_on_the_parameters():
    model, parameters = network(random.Random(3))
    for p in parameters:
        p.m = 0
        p.v = 0.0
    for step in range(1, 101):
        loss = sum((model(x) - y) ** 2 for x, y in XOR)
        loss.zero_grad()
        loss.backward()
        for p in parameters:
            p.m = 0.9 * p.m + 0.1 * p.grad
            p.v = 0.99 * p.v + 0.01 * p.grad**2
            p.data -= 0.05 * (p.m / (1 - 0.9**step)) / (math.sqrt(p.v / (1 - 0.99**step)) + 1e-8)
    assert loss.data < 0.05
    p = parameters[0]
    for again in (copy.copy(p), copy.deepcopy(p), pickle.loads(pickle.dumps(p))):
        assert again is not p
        assert (again.data, again.grad, again.m, again.v) == (p.data, p.grad, p.m, p.v)
    tied = [p, p]
    first, second = copy.deepcopy(tied)
    assert first is second
    assert first is not p


def test_a_free_attribute_is_of_its_own_node_alone():
    p = Value(1.0, label="p")
    p.m = [0.0]
    shallow, deep = copy.copy(p), copy.deepcopy(p)
    assert shallow.m is p.m
    assert deep.m is not p.m
    assert p.label == deep.label == "p"
    y = p * 2
    y.note = "an inner node too"
    assert not hasattr(p, "note")
    with pytest.raises(AttributeError):
        p.parents = ()


def test_values_are_keys_by_identity_and_equal_by_number():
    """micrograd tells Values apart by identity: sets and dicts go on so, `==` compares numbers."""
    a, b = Value(1.0), Value(1.0)
    moments = {a: 0.1, b: 0.2}
    assert moments[a] == 0.1
    assert len({a, b}) == 2
    assert a == b
    assert a.data == 1.0


# Slots style: nodes made by hand -------------------------------------------------------------------------------------


def example_in(message):
    """The lines of the @primitive that a message shows."""
    [example] = re.findall(r"^    from engine import primitive\n\n(?:    .*\n?)+", message, flags=re.MULTILINE)
    return textwrap.dedent(example)


def message_of(error, make):
    with pytest.raises(error) as caught:
        make()
    return str(caught.value)


def children_and_operation(a, b):
    return Value(a.data * b.data, (a, b), "*")


def children_and_gradients(a, b):
    return Value(a.data * b.data, (a, b), (b.data, a.data))


def children_by_name(a, b):
    return Value(a.data * b.data, _children=(a, b), _op="*")


def children_in_a_list(a, b):
    return Value(a.data * b.data, [a, b])


def children_in_a_set(a, b):
    return Value(a.data * b.data, {a, b}, "*")


def gradients_by_name(a, b):
    return Value(a.data * b.data, children=(a, b), local_grads=(b.data, a.data))


def closure(a, b):
    out = Value(a.data * b.data)

    def _backward():
        a.grad += b.data * out.grad
        b.grad += a.data * out.grad

    out._backward = _backward
    return out


def squared(a, _):
    return Value(a.data**2, (a,), (2 * a.data,))


HAND_MADE = [
    children_and_operation,
    children_and_gradients,
    children_by_name,
    children_in_a_list,
    children_in_a_set,
    gradients_by_name,
    closure,
    squared,
]


@pytest.mark.parametrize("make", HAND_MADE)
def test_a_node_made_by_hand_is_refused_with_the_primitive_to_write(make):
    a, b = Value(3.0), Value(-2.0)
    message = message_of(AttributeError if make is closure else TypeError, lambda: make(a, b))
    names = {}
    exec(example_in(message), names)  # what it shows runs when it is pasted
    square = names["square"]
    y = square(a) * b
    y.backward()
    assert (y.data, a.grad, b.grad) == (-18.0, -12.0, 9.0)
    assert gradcheck(square, [0.7])
    assert grad(grad(square(a), a), a).data == 2.0
    assert len(message) < 500
    assert message.isprintable() or "\n" in message
    assert a.grad == -12.0  # and nothing else has happened to the operands


def test_what_the_messages_say():
    a, b = Value(3.0, label="a"), Value(-2.0)
    message = message_of(TypeError, lambda: children_and_operation(a, b))
    assert message.startswith(
        "Value(data, (Value(data=3, label='a'), Value(data=-2)), '*'): a Value takes its number and "
    )
    many = message_of(TypeError, lambda: Value(1.0, (a,) * 1000, "+"))
    assert len(many) < 500
    typo = message_of(TypeError, lambda: Value(1.0, lable="a"))
    assert typo.startswith("Value(data, lable='a'): a Value takes its number and a label; ")
    message = message_of(AttributeError, lambda: closure(a, b))
    assert message.startswith("_backward cannot be assigned: ")
    message = message_of(TypeError, lambda: children_by_name(a, b))
    assert message.startswith(
        "Value(data, _children=(Value(data=3, label='a'), Value(data=-2)), _op='*'): a Value takes"
    )


def test_a_label_that_is_a_list_of_operands_is_refused():
    with pytest.raises(TypeError, match=r"gets its operands from the operation that makes it"):
        Value(1.0).label = (Value(2.0),)


class Slots:
    """The class of a scalar GPT: children and local gradients in two tuples."""

    __slots__ = ("children", "data", "grad", "local_grads")

    def __init__(self, data, children=(), local_grads=()):
        self.data, self.grad, self.children, self.local_grads = data, 0.0, children, local_grads

    def __add__(self, other):
        return Slots(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        return Slots(self.data * other.data, (self, other), (other.data, self.data))

    def silu(self):
        s = 1 / (1 + math.exp(-self.data))
        return Slots(self.data * s, (self,), (s + self.data * s * (1 - s),))

    def backward(self):
        order, met = [], set()

        def visit(node):
            if node not in met:
                met.add(node)
                for child in node.children:
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for child, slope in zip(node.children, node.local_grads):
                child.grad += slope * node.grad


def test_the_same_program_with_the_hand_made_node_as_a_primitive():
    """What the refused ``Value(x * s, (x,), (slope,))`` is here, beside the class that made it."""

    @primitive
    def silu(x):
        s = 1 / (1 + (-x).exp()) if isinstance(x, Value) else 1 / (1 + math.exp(-x))
        return x * s, lambda g: (g * (s + x * s * (1 - s)),)

    theirs = [Slots(0.3), Slots(-1.2), Slots(0.8)]
    ours = [Value(0.3), Value(-1.2), Value(0.8)]
    w, x, b = theirs
    y = ((w * x + b).silu() * w + x * x).silu()
    u, v, c = ours
    z = silu(silu(u * v + c) * u + v * v)
    y.backward()
    z.backward()
    assert z.data == pytest.approx(y.data, rel=1e-15)
    assert [p.grad for p in ours] == pytest.approx([p.grad for p in theirs], rel=1e-15)


# draw_dot, as users copy it ------------------------------------------------------------------------------------------


def trace(root):
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def draw_dot(root, format="svg", rankdir="LR"):  # noqa: A002
    assert rankdir in ["LR", "TB"]
    nodes, edges = trace(root)
    dot = graphviz.Digraph(format=format, graph_attr={"rankdir": rankdir})
    for n in nodes:
        dot.node(name=str(id(n)), label=f"{{ data {n.data:.4f} | grad {n.grad:.4f} }}", shape="record")
        if n._op:
            dot.node(name=str(id(n)) + n._op, label=n._op)
            dot.edge(str(id(n)) + n._op, str(id(n)))
    for n1, n2 in edges:
        dot.edge(str(id(n1)), str(id(n2)) + n2._op)
    return dot


def test_draw_dot_as_copied_from_micrograds_notebook():
    x, same = Value(1.0), Value(1.0)  # of one number, and still two nodes
    y = (x * same + 1).relu() + x**2
    y.backward()
    nodes, edges = trace(y)
    assert len(nodes) == 8
    assert len(edges) == 8
    source = draw_dot(y).source
    assert source.count("shape=record") == 8
    for label in ("+", "*", "relu", "**2"):
        assert f'label="{label}"' in source or f"label={label}" in source
    assert source.count("data 1.0000 | grad 3.0000") == 1  # x: same + 2x
    assert source.count("data 1.0000 | grad 1.0000") == 4  # same, x * same, the 1 of + 1, x**2


def test_what_is_read_only():
    y = Value(2.0) * 3.0
    assert y._prev == {*y.parents}
    assert y._op == "*"
    assert Value(1.0)._prev == set()
    assert Value(1.0)._op == ""
    for name in ("_prev", "_op"):
        with pytest.raises(AttributeError):
            setattr(y, name, ())


def test_an_old_topological_sort_on_prev_goes_in_order():
    a, b = Value(2.0), Value(-3.0)
    y = a * b + a
    order, met = [], set()

    def build(v):
        if v not in met:
            met.add(v)
            for child in v._prev:
                build(child)
            order.append(v)

    build(y)
    y.backward()
    assert order[-1] is y
    place = {v: k for k, v in enumerate(order)}
    assert len(place) == len(order) == 4
    assert all(place[p] < place[v] for v in order for p in v.parents)
    assert y._backward is y.pullback
