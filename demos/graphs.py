"""A gallery of graphs: python -m demos.graphs [--out DIR] writes SVG files, and an index.html that shows them all."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from demos.commands import parser_of
from engine import Value, draw, files, tanh, weighted_sum
from nn import MLP, Neuron, squared_error

WIDE = 520.0  # points
Shown = tuple[str, str, Any]  # a file's name, what it shows, and the drawing


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


SAMPLE, TARGET = [1.0, -0.5], 1.0


def network() -> MLP:
    """A network of two inputs and three hidden neurons."""
    return MLP(2, [3, 1], activation="tanh", seed=1)


def backpropagated_through(model: MLP) -> MLP:
    """The network, after a backward pass from its squared error for the sample."""
    squared_error(model(SAMPLE), TARGET).backward()
    return model


def backpropagated(output: Value) -> Value:
    """The output, after a backward pass."""
    output.backward()
    return output


def pictures() -> Iterator[Shown]:
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

    mlp = network()
    yield (
        "mlp",
        "A network for one sample: weighted inputs z, activations a, and the deltas of its squared error C",
        mlp.draw(SAMPLE, TARGET, loss=squared_error),
    )
    yield (
        "mlp-adjoint-graph",
        "The same with the gradient dC/dw of each weight: its delta times the activation that it weighs",
        backpropagated_through(mlp).draw(SAMPLE, TARGET, loss=squared_error, edges="gradient"),
    )


def write(folder: Path) -> list[Path]:
    """Write the gallery into a folder, which is made if it is not there; the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    written, figures = [], []
    for name, caption, drawing in pictures():
        file = folder / f"{name}.svg"
        content = drawing.pipe(format="svg")
        files.write(file, content)
        written.append(file)
        figures.append(
            f"<figure><figcaption>{html.escape(caption)}</figcaption>"
            f'<div class="picture" tabindex="0" role="group" aria-label="{html.escape(caption)}">'
            f'<img src="{name}.svg"{_width_class(content)} alt="{html.escape(description(content))}"></div></figure>'
        )
    index = folder / "index.html"
    files.write(index, PAGE.format(figures="\n".join(figures)).encode())
    return [*written, index]


def description(svg: bytes) -> str:
    """What an SVG says of itself."""
    root = ElementTree.fromstring(svg)  # noqa: S314  our own
    return ": ".join(root.findtext(f"{{http://www.w3.org/2000/svg}}{part}") or "" for part in ("title", "desc"))


def _width_class(svg: bytes) -> str:
    """Wide pictures are moved sideways on a phone: shrunk to its width nobody could read them."""
    wide = float(ElementTree.fromstring(svg).get("viewBox", "").split()[2]) > WIDE  # noqa: S314
    return ' class="wide"' if wide else ""


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Computation graphs</title>
<style>
  :root {{ color-scheme: light dark; }}
  body {{ margin: 2rem auto; max-width: 62rem; padding: 0 1rem; font: 1rem/1.5 Helvetica, Arial, sans-serif; }}
  body {{ color: #1c2733; background: #f4f5f6; }}
  figure {{ margin: 0 0 2rem; padding: 1rem; background: #fff; border-radius: 0.5rem; }}
  figcaption {{ margin-bottom: 0.5rem; font-weight: bold; }}
  .picture {{ overflow-x: auto; }}
  img {{ max-width: 100%; height: auto; }}
  @media (max-width: 40rem) {{ .wide {{ max-width: none; width: 42rem; }} }}
  @media (prefers-color-scheme: dark) {{
    body {{ color: #e6edf3; background: #0b0f14; }}
    figure {{ background: #12181f; }}
  }}
</style>
<main>
<h1>Computation graphs</h1>
{figures}
</main>
</html>
"""


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    for file in write(parser_of("graphs", __doc__, "out/graphs").parse_args(arguments).out):
        print(file)


if __name__ == "__main__":
    main()
