"""How nodes are made: a direct path for each number of operands, and `apply` for every other case.

Most of the time of a small program goes into making nodes, so the common cases, Values and plain numbers while nothing
unusual is asked for (`engine.recording`), are spelled out: one function each, without a call in between but for the
number and its pullback.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from engine import primitives
from engine.errors import check_operands, not_a_number, not_a_rule
from engine.primitive import Elementary, Primitive, as_float, is_array, is_real
from engine.primitives import power, raised
from engine.recording import apply_unusually, current, tracing

if TYPE_CHECKING:
    from engine.value import Constant, Number, Value

    Binary = Callable[[Value, Number], Value]
    Reflected = Callable[[Value, float], Value]
# At run time engine.value sets Value and Constant here: its operators are made by the functions below.

_new_node = object.__new__
_pow = math.pow
_data_of = attrgetter("_data")


def of_one(primitive: Primitive) -> Callable[[Any], Value]:
    """A primitive of one operand as a method of Value, which as a function takes plain numbers too."""
    if isinstance(primitive, Elementary):
        number, edge, derive = primitive.number, primitive.edge, primitive.derive

        def operation(x: Any) -> Any:
            if type(x) is not Value or current.get() is not None:
                return apply(primitive, (x,)) if isinstance(x, Value) else primitive(x)
            node = _new_node(Value)
            data = x._data
            try:
                node._data = y = number(data)
            except (ArithmeticError, ValueError):
                node._data = y = edge(data)
            node.pullback = derive(data, y)
            node._grad = None
            node._parents = (x,)
            node.op = primitive
            return node

    else:
        rule = primitive.rule

        def operation(x: Any) -> Any:
            if type(x) is not Value or current.get() is not None:
                return apply(primitive, (x,)) if isinstance(x, Value) else primitive(x)
            node = _new_node(Value)
            node._data, node.pullback = rule(x._data)
            node._grad = None
            node._parents = (x,)
            node.op = primitive
            return node

    return _described(operation, primitive)


def of_two(primitive: Primitive) -> Callable[[Any, Number], Value]:
    """A primitive of two operands as a method of Value, which as a function takes plain numbers too."""
    return of_some(primitive)


def of_some(primitive: Primitive) -> Callable[..., Value]:
    """The same of more operands, or of some that may be left out; after the first they may be given by name."""

    def operation(*operands: Any, **named: Any) -> Any:
        return primitive(*operands, **named)

    operation = _described(operation, primitive)
    least = len(primitive.operand_names) - len(primitive.defaults)
    left_out = [f"{name}={number}" for name, number in zip(primitive.operand_names[least:], primitive.defaults)]
    operands = ", ".join([*primitive.operand_names[:least], *left_out])
    operation.__doc__ = f"{(operation.__doc__ or '').rstrip()}\n\n    Operands: {operands}."
    return operation


def _described(operation: Callable[..., Any], primitive: Primitive) -> Callable[..., Any]:
    operation.__name__ = operation.__qualname__ = primitive.name
    operation.__module__ = "engine"
    operation.__doc__ = f"{primitive.formula}. {primitive.__doc__}"
    operation.__annotations__ = {}  # help shows tanh(x)
    operation.primitive = primitive  # type: ignore[attr-defined]
    return operation


def operators(primitive: Elementary) -> tuple[Binary, Reflected]:
    """The operator of a primitive of two operands, and the one Python calls when only the right operand is a Value."""
    number, edge, derive = primitive.number, primitive.edge, primitive.derive

    def operator(self: Value, other: Any) -> Value:
        kind = type(other)
        if current.get() is not None or (kind is not Value and kind is not float and kind is not int):
            return _otherwise(primitive, self, other)
        if kind is not Value:
            y = float(other)
            other = _new_node(Constant)
            other._data = y
            other._grad = other.op = other.pullback = None
            other._parents = ()
        else:
            y = other._data
        x = self._data
        node = _new_node(Value)
        try:
            node._data = z = number(x, y)
        except (ArithmeticError, ValueError):
            node._data = z = edge(x, y)
        node.pullback = derive(x, y, z)
        node._grad = None
        node._parents = (self, other)
        node.op = primitive
        return node

    def reflected(self: Value, other: float) -> Value:
        kind = type(other)
        if kind is float or kind is int:
            return operator(constant(other), self)
        return _otherwise(primitive, other, self)

    return operator, reflected


def _otherwise(primitive: Primitive, x: Number, y: Number) -> Value:
    """An operator on something else than two Values or a Value and a plain number, or while something unusual is on."""
    if not isinstance(x, Value):
        if is_array(x):  # it applies the operator to its elements
            return NotImplemented  # type: ignore[no-any-return]
        x = constant(x)
    if not isinstance(y, Value):
        if is_array(y):
            return NotImplemented  # type: ignore[no-any-return]
        y = constant(y)
    return apply(primitive, (x, y))


def to_power(self: Value, exponent: Number) -> Value:
    """self ** exponent: a plain number makes the operation x**n, with one parent; see `engine.primitives.Power`."""
    kind = type(exponent)
    if kind is int or kind is float:
        primitive = power(exponent)  # type: ignore[arg-type]
        if current.get() is not None:
            return apply(primitive, (self,))
        node = _new_node(Value)
        x = self._data
        try:
            node._data = raised(x, primitive.exponent) if primitive.is_root else _pow(x, primitive.exponent)
        except (ArithmeticError, ValueError):
            node._data = raised(x, primitive.exponent)
        node.pullback = primitive.derive(x)
        node._grad = None
        node._parents = (self,)
        node.op = primitive
        return node
    if isinstance(exponent, Value):
        return apply(primitives.pow, (self, exponent))
    return NotImplemented if is_array(exponent) else apply(power(as_float(exponent)), (self,))


def comparison(primitive: Elementary) -> Callable[[Value, Number], bool]:
    """A comparison of the numbers; while the compiler traces, a node that decides afresh on every run.

    With something that is no number, == and != are Python's, the others an error.
    """
    truth: Callable[[float, float], float] = primitive.number
    orders = primitive not in (primitives.equal, primitives.not_equal)

    def compare(self: Value, other: Number) -> bool:
        if current.get() is not None and tracing() and (isinstance(other, Value) or is_real(other)):
            return _otherwise(primitive, self, other)  # type: ignore[return-value]
        if isinstance(other, Value):
            return truth(self._data, other._data) != 0.0
        if is_real(other):
            return truth(self._data, other) != 0.0
        if not orders or is_array(other):
            return NotImplemented  # type: ignore[no-any-return]
        raise TypeError(not_a_number(other))

    return compare


def constant(number: float) -> Value:
    """The leaf that a plain number is in an expression."""
    node = _new_node(Constant)
    node._data = number if type(number) is float else as_float(number)
    node._grad = node.op = node.pullback = None
    node._parents = ()
    return node


def apply(primitive: Primitive, parents: tuple[Value, ...]) -> Value:
    """The node of a primitive on its parents: every operation on Values that has no direct path comes through here."""
    recording = current.get()
    if recording is not None:
        if recording.tracer is not None and recording.known is None:  # as of most nodes of a traced function
            return recording.tracer(primitive, parents, recording.graph)
        return apply_unusually(recording, primitive, parents)
    node = _new_node(Value)
    try:
        numbers = tuple(map(_data_of, parents))
    except AttributeError:
        check_operands(primitive, parents)
        raise
    returned = primitive.on_floats(numbers)
    try:
        data, node.pullback = returned
    except (TypeError, ValueError):
        raise not_a_rule(primitive, returned) from None
    node._data = data if type(data) is float else as_float(data)
    node._grad = None
    node._parents = parents
    node.op = primitive
    return node
