"""Warnings that point at the user's line, and not at one of ours."""

from __future__ import annotations

import sys
import warnings


def warn_user(message: str) -> None:
    """A RuntimeWarning at the line outside this package that called into it."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == __package__:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, RuntimeWarning, stacklevel=level)
