"""How the plots of all demos look, which is how those of `nn` do, and what a demo says that lacks a package."""

from __future__ import annotations

import importlib

from nn.plot_style import (
    AMBER,
    BLUE,
    BOLD,
    FAINT,
    GRID,
    INK,
    RED,
    TEAL,
    blank,
    dress,
    figure,
    horizontal_grid,
    label_end,
    save,
    title,
    whole_numbers,
)

__all__ = [
    "AMBER", "BLUE", "BOLD", "FAINT", "GRID", "INK", "RED", "TEAL", "blank", "dress", "figure", "horizontal_grid",
    "label_end", "require_packages", "save", "title", "whole_numbers",
]  # fmt: skip


def require_packages(demo: str, *packages: str) -> None:
    """Raise ModuleNotFoundError, saying what to install, if a package that a demo draws with is missing."""
    for package in packages:
        try:
            importlib.import_module(package)
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f'{demo} needs {error.name}: pip install "liftgrad[demos]"', name=error.name
            ) from None
