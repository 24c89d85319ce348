"""A progress bar where somebody is looking."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any


class NoBar:
    """Where nobody is looking."""

    def update(self, n: int = 1) -> None:
        pass

    def set_postfix_str(self, text: str) -> None:
        pass

    def close(self) -> None:
        pass


def progress_bar(total: int, wanted: bool | None, unit: str = "epoch") -> Any:
    """tqdm's bar of `total` steps, or one that shows nothing.

    Args:
        total: how many steps.
        wanted: True or False; None for a bar if tqdm is installed and stderr is a terminal, and not under CI.
        unit: what a step is called.

    Raises:
        ModuleNotFoundError: if a bar is wanted and tqdm is not installed.
    """
    if wanted is None:
        wanted = sys.stderr is not None and sys.stderr.isatty() and not os.environ.get("CI")
        required = False
    else:
        required = wanted
    if not wanted:
        return NoBar()
    try:
        tqdm = importlib.import_module("tqdm").tqdm
    except ModuleNotFoundError:
        if required:
            raise ModuleNotFoundError('the progress bar needs tqdm: pip install "liftgrad[demos]"') from None
        return NoBar()
    return tqdm(total=total, unit=unit, dynamic_ncols=True)
