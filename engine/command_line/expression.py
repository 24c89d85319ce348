"""Expressions typed as text, such as ``tanh(w*x + b)``: read by Python's parser, evaluated from a whitelist.

The text never runs as code. It is parsed into Python's syntax tree, and only numbers, names, arithmetic, comparisons
and the engine's own functions are accepted; anything else is an error that points at its column.
"""

from __future__ import annotations

import ast
import math
import re
import unicodedata
import warnings
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, NoReturn

from engine import functions, primitives
from engine.command_line.slips import TOKEN, nearest_name, slips
from engine.readable import readable, readable_repr
from engine.render.terminal import display_width, spelled
from engine.value import Number, Value

DEEPEST = 200  # operations on one another
LONGEST_EXPRESSION = 10_000  # characters
LONGEST_NAME = 40  # characters of it that an error shows
SURROUNDINGS = 100  # characters of a long expression that an error shows around its place
CONSTANTS = {"pi": math.pi, "e": math.e}


def _power(x: Number, n: Number) -> Number:
    """As ** in Python: of a Value to a plain number the operation x**n."""
    number: Number = x**n if isinstance(x, Value) or isinstance(n, Value) else primitives.pow(x, n)
    return number


_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: primitives.add,
    ast.Sub: primitives.sub,
    ast.Mult: primitives.mul,
    ast.Div: primitives.div,
    ast.FloorDiv: primitives.floor_divide,
    ast.Mod: primitives.remainder,
    ast.Pow: _power,
    ast.USub: primitives.neg,
    ast.UAdd: lambda x: x,
    ast.Lt: primitives.less,
    ast.LtE: primitives.less_equal,
    ast.Gt: primitives.greater,
    ast.GtE: primitives.greater_equal,
    ast.Eq: primitives.equal,
    ast.NotEq: primitives.not_equal,
}
_INSTEAD: dict[type[ast.AST], str] = {
    ast.BitXor: "^ is not a power here: write x**2",
    ast.MatMult: "@ is for matrices: write dot([a, b], [c, d])",
    ast.Not: "not is no arithmetic: write logical_not(x)",
    ast.BoolOp: "and, or are no arithmetic: write logical_and(x, y), logical_or(x, y)",
    ast.IfExp: "if is no arithmetic: write where(condition, a, b)",
    ast.Attribute: "a dot leads nowhere here: write sin(x) for math.sin(x)",
    ast.Subscript: "there is nothing to index: give each number a name of its own, as x1",
    ast.NamedExpr: "numbers are given behind the expression, as in: x=2",
    ast.Lambda: "write the expression itself, without lambda",
    ast.Starred: "write the list out",
}


class Function(NamedTuple):
    """A function that an expression may call.

    Attributes:
        call: the function.
        usage: how to call it.
        numbers: how many numbers it takes, at least and at most; behind its lists, if it takes any.
        lists: how many lists it takes. A single list may also be given as separate numbers.
    """

    call: Callable[..., Any]
    usage: str
    numbers: tuple[int, int]
    lists: int = 0


def _functions() -> dict[str, Function]:
    """The engine's public functions by name."""
    taking: dict[str, Function] = {}
    for name in functions.__all__:
        function = getattr(functions, name)
        primitive = primitives.primitive_of(function)
        if primitive is not None:
            names = primitive.operand_names
            optional = len(primitive.defaults)
            taking[name] = Function(function, f"{name}({', '.join(names)})", (len(names) - optional, len(names)))
    for name in ("sum", "mean", "prod", "var", "std", "norm2", "logsumexp", "max", "min"):
        taking[name] = Function(getattr(functions, name), f"{name}(x, y, ...)", (0, 0), lists=1)
    taking["dot"] = Function(functions.dot, "dot([x1, x2], [y1, y2])", (0, 0), lists=2)
    taking["weighted_sum"] = Function(functions.weighted_sum, "weighted_sum([w1, w2], [x1, x2], b)", (0, 1), lists=2)
    return taking


FUNCTIONS = _functions()


class ExpressionError(ValueError):
    """What is wrong with an expression, and where.

    Attributes:
        text: the expression.
        column: the place in it, from 0.
        problem: what is wrong there, and what to do.
    """

    def __init__(self, problem: str, text: str, column: int) -> None:
        self.problem, self.text, self.column = problem, text, max(0, min(column, len(text)))

    def __str__(self) -> str:
        start = max(0, self.column - SURROUNDINGS // 2) if len(self.text) > SURROUNDINGS else 0
        end = start + SURROUNDINGS
        before, after = self.text[start : self.column], self.text[self.column : end]
        before, after = (
            spelled(readable(part, 10 * SURROUNDINGS)) if part.strip(" ") else part for part in (before, after)
        )
        before = spelled("…") * (start > 0) + before
        shown = f"{before}{after}" + spelled("…") * (end < len(self.text))
        return f"{spelled(readable(self.problem, 300))}\n  {shown}\n  {' ' * display_width(before)}^"


class Expression:
    """An expression of named numbers, checked and ready to be evaluated.

    Args:
        text: arithmetic in Python's notation, with the functions of the engine, ``pi`` and ``e``.

    Attributes:
        text: the expression.
        names: its names, in the order in which they come.

    Raises:
        ExpressionError: for text that is no such expression; says where and what to do.

    >>> from engine import Value
    >>> from engine.command_line.expression import Expression
    >>> expression = Expression("tanh(w*x + b)")
    >>> expression.names
    ['w', 'x', 'b']
    >>> expression.evaluate({"w": Value(2.0), "x": -1.0, "b": 0.5})
    Value(data=-0.905148)
    >>> Expression("tanh(w*x").evaluate({})
    Traceback (most recent call last):
    ...
    engine.command_line.expression.ExpressionError: '(' was never closed
      tanh(w*x
          ^
    """

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self._places: dict[str, int] = {}  # of each name the first
        self._tree = self._parsed()
        self._check(self._tree, 0, within_call=False)

    @property
    def names(self) -> list[str]:
        """Its names, in the order in which they come."""
        return [*self._places]

    def evaluate(self, numbers: Mapping[str, Number]) -> Any:
        """The value of the expression: a Value if one of its numbers is, else a float.

        Args:
            numbers: what the names stand for; ``pi`` and ``e`` are known, unless they are given too.

        Raises:
            ExpressionError: for a name without a number, with the one that may have been meant.
        """
        for name, column in self._places.items():
            if name not in numbers and name not in CONSTANTS:
                raise ExpressionError(_unknown(name, numbers), self.text, column)
        return self._value(self._tree, numbers)

    def _parsed(self) -> ast.expr:
        if not self.text:
            raise ExpressionError("there is no expression: give one such as tanh(w*x + b)", self.text, 0)
        if len(self.text) > LONGEST_EXPRESSION:
            length = f"{len(self.text):,} characters, more than {LONGEST_EXPRESSION:,}"
            raise ExpressionError(f"the expression has {length}: build it in Python", self.text, LONGEST_EXPRESSION)
        for column, character in enumerate(self.text):
            if character != " " and not character.isprintable():
                raise ExpressionError(f"{character!r} does not belong in an expression", self.text, column)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)
                warnings.simplefilter("ignore", DeprecationWarning)
                return ast.parse(self.text, mode="eval").body
        except SyntaxError as error:
            raise ExpressionError(*_explained(error, self.text)) from None
        except (MemoryError, RecursionError):
            raise ExpressionError(_too_deep(), self.text, 0) from None

    def _check(self, node: ast.AST, depth: int, *, within_call: bool) -> None:
        """Raise ExpressionError for what is not on the whitelist, and note the names."""
        if depth > DEEPEST:
            self._fail(node, _too_deep())
        if isinstance(node, ast.Constant):
            if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
                self._fail(node, f"{readable_repr(node.value, LONGEST_NAME)} is not a real number")
            try:
                float(node.value)
            except OverflowError:
                self._fail(node, "the number is too large for a float (1e999 is inf)")
        elif isinstance(node, ast.Name):
            self._places.setdefault(node.id, self._column(node))
        elif isinstance(node, ast.BinOp):
            self._check(node.left, depth + 1, within_call=False)
            if type(node.op) not in _OPERATORS:
                self._fail(
                    node.right, _INSTEAD.get(type(node.op), "this operator is not one of + - * / // % **"), before=True
                )
            self._check(node.right, depth + 1, within_call=False)
        elif isinstance(node, ast.UnaryOp):
            if type(node.op) not in _OPERATORS:
                self._fail(node, _INSTEAD.get(type(node.op), "only + and - stand before a number"))
            self._check(node.operand, depth + 1, within_call=False)
        elif isinstance(node, ast.Compare):
            if len(node.ops) > 1:
                self._fail(node.comparators[1], "compare two numbers at a time: write (a < b) * (b < c)", before=True)
            if type(node.ops[0]) not in _OPERATORS:
                self._fail(node.comparators[0], "comparisons are < <= > >= == !=", before=True)
            self._check(node.left, depth + 1, within_call=False)
            self._check(node.comparators[0], depth + 1, within_call=False)
        elif isinstance(node, ast.Call):
            self._check_call(node, depth)
        elif isinstance(node, (ast.List, ast.Tuple)) and within_call:
            for element in node.elts:
                self._check(element, depth + 1, within_call=False)
        elif isinstance(node, (ast.List, ast.Tuple)):
            problem = "a list belongs inside sum, mean, max, dot ...; a decimal number is written with a point: 0.5"
            self._fail(node, problem)
        else:
            self._fail(node, _INSTEAD.get(type(node), "only numbers, names, + - * / ** and functions belong here"))

    def _check_call(self, node: ast.Call, depth: int) -> None:
        if isinstance(node.func, ast.Attribute):
            known = FUNCTIONS.get(node.func.attr)
            instead = f"a dot leads nowhere here: write {known.usage}" if known else _INSTEAD[ast.Attribute]
            self._fail(node.func, instead)
        if not isinstance(node.func, ast.Name):
            self._fail(node.func, "what stands before the parenthesis is not a function: write * to multiply")
        name = node.func.id
        if name not in FUNCTIONS:
            self._fail(node.func, _unknown_function(name))
        function = FUNCTIONS[name]
        if node.keywords:
            self._fail(node.keywords[0].value, f"arguments have no names here: write {function.usage}")
        for argument in node.args:
            self._check(argument, depth + 1, within_call=bool(function.lists))
        lists = [isinstance(argument, (ast.List, ast.Tuple)) for argument in node.args]
        if function.lists == 1 and (not any(lists) or len(lists) == 1):
            if not node.args or (lists[0] and not node.args[0].elts):  # type: ignore[attr-defined]
                self._fail(node, f"{name} of no numbers: write {function.usage}")
            return
        least, most = function.numbers
        given = len(lists) - function.lists
        if not least <= given <= most or not all(lists[: function.lists]) or any(lists[function.lists :]):
            if function.lists:
                self._fail(node, f"{name} takes its numbers in another way: write {function.usage}")
            wanted = f"{least}" if least == most else f"{least} or {most}"
            numbers = "number" if most == 1 else "numbers"
            self._fail(node, f"{name} takes {wanted} {numbers}, got {len(lists)}: write {function.usage}")
        if function.lists == 2 and len({len(argument.elts) for argument in node.args[:2]}) > 1:  # type: ignore[attr-defined]
            self._fail(node, f"the two lists of {name} must be of the same length")

    def _value(self, node: ast.AST, numbers: Mapping[str, Number]) -> Any:
        if isinstance(node, ast.Constant):
            return float(node.value)  # type: ignore[arg-type]
        if isinstance(node, ast.Name):
            return numbers[node.id] if node.id in numbers else CONSTANTS[node.id]
        if isinstance(node, ast.BinOp):
            return _OPERATORS[type(node.op)](self._value(node.left, numbers), self._value(node.right, numbers))
        if isinstance(node, ast.UnaryOp):
            return _OPERATORS[type(node.op)](self._value(node.operand, numbers))
        if isinstance(node, ast.Compare):
            operands = self._value(node.left, numbers), self._value(node.comparators[0], numbers)
            return _OPERATORS[type(node.ops[0])](*operands)
        if isinstance(node, (ast.List, ast.Tuple)):
            return [self._value(element, numbers) for element in node.elts]
        assert isinstance(node, ast.Call)
        assert isinstance(node.func, ast.Name)
        function = FUNCTIONS[node.func.id]
        arguments = [self._value(argument, numbers) for argument in node.args]
        if function.lists == 1 and not isinstance(arguments[0], list):
            arguments = [arguments]
        return function.call(*arguments)

    def _column(self, node: ast.AST) -> int:
        """Where a node starts, in characters: Python's parser counts the bytes of UTF-8."""
        return len(self.text.encode()[: node.col_offset].decode())  # type: ignore[attr-defined]

    def _fail(self, node: ast.AST, problem: str, *, before: bool = False) -> NoReturn:
        """Raise ExpressionError at a node, or at the operator before it."""
        column = self._column(node)
        if before:
            column = len(self.text[:column].rstrip(" ("))
            column -= len(re.search(r"[^\w\s)\]]+$|\w+$|$", self.text[:column])[0])  # type: ignore[index]
        raise ExpressionError(problem, self.text, column)


def parsed_number(text: str) -> float:
    """The number of a text: ``0.5``, ``-1e-3``, ``inf``, or an expression of numbers such as ``pi/4``.

    Raises:
        ExpressionError: if it is none.
    """
    try:
        return float(text)
    except ValueError:
        pass
    expression = Expression(text)
    for name in expression.names:
        if name not in CONSTANTS:
            problem = f"{readable(name, LONGEST_NAME)} is not a number: write one such as 0.5, 1e-3 or pi/4"
            raise ExpressionError(problem, expression.text, expression._places[name])
    return float(expression.evaluate({}))


def normalized(name: str) -> str:
    """A name as Python's parser spells it."""
    return unicodedata.normalize("NFKC", name)


def _explained(error: SyntaxError, text: str) -> tuple[str, str, int]:
    """What is wrong with the syntax: the usual slips in the words of arithmetic, else what Python's parser says."""
    usage = {name: function.usage for name, function in FUNCTIONS.items()}
    for problem, column in slips(text, usage):
        return problem, text, column
    column = min((error.offset or 1) - 1, len(text))
    problem = error.msg or "invalid syntax"
    if "nested" in problem:
        problem = _too_deep()
    elif problem.startswith("invalid syntax"):
        found = next((token[0] for token in TOKEN.finditer(text) if token.end() > column), "the end")
        problem = f"{readable_repr(found, LONGEST_NAME)} is not expected here"
    return problem, text, column


def _unknown(name: str, numbers: Mapping[str, Number]) -> str:
    name = readable(name, LONGEST_NAME)
    if name in FUNCTIONS:
        return f"{name} is a function: write {FUNCTIONS[name].usage}"
    near = nearest_name(name, [*numbers, *CONSTANTS])
    if near:
        return f"{name} has no value; did you mean {near}?"
    return f"{name} has no value: add one behind the expression, as in: {name}=0.5"


def _unknown_function(name: str) -> str:
    if name in functions.__all__:
        return f"{name} gives several numbers, and an expression is one: write it in Python"
    name = readable(name, LONGEST_NAME)
    aliases = {"ln": "log", "pow": "x**y", "mod": "x % y", "div": "x / y"}
    aliases |= {f"a{rest}": f"arc{rest}" for rest in ("sin", "cos", "tan", "tan2", "sinh", "cosh", "tanh")}
    near = aliases.get(name) or nearest_name(name, FUNCTIONS)
    if near:
        return f"there is no function {name}; did you mean {near}?"
    return (
        f"there is no function {name} (python -m engine --help lists them); if {name} is a number: write {name} * (...)"
    )


def _too_deep() -> str:
    return (
        f"the expression is more than {DEEPEST} operations deep, a long sum counting each +: "
        "build it in Python, where there is no limit"
    )
