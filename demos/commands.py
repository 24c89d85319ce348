"""The demos by name: what each shows, how it is called, and the running of one."""

from __future__ import annotations

import argparse
import functools
import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

INSTALLED = Path(__file__).parents[1].name == "liftgrad" and (Path(__file__).parents[1] / "__main__.py").exists()

DEMOS = {
    "graphs": "a gallery of graphs: fan-out, a neuron, an MLP, the adjoint graph",
    "walkthrough": "a page that steps through backpropagation",
    "playground": "a page in which a network learns",
    "moons": "the network alone; --steps for a longer training",
    "digits": "handwritten digits, read right 97 times in 100",
    "lifting": "the network lifted into matrix form, and thousands of times as fast",
    "why_backprop": "one gradient in four ways, and what each costs as the network grows",
    "activations": "sigmoid, tanh, relu, swish, mish and others, with their derivatives",
    "names": "a GPT made of Values learns the names in Python's own library",
    "own_functions": "an activation and a loss of your own",
    "simulation": "a pendulum fitted to what was measured of it, through a thousand steps",
    "exercises": "26 exercises that answer back; begin with: start",
    "benchmark": "how fast it is, beside micrograd",
    "repl": "a prompt with everything imported",
}


def called(demo: str = "") -> str:
    """How Python is asked for a demo, or for the tour: ``-m demos.moons``; installed ``-m liftgrad moons``."""
    if INSTALLED:
        return f"-m liftgrad {demo or 'tour'}"
    return f"-m demos.{demo}" if demo else "-m demos"


def parser_of(demo: str, description: str | None, out: str | None = "out", what: str = "") -> argparse.ArgumentParser:
    """A demo's command line, with ``--out``, the folder (or what is said) that it writes to, unless that is None."""
    parser = argparse.ArgumentParser(prog=f"python {called(demo)}", description=description)
    if out is not None:
        words = f"{what or 'the folder to write to'} (default: %(default)s)"
        parser.add_argument("--out", type=Path, default=Path(out), help=words)
    return parser


def says_what_is_missing(main: Callable[[list[str] | None], int]) -> Callable[..., int]:
    """A demo's ``main`` that says in one line, with exit status 1, which package is not installed."""

    @functools.wraps(main)
    def run_or_say(arguments: list[str] | None = None) -> int:
        try:
            return main(arguments)
        except ImportError as error:
            print(error, file=sys.stderr)
            return 1

    return run_or_say


def usage(python: str = "python") -> str:
    """A line for each demo: how it is called, and what it shows."""
    width = max(map(len, DEMOS))
    lines = [f"    {python} {called(name)}{' ' * (width - len(name))}  {shows}\n" for name, shows in DEMOS.items()]
    return "".join(lines)


def run(arguments: Sequence[str]) -> int:
    """Run a demo by its name, with what follows it; without a name, or with one that is not known, list them."""
    name, *rest = arguments or [""]
    if name == "tour":
        module = "demos.__main__"
    elif name in DEMOS:
        folder = (Path(__file__).parent / name).is_dir()
        module = f"demos.{name}.__main__" if folder else f"demos.{name}"
    else:
        asked = name in ("", "-h", "--help")
        print(
            ("" if asked else f"There is no demo {name!r}.\n\n")
            + f"A guided tour, in under a minute:\n\n    python {called()}\n\nThe demos:\n\n{usage()}",
            end="",
            file=sys.stdout if asked else sys.stderr,
        )
        return 0 if asked else 2
    sys.argv = [f"python {called(name)}", *rest]
    return importlib.import_module(module).main(rest) or 0
