"""``python -m demos.why_backprop [--out DIR]``: measures, prints a table and draws a picture."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from demos import style
from demos.benchmark.table import table
from demos.commands import parser_of, says_what_is_missing
from demos.style import AMBER, BLUE, INK, RED, TEAL
from demos.why_backprop.four_ways import METHODS
from demos.why_backprop.measuring import Measured, measure

LOOKS = {
    "all paths": (RED, "D"),
    "finite differences": (AMBER, "s"),
    "forward mode": (TEAL, "^"),
    "backpropagation": (BLUE, "o"),
}


def report(measured: Sequence[Measured]) -> str:
    """The measurements as a table, and what follows from them."""
    rows = [
        (m.width, f"{m.parameters:,}", m.method, f"{m.multiplications:,}", f"{m.multiplications / m.parameters:,.1f}",
         f"{1000 * m.seconds:,.2f}", f"{m.error:.0e}" if m.error else "")
        for m in measured
    ]  # fmt: skip
    head = ("width", "parameters", "gradient by", "multiplications", "per parameter", "ms", "off by")
    shared = max(m.width for m in measured if all(_at(measured, name, m.width) for name in METHODS))
    best = _at(measured, "backpropagation", shared)
    ratios = ",\n".join(
        f"  {_at(measured, name, shared).multiplications / best.multiplications:,.0f} times as many by {name}"
        for name in METHODS
        if name != "backpropagation"
    )
    return (
        f"{table(head, *rows)}\n\nAt width {shared} backpropagation takes {best.multiplications / best.parameters:.1f} "
        f"multiplications a parameter, the forward pass included;\nthe same gradient takes\n{ratios}."
    )


def _at(measured: Sequence[Measured], method: str, width: int) -> Any:
    return next((m for m in measured if (m.method, m.width) == (method, width)), None)


def growth(measured: Sequence[Measured], method: str) -> float:
    """By how much the multiplications grew at the last doubling of the width."""
    last, before = [m.multiplications for m in measured if m.method == method][:-3:-1]
    return last / before


def draw(measured: Sequence[Measured], path: Path) -> Path:
    """Multiplications and seconds by width, on logarithmic scales."""
    figure, both = style.figure((11.0, 5.6), columns=2)
    for axes, text, number in (
        (both[0], "Multiplications for one gradient", lambda m: m.multiplications),
        (both[1], "Time for one gradient, in seconds", lambda m: m.seconds),
    ):
        for name, (colour, marker) in LOOKS.items():
            series = [(m.width, number(m)) for m in measured if m.method == name]
            axes.plot(
                *zip(*series),
                color=colour,
                marker=marker,
                markersize=7,
                markeredgecolor="white",
                linewidth=3 if name == "backpropagation" else 2,
                label=f"{name}: ×{growth(measured, name):.0f} multiplications when the width doubles",
            )
        widths = sorted({m.width for m in measured})
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        axes.set_xticks(widths, [str(width) for width in widths])
        axes.minorticks_off()
        axes.set_xlabel("neurons in each of the four hidden layers")
        style.horizontal_grid(axes)
        style.title(axes, text, size=12)
    figure.legend(
        handles=both[0].get_lines(), loc="outside lower center", ncols=2, frameon=False, fontsize=10, labelcolor=INK
    )
    return style.save(figure, path)


@says_what_is_missing
def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = parser_of("why_backprop", "The same gradient in four ways, and what each costs.")
    out = parser.parse_args(arguments).out
    style.require_packages("demos.why_backprop", "matplotlib")
    print("Measuring, for about 20 seconds ...\n", flush=True)
    measured = measure()
    print(report(measured))
    print(f"\nWritten: {draw(measured, out / 'why_backprop.png')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
