"""Finding what a module is made of: parameters and modules, in its attributes and in containers of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from engine import Value
from engine.primitives import Primitive
from engine.value import Constant
from nn.kept_parameters import kept_of

if TYPE_CHECKING:
    from nn.module import Module


def named_modules_of(root: Module) -> list[tuple[str, Module]]:
    """(name, module) for a module, whose name is empty, and every module within it, each once."""
    kept = vars(root).get("_kept_parameters")
    if kept is not None and kept.still_hold(root):
        return [*kept.modules]
    found: list[tuple[str, Any]] = []
    _walk("", root, set(), found, [])
    return _modules_among(found)


def modules_of(root: Module) -> list[Module]:
    """A module and every module within it, each once."""
    return [module for _, module in named_modules_of(root)]


def parameters_of(root: Module) -> list[tuple[str, Value]]:
    """(name, parameter) for every parameter of a module, each once, by its first name.

    Raises:
        TypeError: for Values where they would be overlooked, or would have no order: says where.
    """
    kept = vars(root).get("_kept_parameters")
    if kept is not None and kept.still_hold(root):
        return [*kept.named]
    met: set[int] = set()
    found: list[tuple[str, Any]] = []
    strangers: list[tuple[str, Any]] = []
    _walk("", root, met, found, strangers)
    for name, thing in strangers:
        if any(id(value) not in met for value in _leaves_within(thing, set())):
            raise TypeError(
                f"{type(root).__name__}: {name} is of {type(thing).__name__} and has Values in it, which would not be "
                "found as parameters: derive its class from nn.Module, or keep them in a list, a tuple or a dict; or, "
                "to leave them out, give it a name that starts with an underscore"
            )
    named = [(name, part) for name, part in found if isinstance(part, Value)]
    vars(root)["_kept_parameters"] = kept_of(root, named, _modules_among(found))
    return named


def _modules_among(found: list[tuple[str, Any]]) -> list[tuple[str, Module]]:
    return [(name, part) for name, part in found if _is_module(part)]


def _walk(name: str, part: Any, met: set[int], found: list[tuple[str, Any]], strangers: list[tuple[str, Any]]) -> None:
    if id(part) in met:
        return
    if isinstance(part, Value):
        if not part.parents and not isinstance(part, Constant):  # learned, not computed
            met.add(id(part))
            found.append((name, part))
        return
    if part is None or isinstance(part, (float, int, str)):
        return
    inner = _inside(part)
    if inner is None:
        if isinstance(part, (set, frozenset)) or _may_hold_values(part):
            strangers.append((name, part))
        return
    met.add(id(part))
    if _is_module(part):
        found.append((name, part))
    for key, each in inner:
        _walk(f"{name}.{key}" if name else key, each, met, found, strangers)


def _inside(part: Any) -> list[tuple[str, Any]] | None:
    """What is in a module or a container, each with its name there; None for anything else."""
    if _is_module(part):
        return [(key, each) for key, each in vars(part).items() if not key.startswith("_")]
    if isinstance(part, Mapping):
        return [(str(key), each) for key, each in part.items()]
    if getattr(getattr(part, "dtype", None), "kind", "") == "O":  # a NumPy array of objects
        import numpy as np

        return [(".".join(map(str, place)) or "0", each) for place, each in np.ndenumerate(np.asarray(part))]
    if isinstance(part, (list, tuple, deque)):
        return [(str(k), each) for k, each in enumerate(part)]
    return None


def _is_module(part: Any) -> bool:
    from nn.module import Module

    return isinstance(part, Module)


def _may_hold_values(part: Any) -> bool:
    """Whether it is an object with attributes, and not code: those of classes and functions are shared by all."""
    return hasattr(part, "__dict__") and not isinstance(part, (Primitive, type, FunctionType, MethodType, ModuleType))


def _leaves_within(part: Any, met: set[int]) -> Iterator[Value]:
    """Every leaf in an object: in its attributes but those with an underscore, in containers, to any depth."""
    if id(part) in met or isinstance(part, Constant):
        return
    met.add(id(part))
    if isinstance(part, Value):
        if not part.parents:
            yield part
        return
    if isinstance(part, (set, frozenset)):
        inner = [*part]
    else:
        named = _inside(part)
        if named is None and _may_hold_values(part):
            named = [(key, each) for key, each in vars(part).items() if not key.startswith("_")]
        inner = [each for _, each in named or ()]
    for each in inner:
        yield from _leaves_within(each, met)
