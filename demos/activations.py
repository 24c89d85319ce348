"""Hidden activations, each with its derivative: python -m demos.activations [--out DIR] draws them side by side.

Both curves come from the primitive's own rule: the value it gives, and what its pullback makes of the adjoint 1.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from demos import style
from demos.commands import parser_of, says_what_is_missing
from demos.style import BLUE, FAINT, INK, RED
from engine import derivative
from nn import ACTIVATIONS

SHOWN = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "swish", "mish", "gelu")
FORMULAS = {
    "sigmoid": r"$1 / (1 + e^{-z})$",
    "tanh": r"$\tanh z$",
    "relu": r"$\max(z, 0)$",
    "leaky_relu": r"$\max(z, 0.01\,z)$",
    "elu": r"$z$ above 0, $e^z - 1$ below",
    "softplus": r"$\log(1 + e^z)$",
    "swish": r"$z\;\mathrm{sigmoid}(z)$",
    "mish": r"$z\,\tanh(\mathrm{softplus}(z))$",
    "gelu": r"$z\,\Phi(z)$",
}
LIMIT = 4.0


def curves(name: str, steps: int = 400) -> tuple[list[float], list[float], list[float]]:
    """z from -4 to 4, f(z) and f'(z), for the activation of that name."""
    f, slope = ACTIVATIONS[name], derivative(ACTIVATIONS[name])
    zs = [LIMIT * (2 * k / steps - 1) for k in range(steps + 1)]
    return zs, [f(z) for z in zs], [slope(z) for z in zs]


def draw(path: Path) -> Path:
    """Write the picture, and return its path.

    Raises:
        ModuleNotFoundError: without matplotlib; says what to install.
    """
    style.require_packages("demos.activations", "matplotlib")
    figure, grid = style.figure((9.6, 8.2), 3, 3, sharex=True, sharey=True)
    for axes, name in zip(grid.flat, SHOWN, strict=True):
        _panel(axes, name)
    for axes in grid[-1]:
        axes.set_xlabel("$z$")
    figure.suptitle("Hidden activations and their derivatives", x=0.012, ha="left", fontsize=14, **style.BOLD)
    figure.legend(
        grid[0, 0].get_lines()[-2:], ["activation  $a = f(z)$", "derivative  $f\u2032(z)$"],
        loc="outside lower center", ncols=2, frameon=False, fontsize=10.5, labelcolor=INK,
    )  # fmt: skip
    return style.save(figure, path)


def _panel(axes: Any, name: str) -> None:
    zs, values, slopes = curves(name)
    axes.axhline(0.0, color=FAINT, linewidth=0.8)
    axes.axvline(0.0, color=FAINT, linewidth=0.8)
    axes.plot(zs, values, color=BLUE, linewidth=2.4)
    jumps = [k for k in range(1, len(zs)) if abs(slopes[k] - slopes[k - 1]) > 0.5]  # not drawn as a steep line
    gaps = [float("nan") if k in jumps else slope for k, slope in enumerate(slopes)]
    axes.plot(zs, gaps, color=RED, linewidth=1.8, linestyle=(0, (4, 1.5)), zorder=3)  # seen where both are one line
    axes.set_xlim(-LIMIT, LIMIT)
    axes.set_ylim(-1.25, 3.25)
    axes.set_xticks([-3, 0, 3])  # none at an edge, where the next panel begins
    axes.set_yticks([-1, 0, 1, 2, 3])
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    style.title(axes, name, size=11.5)
    axes.text(
        0.03,
        0.95,
        FORMULAS[name],
        transform=axes.transAxes,
        va="top",
        color=INK,
        fontsize=10.5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )


@says_what_is_missing
def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = parser_of("activations", "Draw the activations with their derivatives.")
    print(draw(parser.parse_args(arguments).out / "activations.png"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
