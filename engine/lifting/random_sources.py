"""The generators of random numbers that a function can reach, Python's and NumPy's, and their states."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

from engine.value import Value

MOST = 20_000  # things that are looked at


def generators_of(f: Any) -> list[Any]:
    """Python's and NumPy's global generators, and those in what f refers to: variables, attributes, lists."""
    numpy = sys.modules.get("numpy.random")
    kinds: tuple[type, ...] = (random.Random,) if numpy is None else (random.Random, numpy.Generator, numpy.RandomState)
    globals_: list[Any] = [random.random.__self__] if numpy is None else [random.random.__self__, numpy.mtrand._rand]  # type: ignore[attr-defined]
    found: list[Any] = []
    met: set[int] = set()
    stack = [f, *globals_]
    while stack and len(met) < MOST:
        thing = stack.pop()
        if id(thing) in met or isinstance(thing, (Value, str, float, int, type, ModuleType)):
            continue
        met.add(id(thing))
        if isinstance(thing, kinds):
            if not isinstance(thing, random.SystemRandom):  # which has no state
                found.append(thing)
        else:
            stack.extend(_referred(thing))
    return found


def state_of(generator: Any) -> Any:
    """The state of a generator, which changes when a number is drawn: what can be compared, NumPy's arrays as bytes."""
    if isinstance(generator, random.Random):
        return generator.getstate()
    return _comparable(generator.bit_generator.state if hasattr(generator, "bit_generator") else generator.get_state())


def _comparable(state: Any) -> Any:
    if isinstance(state, dict):
        return {name: _comparable(part) for name, part in state.items()}
    if isinstance(state, tuple):
        return tuple(map(_comparable, state))
    return state.tobytes() if hasattr(state, "tobytes") else state


def _is_empty(cell: CellType) -> bool:
    """Whether a variable has no value yet."""
    try:
        return cell.cell_contents is cell
    except ValueError:
        return True


def _referred(thing: Any) -> Iterable[Any]:
    """What a function, a container or an object refers to."""
    if isinstance(thing, MethodType):
        return (thing.__self__, thing.__func__)
    if isinstance(thing, FunctionType):
        names = [name for name in thing.__code__.co_names if name in thing.__globals__]
        cells = [cell.cell_contents for cell in thing.__closure__ or () if not _is_empty(cell)]
        return (*(thing.__globals__[name] for name in names), *cells, *(thing.__defaults__ or ()))
    if isinstance(thing, dict):
        return [*thing.values()]
    if isinstance(thing, (list, tuple, set, frozenset)):
        return thing
    called = [type(thing).__call__] if callable(thing) else []
    return (*vars(thing).values(), *called) if hasattr(thing, "__dict__") else called
