"""A gallery of graphs: python -m demos.graphs [--out DIR] writes SVG files, and an index.html that shows them all."""

from __future__ import annotations

import argparse
import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine import Value, draw, files, tanh, weighted_sum
from nn import MLP, Neuron

Picture = tuple[str, str, Any]  # a file's name, what it shows, and the drawing


def expression() -> Value:
    """L = (a b + c) f."""
    a, b, c, f = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "f")
    d = (a * b + c).named("d")
    return (d * f).named("L")


def fan_out() -> Value:
    """y = (a + b) a: two paths lead from a to y."""
    a, b = Value(3.0, "a"), Value(-1.0, "b")
    return ((a + b).named("s") * a).named("y")


def neuron() -> tuple[Neuron, Value]:
    """A neuron of two inputs, and its output."""
    model = Neuron(2, activation="tanh", seed=1)
    return model, model([Value(1.0, "x1"), Value(-0.5, "x2")]).named("a")


def network() -> tuple[MLP, Value]:
    """A network of three hidden neurons, and its squared error C for one sample."""
    model = MLP(2, [3, 1], seed=1)
    trace = model.trace([Value(1.0, "x1"), Value(-0.5, "x2")])
    for layer, mark in zip(trace.z, "¹²"):
        for j, z in enumerate(layer):
            z.named(f"z{mark}[{j}]")
    return model, ((trace.output - 1.0) ** 2).named("C")


def backpropagated(output: Value) -> Value:
    """The output, after a backward pass."""
    output.backward()
    return output


def pictures() -> Iterator[Picture]:
    """The gallery, in order."""
    yield "expression", "An expression, before any backward pass: no gradient is there yet", draw(expression())
    result = backpropagated(expression())
    yield "expression-gradients", "The same after L.backward()", draw(result)
    yield "local-derivatives", "The local derivative on each edge", draw(result, derivatives=True)
    yield "fan-out", "Fan-out: a is used twice, and two contributions add up", draw(fan_out(), adjoint="beside")
    yield (
        "adjoint-graph",
        "The forward graph, and the adjoint graph with its arrows reversed",
        draw(result, adjoint="beside"),
    )

    w, x = [Value(0.5, "w1"), Value(-1.0, "w2")], [Value(2.0, "x1"), Value(1.0, "x2")]
    z = weighted_sum(w, x, Value(0.25, "b")).named("z")
    expanded = backpropagated(tanh(z).named("a"))
    yield "weighted-sum", "A weighted sum drawn as its products and their sum", draw(expanded, expand=True)

    model, output = neuron()
    parameters = dict(model.named_parameters())
    yield "neuron", "A neuron: its parameters have a folded corner", draw(backpropagated(output), params=parameters)

    mlp, loss = network()
    parameters = dict(mlp.named_parameters())
    yield "mlp", "A network and its squared error for one sample", draw(backpropagated(loss), params=parameters)
    yield "mlp-adjoint-graph", "Its forward and adjoint graphs", draw(loss, params=parameters, adjoint="beside")


def write(folder: Path) -> list[Path]:
    """Write the gallery into a folder, which is made if it is not there; the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    written, figures = [], []
    for name, caption, drawing in pictures():
        file = folder / f"{name}.svg"
        files.write(file, drawing.pipe(format="svg"))
        written.append(file)
        figures.append(f'<figure><figcaption>{html.escape(caption)}</figcaption><img src="{name}.svg" alt=""></figure>')
    index = folder / "index.html"
    files.write(index, PAGE.format(figures="\n".join(figures)).encode())
    return [*written, index]


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Computation graphs</title>
<style>
  body {{ margin: 2rem auto; max-width: 75rem; padding: 0 1rem; font: 1rem/1.5 Helvetica, Arial, sans-serif; }}
  body {{ color: #1c2733; background: #f4f5f6; }}
  figure {{ margin: 0 0 2rem; padding: 1rem; background: #fff; border-radius: 0.5rem; overflow-x: auto; }}
  figcaption {{ margin-bottom: 0.5rem; font-weight: bold; }}
  img {{ max-width: 100%; height: auto; }}
</style>
<main>
<h1>Computation graphs</h1>
{figures}
</main>
</html>
"""


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m demos.graphs", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out") / "graphs", metavar="DIR", help="default: %(default)s")
    for file in write(parser.parse_args(arguments).out):
        print(file)


if __name__ == "__main__":
    main()
