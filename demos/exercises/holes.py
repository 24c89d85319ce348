"""The holes of an exercise: where a learner has not put anything yet.

Three dots are ordinary Python. In finished work they may be an index, a type, or the body of a function that does
nothing; and somebody may leave them where they were, below the answer. So an answer is judged by what it does. The
holes only explain a failure: a function (or class) is unfinished if nothing in it has changed, or if dots that were
given out are there still and it cannot do without what they stand for. A file that was given out without dots has a
mistake to be found: it is unfinished while nothing in it has changed.
"""

from __future__ import annotations

import ast
from typing import NamedTuple

_Block = ast.FunctionDef | ast.ClassDef


class Hole(NamedTuple):
    """The line of the first hole in a function, and whether the whole function is as it was given out."""

    line: int
    untouched: bool


def holes(source: ast.Module, original: ast.Module) -> dict[str, Hole]:
    """The holes that are left of an exercise's, by function."""
    given, found = _functions(original), {}
    for name, function in _functions(source).items():
        if name not in given:
            continue
        marks = {ast.dump(mark) for mark in _dots(given[name])}
        lines = [mark.lineno for mark in _dots(function) if ast.dump(mark) in marks]
        if lines:
            found[name] = Hole(min(lines), _code(function) == _code(given[name]))
    return found


def untouched(source: ast.Module, original: ast.Module) -> bool:
    """Whether a file without holes is still as it was given out, but for comments and its docstring."""
    marks = any(map(_dots, _functions(original).values()))
    return bool(original.body) and not marks and _code(source) == _code(original)


def _functions(tree: ast.Module) -> dict[str, _Block]:
    return {node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


def _dots(function: _Block) -> list[ast.stmt | ast.Lambda]:
    """The statements and lambdas that have three dots for their value."""
    return [
        node
        for node in ast.walk(function)
        if (isinstance(node, (ast.Return, ast.Assign, ast.Expr)) and _is_dots(node.value))
        or (isinstance(node, ast.Lambda) and _is_dots(node.body))
    ]


def _is_dots(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _code(block: _Block | ast.Module) -> list[str]:
    """What a function, class or file does, without its docstring."""
    body = block.body[1:] if ast.get_docstring(block) is not None else block.body
    return [ast.dump(statement) for statement in body]
