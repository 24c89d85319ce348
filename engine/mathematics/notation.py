"""How an operation is written: as the Python that does it, and as mathematics has it, both as Python's syntax trees.

Nothing here knows an operation. What it is in Python follows from its symbol and the names of its operands, and what it
is on paper from its formula, or from the LaTeX that is declared with it.

    >>> from engine import primitives
    >>> names = [name("w"), name("x"), name("b")]
    >>> ast.unparse(as_called(primitives.weighted_sum, names)), ast.unparse(as_written(primitives.weighted_sum, names))
    ('weighted_sum([w], [x], b)', 'w * x + b')
"""

from __future__ import annotations

import ast
import functools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine import functions
from engine.lookup import entry_at
from engine.operand import Operators
from engine.primitives import OPERATIONS, Elementary, Primitive, as_float
from engine.primitives.powers import Power
from engine.render import formula

ARITHMETIC: dict[str, type[ast.operator]] = {
    "+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div, "//": ast.FloorDiv, "%": ast.Mod, "**": ast.Pow,
}  # fmt: skip
DOTS = "_dots"  # a name that stands for the terms that are left out
ENDS = 3  # of a long sum on paper the first and the last so many

_LETTER = re.compile(r"_\d+$")
_CALL = re.compile(r"\w\(")


def name(text: str) -> ast.Name:
    """A name."""
    return ast.Name(text, ast.Load())


def number(x: float) -> ast.expr:
    """A number: a whole one without a point; with its sign before it, as Python's parser has it."""
    if x != x:
        return call("float", [ast.Constant("nan")])
    if math.copysign(1.0, x) < 0.0:
        return ast.UnaryOp(ast.USub(), number(-x)) if x else ast.UnaryOp(ast.USub(), ast.Constant(0.0))
    if math.isinf(x):
        return call("float", [ast.Constant("inf")])
    return ast.Constant(int(x) if x == int(x) and x < 1e15 else x)


def call(function: str, arguments: Sequence[ast.expr]) -> ast.Call:
    """A call of a function by its name."""
    return ast.Call(name(function), [*arguments], [])


def text_of(tree: ast.expr) -> str:
    """A tree as Python, powers set close as in ``x**2``."""
    return ast.unparse(ast.fix_missing_locations(tree)).replace(" ** ", "**")


def is_infix(operation: Primitive) -> bool:
    """Whether Python writes it with an operator between or before its operands."""
    return operation.is_built_in and (operation.symbol in ARITHMETIC or operation is OPERATIONS["neg"])


def as_called(operation: Primitive, operands: Sequence[ast.expr]) -> ast.expr:
    """The Python that does the operation: an operator, or a call of the engine's function."""
    if isinstance(operation, Power):
        return ast.BinOp(operands[0], ast.Pow(), number(operation.exponent))
    if is_infix(operation):
        if len(operands) == 1:
            return ast.UnaryOp(ast.USub(), operands[0])
        return ast.BinOp(operands[0], ARITHMETIC[operation.symbol](), operands[1])
    if operation is entry_at:
        return call(operation.name, [ast.List([*operands[1:]], ast.Load()), operands[0]])
    if operation.takes_any_number and operation.name in functions.__all__:
        letters: dict[str, list[ast.expr]] = {}
        for each, operand in zip(formula.operand_letters(operation, len(operands)), operands):
            letters.setdefault(_LETTER.sub("", each), []).append(operand)
        indexed = {_LETTER.sub("", each) for each in formula.operand_letters(operation, len(operands)) if "_" in each}
        lists = [ast.List(each, ast.Load()) if letter in indexed else each[0] for letter, each in letters.items()]
        return call(operation.name, lists)
    if operation.is_built_in and operation.name not in functions.__all__:
        return ast.Call(ast.Attribute(name("primitives"), operation.name, ast.Load()), [*operands], [])
    return call(identifier(operation.name), operands)


def as_written(operation: Primitive, operands: Sequence[ast.expr], ends: int | None = ENDS) -> ast.expr:
    """The operation as mathematics has it.

    An operator by its formula, as what has a formula without a function in it, and what is of many operands; the slopes
    that only rules use in the textbook's form; any other operation as a function of its name.
    """
    if isinstance(operation, Power):
        return as_called(operation, operands)
    if isinstance(operation, Elementary) and operation.in_arrays is not None and not operation.is_public:
        written = operation.in_arrays(*map(_Reading, operands))
        return written.tree  # type: ignore[no-any-return]
    plain = operation.name not in functions.__all__ or operation.takes_any_number or not _CALL.search(operation.formula)
    if operation.is_built_in and plain and not operation.latex:
        places = {f"_{k}": operand for k, operand in enumerate(operands)}
        return filled(_parsed_formula(operation, len(operands), ends), places)
    return call(identifier(operation.name), operands)


def formula_tree(operation: Primitive, operands: Sequence[ast.expr]) -> ast.expr:
    """The operation's formula with these operands in it, whatever functions are in that."""
    return filled(
        _parsed_formula(operation, len(operands), None), {f"_{k}": operand for k, operand in enumerate(operands)}
    )


def filled(tree: ast.expr, meaning: Mapping[str, ast.expr]) -> ast.expr:
    """A tree with others in the places of names."""
    found: ast.expr = _Filling(meaning).visit(ast.parse(ast.unparse(tree), mode="eval").body)
    return found


def identifier(text: str) -> str:
    """A name that Python reads, like a text: ``W[0, 1]`` is ``W_0_1``."""
    import unicodedata

    words = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", text)).strip("_") or "f"
    return words if words.isidentifier() else f"_{words}"


@functools.cache
def _parsed_formula(operation: Primitive, count: int, ends: int | None) -> ast.expr:
    pieces = formula.value_formula(operation, count, ends)
    text = "".join([piece.replace("…", DOTS) if isinstance(piece, str) else f"_{piece}" for piece in pieces])
    return ast.parse(text, mode="eval").body


class _Filling(ast.NodeTransformer):
    def __init__(self, meaning: Mapping[str, ast.expr]) -> None:
        self._meaning = meaning

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._meaning.get(node.id, node)


class _Reading(Operators):
    """A tree as an operand: a rule read with it is written down."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, tree: ast.expr) -> None:
        self.tree = tree

    def __primitive__(self, primitive: Primitive, operands: tuple[Any, ...]) -> _Reading:
        written: Callable[[Any], ast.expr] = lambda x: x.tree if isinstance(x, _Reading) else number(as_float(x))  # noqa: E731
        return _Reading(as_written(primitive, [*map(written, operands)]))
