"""Predictions: a learner says what a program does before it is run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from demos.exercises.answers import NotYet


def without(names: Sequence[str], prediction: Callable[[], Callable[[], Any]]) -> Any:
    """What a learner's function predicts, while the functions of these names, in its file, cannot be run.

    Args:
        names: of the program's functions.
        prediction: looks the function up.

    Raises:
        NotYet: it runs the program.
    """
    function = prediction()
    around = getattr(function, "__globals__", {})
    before = {name: around[name] for name in names if name in around}
    around.update(dict.fromkeys(before, _refused))
    try:
        return function()
    finally:
        around.update(before)


def _refused(*_: Any, **__: Any) -> Any:
    raise NotYet("`prediction` runs the program. Say first what you expect; run it when that has been checked.")
