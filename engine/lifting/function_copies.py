"""Copying functions: Python itself takes a function for one thing that is never copied."""

from __future__ import annotations

import copy
from types import CellType, FunctionType
from typing import Any


def copied(f: Any, memo: dict[int, Any]) -> Any:
    """A deep copy of a function, with copies of the variables that it closes over, and of its defaults.

    So the copy of ``lambda x: model(x)`` calls the copy of the model. Global variables are shared, as functions of one
    module share them. A thing with a ``__call__`` is copied as `copy.deepcopy` does.
    """
    if not isinstance(f, FunctionType) or not (f.__closure__ or f.__defaults__ or f.__kwdefaults__):
        return copy.deepcopy(f, memo)
    if id(f) in memo:
        return memo[id(f)]
    cells = tuple([CellType() for _ in f.__closure__ or ()])
    twin = memo[id(f)] = FunctionType(f.__code__, f.__globals__, f.__name__, None, cells or None)
    for cell, original in zip(cells, f.__closure__ or ()):
        cell.cell_contents = copied(original.cell_contents, memo)
    twin.__defaults__ = None if f.__defaults__ is None else tuple([copied(each, memo) for each in f.__defaults__])
    twin.__kwdefaults__ = {name: copied(each, memo) for name, each in (f.__kwdefaults__ or {}).items()}
    twin.__dict__.update(f.__dict__)
    return twin
