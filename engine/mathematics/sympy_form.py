"""A graph for SymPy: what each operation is there follows from its declaration, or from its formula."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Any

from engine.graph import topological_order
from engine.mathematics import notation
from engine.mathematics.graph_lines import Names
from engine.operand import Operators
from engine.optional import import_failed
from engine.primitives import OPERATIONS, Elementary, Primitive
from engine.value import Constant, Value

SHORT = 8  # characters of a decimal number that is taken as what was typed


def sympy_form(v: Value) -> Any:
    """The formula a Value was computed by, as a SymPy expression of symbols called as the labels.

    A leaf without a label is its number; a short decimal is taken as exact, so 0.1 is 1/10.

    Raises:
        ImportError: without the package sympy.

    >>> from engine import Value, tanh
    >>> x = Value(2.0, label="x")
    >>> (x * tanh(x) + 0.5).sympy()
    x*tanh(x) + 1/2
    """
    try:
        import sympy
    except ImportError as error:
        raise import_failed(error, "sympy", "v.sympy()", "pip install sympy") from error
    names = Names()
    found: dict[Value, Any] = {}
    reader = _Reader(sympy)
    for node in topological_order(v):
        if node.op is not None:
            found[node] = reader.of(node.op, [found[parent] for parent in node.parents])
        elif node.label and type(node) is not Constant:
            found[node] = sympy.Symbol(names.of(node.label, ""))
        else:
            found[node] = reader.number(node._data)
    return found[v]


class _Reader:
    """What operations are, of SymPy's expressions."""

    def __init__(self, sympy: Any) -> None:
        self.sympy = sympy

    def number(self, x: float) -> Any:
        if not math.isfinite(x):
            return self.sympy.Float(x) if x == x else self.sympy.nan
        return self.sympy.Rational(repr(x)) if len(repr(x)) <= SHORT and "e" not in repr(x) else self.sympy.Float(x)

    def of(self, operation: Primitive, operands: list[Any]) -> Any:
        """An operation on expressions, those of truth as numbers."""
        return self._as_number(self._named(operation, operands))

    def _named(self, operation: Primitive, operands: list[Any]) -> Any:
        if isinstance(operation, Elementary) and operation.sympy:
            if operation.operand_names[0] == "condition":
                operands = [self._as_truth(operands[0]), *operands[1:]]
            return self._function(operation.sympy)(*operands)
        tree = notation.formula_tree(operation, [notation.name(f"_{k}") for k in range(len(operands))])
        is_itself = isinstance(tree, ast.Call) and getattr(tree.func, "id", "") == operation.name
        if not is_itself:
            return self._read(tree, {f"_{k}": operand for k, operand in enumerate(operands)})
        if OPERATIONS.get(operation.name) is operation:
            return self._function(operation.name)(*operands)
        try:
            return operation.rule(*[_Expression(operand, self) for operand in operands])[0].expression
        except Exception:  # whatever a user's rule raises when its operands are no numbers
            return self.sympy.Function(operation.name)(*operands)

    def _function(self, known_as: str | Callable[[Any], Callable[..., Any]]) -> Callable[..., Any]:
        if not isinstance(known_as, str):
            return known_as(self.sympy)
        function: Callable[..., Any] = getattr(self.sympy, known_as, None) or self.sympy.Function(known_as)
        return function

    def _read(self, tree: ast.expr, names: dict[str, Any]) -> Any:
        if isinstance(tree, ast.Constant):
            return self.number(float(tree.value))  # type: ignore[arg-type]
        if isinstance(tree, ast.Name):
            return names[tree.id] if tree.id in names else getattr(self.sympy, tree.id)
        if isinstance(tree, ast.UnaryOp):
            return -self._read(tree.operand, names)
        if isinstance(tree, ast.Compare):
            relation = getattr(self.sympy, _RELATIONS[type(tree.ops[0])])
            return relation(self._read(tree.left, names), self._read(tree.comparators[0], names))
        if isinstance(tree, ast.Call):
            assert isinstance(tree.func, ast.Name)
            return self.of(OPERATIONS[tree.func.id], [self._read(argument, names) for argument in tree.args])
        assert isinstance(tree, ast.BinOp)
        left, right = self._read(tree.left, names), self._read(tree.right, names)
        return _ARITHMETIC[type(tree.op)](left, right)

    def _as_number(self, expression: Any) -> Any:
        is_number = isinstance(expression, self.sympy.Expr)
        return expression if is_number else self.sympy.Piecewise((1, expression), (0, True))

    def _as_truth(self, expression: Any) -> Any:
        if not isinstance(expression, self.sympy.Expr):
            return expression
        if isinstance(expression, self.sympy.Piecewise) and len(expression.args) == 2:
            (first, condition), _ = expression.args
            if first == 1:
                return condition
        return self.sympy.Ne(expression, 0)


_RELATIONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "Lt", ast.LtE: "Le", ast.Gt: "Gt", ast.GtE: "Ge", ast.Eq: "Eq", ast.NotEq: "Ne",
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda x, y: x + y,
    ast.Sub: lambda x, y: x - y,
    ast.Mult: lambda x, y: x * y,
    ast.Div: lambda x, y: x / y,
    ast.Pow: lambda x, y: x**y,
}


class _Expression(Operators):
    """A SymPy expression as an operand: a user's rule read with it gives one."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, expression: Any, reader: _Reader) -> None:
        self.expression, self.reader = expression, reader

    def __primitive__(self, primitive: Primitive, operands: tuple[Any, ...]) -> _Expression:
        written = [
            each.expression if isinstance(each, _Expression) else self.reader.number(float(each)) for each in operands
        ]
        return _Expression(self.reader.of(primitive, written), self.reader)
