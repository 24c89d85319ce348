"""Activations and losses of your own: python -m demos.own_functions [--out DIR]

Backpropagation asks only that they and their derivatives can be evaluated. There are two ways to say what they are. A
function of Values needs no derivative: the graph has those of its parts. A @primitive brings its own, which makes it a
single node of the graph, faster and drawn as one; `gradcheck` tells whether the derivative is right.

A curve is fitted to points of which some are far off. The squared error goes after those; losses that grow no faster
than the error itself hardly do.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from demos import style
from demos.benchmark.table import table
from demos.commands import parser_of, says_what_is_missing
from demos.style import BLUE, FAINT, INK, RED
from engine import Value, derivative, exp, gradcheck, primitive, sin, softplus, sqrt, tanh
from engine.graph import topological_order
from nn import MLP, Adam, History, fit, squared_error

# Two activations and two losses -------------------------------------------------------------------------------------


def bump(z: Any) -> Any:
    """A Gaussian, e^(-z^2): by function, three nodes."""
    return exp(-z * z)


@primitive("x + sin(x)**2", "1 + sin(2*x)")
def snake(x: Any) -> Any:
    """x + sin(x)^2, an activation for what repeats (Ziyin, Hartwig, Ueda 2020, arXiv:2006.08195): one node."""
    s = sin(x)
    return x + s * s, lambda g, x=x: (g * (1.0 + sin(2.0 * x)),)


def log_cosh(a: Any, y: Any) -> Any:
    """C = log cosh(a - y), as |error| - log 2 for large errors: by function."""
    error = a - y
    return error + softplus(-2.0 * error) - math.log(2.0)


@primitive("sqrt(1 + (x - y)**2) - 1", "(x - y) / sqrt(1 + (x - y)**2)", "(y - x) / sqrt(1 + (x - y)**2)")
def pseudo_huber(x: Any, y: Any) -> Any:
    """C = sqrt(1 + (a - y)^2) - 1, as |error| - 1 for large errors: one node."""
    error = x - y
    root = sqrt(1.0 + error * error)
    return root - 1.0, lambda g, slope=error / root: (g * slope, -g * slope)


# What they are tried on ---------------------------------------------------------------------------------------------


class Trial(NamedTuple):
    """A network to fit the curve with, and how it is shown."""

    activation: Any
    loss: Callable[[Any, Any], Any]
    colour: str
    dashes: Any


TRIALS = (
    Trial(tanh, squared_error, FAINT, (0, (4, 1.5))),
    Trial(bump, log_cosh, BLUE, "solid"),
    Trial(snake, pseudo_huber, RED, "solid"),
)


def curve(x: float) -> float:
    """What the points lie on, but for noise."""
    return math.sin(3.0 * x)


def points(n: int = 60, seed: int = 4) -> list[tuple[list[float], float]]:
    """n pairs ((x), y) around the curve, every eighth of them 3 too high."""
    generator = random.Random(seed)
    xs = [-2.0 + 4.0 * k / (n - 1) for k in range(n)]
    return [([x], curve(x) + generator.gauss(0.0, 0.1) + 3.0 * (k % 8 == 4)) for k, x in enumerate(xs)]


def train(trial: Trial, pairs: list[tuple[list[float], float]], epochs: int = 1500) -> tuple[MLP, History]:
    """A network of 16 hidden neurons, fitted to all points at once; compiled, as user-made functions can be too."""
    model = MLP(1, [16, 1], trial.activation, init="xavier", seed=3)
    optimizer = Adam(model.parameters(), lr=0.02)
    history = fit(model, pairs, loss=trial.loss, optimizer=optimizer, epochs=epochs, progress=False, compiled=True)
    return model, history


def distance(model: MLP, n: int = 201) -> float:
    """How far the network is from the curve: the root of the mean squared distance, over [-2, 2]."""
    xs = [-2.0 + 4.0 * k / (n - 1) for k in range(n)]
    return math.sqrt(math.fsum((model.predict([x]) - curve(x)) ** 2 for x in xs) / n)


OWN = (
    (bump, "function", [0.7]),
    (snake, "@primitive", [0.7]),
    (log_cosh, "function", [2.0, 0.5]),
    (pseudo_huber, "@primitive", [2.0, 0.5]),
)


def checks() -> str:
    """A table: how many nodes each function is, and its derivative beside the numeric one."""
    rows = []
    for function, made_by, at in OWN:
        operands = [Value(number) for number in at]
        nodes = sum(node.op is not None for node in topological_order(function(*operands)))
        for row in gradcheck(function, operands).rows[:1]:  # of a loss, in the output
            name = f"{name_of(function)}({', '.join(map(str, at))})"
            rows.append((name, made_by, nodes, f"{row.yours:.9f}", f"{row.numeric:.9f}", "yes" if row.ok else "NO"))
    return table(("", "made by", "nodes", "derivative", "numeric", "agree"), *rows)


def name_of(function: Any) -> str:
    """What a primitive or a function is called."""
    return getattr(function, "name", None) or str(function.__name__)


def draw(models: list[MLP], pairs: list[tuple[list[float], float]], path: Path) -> Path:
    """The functions on the left; the points and the curves fitted to them on the right."""
    figure = style.blank((11.0, 5.8))
    axes = figure.subplot_mosaic([["activations", "fits"], ["losses", "fits"]], width_ratios=(1, 1.7))
    for each in axes.values():
        style.dress(each)

    style.title(axes["activations"], "Activations, and their derivatives (thin)", size=11.5)
    zs = [-3.0 + 6.0 * k / 240 for k in range(241)]
    for trial in TRIALS[1:]:
        slope = derivative(trial.activation)
        axes["activations"].plot(zs, [trial.activation(z) for z in zs], color=trial.colour, linewidth=2.2)
        axes["activations"].plot(zs, [slope(z) for z in zs], color=trial.colour, linewidth=1)
        style.label_end(
            axes["activations"], zs[-1], trial.activation(zs[-1]), name_of(trial.activation), trial.colour, fontsize=9
        )
    axes["activations"].set_xlabel("$z$")

    style.title(axes["losses"], "Losses", size=11.5)
    for trial, up in zip(TRIALS, (0.0, 0.25, -0.25)):  # the last two end side by side
        axes["losses"].plot(
            zs, [trial.loss(z, 0.0) for z in zs], color=trial.colour, linewidth=2.2, linestyle=trial.dashes
        )
        end = min(trial.loss(zs[-1], 0.0), 4.0)
        style.label_end(axes["losses"], zs[-1], end + up, name_of(trial.loss), trial.colour, fontsize=9)
    axes["losses"].set_ylim(0.0, 4.5)
    axes["losses"].set_xlabel("$a - y$")

    fits = axes["fits"]
    fits.scatter(
        [x for [x], _ in pairs], [y for _, y in pairs], s=26, c=INK, alpha=0.75, edgecolors="white", linewidths=0.7,
        zorder=3,
    )  # fmt: skip
    grid = [-2.0 + 4.0 * k / 300 for k in range(301)]
    fits.plot(grid, [curve(x) for x in grid], color=INK, linewidth=1, linestyle="dotted", label="where they come from")
    for trial, model in zip(TRIALS, models):
        fits.plot(
            grid, [model.predict([x]) for x in grid], color=trial.colour, linewidth=2.4, linestyle=trial.dashes,
            label=f"{name_of(trial.activation)}, "
            f"{name_of(trial.loss)}: off by {distance(model):.2f}",
        )  # fmt: skip
    style.title(fits, "A curve from points of which some are far off", size=11.5)
    fits.set_xlabel("$x$")
    fits.set_ylim(-1.6, 5.6)
    fits.legend(loc="upper left", ncols=2, frameon=False, fontsize=9.5, labelcolor=INK)
    return style.save(figure, path)


@says_what_is_missing
def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = parser_of("own_functions", "Activations and losses of your own.")
    out = parser.parse_args(arguments).out
    style.require_packages("demos.own_functions", "matplotlib")
    print(f"{checks()}\n")
    pairs, models = points(), []
    for trial in TRIALS:
        model, history = train(trial, pairs)
        print(f"{model!r}, {name_of(trial.loss)}: {history.last()}, off the curve by {distance(model):.2f}", flush=True)
        models.append(model)
    print(f"Written: {draw(models, pairs, out / 'own_functions.png')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
