"""A model as a picture: a network in columns of units, any other module as boxes within boxes.

structure.py finds the layers and their numbers for an input, columns.py draws them; blocks.py draws what is no chain of
layers; picture.py is what a user gets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.readable import readable_repr
from nn.drawing import blocks, columns
from nn.drawing.picture import Picture
from nn.drawing.structure import layers_of, network_of
from nn.mode import is_evaluating, set_to

if TYPE_CHECKING:
    from nn.module import Module

__all__ = ["Picture", "draw_module"]

EDGES = ("weight", "gradient")
FEWEST_UNITS = 3  # of a layer: the first, the last, and what is between them


def draw_module(
    module: Module,
    x: Any,
    y: Any,
    *,
    loss: Callable[[Any, Any], Any] | None,
    edges: str,
    number_format: str,
    max_units: int,
) -> Picture:
    """The picture that `Module.draw` gives."""
    if edges not in EDGES:
        raise ValueError(f"edges={edges!r}: they show 'weight' or 'gradient'")
    if not isinstance(max_units, int) or max_units < FEWEST_UNITS:
        raise ValueError(f"max_units={max_units!r}: it is a whole number from {FEWEST_UNITS} on")
    format(0.0, number_format)  # a ValueError for a format that is none, before any work
    title = readable_repr(module)
    layers = layers_of(module)
    if layers is None:
        if x is not None:
            raise ValueError(
                f"{title} is not layers one after another, so it has no units to show for an input: draw() shows its "
                "structure, and draw() of its output the graph"
            )
        return Picture(blocks.drawn(module, title), title)
    with set_to(is_evaluating, True):
        network = network_of(module, layers, x, y, loss)
    svg = columns.drawn(network, edges=edges, number_format=number_format, max_units=max_units, title=title)
    return Picture(svg, title)
