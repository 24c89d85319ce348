"""Derivatives as graphs: of any order, and in forward mode too.

`Value.backward` calls every pullback with a float. Here the same rules are called with Values, so that a derivative is
a graph like any other: it can be drawn, compiled and differentiated again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, overload

from engine import primitives
from engine.adjoint_pass import adjoint_pass
from engine.errors import check_contributions
from engine.forward_pass import check_unchanged
from engine.graph import topological_order
from engine.node import apply
from engine.recording import enable_grad, reusing
from engine.value import Constant, Number, Value, as_value

if TYPE_CHECKING:
    from engine.functions import OfOne


@overload
def grad(y: Value, xs: Value) -> Value: ...
@overload
def grad(y: Value, xs: Sequence[Value]) -> list[Value]: ...
def grad(y: Value, xs: Value | Sequence[Value] | None = None) -> Value | list[Value]:
    """dy/dx as a Value for each x, without touching any `grad`; as `torch.autograd.grad` with create_graph.

    Args:
        y: what to differentiate.
        xs: a node, or a list of nodes, to differentiate with respect to: leaves or inner nodes.

    Returns:
        A Value, or a list of Values, that can be differentiated again. 0 for an x that y does not depend on.

    Raises:
        TypeError: for a y or an x that is not a Value.
        RuntimeError: if a leaf has changed since y was computed from it: old and new numbers would mix. `y.forward()`
            computes the graph again.

    >>> from engine import Value, grad
    >>> x = Value(3.0)
    >>> first = grad(x**4, x)
    >>> second = grad(first, x)
    >>> first, second
    (Value(data=108), Value(data=108))
    """
    if isinstance(xs, Value):
        return grad(y, [xs])[0]
    if xs is None and isinstance(y, Value):
        raise TypeError(
            "grad(y) needs to be told with respect to what: grad(y, x), or grad(y, [w, b]); "
            "y.backward() puts the derivative with respect to every leaf into its grad"
        )
    xs = _nodes("grad", y, xs)
    order = topological_order(y)
    check_unchanged("grad", order)
    between = _between(xs, order)

    def contributions(node: Value, adjoint: Value) -> Iterator[tuple[Value, Value]]:
        for parent, contribution in zip(node.parents, _contributions(node, adjoint) if node.parents else ()):
            if parent in between and _is_there(contribution):
                yield parent, as_value(contribution)

    with reusing(order):
        adjoint = adjoint_pass([*between], {y: Constant(1.0)}, contributions)
    return [adjoint.get(x, Constant(0.0)) for x in xs]


def _nodes(name: str, y: Any, xs: Any) -> list[Value]:
    """`xs` as a list, if `y` and all of them are nodes. TypeError with the one that is not."""
    if not isinstance(y, Value):
        way_out = (
            "derivative(f) differentiates a function, derivative(f)(3.0) at a point; of several numbers, "
            "call it with Values first: grad(f(a, b), [a, b])"
            if callable(y)
            else "compute it from Values"
        )
        raise TypeError(f"{name} differentiates a Value, got {y!r} of type {type(y).__name__}: {way_out}")
    if isinstance(xs, str) or not hasattr(xs, "__iter__"):
        raise TypeError(
            f"{name} differentiates with respect to Values in a list, got {xs!r} of type {type(xs).__name__}"
        )
    nodes: list[Value] = list(xs)
    for k, x in enumerate(nodes):
        if not isinstance(x, Value):
            raise TypeError(
                f"{name} differentiates with respect to Values, got {x!r} of type {type(x).__name__} at {k}: "
                "make it a Value before y is computed from it"
            )
    return nodes


def _function(name: str, f: Any) -> None:
    if not callable(f):
        way_out = ": grad(y, x) differentiates a Value" if isinstance(f, Value) else ""
        raise TypeError(f"{name} takes a function of numbers, got {f!r} of type {type(f).__name__}{way_out}")


def _between(xs: Sequence[Value], order: Sequence[Value]) -> dict[Value, None]:
    """The nodes of a topological order that depend on an x, in that order."""
    depends = {*xs}
    for node in order:
        if any(parent in depends for parent in node.parents):
            depends.add(node)
    return {node: None for node in order if node in depends}


def _contributions(node: Value, adjoint: Value) -> Sequence[Number]:
    """What a node's pullback, as a graph, makes of its adjoint."""
    assert node.op is not None
    _, pullback = node.op.rule(*node.parents)
    contributions: Any = pullback(adjoint)
    if not isinstance(contributions, (tuple, list)) or len(contributions) != len(node.parents):
        check_contributions(node)
    return contributions  # type: ignore[no-any-return]


def _is_there(contribution: Number) -> bool:
    """False for the plain 0.0 by which a rule says that there is no derivative at all."""
    return isinstance(contribution, Value) or contribution != 0.0


def derivative(f: Callable[..., Any], *at: NoReturn) -> OfOne:
    """The derivative of a function of one number, as a function; of a float a float, of a Value a Value.

    >>> from engine import derivative, sin
    >>> derivative(sin)(0.0)
    1.0
    >>> third = derivative(derivative(derivative(lambda x: x**5)))
    >>> third(2.0)
    240.0
    """
    _function("derivative", f)
    if at:
        numbers = ", ".join(map(repr, at))
        way_out = (
            f"write derivative(f)({numbers})"
            if len(at) == 1
            else "of several numbers, make them Values and take grad(f(a, b), [a, b])"
        )
        raise TypeError(f"derivative(f) is a function, to be called with the point, got {numbers} as well: {way_out}")

    def df(x: Any) -> Any:
        leaf = as_value(x)
        with enable_grad():
            y = as_value(f(leaf))
        slope = grad(y, leaf)
        return slope if isinstance(x, Value) else slope.data

    df.__name__ = f"derivative of {getattr(f, '__name__', 'f')}"
    return df


def jvp(f: Callable[..., Any], xs: Sequence[Number], vs: Sequence[Number]) -> tuple[Value, Value]:
    """f(*xs), and its derivative in the direction vs: the Jacobian-vector product, in forward mode.

    One sweep from front to back: a node's tangent is the sum over its parents of the local derivative times the
    parent's tangent. Gives one directional derivative, where `backward` gives all partial ones; as `torch.func.jvp`.

    Args:
        f: a function of len(xs) numbers.
        xs: where to differentiate.
        vs: the direction, as many numbers.

    Raises:
        ValueError: if they are not as many.
        TypeError: for an f that is not a function or does not return one number, for xs and vs that are not numbers.

    >>> from engine import jvp
    >>> y, tangent = jvp(lambda a, b: a * b, [2.0, 3.0], [1.0, 0.0])
    >>> y, tangent
    (Value(data=6), Value(data=3))
    """
    _function("jvp", f)
    for what, numbers in (("at", xs), ("in the direction", vs)):
        if not hasattr(numbers, "__len__"):
            raise TypeError(
                f"jvp {what} {numbers!r} of type {type(numbers).__name__}: give a list of numbers, as [2.0]"
            )
    if len(xs) != len(vs):
        raise ValueError(f"jvp at {len(xs)} numbers in a direction of {len(vs)}: give as many of each")
    inputs = [as_value(x) for x in xs]
    with enable_grad():
        if len({*inputs}) < len(inputs):  # one Value in two places: a node of its own for each, with its own tangent
            inputs = [apply(primitives.sum, (x,)) for x in inputs]
        y = as_value(f(*inputs))
    tangent: dict[Value, Number] = dict(zip(inputs, vs))
    order = topological_order(y)
    with reusing(order):
        for node in order:
            moving = [k for k, parent in enumerate(node.parents) if parent in tangent]
            if moving and node not in tangent:
                slopes = _contributions(node, Constant(1.0))
                terms = [slopes[k] * tangent[node.parents[k]] for k in moving if _is_there(slopes[k])]
                if terms:
                    tangent[node] = sum(terms[1:], terms[0])
    return y, as_value(tangent.get(y, 0.0))


def hessian(y: Value, xs: Sequence[Value]) -> list[list[Value]]:
    """The second derivatives d2y / dx_j dx_k, as a list of rows of Values.

    >>> from engine import Value, hessian
    >>> a, b = Value(2.0), Value(3.0)
    >>> hessian(a * a * b, [a, b])
    [[Value(data=6), Value(data=4)], [Value(data=4), Constant(data=0)]]
    """
    xs = _nodes("hessian", y, xs)
    check_unchanged("hessian", topological_order(y))
    return [grad(slope, xs) for slope in grad(y, xs)]
