"""A graph as lines: which parts get a name, what leaves and parts are called, and how wide a line may be."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, count
from typing import TYPE_CHECKING, NamedTuple

from engine import functions
from engine.graph import topological_order
from engine.mathematics import notation
from engine.mathematics.wrapping import wrapped
from engine.value import Constant, Value

if TYPE_CHECKING:
    from engine.primitives import Primitive

WIDEST_OPERANDS = 72  # columns of what is written into an operation; beyond, the widest operand gets a line of its own
SHORT = 5  # columns of what may be written twice without a name, as x**2
LONGEST_NAME = 40  # characters of a label

RESERVED = {*functions.__all__, *keyword.kwlist, "Value", "float", "primitives"}


class Line(NamedTuple):
    """A line: a node, what it is called, and the tree that computes it."""

    node: Value
    name: str
    tree: ast.expr


class Names:
    """What nodes are called: identifiers, no two alike. `labels` has the label that each comes from."""

    def __init__(self) -> None:
        self.labels: dict[str, str] = {}
        self._taken: set[str] = set()

    def of(self, label: str | None, otherwise: str) -> str:
        """A name after a label, or where there is none v1, v2, ... for "v"."""
        if label:
            first = notation.identifier(label[:LONGEST_NAME])
            first = f"{first}_" if first in RESERVED else first
            found = self._free(chain([first], (f"{first}_{k}" for k in count(2))))
            if found == first:
                self.labels[found] = label
        elif otherwise in ("y", "result"):
            found = self._free(chain([otherwise], (f"{otherwise}{k}" for k in count(2))))
        else:
            found = self._free(f"{otherwise}{k}" for k in count(1))
        self._taken.add(found)
        return found

    def _free(self, candidates: Iterable[str]) -> str:
        return next(name for name in candidates if name not in self._taken)


Written = Callable[["Primitive", Sequence[ast.expr], Sequence[Value]], ast.expr]


def lines_computing(output: Value, written: Written, leaf: Callable[[Value], ast.expr]) -> tuple[list[Line], Names]:
    """The lines that compute a Value; the last is its own.

    A part has a line if it has a label, if it is used twice and is more than a few characters, or where the line would
    be too wide without.

    Args:
        output: the Value.
        written: an operation, the trees of its operands, and the operands -> its tree.
        leaf: a leaf without a label -> its tree.
    """
    order = topological_order(output)
    uses = dict.fromkeys(order, 0)
    for node in order:
        for parent in node.parents:
            uses[parent] += 1
    names = Names()
    trees: dict[Value, ast.expr] = {}
    width: dict[Value, int] = {}
    lines: list[Line] = []
    labelled = {node: names.of(node.label, "") for node in order if node.label}

    def state(node: Value, otherwise: str) -> None:
        name = labelled.get(node) or names.of(None, otherwise)
        lines.append(Line(node, name, trees[node]))
        trees[node], width[node] = notation.name(name), len(name)

    def own_line(node: Value) -> bool:
        return bool(node.parents) and not isinstance(trees[node], ast.Name)

    for node in order:
        if node.op is None:
            is_named = node.label and type(node) is not Constant
            trees[node] = notation.name(labelled[node]) if is_named else leaf(node)
            width[node] = len(notation.text_of(trees[node]))
            if uses[node] > 1 and not is_named and type(node) is not Constant:
                state(node, "x")
            continue
        inner = list(dict.fromkeys(filter(own_line, node.parents)))
        while inner and sum(width[parent] for parent in node.parents) > WIDEST_OPERANDS:
            widest = max(inner, key=lambda parent: width[parent])
            inner.remove(widest)
            state(widest, "v")
        trees[node] = written(node.op, [trees[parent] for parent in node.parents], node.parents)
        width[node] = sum(width[parent] for parent in node.parents) + 3 + len(node.op.symbol)
        if node is not output and (node in labelled or (uses[node] > 1 and width[node] > SHORT)):
            state(node, "v")
    lines.append(Line(output, labelled.get(output) or names.of(None, "y"), trees[output]))
    return lines, names


def lines_of(made: Sequence[tuple[str, ast.expr]]) -> list[str]:
    """Named trees as lines of Python, none wider than a page; a single one is written without its name."""
    if len(made) == 1:
        return [wrapped(notation.text_of(made[0][1]))]
    return [wrapped(f"{name} = {notation.text_of(tree)}") for name, tree in made]
