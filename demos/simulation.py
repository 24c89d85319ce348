"""A pendulum fitted to what was measured of it: python -m demos.simulation [--out DIR]

The angle of a swinging pendulum was read forty times, with some error. How long is it, how strong is its friction, at
what angle and at what speed did it start? A simulation of a thousand steps, written as one writes it, scalar by scalar,
says what those four numbers would have given; the mean squared distance from the readings has a gradient through all
thousand steps; and Adam follows it downhill.

Nothing here is a network, and nothing groups into wide arrays. The same function runs eagerly and compiled.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import engine
from demos import style
from demos.benchmark.table import table
from demos.commands import parser_of, says_what_is_missing
from demos.style import BLUE, FAINT, INK, RED
from engine import Value, no_grad, sin
from nn import Adam, Module

GRAVITY = 9.81  # m/s^2
STEP = 0.005  # s
STEPS_PER_READING = 25
READINGS = 40  # so 1,000 steps, 5 s
ERROR = 0.05  # of a reading, in radians: its standard deviation


class Pendulum(Module):
    """A weight on a rod: angle'' = -gravity/length sin(angle) - friction angle'.

    Args:
        length: of the rod, in metres.
        friction: what slows it, in 1/s.
        angle: at which it starts, in radians from hanging straight down.
        speed: with which it starts, in radians a second.
    """

    def __init__(self, length: float, friction: float, angle: float, speed: float) -> None:
        self.length = Value(length, label="length")
        self.friction = Value(friction, label="friction")
        self.angle = Value(angle, label="angle")
        self.speed = Value(speed, label="speed")

    def __call__(self, steps: int) -> list[Any]:
        """The angle after every step of the semi-implicit Euler method: the speed first, and with it the angle."""
        angle, speed, angles = self.angle, self.speed, []
        for _ in range(steps):
            speed = speed - STEP * (GRAVITY / self.length * sin(angle) + self.friction * speed)
            angle = angle + STEP * speed
            angles.append(angle)
        return angles

    def at_readings(self, readings: int = READINGS) -> list[Any]:
        """The angle at the time of each reading."""
        return self(STEPS_PER_READING * readings)[STEPS_PER_READING - 1 :: STEPS_PER_READING]

    def distance(self, measured: Sequence[float]) -> Any:
        """The mean of (angle - reading)^2, over all readings."""
        squares = [(angle - reading) ** 2 for angle, reading in zip(self.at_readings(len(measured)), measured)]
        return engine.sum(squares) / len(squares)


TRUE = (0.8, 0.25, 1.4, 0.0)  # what the readings were made with: nothing else looks at it but the picture and the table


def first_guess() -> Pendulum:
    """Where the fit starts: half as long again, with hardly any friction."""
    return Pendulum(length=1.2, friction=0.05, angle=0.8, speed=0.0)


def measure(seed: int = 0) -> list[float]:
    """The readings of a pendulum with the TRUE numbers, each with a random error."""
    generator = random.Random(seed)
    with no_grad():
        return [angle.data + generator.gauss(0.0, ERROR) for angle in Pendulum(*TRUE).at_readings()]


# Ways to compute the gradient ---------------------------------------------------------------------------------------


def eager(pendulum: Pendulum) -> Callable[[list[float]], float]:
    """The distance, its gradient added into the parameters' grad: by the graph, built anew each time."""

    def backward(measured: list[float]) -> float:
        distance = pendulum.distance(measured)
        distance.backward()
        return float(distance.data)

    return backward


def compiled(backend: str) -> Callable[[Pendulum], Callable[[list[float]], float]]:
    """The same by the function compiled for a backend."""

    def way(pendulum: Pendulum) -> Callable[[list[float]], float]:
        distance = engine.compile(pendulum.distance, backend=backend)
        return lambda measured: float(distance.backward(measured))

    return way


WAYS: dict[str, Callable[[Pendulum], Callable[[list[float]], float]]] = {
    "eager": eager,
    "compiled, NumPy": compiled("numpy"),
    "compiled, native": compiled("native"),
}


class Timing(NamedTuple):
    """What one way took: to get ready, and for a gradient (the least of several), in seconds; and the gradient."""

    ready: float
    once: float
    gradient: list[float]


def timed(way: Callable[[Pendulum], Callable[[list[float]], float]], measured: list[float], times: int = 5) -> Timing:
    """Compute the first guess's gradient in one way, some times over."""
    pendulum = first_guess()
    began = perf_counter()
    backward = way(pendulum)
    backward(measured)
    ready, least = perf_counter() - began, math.inf
    gradient = [parameter.grad for parameter in pendulum.parameters()]
    for _ in range(times):
        began = perf_counter()
        backward(measured)
        least = min(least, perf_counter() - began)
    return Timing(ready, least, gradient)


# The fit ------------------------------------------------------------------------------------------------------------


class Fit(NamedTuple):
    """A pendulum that was fitted, the distance at every step, and what its parameters were then."""

    pendulum: Pendulum
    distances: list[float]
    parameters: list[list[float]]


def fit(way: Callable[[Pendulum], Callable[[list[float]], float]], measured: list[float], steps: int = 200) -> Fit:
    """Start from the first guess, and follow the gradient downhill."""
    pendulum = first_guess()
    backward, optimizer = way(pendulum), Adam(pendulum.parameters(), lr=0.05)
    distances, parameters = [], []
    for _ in range(steps):
        parameters.append([parameter.data for parameter in pendulum.parameters()])
        optimizer.zero_grad()
        distances.append(backward(measured))
        optimizer.step()
    return Fit(pendulum, distances, parameters)


# What is shown ------------------------------------------------------------------------------------------------------


def timings(measured: list[float]) -> tuple[str, str]:
    """A table of what each way takes, and the name of the fastest."""
    rows, fastest, eagerly = [], "eager", math.inf
    for name, way in WAYS.items():
        try:
            timing = timed(way, measured)
        except ModuleNotFoundError as error:
            rows.append((name, str(error), "", ""))
            continue
        if name == "eager":
            eagerly = least = timing.once
        elif timing.once < least:
            fastest, least = name, timing.once
        rows.append((name, f"{timing.ready:.2f} s", f"{1e3 * timing.once:.3f} ms", f"{eagerly / timing.once:.0f}"))
    return table(("one gradient, 1,000 steps", "ready in", "each", "times eager"), *rows), fastest


def found(fitted: Fit) -> str:
    """A table: the numbers that the fit started from, those it found, and the true ones."""
    units = {"length": "m", "friction": "1/s", "angle": "rad", "speed": "rad/s"}
    rows = [
        (name, f"{guess:.3f}", f"{parameter.data:.3f}", f"{true:.3f}", units[name])
        for (name, parameter), guess, true in zip(fitted.pendulum.named_parameters(), fitted.parameters[0], TRUE)
    ]
    return table(("", "first guess", "found", "true", "unit"), *rows)


def draw(fitted: Fit, measured: list[float], path: Path) -> Path:
    """The readings with the first guess and the fit on the left; how length and friction were found on the right."""
    figure = style.blank((11.0, 5.0))
    axes = figure.subplot_mosaic([["swing", "length"], ["swing", "friction"]], width_ratios=(1.9, 1))
    for each in axes.values():
        style.dress(each)
        style.horizontal_grid(each)
    seconds = [STEP * STEPS_PER_READING * (k + 1) for k in range(len(measured))]
    swing = axes["swing"]
    with no_grad():
        guess, fit_ = (
            [angle.data for angle in each(STEPS_PER_READING * len(measured))]
            for each in (first_guess(), fitted.pendulum)
        )
    every = [STEP * (k + 1) for k in range(len(guess))]
    swing.plot(every, guess, color=FAINT, linewidth=1.8, linestyle=(0, (4, 1.5)), label="first guess")
    swing.plot(every, fit_, color=RED, linewidth=2.4, label="fitted, through 1,000 steps")
    swing.scatter(seconds, measured, s=24, c=INK, edgecolors="white", linewidths=0.7, zorder=3, label="measured")
    style.title(swing, "A pendulum, fitted to what was measured of it", size=11.5)
    swing.set_xlabel("seconds")
    swing.set_ylabel("angle in radians")
    swing.legend(loc="upper right", ncols=3, frameon=False, fontsize=9.5, labelcolor=INK)
    swing.margins(y=0.14)
    for name, unit, k in (("length", "m", 0), ("friction", "1/s", 1)):
        axes[name].axhline(TRUE[k], color=INK, linewidth=1, linestyle="dotted")
        axes[name].plot([parameters[k] for parameters in fitted.parameters], color=BLUE, linewidth=2.2)
        axes[name].annotate(
            "true",
            (len(fitted.parameters), TRUE[k]),
            xytext=(0, 4),
            textcoords="offset points",
            ha="right",
            color=INK,
            fontsize=9,
        )
        style.title(axes[name], f"{name} in {unit}", size=11.5)
    axes["friction"].set_xlabel("steps of Adam")
    return style.save(figure, path)


@says_what_is_missing
def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = parser_of("simulation", "A pendulum fitted to what was measured of it.")
    out = parser.parse_args(arguments).out
    style.require_packages("demos.simulation", "matplotlib")
    measured = measure()
    shown, fastest = timings(measured)
    print(f"{shown}\n", flush=True)
    began = perf_counter()
    fitted = fit(WAYS[fastest], measured)
    seconds = perf_counter() - began
    print(
        f"{len(fitted.distances)} steps of Adam ({fastest}) in {seconds:.2f} s: the root of the mean squared distance\n"
        f"fell from {math.sqrt(fitted.distances[0]):.3f} to {math.sqrt(fitted.distances[-1]):.3f} radians; a reading "
        f"is off by {ERROR} or so.\n"
    )
    print(f"{found(fitted)}\n")
    print(f"Written: {draw(fitted, measured, out / 'simulation.png')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
