"""Step through backpropagation: python -m demos.walkthrough [GRAPH] [--out FILE] writes a page to open in a browser."""

from __future__ import annotations

from typing import Any

from demos import graphs
from demos.commands import parser_of
from engine import Value
from nn import squared_error


def neuron() -> tuple[Value, dict[str, Any]]:
    """A neuron of two inputs, and its squared error for one sample."""
    model, output = graphs.neuron()
    return ((output - 1.0) ** 2).named("C"), {"params": dict(model.named_parameters())}


def network() -> tuple[Value, dict[str, Any]]:
    """A network of three hidden neurons, and its squared error for one sample."""
    model = graphs.network()
    cost = squared_error(model(graphs.SAMPLE), graphs.TARGET).named("C")
    return cost, {"params": dict(model.named_parameters())}


GRAPHS = {
    "expression": lambda: (graphs.expression(), {}),
    "fan-out": lambda: (graphs.fan_out(), {}),
    "neuron": neuron,
    "network": network,
}


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = parser_of("walkthrough", __doc__, "out/backprop.html", "the file to write")
    parser.add_argument("graph", nargs="?", choices=GRAPHS, default="neuron", help="default: %(default)s")
    options = parser.parse_args(arguments)
    output, about = GRAPHS[options.graph]()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    print(f"{output.walkthrough(options.out, **about)}: open it in a browser; the arrow keys go from step to step")


if __name__ == "__main__":
    main()
