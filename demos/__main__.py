"""``python -m demos [--out DIR]``: a guided tour. Build an expression, differentiate it, draw it; train a network."""

from __future__ import annotations

import inspect
import os
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from demos.commands import parser_of, usage
from engine import Value, tanh, viewing


def neuron() -> tuple[Value, ...]:
    """A neuron of two inputs: its activation a, and what that was computed from."""
    x1, x2 = Value(2.0, label="x1"), Value(0.5, label="x2")
    w1, w2 = Value(-0.75, label="w1"), Value(1.5, label="w2")
    b = Value(1.25, label="b")
    z = (w1 * x1 + w2 * x2 + b).named("z")
    a = tanh(z).named("a")
    a.backward()
    return x1, x2, w1, w2, b, z, a


def body_of(function: Callable[..., object]) -> str:
    """The lines of a function without its first, its docstring and its return: what one would type at the prompt."""
    lines = inspect.getsource(function).splitlines()[2:-1]
    return textwrap.dedent("\n".join(lines))


def heading(title: str) -> None:
    """A title with a line below it."""
    print(f"\n{title}\n{'-' * len(title)}", flush=True)


def expression(out: Path) -> list[Path]:
    """Part 1: an expression, its gradients, its picture."""
    heading("1. An expression, and its derivative with respect to everything in it")
    print("Numbers that remember where they came from. Here they make a neuron, a = tanh(w1*x1 + w2*x2 + b):\n")
    print(textwrap.indent(body_of(neuron), "    "))
    nodes = neuron()
    a = nodes[-1]
    print(f"\nThe result is a = {a:.4f}. backward() went through the graph from back to front, and now every node")
    print("knows how much a changes when that node does:\n")
    print(f"    {'node':<4}  {'data':>8}  {'grad':>8}")
    for node in nodes:
        print(f"    {node.label:<4}  {node:>8.4f}  {node.grad:>8.4f}")
    z, b = nodes[-2], nodes[4]
    h = 1e-4
    moved = tanh(z.data + h)
    print(f"\nTry it: add {h:.4f} to b, and a becomes {moved:.6f}. It moved by {(moved - a.data) / h:.4f} times that;")
    print(f"b.grad said {b.grad:.4f}.")
    path, page = out / "neuron.svg", out / "backprop.html"
    a.to_svg(path)
    a.walkthrough(page)
    print(f"\nThe graph is drawn in {path}. The page {page} steps through both passes:")
    print("change a number there, and see every gradient move.", flush=True)
    return [path, page]


def network(out: Path) -> list[Path]:
    """Part 2: a network learns."""
    from demos import moons

    heading("2. A network that learns from its gradient")
    print("A layer is such neurons side by side, a network is layers one after another: MLP(2, [16, 16, 1]) has")
    print("337 numbers to adjust. Two moons are 100 points of two classes; 100 times we compute the loss, call")
    print("backward(), and move every number a little against its gradient.\n", flush=True)
    began = perf_counter()
    result = moons.run(out)
    first, last = result.history.losses[0], result.history.losses[-1]
    seconds = perf_counter() - began
    print(f"{len(result.history)} steps in {seconds:.0f} seconds: the loss fell from {first:.2f} to {last:.2g},")
    print(f"and {100 * result.accuracy:.0f}% of the points are on the right side.")
    return result.paths


def show(paths: list[Path], opens: bool) -> None:
    """Open files in the browser, if they are to be."""
    for path in paths if opens else ():
        viewing.open_file(str(path))


def python_here() -> str:
    """How to call this Python from this folder."""
    return os.path.relpath(sys.executable) if Path(sys.executable).is_relative_to(Path.cwd()) else sys.executable


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = parser_of("", "A guided tour, in under a minute.")
    parser.add_argument("--no-open", action="store_true", help="write the pictures and the page, and open none of them")
    options = parser.parse_args(arguments)
    out, opens = options.out, viewing.has_screen() and not options.no_open
    try:
        out.mkdir(parents=True, exist_ok=True)
        paths = expression(out)
        show(paths, opens)
        made = network(out)
        show(made, opens)
        paths += made
    except (ImportError, OSError) as error:
        print(error, file=sys.stderr)
        return 1

    heading("3. Where to look, and what to try next")
    print("Written, and opened:\n" if opens else "Written (open them in a browser or an image viewer):\n")
    for path in paths:
        print(f"    {path.resolve()}")
    python = python_here()
    print(f"""
At the prompt ({python}):

    >>> from engine import Value, sin
    >>> x = Value(0.5, label="x")
    >>> y = sin(x) ** 2 + x
    >>> y.backward()
    >>> x

More to run:

{usage(python)}
The README has every operation with its derivative, and what is where in the code.""")
    return 0


if __name__ == "__main__":
    sys.exit(main())
