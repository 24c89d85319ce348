"""summary: what a model is made of, module by module, with the size of its gradient."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.leaf_arrays import settle
from engine.readable import readable, readable_repr
from engine.render.terminal import Text, in_columns
from nn.parameters import named_modules_of

if TYPE_CHECKING:
    from engine import Value
    from nn.module import Module

LONGEST_KIND = 44  # characters of a module's repr
_INDICES = re.compile(r"(?<=.)(?:\.\d+)+$")
_COUNT = re.compile(r"(?:: |\()\d+ parameters\)?$")


@dataclass
class ModuleRow:
    """A module within a model.

    Attributes:
        name: the way to it from the model; empty for the model itself.
        kind: its repr, without the count of parameters that a model's ends in.
        own: name and shape of the parameters it has itself, and not in a module within it.
        parameters: how many numbers it learns, those of the modules within it too.
        grad_norm: sqrt(sum of g**2) over their gradients; None where no backward pass has been.
    """

    name: str
    kind: str
    own: list[tuple[str, str]]
    parameters: int
    grad_norm: float | None


def rows_of(module: Module) -> list[ModuleRow]:
    """A row for the model and for every module within it, from the outside to the inside."""
    named = [*module.named_parameters()]
    parts = named_modules_of(module)
    inner = [name for name, _ in parts if name]
    rows = []
    for name, part in parts:
        start = f"{name}." if name else ""
        within = [(key[len(start) :], value) for key, value in named if key.startswith(start)]
        below = tuple(each[len(start) :] + "." for each in inner if each.startswith(start) and each != name)
        own = [(key, value) for key, value in within if not key.startswith(below)] if below else within
        rows.append(
            ModuleRow(name, _kind(part), shapes([key for key, _ in own]), len(within), _norm([v for _, v in within]))
        )
    return rows


def summary(module: Module) -> str:
    """The table that `Module.summary` gives."""
    rows = rows_of(module)
    has_gradients = any(row.grad_norm is not None for row in rows)
    titles = ["module", "", "shapes", "parameters", "gradient norm"]
    table = [titles if has_gradients else titles[:-1]]
    for row in rows:
        cells = [
            readable(row.name) if row.name else "model",
            readable(row.kind, LONGEST_KIND),
            ", ".join(f"{name} {shape}".strip() for name, shape in row.own),
            f"{row.parameters:,}",
        ]
        table.append([*cells, "" if row.grad_norm is None else f"{row.grad_norm:.4g}"] if has_gradients else cells)
    return Text("\n".join(in_columns([[f"{cell} " for cell in line] for line in table])))


def shapes(names: list[str]) -> list[tuple[str, str]]:
    """Names of parameters without their indices, each with its shape: ``weight.1.0`` is of a weight of 2 × 1.

    >>> shapes(["weight.0.0", "weight.0.1", "bias.0", "scale"])
    [('weight', '1 × 2'), ('bias', '1'), ('scale', '')]
    """
    found: dict[str, list[int]] = {}
    for name in names:
        whole = without_indices(name)
        indices = [int(index) for index in name[len(whole) :].split(".")[1:]]
        shape = found.setdefault(whole, [0] * len(indices))
        found[whole] = [max(size, index + 1) for size, index in zip(shape, indices)]
    return [(name, " × ".join(map(str, shape))) for name, shape in found.items()]


def without_indices(name: str) -> str:
    """A parameter's name without its place in lists.

    >>> without_indices("layers.0.weight.1.0")
    'layers.0.weight'
    """
    return _INDICES.sub("", name)


def _kind(module: Module) -> str:
    return _COUNT.sub("", readable_repr(module))


def _norm(parameters: list[Value]) -> float | None:
    settle()
    gradients = [parameter._grad for parameter in parameters if parameter._grad is not None]
    return math.sqrt(math.fsum(g * g for g in gradients)) if gradients else None
