"""Whether a function does the same when it is called again. What Python does itself is done only while it is traced.

Two traces are compared, node by node. A small function may draw the same random numbers twice, so while it is traced
the second time every call is watched for one that draws.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

from engine.lifting.random_sources import generators_of, state_of
from engine.lifting.scalar_graph import ScalarGraph
from engine.primitives import Primitive
from engine.recording import line_of_frame
from engine.value import Constant, Value

LARGE = 2_000  # nodes: watching every call of a function of more takes too long


@dataclass(frozen=True)
class Comparison:
    """Two traces of a function beside each other.

    Attributes:
        difference: how they differ first; "" if they do not.
        node: the node of the second one that is, or uses, what is different; None without one.
        constants: the leaves of the first that the function makes anew in every call.
    """

    difference: str = ""
    node: Value | None = None
    constants: frozenset[Value] = frozenset()


def compared(first: ScalarGraph, second: ScalarGraph, made: Mapping[int, Any] | None) -> Comparison:
    """Two traces compared, in the order in which their nodes were made.

    Args:
        first: one of them.
        second: the other.
        made: the Values that the function made during the second, by id; None if that is not known.
    """
    places, others = _places(first), _places(second)
    constants: set[Value] = set()
    for one, other in zip(first.made, second.made):
        what = _unlike(one, other, places, others, constants, made)
        if what:
            return Comparison(what, other)
    if len(first.made) != len(second.made):
        return Comparison(f"it computes {len(first.made)} numbers, then {len(second.made)}")
    if repr(first.structure) != repr(second.structure) or len(first.nodes) != len(second.nodes):
        return Comparison("its result has another structure")
    for one, other in zip(first.nodes, second.nodes):
        what = _unlike_operands([one], [other], places, others, constants, made)
        if what:
            return Comparison(what, other)
    return Comparison(constants=frozenset(constants))


def _is_foreign(leaf: Value, made: Mapping[int, Any] | None) -> bool:
    """Whether a leaf is known not to be made by the function."""
    return made is not None and id(leaf) not in made and not isinstance(leaf, Constant)


def _places(graph: ScalarGraph) -> dict[int, Any]:
    """What stands for a node in a comparison, by id: its place in the arguments, or its position in what was made."""
    places: dict[int, Any] = {id(node): position for position, node in enumerate(graph.made)}
    for k, values in enumerate(graph.inputs):
        places.update({id(value): (k, place) for place, value in enumerate(values)})
    return places


def _unlike(
    one: Value,
    other: Value,
    places: dict[int, Any],
    others: dict[int, Any],
    constants: set[Value],
    made: Mapping[int, Any] | None,
) -> str:
    """How two computed nodes differ; "" if they do not."""
    assert one.op is not None
    assert other.op is not None
    if not _same_primitive(one.op, other.op):
        return f"it computes {one.op.name}, then {other.op.name}"
    if len(one._parents) != len(other._parents):
        return f"{one.op.name} gets {len(one._parents)} operands, then {len(other._parents)}"
    return _unlike_operands(one._parents, other._parents, places, others, constants, made)


def _unlike_operands(
    ones: Sequence[Value],
    twos: Sequence[Value],
    places: dict[int, Any],
    others: dict[int, Any],
    constants: set[Value],
    made: Mapping[int, Any] | None,
) -> str:
    for one, other in zip(ones, twos):
        place = places.get(id(one))
        if one is other and place is None:  # a parameter, or something computed outside
            continue
        if place != others.get(id(other)):
            return "it uses other numbers"
        if place is None:  # two leaves that were made inside, or are not the same parameter
            if one._parents or other._parents or repr(one._data) != repr(other._data):
                return f"it uses {_shown(one)}, then {_shown(other)}"
            if _is_foreign(other, made):
                return "it uses one Value from outside, then another"
            if not isinstance(one, Constant):
                constants.add(one)
    return ""


def _shown(node: Value) -> str:
    return repr(node._data) if not node._parents else "a computed number"


def _same_primitive(one: Primitive, other: Primitive) -> bool:
    """Whether two primitives are one, or the function has made the same one again."""
    return one is other or _same(one.rule, other.rule)


def _same(one: Any, other: Any) -> bool:
    """Whether two things that a rule refers to are the same: plain settings, or functions made of the same code."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, Primitive):
        return _same(one.rule, other.rule)
    if hasattr(one, "__code__"):
        return one.__code__ is other.__code__ and _same(_settings(one), _settings(other))
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, (bool, int, float, str)) and repr(one) == repr(other)


def _settings(function: Any) -> tuple[Any, ...]:
    """What a function refers to beside its code: defaults, and the variables it closes over."""
    return (*(function.__defaults__ or ()), *(cell.cell_contents for cell in function.__closure__ or ()))


class Watch:
    """Within the block, look for the first call that draws a random number.

    Args:
        f: the function that is traced: of the generators that it can reach the states are compared.
        calls: whether to look at every call as well, for generators out of reach, the line, and Values that are made.

    Attributes:
        drawn: whether a random number was drawn.
        line: the line of the user's code that drew; None if that is not known.
        made: the Values that were made, by id; None if no calls were looked at.
    """

    def __init__(self, f: Callable[..., Any], calls: bool) -> None:
        self.drawn = False
        self.line: str | None = None
        self._f = f
        self._calls = calls and sys.getprofile() is None  # and no profiler or debugger is at work
        self.made: dict[int, Any] | None = {} if self._calls else None
        self._seeded: dict[int, Any] = {}  # generators made inside, which draw the same every time
        self._generators: list[Any] = []
        self._states: list[Any] = []

    def __enter__(self) -> None:
        self._generators = generators_of(self._f)
        self._states = [*map(state_of, self._generators)]
        if self._calls:
            sys.setprofile(self._see)

    def __exit__(self, *_: object) -> None:
        if self._calls:
            sys.setprofile(None)
        self.drawn = self.line is not None or [*map(state_of, self._generators)] != self._states

    def _see(self, frame: FrameType, event: str, called: Any) -> None:  # pragma: no cover: Python does not trace here
        if event == "c_call":
            if self.line is None and _draws(called) and id(called.__self__) not in self._seeded:
                self.line = line_of_frame(frame)
        elif event == "call":
            code = frame.f_code
            if code is _VALUE_INIT and self.made is not None:
                made = frame.f_locals["self"]
                self.made[id(made)] = made
            elif code.co_filename == _RANDOM_FILE:
                generator = frame.f_locals.get("self")
                if code.co_name == "__init__":
                    if frame.f_locals.get("x") is not None:
                        self._seeded[id(generator)] = generator
                elif self.line is None and id(generator) not in self._seeded:
                    self.line = line_of_frame(frame)


_VALUE_INIT = Value.__init__.__code__
_RANDOM_FILE = random.Random.gauss.__code__.co_filename


def _draws(function: Callable[..., Any]) -> bool:  # pragma: no cover: nor what is called from there
    """Whether a built-in function is the method of a generator of random numbers, Python's or NumPy's."""
    module = getattr(type(getattr(function, "__self__", None)), "__module__", None)
    return module in _RANDOM_MODULES and function.__name__ not in _HARMLESS


_RANDOM_MODULES = {"random", "_random", "numpy.random.mtrand", "numpy.random._generator"}


_HARMLESS = {"getstate", "seed", "__init__", "get_state", "__new__"}
