"""Sums of products, to simplify formulas with: like terms are added up, like factors are powers, numbers are computed.

    Sum      2*w*x + 1, as terms: (2, ((w, 1), (x, 1))) and (1, ())
    factors  an atom and its exponent; an atom is a symbol, a function of sums, or a sum in parentheses

Nothing is multiplied out and no identity of a function is used, so that a formula stays near what was computed.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Union

from engine.mathematics import notation
from engine.primitives import OPERATIONS


class Symbol(NamedTuple):
    """A name."""

    name: str


class Applied(NamedTuple):
    """A function, or a comparison such as "<", of sums."""

    function: str
    arguments: tuple[Sum, ...]


Atom = Union[Symbol, Applied, "Sum"]
Product = tuple[tuple[Atom, float], ...]


class Sum:
    """A sum of products, each with a number before it. Equal to another whatever the order of terms and factors."""

    __slots__ = ("_key", "terms")

    def __init__(self, terms: Sequence[tuple[float, Product]] = ()) -> None:
        self.terms = tuple(terms)
        self._key = frozenset((number, frozenset(product)) for number, product in terms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sum) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def constant(self) -> float | None:
        """The number that it is; None if it is none."""
        if not self.terms:
            return 0.0
        return self.terms[0][0] if len(self.terms) == 1 and not self.terms[0][1] else None


def constant(number: float) -> Sum:
    """A number."""
    return Sum([(number, ())] if number else ())


def symbol(name: str) -> Sum:
    """A name."""
    return _of(Symbol(name))


def _of(atom: Atom, exponent: float = 1.0) -> Sum:
    return Sum([(1.0, ((atom, exponent),))])


def add(a: Sum, b: Sum) -> Sum:
    """a + b, like terms added up."""
    found: dict[frozenset[tuple[Atom, float]], tuple[float, Product]] = {}
    for number, product in (*a.terms, *b.terms):
        key = frozenset(product)
        before, first = found.get(key, (0.0, product))
        found[key] = before + number, first
    return Sum([term for term in found.values() if term[0] != 0.0])


def negative(a: Sum) -> Sum:
    """-a."""
    return Sum([(-number, product) for number, product in a.terms])


def multiply(a: Sum, b: Sum) -> Sum:
    """a * b, like factors made powers; a sum of several terms is a factor in parentheses."""
    if not a.terms or not b.terms:
        return Sum()
    for one, other in ((a, b), (b, a)):
        if one.constant in (1.0, -1.0):
            return other if one.constant == 1.0 else negative(other)
    (number, product), (more, factors) = _as_term(a), _as_term(b)
    exponents: dict[Atom, float] = dict(product)
    for atom, exponent in factors:
        exponents[atom] = exponents.get(atom, 0.0) + exponent
    return Sum([(number * more, tuple([(atom, n) for atom, n in exponents.items() if n != 0.0]))])


def power(a: Sum, n: float) -> Sum:
    """a**n for a number n."""
    if n == 1.0:
        return a
    if n == 0.0:
        return constant(1.0)
    if a.constant is not None:
        return constant(OPERATIONS["pow"](a.constant, n))
    number, product = _as_term(a)
    whole = n == int(n) if math.isfinite(n) else False
    if whole or (number == 1.0 and len(product) == 1 and product[0][1] == 1.0):
        return Sum([(OPERATIONS["pow"](number, n), tuple([(atom, k * n) for atom, k in product]))])
    return _of(a, n)


def applied(function: str, arguments: Sequence[Sum]) -> Sum:
    """A function of sums: its number if they are numbers."""
    numbers = [argument.constant for argument in arguments]
    if function == "sqrt":
        return power(arguments[0], 0.5)
    if function == "where":
        _, x, y = arguments
        if x == y or numbers[0] is not None:
            return x if x == y or numbers[0] else y
    known: Callable[..., float] | None = _COMPARISONS.get(function) or OPERATIONS.get(function)
    if known is not None and None not in numbers:
        return constant(float(known(*numbers)))
    return _of(Applied(function, tuple(arguments)))


def _as_term(a: Sum) -> tuple[float, Product]:
    return a.terms[0] if len(a.terms) == 1 else (1.0, ((a, 1.0),))


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_SIGNS: dict[str, type[ast.cmpop]] = {
    "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE, "==": ast.Eq, "!=": ast.NotEq,
}  # fmt: skip
_SIGN_OF = {kind: sign for sign, kind in _SIGNS.items()}


# From trees and to trees ---------------------------------------------------------------------------------------------


def read(tree: ast.expr, names: Mapping[str, Sum]) -> Sum:
    """A tree, with sums for its names."""
    if isinstance(tree, ast.Constant):
        return constant(float(tree.value))  # type: ignore[arg-type]
    if isinstance(tree, ast.Name):
        return names[tree.id] if tree.id in names else constant(math.pi) if tree.id == "pi" else symbol(tree.id)
    if isinstance(tree, ast.UnaryOp):
        return negative(read(tree.operand, names))
    if isinstance(tree, ast.Compare):
        sides = [read(tree.left, names), read(tree.comparators[0], names)]
        return applied(_SIGN_OF[type(tree.ops[0])], sides)
    if isinstance(tree, ast.Call):
        arguments = [read(argument, names) for argument in tree.args]
        assert isinstance(tree.func, ast.Name)
        return applied(tree.func.id, arguments)
    assert isinstance(tree, ast.BinOp)
    left, right = read(tree.left, names), read(tree.right, names)
    if isinstance(tree.op, ast.Add):
        return add(left, right)
    if isinstance(tree.op, ast.Sub):
        return add(left, negative(right))
    if isinstance(tree.op, ast.Mult):
        return multiply(left, right)
    if isinstance(tree.op, ast.Div):
        return multiply(left, power(right, -1.0))
    n = right.constant
    return applied("pow", [left, right]) if n is None else power(left, n)


def written(a: Sum) -> ast.expr:
    """A sum as a tree: a positive term first where there is one; a number behind a polynomial, as in 3*x**2 + 2."""
    if not a.terms:
        return notation.number(0.0)
    polynomial = all(isinstance(atom, Symbol) for _, product in a.terms for atom, _ in product)
    terms = sorted(a.terms, key=lambda term: polynomial and not term[1])
    if terms[0][0] < 0.0:
        terms.sort(key=lambda term: term[0] < 0.0)
    tree = _term(*terms[0])
    for number, product in terms[1:]:
        sign = ast.Sub() if number < 0.0 else ast.Add()
        tree = ast.BinOp(tree, sign, _term(abs(number), product))
    return tree


def _term(number: float, product: Product) -> ast.expr:
    """A product as a tree: the number, names, functions, over what has a negative exponent."""
    ordered = sorted(product, key=lambda factor: not isinstance(factor[0], Symbol))
    above = [_factor(atom, n) for atom, n in ordered if n > 0.0]
    below = [_factor(atom, -n) for atom, n in ordered if n < 0.0]
    if abs(number) != 1.0 or not above:
        above.insert(0, notation.number(abs(number)))
    if number < 0.0:
        above[0] = ast.UnaryOp(ast.USub(), above[0])
    tree = _times(above)
    return ast.BinOp(tree, ast.Div(), _times(below)) if below else tree


def _times(factors: list[ast.expr]) -> ast.expr:
    tree = factors[0]
    for factor in factors[1:]:
        tree = ast.BinOp(tree, ast.Mult(), factor)
    return tree


def _factor(atom: Atom, n: float) -> ast.expr:
    if isinstance(atom, Symbol):
        tree: ast.expr = notation.name(atom.name)
    elif isinstance(atom, Sum):
        tree = written(atom)
    elif atom.function in _SIGNS:
        left, right = map(written, atom.arguments)
        tree = ast.Compare(left, [_SIGNS[atom.function]()], [right])
    elif atom.function == "pow":
        base, exponent = map(written, atom.arguments)
        tree = ast.BinOp(base, ast.Pow(), exponent)
    else:
        tree = notation.call(atom.function, [*map(written, atom.arguments)])
    if n == 0.5:
        return notation.call("sqrt", [tree])
    return tree if n == 1.0 else ast.BinOp(tree, ast.Pow(), notation.number(n))
