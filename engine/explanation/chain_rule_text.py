"""An `Explanation` as text: the steps with their local derivatives, the paths with their products, the sum."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain, count
from math import isclose, isnan
from typing import TYPE_CHECKING, TypeVar

from engine.explanation.paths import COUNTABLE
from engine.given_names import names_of
from engine.graph import topological_order
from engine.leaf_arrays import settle
from engine.render import formula
from engine.render.elements import reading_order
from engine.render.names import distinct_names, short_label
from engine.render.terminal import in_columns, spelled
from engine.value import Constant

if TYPE_CHECKING:
    from engine.explanation.chain_rule import Explanation
    from engine.explanation.paths import Path
    from engine.value import Value

MAX_STEPS = 20  # how many steps are spelled out
ENDS = 3  # of a long path or sum the first and the last so many
T = TypeVar("T")
_SIMPLE = re.compile(r"[\w.\[\]]+")


def text_of(explanation: Explanation) -> str:
    """The explanation as lines of text, in characters that standard output has."""
    return spelled("\n\n".join(_paragraphs(explanation)))


Rows = list[list[str]]


def parts_of(explanation: Explanation) -> tuple[str, Rows, Rows, str]:
    """What there is to say: a first line, a row for each step and for each path, and what the paths add up to.

    A row of a step is its equation, its number, its local derivative's name, and that as a formula and a number; one of
    a path the way, the product in symbols and in numbers, and what that makes. No rows where there is no path.
    """
    y, x = explanation.y, explanation.x
    on_paths = {y, x}.union(*[path.nodes for path in explanation.paths])
    order = reading_order([x, y], on_paths)
    names = _names(explanation, on_paths)
    dydx = _derivative_name(names[y], names[x])
    if y is x:
        return f"{dydx} = 1: it is the same node.", [], [], ""
    if not explanation.count:
        why = _why_there_is_none(explanation, names)
        return f"{dydx} = 0: no path leads from {names[x]} to {names[y]}.\n{why}", [], [], ""
    return (
        f"{dydx} by the chain rule: multiply along each path from {names[x]} to {names[y]}, add up the paths.",
        _steps(explanation.paths, order, names),
        [_path(path, names) for path in explanation.paths],
        "\n".join([_sum(explanation, dydx), _grad(explanation, names)]),
    )


def _paragraphs(explanation: Explanation) -> list[str]:
    first, steps, paths, last = parts_of(explanation)
    columns = []
    for equation, number, name, slope in steps:
        left, equals, right = equation.partition(" = ")
        columns.append(
            [left, equals.strip(), right, "=" if right else "", number, f" {name}", "=", slope] if name else [left]
        )
    ways = [
        f"{way}\n    {symbolic} = {numeric}" + (f" = {product}" if numeric != product else "")
        for way, symbolic, numeric, product in paths
    ]
    return [*filter(None, [first, "\n".join(in_columns(columns)), "\n".join(ways), last])]


def _names(explanation: Explanation, on_paths: set[Value]) -> dict[Value, str]:
    """The names of the nodes on the paths and of those with a name: what they are called in the whole graph of y.

    But x goes by that name where it has no label.
    """
    y, x = explanation.y, explanation.x
    graph = topological_order(y)
    given = names_of(graph)
    nodes = [node for node in graph if node is x or node is y or node in given or not isinstance(node, Constant)]
    if x not in set(graph):
        nodes.insert(0, x)
    found = distinct_names([short_label(given.get(node, node.label)) for node in nodes])
    names = {node: name for node, name in zip(nodes, found) if node in on_paths or node in given or node.label}
    if not x.label and x not in given and x is not y:
        taken = {*found}
        names[x] = next(name for name in chain(["x", "input"], (f"x{k}" for k in count())) if name not in taken)
    return names


def _steps(paths: list[Path], order: list[Value], names: dict[Value, str]) -> Rows:
    """A row for each edge on the paths: what the node is, and its local derivative."""
    edges = {
        (node, k): slope
        for path in paths
        for node, k, slope in zip(path.nodes[1:], path.operands, path.local_derivatives)
    }
    place = {node: k for k, node in enumerate(order)}
    steps = sorted(edges, key=lambda edge: (place[edge[0]], edge[1]))
    shown = steps if len(steps) <= MAX_STEPS else steps[: MAX_STEPS - 1]
    rows: Rows = []
    before = None
    for node, k in shown:
        equation = [f"{names[node]} = {_formula(node, names)}", f"{node.data:.6g}"]
        symbolic, number = _local_derivative(node, k, names), f"{edges[node, k]:.6g}"
        slope = number if symbolic in ("", number) else f"{symbolic} = {number}"
        rows.append([*(equation if node is not before else ["", ""]), _edge_name(node, k, names), slope])
        before = node
    left_out = len(steps) - len(shown)
    return rows + ([[f"… {left_out:,} more steps", "", "", ""]] if left_out else [])


def _path(path: Path, names: dict[Value, str]) -> list[str]:
    """The way, the product of the local derivatives, the last step first as in the chain rule, and its number."""
    way = " → ".join(_ends(path.nodes, lambda node: names[node]))
    edges = [*zip(path.nodes[1:], path.operands)][::-1]
    symbolic = " * ".join(_ends(edges, lambda edge: _edge_name(*edge, names)))
    numeric = " * ".join(_ends(path.local_derivatives[::-1], _signed))
    return [way, symbolic, numeric, f"{path.product:.6g}"]


def _edge_name(node: Value, k: int, names: dict[Value, str]) -> str:
    """d node / d operand k, and which operand that is if it is more than one."""
    parent = node.parents[k]
    which = f" (operand {k + 1})" if sum(each is parent for each in node.parents) > 1 else ""
    return _derivative_name(names[node], names[parent]) + which


def _sum(explanation: Explanation, dydx: str) -> str:
    """How many paths there are, and what they add up to."""
    paths = explanation.paths
    derivative = f"{explanation.derivative:.6g}"
    if explanation.count == len(paths):
        total = " + ".join(_ends(paths, lambda path: _signed(path.product))) if len(paths) > 1 else derivative
        return f"{_paths(explanation.count)}: {dydx} = {total}" + (f" = {derivative}" if total != derivative else "")
    rest = explanation.derivative - explanation.total
    parts = (
        f" The {len(paths)} written out make {explanation.total:.6g} of that, the others {rest:.6g}." if paths else ""
    )
    return (
        f"{_paths(explanation.count)}: {dydx} = {derivative}.{parts}\n"
        f"Path by path: {_number(explanation.steps)} factors. "
        f"backward() takes each of the {_number(explanation.edges)} edges once."
    )


def _grad(explanation: Explanation, names: dict[Value, str]) -> str:
    """How the derivative compares with the gradient in x."""
    settle()
    grad, derivative = explanation.x._grad, explanation.derivative
    y, x = names[explanation.y], names[explanation.x]
    if grad is None:
        return f"{y}.backward() will put it in {x}.grad."
    if isclose(grad, derivative, rel_tol=1e-9, abs_tol=1e-12) or (isnan(grad) and isnan(derivative)):
        return f"{x}.grad is the same."
    if explanation.x.parents:
        return f"{x}.grad is {grad:.6g}: the last backward pass through it was that of another result."
    return (
        f"{x}.grad is {grad:.6g}: a leaf adds up what every backward pass brings, also those from\n"
        f"other results than {y}, until it is zeroed ({x}.grad = None)."
    )


def _why_there_is_none(explanation: Explanation, names: dict[Value, str]) -> str:
    y, x = names[explanation.y], names[explanation.x]
    if explanation.y in set(topological_order(explanation.x)):
        return f"It is the other way round: {x} is computed from {y}. Try explain({x}, {y})."
    if not explanation.y.parents:
        return f"{y} is a leaf: nothing was recorded that it was computed from (a number, a detached copy, or no_grad)."
    return f"{y} was computed from other Values. Was {x} made, or its name given to a new Value, only afterwards?"


def _formula(node: Value, names: dict[Value, str]) -> str:
    """The operation with the names of the operands in it."""
    assert node.op is not None
    return _filled(formula.value_formula(node.op, len(node.parents), ENDS), node, names)


def _local_derivative(node: Value, k: int, names: dict[Value, str]) -> str:
    """The formula of a local derivative with the names of the operands in it; "" where there is none."""
    assert node.op is not None
    return _filled(formula.derivative_formula(node.op, k, len(node.parents)), node, names)


def _filled(pieces: formula.Formula, node: Value, names: dict[Value, str]) -> str:
    return "".join([piece if isinstance(piece, str) else _operand(node.parents[piece], names) for piece in pieces])


def _operand(node: Value, names: dict[Value, str]) -> str:
    return names[node] if node in names else _signed(node.data)


def _derivative_name(y: str, x: str) -> str:
    """dy/dx."""
    return "/".join(f"d{name}" if _SIMPLE.fullmatch(name) else f"d({name})" for name in (y, x))


def _signed(number: float) -> str:
    """A number as a term or factor: in parentheses if it has a sign."""
    return f"({number:.6g})" if f"{number:.6g}".startswith("-") else f"{number:.6g}"


def _ends(parts: Sequence[T], written: Callable[[T], str]) -> list[str]:
    """The parts as they are written; of many the first and the last."""
    return formula.shortened(parts, written, ENDS)


def _paths(n: int) -> str:
    return f"{_number(n)} path{'s'[: n != 1]}"


def _number(n: int) -> str:
    return f"{n:,}" if n < COUNTABLE else f"{COUNTABLE:.0e} or more"
