"""Deliberate errors, that the proofs must refuse: in a printed derivative, and in a rule."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

from docs.proofs.proving import Operands, parsed
from engine.primitives import Primitive

OTHER_FUNCTION = {
    "abs": "sqrt", "sqrt": "abs", "exp": "expm1", "expm1": "exp", "log": "log1p", "log1p": "log", "sin": "cos",
    "cos": "sin", "tan": "sin", "sinh": "cosh", "cosh": "sinh", "tanh": "sinh", "sigmoid": "tanh", "sign": "cos",
    "softplus": "exp", "erf": "tanh", "erfc": "erf", "max": "sum", "min": "sum", "maximum": "minimum",
    "minimum": "maximum", "norm2": "logsumexp", "logsumexp": "norm2", "floor": "cos", "hypot": "maximum",
    "logaddexp": "hypot", "prod": "sum", "mean": "prod", "std": "var", "var": "std", "sinc": "cos",
}  # fmt: skip
OTHER_OPERATOR = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult}
OTHER_COMPARISON = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}


def wrong_derivatives(primitive: Primitive) -> Iterator[tuple[str, tuple[ast.Expression, ...]]]:
    """Every change of one place in one of the printed derivatives: what it says then, and all of them parsed."""
    n = 3
    trees = [parsed(text, n) for text in primitive.derivatives]
    names = Operands(primitive, n).names
    for k, tree in enumerate(trees):
        for wrong in _changed_as_a_whole(tree) if ast.unparse(tree) != "0" else ():
            yield _among(trees, k, wrong)
        for node in _places(tree.body):
            for change in _changes(node, names):
                yield _among(trees, k, _with_change(tree, node, change))


def _among(trees: list[ast.Expression], k: int, wrong: ast.Expression) -> tuple[str, tuple[ast.Expression, ...]]:
    return f"{ast.unparse(wrong)} for operand {k + 1}", (*trees[:k], wrong, *trees[k + 1 :])


def _changed_as_a_whole(tree: ast.Expression) -> Iterator[ast.Expression]:
    for pattern in ("-({})", "2*({})", "({}) / 2"):
        yield ast.parse(pattern.format(ast.unparse(tree)), mode="eval")


def _places(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a tree, but for what it says of ties: there is no derivative at them to prove it by."""
    yield node
    if isinstance(node, ast.Call) and any(isinstance(part, ast.Eq) for part in ast.walk(node.args[0])):
        yield from _places(node.args[2])
        return
    for child in ast.iter_child_nodes(node):
        yield from _places(child)


def _changes(node: ast.AST, names: dict[str, Any]) -> Iterator[ast.AST]:
    if isinstance(node, ast.Constant):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.Name) and (node.id in names or node.id.endswith("_k")):
        if not isinstance(names.get(node.id), list):
            yield ast.BinOp(copy.copy(node), ast.Add(), ast.Constant(1))
        kind = node.id[1:]
        for other in {f"{name[0]}_k" for name in names if name.endswith("_1")} if kind == "_k" else names:
            if other != node.id and other[1:] == kind and not isinstance(names.get(other), list):
                yield ast.Name(other, ast.Load())
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OTHER_FUNCTION:
        yield ast.Call(ast.Name(OTHER_FUNCTION[node.func.id], ast.Load()), node.args, [])
    elif isinstance(node, ast.BinOp) and type(node.op) in OTHER_OPERATOR:
        yield ast.BinOp(node.left, OTHER_OPERATOR[type(node.op)](), node.right)
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in OTHER_COMPARISON:
        yield ast.Compare(node.left, [OTHER_COMPARISON[type(node.ops[0])]()], node.comparators)


def _with_change(tree: ast.Expression, place: ast.AST, change: ast.AST) -> ast.Expression:
    """The tree with another node in a place."""

    fresh = copy.deepcopy(tree)
    twin = next(new for old, new in zip(ast.walk(tree), ast.walk(fresh)) if old is place)

    class Change(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return change if node is twin else self.generic_visit(node)

    return ast.parse(ast.unparse(Change().visit(fresh)), mode="eval")


def wrong_rules(primitive: Primitive) -> Iterator[tuple[str, SimpleNamespace]]:
    """The primitive with one thing wrong in its rule: a value, a contribution, the adjoint left out, an exchange."""

    def distorted(distort: Callable[[Any, Any], tuple[Any, Any]]) -> SimpleNamespace:
        shown = {name: getattr(primitive, name) for name in ("name", "formula", "derivatives", "operand_names")}
        return SimpleNamespace(**shown, rule=lambda *operands: distort(*primitive.rule(*operands)))

    yield "the value doubled and 1 more", distorted(lambda value, pullback: (2.0 * value + 1.0, pullback))
    for k in range(len(primitive.derivatives)):
        if primitive.derivatives[k] == "0":
            continue
        at = 0 if k == 0 else -1  # of x_1, ..., x_n, b: the first, or the last
        for what, wrong in {"sign": lambda c: -c, "factor": lambda c: 2.0 * c, "summand": lambda c: c + 1.0}.items():
            yield f"contribution {k + 1}: {what}", distorted(_at(at, wrong))
        yield "the adjoint squared", distorted(lambda value, pullback: (value, lambda g: pullback(g * g)))
        yield "the adjoint left out", distorted(lambda value, pullback: (value, lambda g: pullback(0.0 * g + 1.0)))
    yield "a contribution left out", distorted(lambda value, pullback: (value, lambda g: tuple(pullback(g))[1:]))


def _at(at: int, wrong: Callable[[Any], Any]) -> Callable[[Any, Any], tuple[Any, Any]]:
    def distort(value: Any, pullback: Any) -> tuple[Any, Any]:
        def other(g: Any) -> list[Any]:
            contributions = [*pullback(g)]
            contributions[at] = wrong(contributions[at])
            return contributions

        return value, other

    return distort
