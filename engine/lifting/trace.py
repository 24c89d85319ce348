"""Tracing: calling a function with stand-ins for its arguments, to get its graph.

The stand-ins are Values without numbers. Whatever is computed from them, or from a Value that the function closes over
(a parameter), is recorded and not computed; whatever would need a number (``if``, `data`, ``math.exp``) is refused with
the line that asked for it. What Python itself does is done once, for all calls to come: so a function is traced twice,
and refused if it does not do the same both times (`repeatable`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, TypeVar

from engine.lifting.repeatable import LARGE, Watch, compared
from engine.lifting.scalar_graph import ScalarGraph
from engine.lifting.traced import InTrace, Traced, TraceError
from engine.lifting.tracers import RepeatingTracer, Tracer, are_beside
from engine.recording import line_of_error, line_of_function, recording
from engine.value import Value, as_value

AnyTracer = TypeVar("AnyTracer", bound=Tracer)


def trace(f: Callable[..., Any], arguments: Sequence[Any]) -> ScalarGraph:
    """The graph of f on stand-ins for arguments of the structure of these.

    Args:
        f: the function.
        arguments: numbers, whatever they are, in lists, tuples and dicts; what is `Static` stays as it is.

    Raises:
        TraceError: where f needs a number that it does not have, or does something else when it is called again.
    """
    first, tracer = _traced(f, arguments, Tracer())
    second, again, watch = _watched(f, arguments, first, tracer, calls=len(first.made) <= LARGE)
    if watch.drawn:
        if watch.line is None:
            *_, watch = _watched(f, arguments, first, tracer, calls=True)
        raise TraceError(
            f"a compiled function draws random numbers, at {watch.line or line_of_function(f)}\nThey would be drawn "
            "once, when it is traced, and be the same in every call: draw them outside, and pass them as an argument"
        )
    if not (again.has_done_all and _is_same_result(first, second)):
        first = replace(first, constants=_constants(f, arguments, first, tracer, second, again, watch))
    for node in chain(first.made, *first.inputs):
        node.__class__ = Traced
    return first


def _constants(
    f: Callable[..., Any],
    arguments: Sequence[Any],
    first: ScalarGraph,
    tracer: Tracer,
    second: ScalarGraph,
    again: RepeatingTracer,
    watch: Watch,
) -> frozenset[Value]:
    """The leaves that a function makes itself, if the two calls are the same but for those; else an error."""
    again.leave()
    found = compared(first, second, watch.made)
    if found.constants and watch.made is None:  # Values made inside, or others every time?
        second, again, watch = _watched(f, arguments, first, tracer, calls=True)
        again.leave()
        found = compared(first, second, watch.made)
    if found.difference:
        third, noting = _traced(f, arguments, Tracer(with_lines=True))
        later = compared(first, third, None)
        later = later if later.difference else compared(second, third, None)
        line = noting.lines.get(id(later.node)) or line_of_function(f)
        raise TraceError(
            "a compiled function does not do the same when it is called again: "
            f"{later.difference or found.difference}, at {line}\nWhat Python does itself, as counting, drawing or "
            "looking at a flag, it does once, when it is traced: pass what changes as an argument"
        )
    return found.constants


def _watched(
    f: Callable[..., Any], arguments: Sequence[Any], first: ScalarGraph, tracer: Tracer, calls: bool
) -> tuple[ScalarGraph, RepeatingTracer, Watch]:
    """Another call of f, what made its nodes, and what was seen meanwhile."""
    watch = Watch(f, calls)
    with watch:
        graph, again = _traced(f, arguments, RepeatingTracer(tracer, [*chain.from_iterable(first.inputs)]))
    return graph, again, watch


@dataclass(frozen=True)
class Static:
    """An argument that is no number, such as None, a text or a flag: part of what is traced."""

    setting: Any


def _traced(f: Callable[..., Any], arguments: Sequence[Any], tracer: AnyTracer) -> tuple[ScalarGraph, AnyTracer]:
    """What one call of f computes, and what made its nodes."""
    inputs: list[list[Value]] = []
    stand_ins = []
    for argument in arguments:
        inputs.append([])
        stand_ins.append(_stand_in(argument, tracer, inputs[-1]))
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
    tracer.end()
    return ScalarGraph(outputs, inputs, structure, tuple(tracer.requirements), made=tracer.made), tracer


def _stand_in(structure: Any, tracer: Tracer, flat: list[Value]) -> Any:
    """The structure with a traced Value for each number, which are added to `flat`."""
    if isinstance(structure, Static):
        return structure.setting
    if isinstance(structure, dict):
        return {key: _stand_in(part, tracer, flat) for key, part in structure.items()}
    if isinstance(structure, (list, tuple)):
        return type(structure)([_stand_in(part, tracer, flat) for part in structure])
    flat.append(tracer.stand_in())
    return flat[-1]


def _is_same_result(first: ScalarGraph, second: ScalarGraph) -> bool:
    """Whether two calls that made the same nodes return, and require, the same of them."""
    return repr(first.structure) == repr(second.structure) and are_beside(tuple(second.nodes), tuple(first.nodes))


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
