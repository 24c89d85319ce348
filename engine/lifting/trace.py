"""Tracing: calling a function with stand-ins for its arguments, to get its graph.

The stand-ins are Values without numbers. Whatever is computed from them, or from a Value that the function closes over
(a parameter), is recorded and not computed; whatever would need a number (``if``, `data`, ``math.exp``) is refused with
the line that asked for it. What Python itself does is done once, for all calls to come: so a function is traced twice,
and refused if it does not do the same both times (`repeatable`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from engine.lifting.repeatable import LARGE, Watch, compared
from engine.lifting.scalar_graph import Requirement, ScalarGraph
from engine.primitives import Primitive, primitive
from engine.recording import is_ours, line_of_error, line_of_function, line_of_user, recording
from engine.value import Value, apply, as_value


class TraceError(TypeError):
    """A compiled function needs the number of something that has none until it runs, or does not repeat itself."""


@primitive("x", "0")
def detach(x: Any) -> Any:
    """The same number, through which no gradient passes."""
    return x, lambda _: (0.0,)


class Traced(Value):
    """A node of a traced function: parents and operation, no number."""

    __slots__ = ()

    @property
    def _data(self) -> float:  # type: ignore[override]
        raise _refusal("the number of a traced Value was read", "compute with the Value itself")

    def __repr__(self) -> str:
        return "<traced input>" if self.op is None else f"<traced {self.op.name}>"


class InTrace(Traced):
    """The same while the function runs: a look-up in a dict or set by the user's code is refused."""

    __slots__ = ()

    def __hash__(self) -> int:
        """Its identity; but where the arguments are plain numbers, a look-up by the user's code goes by number."""
        if not is_ours(sys._getframe(1).f_code.co_filename):
            raise _refusal(
                "a look-up of a traced Value in a dict or set",
                "compare it with each key, as engine.where(x == 1, a, b)",
            )
        return object.__hash__(self)


def _refusal(what: str, way_out: str) -> TraceError:
    return TraceError(
        f"{what} in a compiled function, at {line_of_user()}\nWhile it is traced a Value has no number: {way_out}"
    )


class Tracer:
    """Makes the nodes of a function that is traced.

    Attributes:
        requirements: what the function has required so far.
        lines: where each node was made, if asked for.
    """

    def __init__(self, with_lines: bool = False) -> None:
        self.requirements: list[Requirement] = []
        self.lines: dict[int, str] = {}
        self._with_lines = with_lines
        self._known: dict[tuple[Any, ...], Value] = {}

    def __call__(self, operation: Primitive, parents: tuple[Value, ...], kept: bool) -> Value:
        """The node of an operation: an equal one is the same one. One that is not kept passes no gradient on."""
        key = (operation, *map(id, parents))  # of nodes that are alive: the key's own node keeps them
        node = self._known.get(key)
        if node is None:
            node = self._known[key] = traced_node(operation, parents, InTrace)
            if self._with_lines:
                self.lines[id(node)] = line_of_user()
        return node if kept else self(detach, (node,), True)

    def made(self) -> list[Value]:
        """The nodes so far, in order."""
        return [*self._known.values()]

    def detached(self, x: Value) -> Value:
        """A node with the number of x, through which no gradient passes."""
        return apply(detach, (x,))

    def require(self, node: Value, allowed: Callable[[Any], Any], refusal: Callable[[float], Exception]) -> None:
        """Note what the number of a node must be."""
        self.requirements.append(Requirement(node, allowed, refusal))

    def refusal(self, what: str, way_out: str) -> TraceError:
        """The error for what needs a number."""
        return _refusal(what, way_out)


def traced_node(operation: Primitive | None, parents: tuple[Value, ...], kind: type[Traced] = Traced) -> Value:
    """A node without a number."""
    node = kind.__new__(kind)
    node._grad = node.pullback = None
    node.op = operation
    node._parents = parents
    return node


def trace(f: Callable[..., Any], arguments: Sequence[Any]) -> ScalarGraph:
    """The graph of f on stand-ins for arguments of the structure of these.

    Args:
        f: the function.
        arguments: numbers, whatever they are, in lists, tuples and dicts; what is `Static` stays as it is.

    Raises:
        TraceError: where f needs a number that it does not have, or does something else when it is called again.
    """
    first, _ = _traced(f, arguments)
    second, watch = _watched(f, arguments, calls=len(first.made) <= LARGE)
    if watch.drawn:
        if watch.line is None:
            _, watch = _watched(f, arguments, calls=True)
        raise TraceError(
            f"a compiled function draws random numbers, at {watch.line or line_of_function(f)}\nThey would be drawn "
            "once, when it is traced, and be the same in every call: draw them outside, and pass them as an argument"
        )
    found = compared(first, second, watch.made)
    if found.constants and watch.made is None:  # Values made inside, or others every time?
        second, watch = _watched(f, arguments, calls=True)
        found = compared(first, second, watch.made)
    if found.difference:
        third, tracer = _traced(f, arguments, with_lines=True)
        again = compared(first, third, None)
        again = again if again.difference else compared(second, third, None)
        line = tracer.lines.get(id(again.node)) or line_of_function(f)
        raise TraceError(
            "a compiled function does not do the same when it is called again: "
            f"{again.difference or found.difference}, at {line}\nWhat Python does itself, as counting, drawing or "
            "looking at a flag, it does once, when it is traced: pass what changes as an argument"
        )
    return replace(first, constants=found.constants)


def _watched(f: Callable[..., Any], arguments: Sequence[Any], calls: bool) -> tuple[ScalarGraph, Watch]:
    """Another call of f, and what was seen meanwhile."""
    watch = Watch(f, calls)
    with watch:
        graph, _ = _traced(f, arguments)
    return graph, watch


@dataclass(frozen=True)
class Static:
    """An argument that is no number, such as None, a text or a flag: part of what is traced."""

    setting: Any


def _traced(f: Callable[..., Any], arguments: Sequence[Any], with_lines: bool = False) -> tuple[ScalarGraph, Tracer]:
    """What one call of f computes, and what made its nodes."""
    tracer = Tracer(with_lines)
    inputs: list[list[Value]] = []
    stand_ins = []
    for argument in arguments:
        inputs.append([])
        stand_ins.append(_stand_in(argument, inputs[-1]))
    outputs: list[Value] = []
    try:
        with recording(tracer=tracer, known=None, graph=True, anomalies=None):  # even if it is called inside no_grad
            structure = _structure(f(*stand_ins), outputs)
    except TypeError as error:
        if isinstance(error, TraceError) or InTrace.__name__ not in str(error):
            raise
        # Python's own refusal: xs[x], x[0], range(x), int(x), round(x)
        raise TraceError(
            f"{error}, at {line_of_error(error)}\nWhile it is traced a Value is one unknown number: it has no "
            "elements, no int(), and is no index of Python's: engine.take(table, index) looks up on every call"
        ) from error
    made = tracer.made()
    for node in chain(made, *inputs):
        node.__class__ = Traced
    return ScalarGraph(outputs, inputs, structure, tuple(tracer.requirements), made=made), tracer


def _stand_in(structure: Any, flat: list[Value]) -> Any:
    """The structure with a traced Value for each number, which are added to `flat`."""
    if isinstance(structure, Static):
        return structure.setting
    if isinstance(structure, dict):
        return {key: _stand_in(part, flat) for key, part in structure.items()}
    if isinstance(structure, (list, tuple)):
        return type(structure)([_stand_in(part, flat) for part in structure])
    flat.append(traced_node(None, (), InTrace))
    return flat[-1]


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
