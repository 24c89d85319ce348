"""Tracing: calling a function once, with stand-ins for its arguments, to get its graph.

The stand-ins are Values without numbers. Whatever is computed from them is recorded and not computed; whatever would
need a number (``if``, `data`, ``math.exp``) is refused with the line that asked for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine import primitives
from engine.primitives import Primitive, primitive
from engine.recording import line_of_error, line_of_user, recording
from engine.value import Number, Value, apply, as_value


class TraceError(TypeError):
    """A compiled function asked for the number of something that has none until it runs."""


def _refuse(what: str, way_out: str) -> TraceError:
    return TraceError(
        f"{what} in a compiled function, at {line_of_user()}\nWhile it is traced a Value has no number: {way_out}"
    )


@primitive("x", "0")
def detach(x: Any) -> Any:
    """The same number, through which no gradient passes."""
    return x, lambda _: (0.0,)


class Traced(Value):
    """A node of a traced function: parents and operation, no number."""

    __slots__ = ()

    @property
    def _data(self) -> float:  # type: ignore[override]
        raise _refuse("the number of a traced Value was read", "compute with the Value itself")

    def __bool__(self) -> bool:
        raise _refuse(
            "a Python branch (if, and, or, while) on a traced Value",
            "choose with engine.where(condition, a, b), engine.maximum or engine.minimum, which decide on every run",
        )

    def __float__(self) -> float:
        raise _refuse("float(), or a function of math, on a traced Value", "use engine's functions, as engine.sin(x)")

    def __lt__(self, other: Number) -> Value:  # type: ignore[override]
        return _compare(primitives.less, self, other)

    def __le__(self, other: Number) -> Value:  # type: ignore[override]
        return _compare(primitives.less_equal, self, other)

    def __gt__(self, other: Number) -> Value:  # type: ignore[override]
        return _compare(primitives.less, other, self)

    def __ge__(self, other: Number) -> Value:  # type: ignore[override]
        return _compare(primitives.less_equal, other, self)

    def backward(self) -> None:
        raise _refuse("backward()", "call backward on the compiled function, or use engine.grad inside it")

    def detach(self) -> Value:
        return apply(detach, (self,))

    def __repr__(self) -> str:
        return "<traced input>" if self.op is None else f"<traced {self.op.name}>"


def _compare(comparison: Primitive, x: Number, y: Number) -> Value:
    return apply(comparison, (as_value(x), as_value(y)))


@dataclass(frozen=True)
class ScalarGraph:
    """The graph of a function.

    Attributes:
        outputs: the Values it returns.
        inputs: the Values that stand for the numbers of each argument, as one flat list.
        structure: what it returns, with None in place of each Value.
    """

    outputs: list[Value]
    inputs: list[list[Value]]
    structure: Any


def trace(f: Callable[..., Any], arguments: Sequence[Any]) -> ScalarGraph:
    """The graph of f on stand-ins for arguments of the structure of these."""
    stand_ins: list[list[Value]] = []

    def record(operation: Primitive, parents: tuple[Value, ...], kept: bool) -> Value:
        node = Traced.__new__(Traced)
        node._grad = node._label = node.pullback = None
        node.op = operation
        node._parents = parents
        return node if kept else record(detach, (node,), True)

    def stand_in(structure: Any, flat: list[Value]) -> Any:
        if isinstance(structure, dict):
            return {key: stand_in(part, flat) for key, part in structure.items()}
        if isinstance(structure, (list, tuple)):
            return type(structure)([stand_in(part, flat) for part in structure])
        node = Traced.__new__(Traced)
        node._grad = node.op = node.pullback = node._label = None
        node._parents = ()
        flat.append(node)
        return node

    traced_arguments = []
    for argument in arguments:
        flat: list[Value] = []
        traced_arguments.append(stand_in(argument, flat))
        stand_ins.append(flat)
    try:
        with recording(tracer=record, known={}, graph=True):  # even if it is first called inside no_grad
            result = f(*traced_arguments)
    except TypeError as error:
        if isinstance(error, TraceError) or Traced.__name__ not in str(error):
            raise
        # Python's own refusal: xs[x], x[0], range(x), int(x), round(x)
        raise TraceError(
            f"{error}, at {line_of_error(error)}\nWhile it is traced a Value is one unknown number: it has no "
            "elements, no int() and no round(), and is no index; instead of an index pass a one-hot list, or let the "
            "function close over it"
        ) from error
    outputs: list[Value] = []
    structure = _structure(result, outputs)
    return ScalarGraph(outputs, stand_ins, structure)


def _structure(result: Any, outputs: list[Value]) -> Any:
    """Collect the Values of a result, and return its structure: None for a single one."""
    if isinstance(result, dict):
        return {key: _structure(part, outputs) for key, part in result.items()}
    if hasattr(result, "dtype"):  # NumPy's array of Values
        result = result.tolist()
    if isinstance(result, (list, tuple)):
        return type(result)([_structure(part, outputs) for part in result])
    outputs.append(as_value(result))
    return None
