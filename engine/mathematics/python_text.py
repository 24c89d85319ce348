"""expression: the formula a Value was computed by, as Python."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.mathematics import notation
from engine.mathematics.graph_lines import lines_computing, lines_of
from engine.primitives import OPERATIONS
from engine.render.terminal import Text
from engine.value import Constant, Value

if TYPE_CHECKING:
    from engine.primitives import Primitive


def expression(v: Value) -> Text:
    """The formula a Value was computed by, as Python that gives the same number, to the last bit.

    Leaves go by their labels; one without a label is written as ``Value(2)``, a plain number as itself. A part with a
    label, one that is used more than once, and what would be too long for a line, has a line of its own: then all are
    assignments, the last of them the Value's. Operations are the engine's functions, as ``from engine.functions import
    *`` has them (the slopes of tanh and sigmoid, that only derivatives have, are in ``engine.primitives``).

    >>> from engine import Value, tanh
    >>> w, x, b = Value(-0.5, label="w"), Value(2.0, label="x"), Value(1.5, label="b")
    >>> y = tanh(w * x + b).named("y")
    >>> y.expression()
    tanh(w * x + b)
    >>> (y * y - x * 2).expression()
    y = tanh(w * x + b)
    y2 = y * y - x * 2
    """
    lines, _ = lines_computing(v, _called, _leaf)
    return Text("\n".join(lines_of([(line.name, line.tree) for line in lines])))


def _leaf(node: Value) -> ast.expr:
    return notation.number(node._data) if type(node) is Constant else _as_value(notation.number(node._data))


def _as_value(tree: ast.expr) -> ast.expr:
    return notation.call("Value", [tree])


def _called(operation: Primitive, trees: Sequence[ast.expr], operands: Sequence[Value]) -> ast.expr:
    """The Python of an operation. Python's own arithmetic of plain numbers is another: it raises errors."""
    plain = [type(operand) is Constant for operand in operands]
    trees = [*trees]
    if all(plain):
        trees[0] = _as_value(trees[0])
    if operation is OPERATIONS["pow"] and plain[1]:  # x**2 with a plain 2 is the operation of one operand
        trees[1] = _as_value(trees[1])
    return notation.as_called(operation, trees)
