"""Where the files of an exercise are, and its check."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).parent
ORIGINALS, SOLUTIONS, CHECKS = HERE / "exercises", HERE / "solutions", HERE / "checks"
_loaded: dict[str, ModuleType] = {}
_loading = threading.Lock()


def check_of(name: str) -> Callable[[Any], str | None]:
    """The check of an exercise: a function of an answer. It raises NotYet, or may return a remark."""
    return check_module(name).check


def check_module(name: str) -> ModuleType:
    """What is known of an exercise: its `check`; `picture`, which draws an answer; and `given`, its graph, if any."""
    with _loading:  # learners of a class are checked side by side
        if name not in _loaded:
            spec = importlib.util.spec_from_file_location(f"check_{name}", CHECKS / f"{name}.py")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            _loaded[name] = module
        return _loaded[name]
