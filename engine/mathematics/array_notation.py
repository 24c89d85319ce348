"""The lines of a lifted program as mathematics has them: without what only arranges numbers in memory.

What a program calls by a function's name is a product, a transposed array or entries at indices on paper; whether an
array of 80 numbers or one of 20 by 4 is meant is plain from what it is multiplied with.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

PUT = "put"  # (numbers, indices): the numbers at these indices, and zeros elsewhere
INDICES = "tjlmnpqr"  # of a loop, of one in it, ...
ROOM = {"history", "empty"}  # make room for what a loop is going to fill in

_ARRANGING = {"broadcast", "turns", "repeated", "number"}
_PRODUCTS = {"rows_times", "blocks_times", "masked_matmul"}
_OUTER = {"rows_outer", "blocks_outer"}
_ENTRIES = {"take", "spread", "lookup"}


def on_paper(tree: ast.expr) -> ast.expr:
    """A line's right side as mathematics has it."""
    found: ast.expr = _Paper().visit(tree)
    return found


def makes_room(tree: ast.expr) -> bool:
    """Whether a line computes nothing yet."""
    return isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in ROOM


class _Paper(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute):
            return self._of_method(node, node.func)
        assert isinstance(node.func, ast.Name)
        name, operands = node.func.id, node.args
        if name in _ARRANGING:
            return operands[0]
        if name in _PRODUCTS:
            return ast.BinOp(operands[0], ast.MatMult(), operands[1])
        if name in _OUTER:
            return ast.BinOp(_transposed(operands[0]), ast.MatMult(), operands[1])
        if name in _ENTRIES:
            return ast.Subscript(operands[0], operands[1], ast.Load())
        if name == "swap":
            return _transposed(operands[0])
        if name.startswith("scatter_add"):
            return ast.Call(ast.Name(PUT, ast.Load()), operands[:2], [])
        if name == "assemble":
            return _sum_of(operands[1:])
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        return _transposed(node.value) if node.attr == "T" else node

    def _of_method(self, node: ast.Call, method: ast.Attribute) -> ast.expr:
        if method.attr == "reshape":
            return method.value
        if method.attr == "transpose":
            axes = [int(ast.unparse(axis)) for axis in node.args]
            return _transposed(method.value) if axes[-2] > axes[-1] else method.value
        return node


def _transposed(tree: ast.expr) -> ast.expr:
    if isinstance(tree, ast.Attribute) and tree.attr == "T":
        return tree.value
    return ast.Attribute(tree, "T", ast.Load())


def _sum_of(pieces: list[ast.expr]) -> ast.expr:
    """Pieces (indices, numbers) that are put at their indices and added up."""
    total: ast.expr | None = None
    for piece in pieces:
        assert isinstance(piece, ast.Tuple)
        where, numbers = piece.elts
        put = ast.Call(ast.Name(PUT, ast.Load()), [numbers, where], [])
        total = put if total is None else ast.BinOp(total, ast.Add(), put)
    assert total is not None
    return total


def in_terms(tree: ast.expr) -> list[tuple[str, ast.expr]]:
    """The terms of a sum in order, each with its sign."""
    terms: list[tuple[str, ast.expr]] = []
    while isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.Add, ast.Sub)):
        terms.append(("+" if isinstance(tree.op, ast.Add) else "-", tree.right))
        tree = tree.left
    return [("", tree), *reversed(terms)]


def filled_lines(parts: list[str], width: Callable[[str], int], most: int) -> list[str]:
    """Parts in lines of so much at most, or of one part that is wider."""
    lines = [parts[0]]
    for part in parts[1:]:
        if width(lines[-1]) + width(part) > most:
            lines.append(part)
        else:
            lines[-1] += f" {part}"
    return lines


def as_loop(line: ast.Assign, turns: Mapping[str, ast.FunctionDef], index: str) -> list[ast.stmt]:
    """A line with a `scan` as the loop that it is over `index`, with the function of a turn as its body."""
    call = line.value
    assert isinstance(call, ast.Call)
    function, _, sequences, count, *_ = call.args
    body = turns[ast.unparse(function)].body
    backwards = bool(call.keywords)
    states, stacks = (_names(part) for part in line.targets[0].elts)  # type: ignore[attr-defined]
    *lines, last = [each for each in body if ast.unparse(each).split(" = ")[-1] not in ("states", "given")]
    taken = [each for each in body if ast.unparse(each).endswith(" = given")]
    given = _names(taken[0].targets[0]) if taken else []  # type: ignore[attr-defined]
    news, kept = last.value.elts  # type: ignore[attr-defined]
    inside = [f"{name} = {of}[{index}]" for name, of in zip(given, _names(sequences))]
    inside += [ast.unparse(each) for each in lines]
    after = [f"{name}[{index}] = {ast.unparse(part)}" for name, part in zip(stacks, kept.elts)]
    after.append(f"{', '.join(states)} = {', '.join(map(ast.unparse, news.elts))}")
    turn = f"range({ast.unparse(count)})"
    head = f"for {index} in {f'reversed({turn})' if backwards else turn}:"
    text = "\n".join([head, *(f"    {row}" for each in (*inside, *after) for row in each.splitlines())])
    return ast.parse(text).body


def _names(tree: ast.expr) -> list[str]:
    return [*map(ast.unparse, tree.elts)]  # type: ignore[attr-defined]
