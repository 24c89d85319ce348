"""Value: one number in a computation graph.

Computing with Values gives Values. Each records the operation it came from, its parents (the operands) and its pullback
(the local derivative closure). `backward` walks that record from back to front and leaves in every node's `grad` the
derivative of the result with respect to it: the article's adjoint graph, made of the pullbacks.

    >>> from engine import Value
    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> c = a * b + a**2
    >>> c.backward()
    >>> c.data, a.grad, b.grad
    (-2.0, 1.0, 2.0)
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter, eq, ge, gt, le, lt
from typing import TYPE_CHECKING, Any, Union

from engine import primitives
from engine.graph import topological_order
from engine.primitives import Primitive, Pullback, as_float
from engine.recording import check_adjoints, check_value, current, refuse_if_traced, tracing
from engine.refusals import (
    check_all_contributions,
    check_contributions,
    check_operands,
    checked_label,
    not_a_rule,
    parents_stay,
)

if TYPE_CHECKING:
    import os

    import graphviz

    from engine.recording import Recording

Number = Union["Value", float]  # what every operation takes: a Value, or any real number

_new_node = object.__new__
_data_of = attrgetter("_data")


def _operators(primitive: Primitive) -> tuple[Callable[[Value, Number], Value], Callable[[Value, float], Value]]:
    """The operator of a primitive of two operands, and the one Python calls when only the right operand is a Value."""
    rule = primitive.rule

    def operator(self: Value, other: Number) -> Value:
        if type(other) is Value and current.get() is None:  # `apply`, spelled out: most nodes are made here
            node = _new_node(Value)
            node._data, node.pullback = rule(self._data, other._data)
            node._grad = None
            node._parents = (self, other)
            node.op = primitive
            node._label = None
            return node
        return NotImplemented if _defers_to(other) else apply(primitive, (self, as_value(other)))

    def reflected(self: Value, other: float) -> Value:
        return NotImplemented if _defers_to(other) else apply(primitive, (Constant(other), self))

    return operator, reflected


def _comparison(compare: Callable[[float, float], bool]) -> Callable[[Value, Number], bool]:
    """The comparison of two numbers. While the compiler traces it is a node, that decides afresh on every run."""

    def comparison(self: Value, other: Number) -> bool:
        tracer = None if current.get() is None else tracing()
        if tracer is not None:
            return tracer.comparison(compare, self, other)  # type: ignore[no-any-return]
        return compare(self._data, number_of(other))

    return comparison


class Value:
    """A real number, where it came from, and the derivative of a result with respect to it.

    Args:
        data: the number: a float, int, bool, Fraction or NumPy real scalar; it becomes a float.
        label: a name for errors, drawings and the prompt.

    Attributes:
        data: the number, a Python float.
        grad: the derivative of what `backward` was called on with respect to this number; 0.0 before.
        parents: the operands it was computed from, in order; () for a leaf.
        op: the primitive it was computed by; None for a leaf.
        pullback: the local derivative closure: adjoint of this node -> a contribution for each parent; None for a leaf.
        label: its name, or None.

    Raises:
        TypeError: for data that is not a real number, or a label that is not a str.
    """

    __slots__ = ("_data", "_grad", "_label", "_parents", "op", "pullback")

    _data: float
    _grad: float | None  # None until a backward pass reaches the node: drawn blank, read as 0.0
    _label: str | None
    _parents: tuple[Value, ...]
    op: Primitive | None
    pullback: Pullback | None

    def __init__(self, data: float, label: str | None = None) -> None:
        self._data = data if type(data) is float else as_float(data)
        self._grad = None
        self._label = label if label is None else checked_label(label)
        self.op = None
        self._parents = ()
        self.pullback = None

    @property
    def data(self) -> float:
        """The number. It can be written; nodes already computed from it keep theirs, and their pullbacks."""
        if current.get() is not None:
            self._check_not_traced("the number of a traced Value was read", "compute with the Value itself")
        return self._data

    @data.setter
    def data(self, data: float) -> None:
        if current.get() is not None:
            self._check_not_traced("the number of a traced Value was written", "write it outside, between two calls")
        self._data = as_float(data)

    @property
    def grad(self) -> float:
        """The derivative of the result with respect to this number; 0.0 where no backward pass has been."""
        if current.get() is not None:
            self._check_not_traced(
                "the gradient of a traced Value was read", "use engine.grad, whose results are nodes"
            )
        return 0.0 if self._grad is None else self._grad

    @grad.setter
    def grad(self, grad: float | None) -> None:
        if current.get() is not None:
            self._check_not_traced("the gradient of a traced Value was written", "write it outside, between two calls")
        self._grad = None if grad is None else as_float(grad)

    @property
    def label(self) -> str | None:
        """Its name, in errors, drawings and at the prompt; None without one."""
        return self._label

    @label.setter
    def label(self, label: str | None) -> None:
        self._label = label if label is None else checked_label(label)

    @property
    def parents(self) -> tuple[Value, ...]:
        """The operands it was computed from. They cannot be assigned, so a graph has no cycles and only Values."""
        return self._parents

    @parents.setter
    def parents(self, _: object) -> None:
        raise AttributeError(parents_stay(self))

    def backward(self) -> None:
        """Compute the derivative of this number with respect to every node it was computed from.

        One adjoint pass from back to front. Starting from 1 here, each node passes its adjoint g through its pullback:
        parent k gets g times the local derivative, and a node used more than once adds up what it gets (fan-out).

        An inner node's `grad` is set to its adjoint in this pass. A leaf's `grad` is added to, so that the gradients of
        several losses, or of several calls, accumulate until they are zeroed, as in PyTorch.

        Raises:
            TypeError: for a user's pullback that does not return a number for each operand. No `grad` of a leaf changes
                then, nor if it is interrupted (Ctrl-C).
        """
        refuse_if_traced("backward()", "call backward on the compiled function, or use engine.grad inside it")
        order = topological_order(self)
        leaves = [node for node in order if not node._parents]
        before = [leaf._grad for leaf in leaves]
        node = self
        try:
            for node in order:
                node._grad = -0.0  # what adding to changes nothing, not even the sign of a zero
            self._grad = 1.0
            for node in reversed(order):
                parents = node._parents
                if len(parents) == 2:  # the loop below for the commonest case, a third faster
                    (x, y), (to_x, to_y) = parents, node.pullback(node._grad)  # type: ignore[misc]
                    x._grad += to_x
                    y._grad += to_y
                elif parents:
                    for parent, contribution in zip(parents, node.pullback(node._grad), strict=True):  # type: ignore[misc]
                        parent._grad += contribution
            if any(type(leaf._grad) is not float for leaf in leaves):
                check_all_contributions(order)
            recording = current.get()
            if recording is not None and recording.anomalies is not None:
                check_adjoints(order, recording.anomalies)
            for leaf, grad in zip(leaves, before):
                if grad is not None:
                    leaf._grad += grad  # type: ignore[operator]
        except BaseException as error:
            for leaf, grad in zip(leaves, before):
                leaf._grad = grad
            if isinstance(error, (TypeError, ValueError)):
                check_contributions(node)
            raise

    def named(self, label: str) -> Value:
        """This node, labelled: ``z = (w * x + b).named("z")``."""
        self.label = label
        return self

    def where(self, condition: Number, other: Number) -> Value:
        """This number if the condition is true (not 0), else the other one; as `torch.Tensor.where`."""
        return primitives.where(condition, self, other)  # type: ignore[no-any-return]

    def item(self) -> float:
        """The number as a Python float, as in PyTorch and NumPy."""
        return self.data

    def __float__(self) -> float:
        """Refuse: ``math.sin(v)`` would drop the gradient without a word."""
        refuse_if_traced(
            "float(), or a function of math, on a traced Value", "use engine's functions, as engine.sin(x)"
        )
        raise TypeError(
            f"{self!r} does not turn into a float by itself, which would lose its gradient: "
            "use engine's functions instead of math's, as engine.sin(v), or v.data for the number alone"
        )

    def detach(self) -> Value:
        """A leaf with the same number and label, through which no gradient passes."""
        tracer = tracing()
        if tracer is not None:
            return tracer.detached(self)
        return Value(self._data, self.label)

    # Looking at it

    def __repr__(self) -> str:
        grad = "" if self._grad is None else f", grad={self._grad + 0.0:.6g}"  # + 0.0: -0.0, exact, reads as 0
        label = "" if self.label is None else f", label={self.label!r}"
        return f"{type(self).__name__}(data={self._data:.6g}{grad}{label})"

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    def tree(self, **options: Any) -> str:
        """The graph as text for a terminal, to print; see `engine.render.text.tree` for the options."""
        from engine.render.text import tree

        return tree(self, **options)

    def draw(self, **options: Any) -> graphviz.Digraph:
        """The graph as a `graphviz.Digraph`, which a notebook shows; see `engine.draw` for the options."""
        from engine.render import draw

        return draw(self, **options)

    def to_svg(self, path: str | os.PathLike[str], **options: Any) -> str:
        """Write the graph as an SVG file and return its path; see `engine.draw` for the options."""
        from engine.render import to_svg

        return to_svg(self, path, **options)

    def walkthrough(self, path: str | os.PathLike[str], **options: Any) -> str:
        """Write a page that steps through both passes, and return its path; see `engine.render.walkthrough`."""
        from engine.render.walkthrough import walkthrough

        return walkthrough(self, path, **options)

    def _repr_svg_(self) -> str | None:
        from engine.render import svg_for_notebook

        return svg_for_notebook(self)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle a leaf: its number, gradient and label. A pullback can be neither."""
        self._check_not_traced("a traced Value was copied", "v.detach() has its number, and no gradient passes through")
        if self._parents:
            raise TypeError(
                f"a Value computed by {self.op.name} cannot be copied or pickled without its whole graph: "  # type: ignore[union-attr]
                "copy its number with v.detach(), or its leaves, and compute it again"
            )
        return _restore, (type(self), self._data, self._grad, self._label), getattr(self, "__dict__", None)

    def _check_not_traced(self, what: str, way_out: str) -> None:
        """Raise TraceError if a function is being traced and this is not a plain number in it."""
        if type(self) is not Constant:
            refuse_if_traced(what, way_out)

    # Comparing is by number, == too. The hash is by identity: a Value can be a key and a member of a set, where it is
    # found as the one it is (two Values of equal hashes, to be told apart by ==, do not happen: hashes are addresses).

    __lt__ = _comparison(lt)
    __le__ = _comparison(le)
    __gt__ = _comparison(gt)
    __ge__ = _comparison(ge)

    def __eq__(self, other: object) -> bool:
        """Whether the numbers are equal, as in PyTorch; so ``x in xs`` and ``xs.index(x)`` are by number as well."""
        if not isinstance(other, Value) and not primitives.is_real(other):
            return NotImplemented
        return _equal(self, other)

    def __ne__(self, other: object) -> bool:
        if not isinstance(other, Value) and not primitives.is_real(other):
            return NotImplemented
        tracer = tracing()
        return not _equal(self, other) if tracer is None else tracer.differs(self, other)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        if current.get() is not None:
            self._check_not_traced(
                "a Python branch (if, and, or, while, in, max, sorted) on a traced Value",
                "choose with engine.where(condition, a, b), engine.maximum or engine.minimum: they decide on every run",
            )
        return self._data != 0.0

    # Operators. `a += b` makes a new node and gives it the name a: the graph keeps both.

    __add__, __radd__ = _operators(primitives.add)
    __sub__, __rsub__ = _operators(primitives.sub)
    __mul__, __rmul__ = _operators(primitives.mul)
    __truediv__, __rtruediv__ = _operators(primitives.div)
    __pow__, __rpow__ = _operators(primitives.pow)

    def __neg__(self) -> Value:
        return apply(primitives.neg, (self,))

    def __pos__(self) -> Value:
        return self

    def __abs__(self) -> Value:
        return apply(primitives.abs, (self,))

    def _record(self, operation: Primitive | str, operands: tuple[Number, ...]) -> Value:
        """The node of `operation`, a primitive or the name of one of ours, on operands at least one of them a Value."""
        primitive = getattr(primitives, operation) if isinstance(operation, str) else operation
        return apply(primitive, tuple([as_value(operand) for operand in operands]))


_equal = _comparison(eq)


class Constant(Value):
    """A leaf that came into an expression as a plain number, as the 2 in ``2 * x``. Drawn as that number."""

    __slots__ = ()


def apply(primitive: Primitive, parents: tuple[Value, ...]) -> Value:
    """The node of a primitive on its parents: every operation on Values comes through here."""
    recording = current.get()
    if recording is not None:
        return _apply_unusually(recording, primitive, parents)
    node = _new_node(Value)
    try:
        returned = primitive.rule(*map(_data_of, parents))
    except AttributeError:
        check_operands(primitive, parents)
        raise
    try:
        data, node.pullback = returned
    except (TypeError, ValueError):
        raise not_a_rule(primitive, returned) from None
    node._data = data if type(data) is float else as_float(data)
    node._grad = None
    node._parents = parents
    node.op = primitive
    node._label = None
    return node


def _apply_unusually(recording: Recording, primitive: Primitive, parents: tuple[Value, ...]) -> Value:
    """`apply` inside `no_grad`, `detect_anomaly`, `reusing`, or while the compiler traces."""
    known = recording.known
    if known is not None and (primitive, parents) in known:
        return known[primitive, parents]
    if recording.tracer is not None:
        node = recording.tracer(primitive, parents, recording.graph)
        if known is not None:
            known[primitive, parents] = node
        return node
    returned = primitive.rule(*map(_data_of, parents))
    try:
        data, pullback = returned
    except (TypeError, ValueError):
        raise not_a_rule(primitive, returned) from None
    node = Value(data)
    if recording.graph:
        node.pullback, node._parents, node.op = pullback, parents, primitive
    if known is not None:
        known[primitive, parents] = node
    if recording.anomalies is not None:
        check_value(node, primitive, parents, recording.anomalies)
    return node


def as_value(number: Number) -> Value:
    """`number` as a node: a Value as it is, anything else that is a real number as a constant."""
    return number if isinstance(number, Value) else Constant(number)


def number_of(number: Number) -> float:
    """The float of a Value or of a real number."""
    return number._data if isinstance(number, Value) else as_float(number)


def _defers_to(other: object) -> bool:
    """Whether `other` is a NumPy array: it applies the operator to its elements. A NumPy scalar is a number."""
    return type(other) is not float and hasattr(other, "__array_ufunc__") and not primitives.is_real(other)


def _restore(kind: type[Value], data: float, grad: float | None, label: str | None) -> Value:
    leaf = _new_node(kind)
    Value.__init__(leaf, data, label)
    leaf._grad = grad
    return leaf


def _method(primitive: Primitive) -> Callable[..., Value]:
    def method(self: Value, *operands: Number, **named: Number) -> Value:
        return primitive(self, *operands, **named)  # type: ignore[no-any-return]

    method.__name__ = primitive.name
    method.__doc__ = f"{primitive.formula}. {primitive.__doc__}"
    return method


# Every function of a number is a method of the same name too. NumPy uses that: np.exp(v) is v.exp().
METHODS = (
    "abs exp expm1 log log1p sqrt sin cos tan arcsin arccos arctan sinh cosh tanh erf sigmoid relu leaky_relu elu "
    "softplus silu mish gelu maximum minimum"
).split()
for _name in METHODS:
    setattr(Value, _name, _method(getattr(primitives, _name)))
Value.swish = Value.silu  # type: ignore[attr-defined]
