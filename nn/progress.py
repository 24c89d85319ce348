"""A progress bar where somebody is looking."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from typing import Any


class ProgressBar:
    """tqdm's bar, or none.

    A bar that cannot be drawn, as on a pipe that nobody reads any more, is given up, and the work goes on.
    """

    def __init__(self, bar: Any = None) -> None:
        self._bar = bar

    def update(self, n: int = 1) -> None:
        """Count n more steps."""
        self._draw("update", n)

    def show(self, text: Callable[[], str]) -> None:
        """Show a text behind the bar. It is asked for only if there is one."""
        if self._bar is not None:
            self._draw("set_postfix_str", text())

    def close(self) -> None:
        """Leave the bar as it is."""
        self._draw("close")

    def _draw(self, method: str, *arguments: Any) -> None:
        if self._bar is not None:
            try:
                getattr(self._bar, method)(*arguments)
            except (OSError, ValueError):  # the stream is gone, closed, or cannot show the text
                self._bar = None


def progress_bar(total: int, wanted: bool | None, unit: str = "epoch") -> ProgressBar:
    """A bar of `total` steps, or one that shows nothing.

    Args:
        total: how many steps.
        wanted: True or False; None for a bar if tqdm is installed and stderr is a terminal, and not under CI.
        unit: what a step is called.

    Raises:
        ModuleNotFoundError: if a bar is wanted and tqdm is not installed.
    """
    seen = sys.stderr is not None and sys.stderr.isatty() and not os.environ.get("CI")
    if not (seen if wanted is None else wanted):
        return ProgressBar()
    try:
        return ProgressBar(_tqdm_bar(total, unit))
    except ModuleNotFoundError:
        if wanted:
            raise ModuleNotFoundError('the progress bar needs tqdm: pip install "liftgrad[demos]"') from None
    except (OSError, ValueError):  # as in `ProgressBar`
        pass
    return ProgressBar()


def _tqdm_bar(total: int, unit: str) -> Any:
    return importlib.import_module("tqdm").tqdm(total=total, unit=unit, dynamic_ncols=True)
