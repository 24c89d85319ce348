"""A graph brought into sums of products, line by line: what `formula_of` shows."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING

from engine.graph import topological_order
from engine.mathematics import algebra, notation
from engine.mathematics.algebra import Sum
from engine.mathematics.graph_lines import WIDEST_OPERANDS, Names
from engine.mathematics.wrapping import WIDTH
from engine.primitives import OPERATIONS
from engine.value import Constant, Value

if TYPE_CHECKING:
    from engine.primitives import Primitive

SHORT = 16  # columns of what is used twice without a name

NamedTrees = list[tuple[str, ast.expr]]


def simplified(output: Value) -> tuple[NamedTrees, Names]:
    """The lines of a graph's formula, simplified; the last is the output's.

    Where a rule chooses by whether two numbers are equal, as that of ``x**y`` for y = 0, the formula is that of the
    other case, unless they are.
    """
    names = Names()
    order = topological_order(output)
    labels = {node: names.of(node.label, "") for node in order if node.label and type(node) is not Constant}
    uses: dict[Value, int] = dict.fromkeys(order, 0)
    for node in order:
        for parent in node.parents:
            uses[parent] += 1
    sums: dict[Value, Sum] = {}
    called: dict[Sum, str] = {}
    lines: NamedTrees = []
    for node in order:
        if node.op is None:
            sums[node] = algebra.symbol(labels[node]) if node in labels else algebra.constant(node._data)
            continue
        found = _sum_of(node, sums)
        sums[node] = found
        if node is output or _is_small(found):
            continue
        if found not in called:
            tree = algebra.written(found)
            width = len(notation.text_of(tree))
            if node not in labels and width <= (SHORT if uses[node] > 1 else WIDEST_OPERANDS):
                continue
            called[found] = labels.get(node) or names.of(None, "v")
            lines.append((called[found], tree))
        sums[node] = algebra.symbol(called[found])
    name = labels.get(output) or names.of(None, "result")
    return _joined([*lines, (name, algebra.written(sums[output]))]), names


def _sum_of(node: Value, sums: dict[Value, Sum]) -> Sum:
    assert node.op is not None
    if node.op is OPERATIONS["where"] and _are_not_equal(node.parents[0]):
        return sums[node.parents[2]]
    places = {f"_{k}": sums[parent] for k, parent in enumerate(node.parents)}
    return algebra.read(_written(node.op, len(places)), places)


@functools.cache
def _written(operation: Primitive, count: int) -> ast.expr:
    return notation.as_written(operation, [notation.name(f"_{k}") for k in range(count)], None)


def _are_not_equal(condition: Value) -> bool:
    """Whether a condition asks for two numbers to be equal, and more perhaps, and they are not."""
    if condition._data != 0.0:
        return False
    equal, mul = OPERATIONS["equal"], OPERATIONS["mul"]
    return condition.op is equal or (condition.op is mul and any(each.op is equal for each in condition.parents))


def _is_small(found: Sum) -> bool:
    return found.constant is not None or (len(found.terms) == 1 and len(found.terms[0][1]) == 1 and _is_name(found))


def _is_name(found: Sum) -> bool:
    return isinstance(found.terms[0][1][0][0], algebra.Symbol)


def _joined(lines: NamedTrees) -> NamedTrees:
    """The lines without those that nothing needs, those that are needed once written where they are."""
    used = [[each.id for each in ast.walk(tree) if isinstance(each, ast.Name)] for _, tree in lines]
    result = [*lines]
    needed = {lines[-1][0]}
    for k in range(len(lines) - 1, -1, -1):  # from the last: what only a dropped line needs is dropped too
        if lines[k][0] in needed:
            needed.update(used[k])
        else:
            result[k] = ("", lines[k][1])
    result = [line for line in result if line[0]]
    k = 0
    while k < len(result) - 1:
        name, tree = result[k]
        places = [
            j
            for j in range(k + 1, len(result))
            for each in ast.walk(result[j][1])
            if isinstance(each, ast.Name) and each.id == name
        ]
        if len(places) == 1:
            into, other = result[places[0]]
            whole = notation.filled(other, {name: tree})
            if len(notation.text_of(whole)) + len(into) + 3 <= WIDTH:
                result[places[0]] = (into, whole)
                del result[k]
                continue
        k += 1
    return result
