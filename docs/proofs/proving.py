"""Proofs with SymPy: what a primitive prints, and what its rule computes, are a function and its derivatives.

For each primitive four things are proved, for every operand, in every case (see `symbolic`):

    its rule's value is the formula it prints;
    SymPy's derivative of that formula is the derivative it prints;
    what its pullback makes of an adjoint g is g times that derivative, so linear in g too;
    where it is of any number of operands, all this for 2 and for 3.

Limits: operands are real numbers, within the domain of the function (positive for sqrt, log and the base of pow);
cases lie between kinks and jumps, not on them (the recorded edges of PyTorch are for those); the arithmetic is exact
(what rounding does to it is for test_engine_accuracy.py).
"""

from __future__ import annotations

import ast
import itertools
import random
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import mpmath
import sympy as sp

from docs.proofs.symbolic import (
    DIGITS,
    MEANINGS,
    Point,
    Refused,
    Region,
    Symbolic,
    exact,
    lambdified,
    meant,
    regions,
    shown,
)
from engine.primitives import OPERATIONS, Primitive

LOWEST = {  # operands that are larger than this; the others are any real numbers
    ("sqrt", "x"): 0,
    ("log", "x"): 0,
    ("log2", "x"): 0,
    ("log10", "x"): 0,
    ("pow", "x"): 0,
    ("log1p", "x"): -1,
    ("arccosh", "x"): 1,
}
BETWEEN_ONES = {"arcsin", "arccos", "arctanh"}
MAGNITUDES = [0.013, 0.11, 0.23, 0.37, 0.61, 0.93, 1.7, 2.9, 5.3, 8.1, 24.7, 37.9, 110.3, 720.7]
POINTS = 60  # for several operands, at random
LARGEST = 200  # operations in what is left to SymPy's simplify, which may take minutes for more
TRUTH = {"condition"}  # operands that are asked whether they are 0, and sometimes are; those of logical_* too

PROVED = "proved"
UNPROVED = {"sinc": "near 0 its rule is a series, which is not the function but rounds to it"}  # its rule, and why


# The operands --------------------------------------------------------------------------------------------------------


class Operands:
    """A primitive's operands as expressions, by group: each operand, or all x_1..x_n of one letter.

    Attributes:
        flat: the expressions in the order of the rule.
        names: what the printed expressions may call them: x, and x_1 to x_n.
        groups: for each printed derivative, the expressions it is the derivative with respect to.
        points: where they are tried.
    """

    def __init__(self, primitive: Primitive, n: int, real: bool = False) -> None:
        self._real = real  # any real numbers, within the domain or not
        self.flat: list[sp.Expr] = []
        self.names: dict[str, Any] = {}
        self.groups: list[list[sp.Expr]] = []
        fixed = [name for name in primitive.operand_names if not name.startswith("*")]
        for name in fixed:
            self._add(primitive, name, [name])
        if len(fixed) < len(primitive.operand_names):
            for letter in dict.fromkeys(re.findall(r"\b([a-z])_1\b", primitive.formula)):
                self._add(primitive, letter, [f"{letter}_{k}" for k in range(1, n + 1)])
            rest = [name for name in re.findall(r"\b[a-mo-z]\b", primitive.formula) if name not in self.names]
            for name in dict.fromkeys(rest):
                self._add(primitive, name, [name])
        self.points = list(_points(primitive, [next(iter(x.free_symbols)) for x in self.flat]))

    def _add(self, primitive: Primitive, name: str, members: list[str]) -> None:
        lowest = None if self._real else LOWEST.get((primitive.name, name))
        made = [
            sp.Symbol(member, real=True) if lowest is None else lowest + sp.Symbol(member, positive=True)
            for member in members
        ]
        self.flat += made
        self.groups.append(made)
        self.names |= dict(zip(members, made))
        self.names.setdefault(name, made)


def _points(primitive: Primitive, symbols: list[sp.Symbol]) -> Iterator[Point]:
    magnitudes = [m for m in MAGNITUDES if m < 1.0 or primitive.name not in BETWEEN_ONES]
    sides = [[m for s in ((1,) if x.is_positive else (1, -1)) for m in (s * m for m in magnitudes)] for x in symbols]
    if len(symbols) == 1:
        yield from ({symbols[0]: x} for x in sides[0])
    else:
        draw = random.Random(primitive.name)
        for _ in range(POINTS):  # 1 + ...: no two of them alike, so no ties
            yield {x: draw.choice(side) * (1.0 + draw.random() / 8) for x, side in zip(symbols, sides)}
    asked = [x for x in symbols if x.name in TRUTH or primitive.name.startswith("logical_")]
    for zeros in itertools.product([False, True], repeat=len(asked)):
        yield {x: 0.0 if dict(zip(asked, zeros)).get(x) else 1.3 + k / 10 for k, x in enumerate(symbols)}


# What is printed -----------------------------------------------------------------------------------------------------

_PHRASES = {
    "1 where x_k is the largest (shared among ties), else 0": "where(x_k >= max(x), 1, 0)",
    "1 where x_k is the smallest (shared among ties), else 0": "where(x_k <= min(x), 1, 0)",
}


def spelled_out(text: str, n: int) -> str:
    """``x_1 + ... + x_n`` with its dots filled in: the longest term before them that is found after them too."""
    text = text.replace(", ..., ", " , ... , ")
    while " ... " in text:
        before, after = text.split(" ... ", 1)
        separator, after = after.split(" ", 1)
        before = before.removesuffix(separator).rstrip()
        for start in range(len(before)):
            term = before[start:]
            if "_1" in term and after.startswith(term.replace("_1", "_n")):
                break
        else:
            raise Refused(f"cannot read the dots of {text!r}")
        terms = [term.replace("_1", f"_{k}") for k in range(1, n + 1)]
        text = before[:start] + f" {separator} ".join(terms).replace(" ,", ",") + after[len(term) :]
    return re.sub(r"(\w_\w+) (?=\w_\w)", r"\1*", re.sub(r"\bn\b", str(n), text))


class _Readable(ast.NodeTransformer):
    """Python's and, or, not as functions: they would ask a Symbolic for its truth."""

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        name = "logical_and" if isinstance(node.op, ast.And) else "logical_or"
        result = node.values[0]
        for value in node.values[1:]:
            result = ast.Call(ast.Name(name, ast.Load()), [result, value], [])
        return result

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not):
            return ast.Call(ast.Name("logical_not", ast.Load()), [node.operand], [])
        return node


def parsed(text: str, n: int) -> ast.Expression:
    """A printed expression as Python's syntax tree."""
    try:
        return ast.parse(spelled_out(_PHRASES.get(text, text), n), mode="eval")
    except SyntaxError:
        raise Refused(f"cannot read {text!r}") from None


def evaluated(tree: ast.Expression, region: Region, names: dict[str, Any]) -> sp.Expr:
    """What an expression says of operands of these names, in a region."""
    known: dict[str, Any] = {name: lambda *operands, name=name: meant(name, region, operands) for name in MEANINGS}
    known |= {
        name: [Symbolic(x, region) for x in stands_for]
        if isinstance(stands_for, list)
        else Symbolic(stands_for, region)
        for name, stands_for in {"pi": sp.pi, **names}.items()
    }
    readable = ast.fix_missing_locations(_Readable().visit(ast.parse(ast.unparse(tree), mode="eval")))
    try:
        return exact(eval(compile(readable, ast.unparse(tree), "eval"), {"__builtins__": {}}, known))  # noqa: S307
    except NameError as error:
        raise Refused(f"cannot read {ast.unparse(tree)!r}: {error}") from None


# Proofs --------------------------------------------------------------------------------------------------------------


def prove_equal(what: str, x: sp.Expr, y: sp.Expr, region: Region) -> None:
    """Raise Refused unless x and y are the same function in the region."""
    if x == y:
        return
    evaluate = lambdified([*region.points[0]], (x, y))
    for point in region.points[:20]:
        for digits in (DIGITS, 2000):  # 1 - tanh(720)**2 needs the many
            with mpmath.workdps(digits):
                a, b = evaluate(*map(mpmath.mpf, point.values()))
                tiny = mpmath.mpf(10) ** (-0.75 * digits)  # 1 - erf(110) is known to as many places only
                differ = abs(a - b) > 1e-20 * (abs(a) + abs(b)) + tiny
            if not differ:
                break
        else:
            raise Refused(f"{what}: {x} is not {y} at {shown(point)}")
    if not _is_zero(x - y) and not _is_zero(sp.exp(x) - sp.exp(y)):  # exp takes no two real numbers to one
        raise Refused(f"{what}: found no proof that {x} is {y}")


def _is_zero(difference: sp.Expr) -> bool:
    """Whether a difference simplifies to 0: as a fraction of exponentials, sines and cosines, and roots."""
    difference = difference.rewrite([sp.sinh, sp.cosh, sp.tanh], sp.exp).rewrite(sp.tan, sp.cos)
    difference = difference.rewrite([sp.asinh, sp.acosh, sp.atanh], sp.log).rewrite(sp.erfc, sp.erf)
    fraction = _as_fraction(difference)
    return fraction == 0 or (fraction.count_ops() < LARGEST and sp.simplify(difference) == 0)


def _as_fraction(expression: sp.Expr) -> sp.Expr:
    roots = expression.replace(
        lambda e: e.is_Pow and e.exp.is_Rational and not e.exp.is_Integer, lambda e: sp.expand(e.base) ** e.exp
    )
    numerator = sp.fraction(sp.together(sp.expand(roots)))[0]
    return sp.expand(sp.expand_power_base(sp.expand(numerator)))


def cases(primitive: Primitive, sizes: tuple[int, ...]) -> Iterator[tuple[Operands, Region, int]]:
    """The operands and the region of each case to prove, and n: of these sizes if it is of any number of operands."""
    starred = any(name.startswith("*") for name in primitive.operand_names)
    for n in sizes if starred else (1,):
        operands = Operands(primitive, n)
        for region in regions(operands.points):
            yield operands, region, n


class Statement(NamedTuple):
    """That two expressions are the same function in a region.

    Attributes:
        what: what they are: "the rule's value", "d/dx", "the pullback for x".
        ours: what is printed, or what the rule computes.
        true: what it has to be.
        region: where.
    """

    what: str
    ours: sp.Expr
    true: sp.Expr
    region: Region


SIZES = (2, 3)  # of what is of any number of operands


def of_derivatives(
    primitive: Primitive, derivatives: tuple[ast.Expression, ...] | None = None, sizes: tuple[int, ...] = SIZES
) -> Iterator[Statement]:
    """That the printed derivatives, or those given for n = 3, are those of the printed formula."""
    for operands, region, n in cases(primitive, sizes if derivatives is None else (3,)):
        value = evaluated(parsed(primitive.formula, n), region, operands.names)
        trees = derivatives or tuple(parsed(text, n) for text in primitive.derivatives)
        if len(trees) != len(operands.groups):
            raise Refused(f"{len(trees)} derivatives are printed for {len(operands.groups)} operands")
        for (x, names), tree in zip(_each(operands), _repeated(trees, operands)):
            [symbol] = x.free_symbols
            yield Statement(f"d/d{symbol}", evaluated(tree, region, names), sp.diff(value, symbol), region)


def of_rule(primitive: Primitive, sizes: tuple[int, ...] = SIZES) -> Iterator[Statement]:
    """That the rule computes the printed formula, and its pullback g times the printed derivatives."""
    adjoint = sp.Symbol("g", real=True)
    for operands, region, n in cases(primitive, sizes):
        region.points = [{**point, adjoint: 0.7} for point in region.points]
        value, pullback = primitive.rule(*[Symbolic(x, region) for x in operands.flat])
        formula = evaluated(parsed(primitive.formula, n), region, operands.names)
        yield Statement("the rule's value", exact(value), formula, region)
        contributions = pullback(Symbolic(adjoint, region))
        if len(contributions) != len(operands.flat):
            raise Refused(f"{len(contributions)} contributions for {len(operands.flat)} operands")
        trees = _repeated(tuple(parsed(text, n) for text in primitive.derivatives), operands)
        for (x, names), tree, contribution in zip(_each(operands), trees, contributions):
            expected = adjoint * evaluated(tree, region, names)
            yield Statement(f"the pullback for {x}", exact(contribution), expected, region)


def prove_derivatives(primitive: Primitive, derivatives: tuple[ast.Expression, ...] | None = None) -> None:
    """Raise Refused unless the printed derivatives, or those given for n = 3, are those of the printed formula."""
    for statement in of_derivatives(primitive, derivatives):
        prove_equal(*statement)


def prove_rule(primitive: Primitive) -> None:
    """Raise Refused unless the rule computes the printed formula, and its pullback g times the printed derivatives."""
    for statement in of_rule(primitive):
        prove_equal(*statement)


def _each(operands: Operands) -> Iterator[tuple[sp.Expr, dict[str, Any]]]:
    """Each operand, and the names for the derivative with respect to it: x_k, for any letter, is that of its place."""
    for group in operands.groups:
        for k, x in enumerate(group, 1):
            letters = {name[:-2] for name in operands.names if name.endswith("_1")}
            yield x, operands.names | {f"{letter}_k": operands.names[f"{letter}_{k}"] for letter in letters}


def _repeated(trees: tuple[ast.Expression, ...], operands: Operands) -> list[ast.Expression]:
    return [tree for tree, group in zip(trees, operands.groups) for _ in group]


def verdict(primitive: Primitive) -> str:
    """'proved', or the reason why not."""
    try:
        prove_derivatives(primitive)
        prove_rule(primitive)
    except Refused as reason:
        return str(reason)
    except (TypeError, LookupError, RecursionError) as error:  # the rule cannot be read with symbolic numbers
        return f"{type(error).__name__}: {error}"
    return PROVED


def verdicts() -> dict[str, str]:
    """The verdict on every operation."""
    return {name: verdict(operation) for name, operation in OPERATIONS.items()}


def summary() -> str:
    """How many of how many are proved, for README's table, and each that is not with the reason."""
    given = verdicts()
    proved = [name for name, said in given.items() if said == PROVED]
    printed = sum(len(OPERATIONS[name].derivatives) for name in proved)
    others = "".join(f"\n{name}: {said}" for name, said in given.items() if said != PROVED)
    return f"{len(proved)} of {len(given)} operations are proved, with {printed} printed derivatives{others}"
