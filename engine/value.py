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

from typing import TYPE_CHECKING, Any, NoReturn, Union

from engine import errors, node, primitives
from engine.adjoint_pass import begin_pass, end_pass, undo_pass
from engine.forward_pass import forward
from engine.inspection import Inspection
from engine.leaf_arrays import cleared, gathered, settle, waiting
from engine.methods import Methods
from engine.micrograd_names import MicrogradNames
from engine.node import apply as apply
from engine.node import comparison, constant, of_one, operators, to_power
from engine.primitive import Primitive, Pullback, as_float
from engine.primitives.stopping import NOTHING
from engine.recording import check_not_traced, current, refuse_if_traced, tracing

Number = Union["Value", float]  # what every operation takes: a Value, or any real number


class Value(Methods, Inspection, MicrogradNames):
    """A real number, where it came from, and the derivative of a result with respect to it.

    Two Values are equal if their numbers are, and a Value is equal to a number that is its own, as in PyTorch. As keys
    and members of sets they are told apart by identity, so each node of a graph is itself; ``v in a_list`` compares
    numbers.

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

    Any other attribute may be given to it, such as an optimizer's ``p.m = 0.0``.

    Raises:
        TypeError: for data that is not a real number, or a label that is not a str.
    """

    __slots__ = ("__dict__", "_data", "_grad", "_parents", "op", "pullback")

    _data: float
    _grad: float | None  # None until a backward pass reaches the node: drawn blank, read as 0.0
    _parents: tuple[Value, ...]
    op: Primitive | None
    pullback: Pullback | None
    _label: str | None = None  # of a labelled node in its __dict__
    _names_around: Any = None  # of a leaf that names what is computed from it, likewise; see engine.given_names
    is_constant = False

    def __init__(self, data: float, label: str | None = None, *hand_made: NoReturn, **by_name: NoReturn) -> None:
        if hand_made or by_name or isinstance(label, (tuple, list, set)):
            given = () if label is None and not hand_made else (label, *hand_made)
            raise TypeError(errors.made_by_hand(*given, **by_name))
        self._data = data if type(data) is float else as_float(data)
        self._grad = self.op = self.pullback = None
        self._parents = ()
        if label is not None:
            self.label = label

    @property
    def data(self) -> float:
        """The number. It can be written; nodes already computed from it keep theirs: see `forward`."""
        if current.get() is not None:
            check_not_traced(self, "the number of a traced Value was read", "compute with the Value itself")
        return self._data

    @data.setter
    def data(self, data: float) -> None:
        if current.get() is not None:
            check_not_traced(self, "the number of a traced Value was written", "write it outside, between two calls")
        self._data = as_float(data)
        if gathered:
            gathered.clear()

    @property
    def grad(self) -> float:
        """The derivative of the result with respect to this number; 0.0 where no backward pass has been."""
        if current.get() is not None:
            check_not_traced(self, "the gradient of a traced Value was read", "use engine.grad: its results are nodes")
        if waiting:
            settle()
        return 0.0 if self._grad is None else self._grad

    @grad.setter
    def grad(self, grad: float | None) -> None:
        if current.get() is not None:
            check_not_traced(self, "the gradient of a traced Value was written", "write it outside, between two calls")
        if waiting:
            settle()
        self._grad = None if grad is None else as_float(grad)
        cleared.clear()

    @property
    def label(self) -> str | None:
        """Its name, in errors, drawings and at the prompt; None without one."""
        return self._label

    @label.setter
    def label(self, label: str | None) -> None:
        self._label = label if label is None else errors.checked_label(label)

    @property
    def parents(self) -> tuple[Value, ...]:
        """The operands it was computed from. They cannot be assigned, so a graph has no cycles and only Values."""
        return self._parents

    @parents.setter
    def parents(self, _: NoReturn) -> None:
        raise AttributeError(errors.parents_stay(self))

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
        order: list[Value] = []  # the inner nodes, each after its parents
        before: list[tuple[Value, float | None]] = []  # the leaves, with the gradients they had
        node: Value | None = None
        try:
            unreached = begin_pass(self, order, before)  # the zero that every gradient is now
            self._grad = 1.0
            for node in reversed(order):
                if node._grad is unreached:  # behind a condition: 0 times an infinity would be passed on
                    node._grad = 0.0
                    continue
                parents, contributions = node._parents, node.pullback(node._grad)  # type: ignore[misc]
                if len(parents) == 1:
                    (x,), (to_x,) = parents, contributions
                    if to_x is not NOTHING:
                        x._grad += to_x
                elif len(parents) == 2:
                    (x, y), (to_x, to_y) = parents, contributions
                    if to_x is not NOTHING:
                        x._grad += to_x
                    if to_y is not NOTHING:
                        y._grad += to_y
                else:
                    for parent, contribution in zip(parents, contributions, strict=True):
                        if contribution is not NOTHING:
                            parent._grad += contribution
            node = None
            end_pass(order, before, unreached)
        except BaseException as error:
            undo_pass(error, node, before)
            raise

    def forward(self) -> Value:
        """Compute the graph again in place, after the number of a leaf was changed; return this node.

        Every node keeps its place in the graph and gets its number and pullback for the leaves' numbers now; no grad.

        >>> x = Value(1.0)
        >>> y = x * x
        >>> x.data = 3.0
        >>> y.forward()
        Value(data=9)
        """
        forward(self)
        return self

    def named(self, label: str) -> Value:
        """This node, labelled: ``z = (w * x + b).named("z")``."""
        self.label = label
        return self

    def where(self, condition: Number, other: Number) -> Value:
        """This number if the condition is true (not 0), else the other one; as `torch.Tensor.where`."""
        return primitives.where(condition, self, other)  # type: ignore[no-any-return]

    max, min = Methods.maximum, Methods.minimum

    def item(self) -> float:
        """The number as a Python float, as in PyTorch and NumPy."""
        return self.data

    def detach(self) -> Value:
        """A leaf with the same number and label, through which no gradient passes."""
        tracer = tracing()
        return Value(self._data, self.label) if tracer is None else tracer.detached(self)

    if not TYPE_CHECKING:  # a type checker refuses it too

        def __float__(self) -> float:
            """Refuse: ``math.sin(v)`` would drop the gradient without a word."""
            refuse_if_traced("float(), or a function of math, on a traced Value", "use engine's, as engine.sin(x)")
            raise TypeError(errors.no_float(self))

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle a leaf: its number, gradient, label and other attributes. A pullback can be neither."""
        check_not_traced(self, "a traced Value was copied", "v.detach() has its number, and no gradient passes through")
        if self._parents:
            raise TypeError(errors.no_copy(self))
        settle()
        return _restore, (type(self), self._data, self._grad), self.__dict__ or None

    def __primitive__(self, primitive: Primitive, operands: tuple[Number, ...]) -> Value:
        """The node of a primitive on operands, at least one of them a Value: a rule read with Values makes a graph."""
        kinds = {*map(type, operands)}
        if kinds != _VALUES and not all(issubclass(kind, Value) for kind in kinds):
            operands = tuple([as_value(operand) for operand in operands])
        return apply(primitive, operands)  # type: ignore[arg-type]

    # Comparisons are of the numbers; a hash is of the node

    __lt__ = comparison(primitives.less)
    __le__ = comparison(primitives.less_equal)
    __gt__ = comparison(primitives.greater)
    __ge__ = comparison(primitives.greater_equal)
    __eq__ = comparison(primitives.equal)  # type: ignore[assignment]
    __ne__ = comparison(primitives.not_equal)  # type: ignore[assignment]
    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        if current.get() is not None:
            check_not_traced(
                self,
                "a Python branch (if, and, or, while, in, max, sorted) on a traced Value",
                "choose with engine.where(condition, a, b), engine.maximum or engine.minimum: they decide on every run",
            )
        return self._data != 0.0

    # Operators. `a += b` makes a new node and gives it the name a: the graph keeps both.

    __add__, __radd__ = operators(primitives.add)
    __sub__, __rsub__ = operators(primitives.sub)
    __mul__, __rmul__ = operators(primitives.mul)
    __truediv__, __rtruediv__ = operators(primitives.div)
    __mod__, __rmod__ = operators(primitives.remainder)
    __floordiv__, __rfloordiv__ = operators(primitives.floor_divide)
    __pow__ = to_power
    __rpow__ = operators(primitives.pow)[1]
    __neg__ = of_one(primitives.neg)
    __abs__ = of_one(primitives.abs)
    __floor__ = of_one(primitives.floor)
    __ceil__ = of_one(primitives.ceil)

    def __pos__(self) -> Value:
        return self

    def __round__(self, digits: int | None = None) -> Value:
        if digits is not None:
            raise TypeError(errors.no_digits(self, digits))
        return self.round()


class Constant(Value):
    """A leaf that came into an expression as a plain number, as the 2 in ``2 * x``. Drawn as that number."""

    __slots__ = ()
    is_constant = True


_VALUES = {Value}
node.Value, node.Constant = Value, Constant  # type: ignore[attr-defined]


def as_value(number: Number) -> Value:
    """A Value as it is, a plain number as a constant leaf."""
    return number if isinstance(number, Value) else constant(number)


def number_of(number: Number) -> float:
    """The float of a Value or of a real number."""
    return number.data if isinstance(number, Value) else as_float(number)


def _restore(kind: type[Value], data: float, grad: float | None) -> Value:
    leaf = object.__new__(kind)
    Value.__init__(leaf, data)
    leaf._grad = grad
    return leaf
