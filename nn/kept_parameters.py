"""The parameters and modules that were found in a module, kept until an attribute or a list in it changes.

A module finds its parameters by looking at all it holds, since anyone may write ``self.layers.append(...)``. That takes
longer than a step of a small compiled model. So what was found is kept, with what everything looked like.
"""

from __future__ import annotations

import sys
from types import BuiltinFunctionType, FunctionType
from typing import TYPE_CHECKING, Any

from engine import Value
from engine.identity import same_values
from engine.primitives import Primitive

if TYPE_CHECKING:
    from engine.lifting.parameters import Parameters
    from nn.kept_programs import KeptPrograms
    from nn.module import Module

    NamedValues = list[tuple[str, Value]]
    NamedModules = list[tuple[str, Module]]

_PLAIN = (float, int, str, bool, type(None))


class KeptParameters:
    """What was found in a module. A copy or pickle of the module finds its own.

    Attributes:
        named: (name, parameter) for every parameter.
        modules: (name, module) for the module and every one within it.
        programs: what was compiled of the module for its last training; see `nn.kept_programs`.
    """

    def __init__(self, root: Module, named: NamedValues, modules: NamedModules, dicts: list[dict[str, Any]]) -> None:
        self.named, self.modules = named, modules
        self.programs: KeptPrograms | None = None
        self._root = root
        self._dicts = dicts  # the attributes of the module and of those within it, and every dict among those
        self._within = [module for _, module in modules]
        self._attributes = [*map(id, map(vars, self._within))]  # each is among the dicts, so its id is no other's
        self._classes = [*map(type, self._within)]
        self._were = [_copied(_items(each)) for each in dicts]
        self._arrays: Parameters | None = None

    def still_hold(self, root: Module) -> bool:
        """Whether the module holds what it held then."""
        return (
            self._root is root
            and [*map(id, map(vars, self._within))] == self._attributes
            and [*map(type, self._within)] == self._classes
            and same_values([*map(_items, self._dicts)], self._were)
        )

    def forget_grad(self) -> None:
        """As ``parameter.grad = None`` for every one; at once where a compiled function has brought NumPy in."""
        lifted = sys.modules.get("engine.lifting.parameters")
        if lifted is not None and self._arrays is None:
            self._arrays = lifted.Parameters([parameter for _, parameter in self.named])
        if lifted is not None and self._arrays is not None and self._arrays.are_many:
            lifted.in_arrays(self._arrays).forget_grad()
            return
        for _, parameter in self.named:
            parameter.grad = None

    def __deepcopy__(self, _: object) -> None:
        """Nothing."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()


def kept_of(root: Module, named: NamedValues, modules: NamedModules) -> KeptParameters | None:
    """What to keep of a module; None if there is something in it that cannot be compared with what it was."""
    dicts: list[dict[str, Any]] = []
    if not _collect(root, dicts, set()):
        return None
    return KeptParameters(root, named, modules, dicts)


def _collect(part: Any, dicts: list[dict[str, Any]], met: set[int]) -> bool:
    """Collect the dicts in a module, list or tuple; False for something that compares in a way of its own."""
    from nn.module import Module

    kind = type(part)
    if kind in _PLAIN or kind is Value or id(part) in met:
        return True
    met.add(id(part))
    if kind is list or kind is tuple:
        return all(_collect(each, dicts, met) for each in part)
    if isinstance(part, Module) and vars(object)["__eq__"] is kind.__eq__:
        dicts.append(vars(part))
    elif kind is dict and all(type(key) is str and key and key[0] != "_" for key in part):
        dicts.append(part)
    else:
        return isinstance(part, (FunctionType, BuiltinFunctionType, type, Primitive))
    return all(_collect(each, dicts, met) for _, each in _items(dicts[-1]))


def _items(attributes: dict[str, Any]) -> list[tuple[str, Any]]:
    """What is looked at, in its order, which is that of the parameters."""
    return [item for item in attributes.items() if item[0][0] != "_"]


def _copied(part: Any) -> Any:
    """The same lists and tuples once more, with the same Values."""
    return type(part)([_copied(each) for each in part]) if type(part) in (list, tuple) else part
